//! A Redis of a run's own, for the journal that two servers share: on a free loopback port, its
//! data in the run's folder, and nothing acknowledged before it is on disk.
//!
//! Ends with its owner. Knows how to be started and asked whether it is there, nothing else.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::machine::Running;

/// The program, as the path finds it.
const PROGRAM: &str = "redis-server";
/// Far longer than an empty one needs.
const START_SPAN: Duration = Duration::from_secs(30);
/// One answer.
const ANSWER_SPAN: Duration = Duration::from_secs(2);
/// Between two looks whether it is there.
const LOOK_SPAN: Duration = Duration::from_millis(20);
/// Somebody else may be faster with a free port.
const TRIES: u32 = 5;

/// A Redis that runs.
pub(super) struct Redis {
    address: SocketAddr,
    _running: Running,
}

impl Redis {
    /// Starts it in a folder, which is made.
    ///
    /// # Errors
    /// If the program is not there or does not start: with what it said.
    pub(super) fn start(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        for _ in 0..TRIES {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let mut running = spawn(folder, port)?;
            if answers(address, &mut running)? {
                return Ok(Self { address, _running: running });
            }
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("{PROGRAM} does not start: {}", log.lines().last().unwrap_or("it says nothing"))
    }

    /// Where it is, as a server's settings name it.
    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}

fn spawn(folder: &Path, port: u16) -> anyhow::Result<Running> {
    let settings = format!(
        "bind 127.0.0.1\nport {port}\ndir {folder}\nlogfile {folder}/log\nappendonly yes\n\
         appendfsync always\nmaxmemory-policy noeviction\nsave \"\"\n",
        folder = folder.display()
    );
    fs::write(folder.join("redis.conf"), settings)?;
    let mut command = Command::new(PROGRAM);
    command.arg(folder.join("redis.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().with_context(|| {
        format!(
            "a standby needs a Redis to share, and `{PROGRAM}` cannot be run: install it (Debian \
             has it in the package redis-server)"
        )
    })?;
    Ok(Running(child))
}

/// Waits until it answers; false if it ended instead.
fn answers(address: SocketAddr, running: &mut Running) -> anyhow::Result<bool> {
    let begun = Instant::now();
    while begun.elapsed() < START_SPAN {
        if running.0.try_wait()?.is_some() {
            return Ok(false);
        }
        if ping(address).is_ok_and(|there| there) {
            return Ok(true);
        }
        std::thread::sleep(LOOK_SPAN);
    }
    bail!("{PROGRAM} does not answer within {} s", START_SPAN.as_secs())
}

fn ping(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_SPAN)?;
    stream.set_read_timeout(Some(ANSWER_SPAN))?;
    stream.write_all(b"PING\r\n")?;
    let mut said = [0; b"+PONG".len()];
    stream.read_exact(&mut said)?;
    Ok(said == *b"+PONG")
}
