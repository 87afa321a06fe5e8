//! A server of our own for one run: started on free loopback ports in a folder that goes with it,
//! stopped in its tracks, killed, started again, always by its own process id.
//!
//! Knows the program's command line and its settings, nothing else of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::memory;
use crate::scenario::OwnServer;

/// What opens a server to a crowd that comes from one address. The limits themselves are tested
/// elsewhere; here they would only measure themselves.
const FROM_ONE_SOURCE: &str = r"
[rates]
join_burst = 100000000
join_per_minute = 100000000
guess_burst = 1000000
guess_per_minute = 1000000
";
/// Starting includes recovery, which is promised within 3 s for a million places.
const START_SPAN: Duration = Duration::from_secs(60);
/// A server drains for at most 8 s before it ends.
const END_SPAN: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    program: PathBuf,
    /// Where visitors and shops reach it.
    pub public: SocketAddr,
    /// Where operators reach it.
    pub ops: SocketAddr,
    /// The shop's API key.
    pub api_key: String,
    /// The staff's key.
    pub staff_key: String,
    folder: TempDir,
    process: Mutex<Process>,
}

/// The process, and what those before it used.
struct Process {
    running: Running,
    before: Usage,
}

/// A child that never outlives its owner: whatever happens, nothing of ours is left behind.
struct Running(Child);

/// What a server used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time of all its processes so far.
    pub cpu: Duration,
    /// The most memory that it had resident, in bytes.
    pub memory_bytes_max: u64,
}

impl Server {
    /// Starts the program for a sale.
    ///
    /// # Errors
    /// If the program is not there, or does not start: with what it said.
    pub fn start(program: &Path, own: &OwnServer) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("loadtest-").tempdir()?;
        let key = |name: &str| make_key(program, folder.path(), name);
        let (api_key, staff_key) = (key("shop")?, key("staff")?);
        fs::write(folder.path().join("stanchion.toml"), configuration(folder.path(), own)?)?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (running, [public, ops]) = spawn(program, folder.path(), [any, any], &own.set)?;
        let process = Process { running, before: Usage::default() };
        let (program, process) = (program.to_owned(), Mutex::new(process));
        Ok(Self { program, public, ops, api_key, staff_key, folder, process })
    }

    /// Stops it in its tracks, as a virtual machine that is suspended.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn go_on(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Kills it without a word of warning.
    pub fn kill(&self) -> anyhow::Result<()> {
        let mut process = self.process();
        process.before = process.usage();
        process.running.0.kill().context("the server cannot be killed")?;
        process.running.0.wait().context("the server cannot be waited for")?;
        Ok(())
    }

    /// Starts it again where it was, on the same ports.
    ///
    /// # Errors
    /// If it does not start: with what it said.
    pub fn start_again(&self, own: &OwnServer) -> anyhow::Result<()> {
        let at = [self.public, self.ops];
        let (running, found) = spawn(&self.program, self.folder.path(), at, &own.set)?;
        ensure!(found == at, "the server came back at another address");
        self.process().running = running;
        Ok(())
    }

    /// What it used so far.
    pub fn usage(&self) -> Usage {
        self.process().usage()
    }

    /// Ends it in peace.
    ///
    /// # Errors
    /// If it does not end by itself, or not well: then it is killed.
    pub fn end(&self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let mut process = self.process();
        let begun = Instant::now();
        while begun.elapsed() < END_SPAN {
            if let Some(status) = process.running.0.try_wait()? {
                ensure!(status.success(), "the server ended with {status}: {}", self.log());
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not end within {} s: {}", END_SPAN.as_secs(), self.log())
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = self.process().running.0.id();
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process id")?;
        kill_process(pid, signal).context("the server cannot be signalled")
    }

    fn log(&self) -> String {
        last_lines(self.folder.path())
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// What it and those before it used; nothing is known where there is no `/proc`.
    fn usage(&self) -> Usage {
        let pid = self.running.0.id();
        Usage {
            cpu: self.before.cpu + cpu_of(pid).unwrap_or_default(),
            memory_bytes_max: memory::most_of(pid).unwrap_or(0).max(self.before.memory_bytes_max),
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

/// Makes a key and writes the file in which the server finds it.
fn make_key(program: &Path, folder: &Path, name: &str) -> anyhow::Result<String> {
    let made = Command::new(program).args(["keys", "new", name]).output();
    let made = made.with_context(|| format!("cannot run {}", program.display()))?;
    let said = String::from_utf8_lossy(&made.stdout);
    let mut lines = said.lines().map(str::trim);
    let (Some(key), Some(line)) = (lines.nth(1), lines.nth(1)) else {
        bail!("{} keys new said: {said}", program.display());
    };
    let file = folder.join(format!("{name}.keys"));
    fs::write(&file, format!("{line}\n"))?;
    restrict(&file)?;
    Ok(key.to_owned())
}

/// Secrets are for their owner only.
fn restrict(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

fn configuration(folder: &Path, own: &OwnServer) -> anyhow::Result<String> {
    let sale = fs::canonicalize(&own.sale)
        .with_context(|| format!("there is no sale file {}", own.sale.display()))?;
    let folder = folder.display();
    Ok(format!(
        r#"
sales = [{sale:?}]
[public]
connections_max = 200000
connections_per_source_max = 200000
[ops]
connections_per_source_max = 1000
[data]
directory = "{folder}/data"
[log]
level = "warn"
[secrets]
api_keys_file = "{folder}/shop.keys"
staff_keys_file = "{folder}/staff.keys"
{FROM_ONE_SOURCE}"#
    ))
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
