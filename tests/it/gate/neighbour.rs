//! Somebody else's proxy: a process of its own in a folder of its own, with a configuration of
//! `deploy/`. Ends only the process that it started.
#![expect(clippy::print_stdout, reason = "a proxy says what was wrong, for whoever reads the run")]

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::{BOUND, SALE};

/// A proxy that runs until it is dropped.
pub(crate) struct Neighbour {
    pub(crate) address: SocketAddr,
    child: Child,
    folder: TempDir,
}

/// A configuration with other addresses.
pub(crate) fn configured(file: &str, changes: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    let mut text = std::fs::read_to_string(&path).expect("a configuration");
    for (old, new) in changes {
        assert!(text.contains(old), "{file} has no {old}");
        text = text.replace(old, new);
    }
    text.replace("gala", SALE)
}

/// A port that nobody has.
pub(crate) fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

impl Neighbour {
    /// Writes a configuration, runs the program that `command` makes of its file and folder, and
    /// waits until it listens.
    pub(crate) fn start(
        address: SocketAddr,
        configuration: &str,
        command: impl FnOnce(&Path, &Path) -> Command,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file: PathBuf = folder.path().join("configuration");
        std::fs::write(&file, configuration).expect("a file");
        let log = File::create(folder.path().join("log")).expect("a log");
        let child = command(&file, folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the program is there: scripts/install-deps.sh installs it");
        let mut neighbour = Self { address, child, folder };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = neighbour.child.try_wait().expect("it is our child");
            assert!(ended.is_none() && begun.elapsed() < BOUND, "{}", neighbour.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        neighbour
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- what the proxy said:\n{}", self.log());
        }
        // nginx has a child of its own, which ends with it if it is asked to.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}
