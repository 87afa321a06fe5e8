//! The Redis of a demonstration with a standby: on a free loopback port, its data in the folder of
//! the night, and nothing acknowledged before it is on disk.
//!
//! Ends with its owner, even if that is killed: a shell beside it waits for the end of its input.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// The program, as the path finds it.
const PROGRAM: &str = "redis-server";
/// Runs it until there is no more input.
const GUARD: &str = r#"redis-server "$0" & it=$!; read -r _; kill "$it"; wait "$it""#;
/// Loading a night takes a moment.
const START_SPAN: Duration = Duration::from_secs(60);
/// One answer.
const ANSWER_SPAN: Duration = Duration::from_secs(2);
/// Between two looks whether it is there.
const LOOK_SPAN: Duration = Duration::from_millis(20);

/// A Redis that runs.
pub(super) struct Redis {
    address: SocketAddr,
    guard: Child,
}

impl Redis {
    /// Starts it in a folder, which is made if it is not there.
    pub(super) fn start(folder: &Path) -> anyhow::Result<Self> {
        let there = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).status();
        there.with_context(|| {
            format!(
                "a standby needs a Redis to share, and `{PROGRAM}` cannot be run: install it \
                 (Debian has it in the package redis-server)"
            )
        })?;
        fs::create_dir_all(folder)?;
        let folder = fs::canonicalize(folder)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        fs::write(folder.join("redis.conf"), settings(&folder, port))?;
        let mut command = Command::new("sh");
        // In a group of its own: Ctrl-C is for the demonstration, which ends it when it is time.
        command.args(["-c", GUARD]).arg(folder.join("redis.conf")).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let guard = command.spawn().context("cannot run sh")?;
        let redis = Self { address: (Ipv4Addr::LOCALHOST, port).into(), guard };
        redis.wait_until_it_answers(&folder.join("log"))?;
        Ok(redis)
    }

    /// Where it is, as the settings of a server name it.
    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    fn wait_until_it_answers(&self, log: &Path) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_SPAN {
            if self.ping().is_ok_and(|there| there) {
                return Ok(());
            }
            std::thread::sleep(LOOK_SPAN);
        }
        bail!("{PROGRAM} does not answer; {} may say why", log.display())
    }

    fn ping(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&self.address, ANSWER_SPAN)?;
        stream.set_read_timeout(Some(ANSWER_SPAN))?;
        stream.write_all(b"PING\r\n")?;
        let mut said = [0; b"+PONG".len()];
        stream.read_exact(&mut said)?;
        Ok(said == *b"+PONG")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It has written everything that it acknowledged, and ends at once.
        let _ = self.guard.wait();
    }
}

fn settings(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "bind 127.0.0.1\nport {port}\ndir \"{folder}\"\nlogfile \"{folder}/log\"\n\
         appendonly yes\nappendfsync always\nmaxmemory-policy noeviction\nsave \"\"\n"
    )
}
