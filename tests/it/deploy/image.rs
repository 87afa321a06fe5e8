//! The image, as far as that can be told without Docker: hadolint reads how it is made, the sources
//! that the builder is given are all that the program needs, and the program runs in a folder with
//! nothing but itself and the libraries that the last stage has.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{content, deployed, judge, text};

/// In whose name it runs.
const NOBODY: u32 = 65532;
/// What the last stage has of the C library and of the compiler.
const LIBRARIES: &[&str] = &["ld-linux-", "libc.so.6", "libm.so.6", "libgcc_s.so.1"];
/// Nothing is written but in the volume.
const CONFINED: &str = r#"
root="$1"; shift
mount --bind "$root" "$root"
mount --bind "$root/var/lib/stanchion" "$root/var/lib/stanchion"
mount -o remount,bind,ro "$root"
exec chroot --userspec=65532:65532 --groups= "$root" /usr/local/bin/stanchion "$@"
"#;

/// The root of a container.
pub(super) struct Root(TempDir);

impl Root {
    /// What the image has.
    pub(super) fn new() -> Self {
        let root = Self(tempfile::tempdir().expect("a folder"));
        fs::set_permissions(root.0.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let program = Path::new(env!("CARGO_BIN_EXE_stanchion"));
        root.copy(program, "usr/local/bin/stanchion");
        for library in libraries(program) {
            let inside = library.to_str().expect("text").trim_start_matches('/').to_owned();
            root.copy(&library, &inside);
        }
        let data = root.inside("var/lib/stanchion");
        fs::create_dir_all(&data).expect("a folder");
        chown(&data, Some(NOBODY), Some(NOBODY)).expect("it is ours");
        root
    }

    /// A path in it, as it is outside.
    pub(super) fn inside(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Puts a file into it.
    pub(super) fn copy(&self, from: &Path, path: &str) {
        let inside = self.inside(path);
        fs::create_dir_all(inside.parent().expect("a folder")).expect("a folder");
        fs::copy(from, inside).unwrap_or_else(|fault| panic!("{}: {fault}", from.display()));
    }

    /// What runs the program in it.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-ec", CONFINED, "sh"]);
        command.arg(self.0.path()).args(arguments);
        command
    }
}

fn libraries(program: &Path) -> Vec<PathBuf> {
    let said = content(Command::new("ldd").arg(program));
    let paths = said.lines().filter_map(|line| {
        line.split(' ').map(str::trim).find(|word| word.starts_with('/')).map(PathBuf::from)
    });
    paths.collect()
}

/// The instructions of a kind, continued lines joined.
fn instructions(kind: &str) -> Vec<String> {
    let file = text("docker/Dockerfile").replace("\\\n", " ");
    let lines = file.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(str::to_owned).collect()
}

#[test]
fn hadolint_reads_how_it_is_made_and_the_toolchain_is_ours() {
    let said = content(Command::new(judge("bin/hadolint")).arg(deployed("docker/Dockerfile")));
    assert_eq!(said, "");
    let stages = instructions("FROM");
    let toolchain = env!("CARGO_PKG_RUST_VERSION");
    assert_eq!(stages[0], format!("rust:{toolchain}-bookworm AS builder"));
    assert_eq!(instructions("USER"), [format!("{NOBODY}:{NOBODY}")]);
    assert_eq!(instructions("STOPSIGNAL"), ["SIGTERM"]);
}

#[test]
fn the_program_needs_no_library_but_those_of_the_last_stage() {
    for library in libraries(Path::new(env!("CARGO_BIN_EXE_stanchion"))) {
        let name = library.file_name().expect("a name").to_str().expect("text");
        assert!(LIBRARIES.iter().any(|known| name.starts_with(known)), "{name}");
    }
}

#[test]
fn the_builder_is_given_what_the_program_is_made_of() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let ignored = fs::read_to_string(root.join(".dockerignore")).expect("it is there");
    let given: Vec<_> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignored.lines().any(|line| line == "*") && given.len() > 3, "{ignored}");
    content(Command::new("cp").arg("-r").args(&given).arg(folder.path()).current_dir(root));
    let command = &instructions("RUN")[0];
    assert!(command.contains("cargo build --release --locked --bin stanchion"), "{command}");
    let arguments = ["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"];
    let cargo = Command::new(env!("CARGO")).args(arguments).current_dir(folder.path()).output();
    let cargo = cargo.expect("cargo is there");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let told = String::from_utf8_lossy(&cargo.stdout).into_owned();
    assert!(told.contains("\"kind\":[\"bin\"]") && told.contains("\"name\":\"stanchion\""));
    let included = r#"include_(str|bytes)!\("[^"]+""#;
    let said = content(Command::new("grep").args(["-roE", included, "src"]).current_dir(root));
    for line in said.lines() {
        let (source, path) = line.split_once(':').expect("a source and what it includes");
        let path = path.split('"').nth(1).expect("a path");
        let test = source.contains("/tests/") || source.ends_with("/tests.rs");
        let beside = folder.path().join(source).with_file_name(path);
        assert!(test || beside.exists(), "{source}: {path} is not given to the builder");
    }
}

#[test]
fn the_program_runs_there() {
    let root = Root::new();
    let said = content(&mut root.command(&["keys", "new", "shop"]));
    assert!(said.contains("sk_"), "{said}");
}
