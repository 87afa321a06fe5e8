//! What operators copy from `deploy`, run or judged by the programs that read it; what cannot be
//! run here says so at its beginning, and in `docs/deploying.md`.

mod compose;
mod grafana;
mod image;
mod kubernetes;
mod measured;
mod pods;
mod prometheus;
mod redis;
mod systemd;
mod traefik;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::night::server::{BOUND, Server};

/// A file or folder of `deploy`.
fn deployed(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

/// The text of a file of `deploy`.
fn text(path: &str) -> String {
    std::fs::read_to_string(deployed(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// What a program says that has to be content.
fn content(command: &mut Command) -> String {
    let done = command.output();
    let done = done.unwrap_or_else(|fault| panic!("{command:?}: {fault}: `make deps` installs it"));
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{command:?}: {said}");
    said
}

/// A program, or its files, that `scripts/install-deps.sh` puts into `target/deploy`.
fn judge(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/deploy").join(path)
}

/// The documents of a file of YAML. Debian's Python reads it, which has the reader.
fn yaml(path: &str) -> Vec<Value> {
    const READ: &str = "import json, sys, yaml\n\
                        print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let mut python = Command::new("/usr/bin/python3");
    let said = content(python.args(["-c", READ]).arg(deployed(path)));
    serde_json::from_str(&said).unwrap_or_else(|fault| panic!("{path}: {fault}: {said}"))
}

/// Waits until a server says that it writes its sales.
fn until_ready(server: &Server) {
    let begun = Instant::now();
    loop {
        let said = measured::ask(server.ops, "/readyz", None);
        if said.starts_with("HTTP/1.1 200 ") {
            return;
        }
        assert!(begun.elapsed() < BOUND, "{said}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
