//! Runs of the built program, and workers that the test plays itself.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use stanchion_loadtest::history::{Told, file};
use stanchion_loadtest::night::talk::{Ear, FORMAT, FromWorker, Mouth, ToWorker, halves};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

/// What coordinator and workers know.
pub(crate) const SECRET: &str = "a secret of some length";

/// The program under test; ends with the test.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stanchion-loadtest"));
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    program
}

/// A folder with a secret, a scenario and what a run writes.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// Runs a scenario; its report and history go into this folder.
pub(crate) async fn run(scenario: &Path, arguments: &[&str], out: &Path) -> Ran {
    let mut program = program();
    program.arg("run").arg(scenario).args(arguments).arg("--quiet").arg("--out").arg(out);
    let ran = program.output().await.expect("it can be run");
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    Ran { code: ran.status.code(), stderr }
}

/// The history that a run wrote.
pub(crate) fn history(out: &Path) -> Vec<Told> {
    let written = std::fs::read(out.join("history.jsonl")).expect("a history");
    file::read(written.as_slice()).expect("a history of ours")
}

/// A worker that the test plays.
pub(crate) struct Played {
    listener: TcpListener,
}

impl Played {
    pub(crate) async fn listen() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it is bound")
    }

    /// Welcomes the coordinator and tells it the time until it begins. `before_pong` is waited for
    /// before each look at the clock is answered.
    pub(crate) async fn begin(&self, before_pong: impl AsyncFn()) -> (Mouth, Ear) {
        let (stream, _) = self.listener.accept().await.expect("the coordinator comes");
        let (mut mouth, mut ear) = halves(stream);
        loop {
            let said = match ear.hear().await.expect("it is ours").expect("it is there") {
                ToWorker::Hello { format, secret } => {
                    assert_eq!((format, secret.as_str()), (FORMAT, SECRET));
                    FromWorker::Welcome { machine: "backstage".to_owned(), cores: 3 }
                }
                ToWorker::Ping => {
                    before_pong().await;
                    FromWorker::Pong { at_us: 1_000_000 }
                }
                ToWorker::Begin { share, .. } => {
                    assert_eq!((share.worker, share.workers), (0, 1));
                    return (mouth, ear);
                }
                ToWorker::End => panic!("it has not begun"),
            };
            mouth.say(&said).await.expect("it is heard");
        }
    }
}
