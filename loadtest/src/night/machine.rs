//! One process of the server's program: started on free loopback ports, stopped in its tracks,
//! killed, started again on the same ports, ended in peace; always by its own process id.
//!
//! Knows the program's command line, nothing of its settings.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::memory;

/// Starting includes recovery, which is promised within 3 s for a million places.
const START_SPAN: Duration = Duration::from_secs(60);
/// A server drains for at most 8 s before it ends.
const END_SPAN: Duration = Duration::from_secs(30);
/// The answer whether it is ready: from memory, on this machine.
const READY_SPAN: Duration = Duration::from_secs(2);

/// A process of the server, in a folder of its own: its configuration is there already.
pub(super) struct Machine {
    program: PathBuf,
    folder: PathBuf,
    set: Vec<String>,
    /// Where visitors and shops reach it.
    pub(super) public: SocketAddr,
    /// Where operators reach it.
    pub(super) ops: SocketAddr,
    process: Mutex<Process>,
}

/// The process, if it lives, and what those before it used.
struct Process {
    running: Option<Running>,
    before: Usage,
}

/// A child that never outlives its owner: whatever happens, nothing of ours is left behind.
pub(super) struct Running(pub(super) Child);

/// What a server used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time of all its processes so far.
    pub cpu: Duration,
    /// The most memory that one of them had resident, in bytes.
    pub memory_bytes_max: u64,
}

impl Machine {
    /// Starts the program with `stanchion.toml` of the folder and more settings.
    ///
    /// # Errors
    /// If it does not start: with what it said.
    pub(super) fn start(program: &Path, folder: &Path, set: &[String]) -> anyhow::Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (running, [public, ops]) = spawn(program, folder, [any, any], set)?;
        let process = Process { running: Some(running), before: Usage::default() };
        let (program, folder) = (program.to_owned(), folder.to_owned());
        Ok(Self { program, folder, set: set.to_vec(), public, ops, process: Mutex::new(process) })
    }

    /// Stops it in its tracks, as a virtual machine that is suspended.
    pub(super) fn stop(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub(super) fn go_on(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Kills it without a word of warning.
    pub(super) fn kill(&self) -> anyhow::Result<()> {
        let mut process = self.process();
        process.before = process.usage();
        let mut running = process.running.take().context("the server is gone already")?;
        running.0.kill().context("the server cannot be killed")?;
        running.0.wait().context("the server cannot be waited for")?;
        Ok(())
    }

    /// Starts it again where it was, on the same ports.
    ///
    /// # Errors
    /// If it does not start: with what it said.
    pub(super) fn start_again(&self) -> anyhow::Result<()> {
        let at = [self.public, self.ops];
        let (running, found) = spawn(&self.program, &self.folder, at, &self.set)?;
        ensure!(found == at, "the server came back at another address");
        self.process().running = Some(running);
        Ok(())
    }

    /// Whether it says that it writes its sale and can.
    pub(super) fn ready(&self) -> bool {
        self.asked_whether_ready().is_ok_and(|ready| ready)
    }

    fn asked_whether_ready(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&self.ops, READY_SPAN)?;
        stream.set_read_timeout(Some(READY_SPAN))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; b"HTTP/1.1 200".len()];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    }

    /// What it used so far.
    pub(super) fn usage(&self) -> Usage {
        self.process().usage()
    }

    /// Ends it in peace, if it lives.
    ///
    /// # Errors
    /// If it does not end by itself, or not well: then it is killed.
    pub(super) fn end(&self) -> anyhow::Result<()> {
        if self.process().running.is_none() {
            return Ok(());
        }
        self.signal(Signal::TERM)?;
        // The night may have ended while it stood still.
        self.signal(Signal::CONT)?;
        let mut process = self.process();
        let running = process.running.as_mut().context("it lives")?;
        let begun = Instant::now();
        while begun.elapsed() < END_SPAN {
            if let Some(status) = running.0.try_wait()? {
                ensure!(status.success(), "the server ended with {status}: {}", self.log());
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not end within {} s: {}", END_SPAN.as_secs(), self.log())
    }

    /// The end of what it logged.
    pub(super) fn log(&self) -> String {
        last_lines(&self.folder)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let process = self.process();
        let running = process.running.as_ref().context("the server is gone")?;
        let pid = i32::try_from(running.0.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process id")?, signal).context("the server cannot be signalled")
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// What it and those before it used; nothing is known where there is no `/proc`.
    fn usage(&self) -> Usage {
        let Some(running) = &self.running else { return self.before };
        let pid = running.0.id();
        let now = Usage {
            cpu: cpu_of(pid).unwrap_or_default(),
            memory_bytes_max: memory::most_of(pid).unwrap_or(0),
        };
        self.before.and(now)
    }
}

impl Usage {
    /// That of two processes together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            memory_bytes_max: self.memory_bytes_max.max(other.memory_bytes_max),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processor time of a process with all its threads: fields 14 and 15 of `/proc/<pid>/stat`.
fn cpu_of(pid: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in brackets, may hold spaces.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let ticks = ticks()? + ticks()?;
    Some(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

/// Starts the program and reads where it listens.
fn spawn(
    program: &Path,
    folder: &Path,
    [public, ops]: [SocketAddr; 2],
    set: &[String],
) -> anyhow::Result<(Running, [SocketAddr; 2])> {
    let log = fs::File::options().create(true).append(true).open(folder.join("log"))?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(folder.join("stanchion.toml"));
    let at = [format!("public.address={public}"), format!("ops.address={ops}")];
    for setting in set.iter().chain(&at) {
        command.arg("--set").arg(setting);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let child = command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
    let mut running = Running(child);
    let out = running.0.stdout.take().context("what the server prints")?;
    let (said, hear) = std::sync::mpsc::channel();
    // It ends with the output that it reads.
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = said.send(line);
        }
    });
    let address = |name: &str| -> anyhow::Result<SocketAddr> {
        let line = hear.recv_timeout(START_SPAN).ok();
        let found = line
            .as_deref()
            .and_then(|line| line.strip_prefix(name)?.trim().split_once("://")?.1.parse().ok());
        found.with_context(|| format!("the server did not start: {}", last_lines(folder)))
    };
    let found = [address("public")?, address("ops")?];
    Ok((running, found))
}

fn last_lines(folder: &Path) -> String {
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
