//! A server of our own for one run, in a folder that goes with it: one process on a journal of its
//! own, or two on one journal in a Redis of the run's own, of which one writes and one stands by.
//!
//! Knows the program's settings, nothing else of it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use super::machine::{Machine, Usage};
use super::redis::Redis;
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
/// From starting to writing: opening a journal, or taking a lease that nobody holds.
const READY_SPAN: Duration = Duration::from_secs(60);
/// Between two looks whether it writes.
const LOOK_SPAN: Duration = Duration::from_millis(20);

/// A running server.
pub struct Server {
    /// The shop's API key.
    pub api_key: String,
    /// The staff's key.
    pub staff_key: String,
    /// One, or two of which one writes.
    machines: Vec<Machine>,
    /// Which of them was found to write last. Relaxed: whoever asks has looked before.
    writer: AtomicUsize,
    /// Ends after those who write to it.
    _redis: Option<Redis>,
    _folder: TempDir,
}

impl Server {
    /// Starts the program for a sale, and waits until it writes it.
    ///
    /// # Errors
    /// If the program is not there, or does not start: with what it said.
    pub fn start(program: &Path, own: &OwnServer) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("loadtest-").tempdir()?;
        let key = |name: &str| make_key(program, folder.path(), name);
        let (api_key, staff_key) = (key("shop")?, key("staff")?);
        let redis = own.standby.then(|| Redis::start(&folder.path().join("redis"))).transpose()?;
        let names: &[&str] = if own.standby { &["one", "two"] } else { &["one"] };
        let mut machines = Vec::new();
        for name in names {
            let place = folder.path().join(name);
            fs::create_dir(&place)?;
            let text = configuration(folder.path(), name, own)? + &journal(redis.as_ref());
            fs::write(place.join("stanchion.toml"), text)?;
            machines.push(Machine::start(program, &place, &own.set)?);
        }
        let writer = AtomicUsize::new(0);
        let server = Self { api_key, staff_key, machines, writer, _redis: redis, _folder: folder };
        server.wait_for_writer()?;
        Ok(server)
    }

    /// Where visitors and shops reach it: each of its processes.
    pub fn public(&self) -> impl Iterator<Item = SocketAddr> {
        self.machines.iter().map(|machine| machine.public)
    }

    /// Where operators reach it: each of its processes.
    pub fn ops(&self) -> impl Iterator<Item = SocketAddr> {
        self.machines.iter().map(|machine| machine.ops)
    }

    /// Whether a second process stands by.
    pub fn has_standby(&self) -> bool {
        self.machines.len() > 1
    }

    /// Which of its processes was found to write last.
    pub fn writer(&self) -> usize {
        self.writer.load(Ordering::Relaxed)
    }

    /// Looks which of its processes writes; whether one does.
    pub fn find_writer(&self) -> bool {
        let found = self.machines.iter().position(Machine::ready);
        if let Some(found) = found {
            self.writer.store(found, Ordering::Relaxed);
        }
        found.is_some()
    }

    /// Stops the writer in its tracks, as a virtual machine that is suspended.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.machines[self.writer()].stop()
    }

    /// Lets it go on.
    pub fn go_on(&self) -> anyhow::Result<()> {
        self.machines[self.writer()].go_on()
    }

    /// Kills one of its processes without a word of warning.
    pub fn kill(&self, which: usize) -> anyhow::Result<()> {
        self.machines[which].kill()
    }

    /// Starts one again where it was, on the same ports.
    ///
    /// # Errors
    /// If it does not start: with what it said.
    pub fn start_again(&self, which: usize) -> anyhow::Result<()> {
        self.machines[which].start_again()
    }

    /// What it used so far.
    pub fn usage(&self) -> Usage {
        self.machines.iter().map(Machine::usage).fold(Usage::default(), Usage::and)
    }

    /// Ends it in peace: who stands by before who writes, so that nobody takes over.
    ///
    /// # Errors
    /// If it does not end by itself, or not well: then it is killed.
    pub fn end(&self) -> anyhow::Result<()> {
        let writer = &self.machines[self.writer()];
        let others = self.machines.iter().filter(|machine| !std::ptr::eq(*machine, writer));
        others.chain([writer]).try_for_each(Machine::end)
    }

    fn wait_for_writer(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !self.find_writer() {
            if begun.elapsed() > READY_SPAN {
                let logs: Vec<_> = self.machines.iter().map(Machine::log).collect();
                bail!("the server does not become ready: {}", logs.join("\n"));
            }
            std::thread::sleep(LOOK_SPAN);
        }
        Ok(())
    }
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

/// The settings of one process; all sign with the same keys.
fn configuration(folder: &Path, name: &str, own: &OwnServer) -> anyhow::Result<String> {
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
directory = "{folder}/{name}/data"
[log]
level = "warn"
[secrets]
token_keys_file = "{folder}/token.keys"
api_keys_file = "{folder}/shop.keys"
staff_keys_file = "{folder}/staff.keys"
{FROM_ONE_SOURCE}"#
    ))
}

/// Where the journal is, if others reach it, too.
fn journal(redis: Option<&Redis>) -> String {
    redis.map_or_else(String::new, |redis| {
        format!("[journal]\nmode = \"redis\"\n[journal.redis]\nurl = {:?}\n", redis.url())
    })
}
