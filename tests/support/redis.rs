//! A redis-server of a test's own, on a free port of this machine, with its data in a folder of its
//! own.
//!
//! Owns the process and the folder, and ends both when dropped; ends no other process. Knows
//! nothing of what is tested, and needs the standard library alone, so that unit tests include it
//! by its path. A missing redis-server fails the test with a sentence.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Loses nothing that it acknowledged, not even with its power.
pub(crate) const ALWAYS: &str = "appendonly yes\nappendfsync always\n";
/// Loses up to a second with its power.
pub(crate) const EVERYSEC: &str = "appendonly yes\nappendfsync everysec\n";

/// Far longer than starting takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);
/// One answer to a test's own command.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at something that is to come.
const LOOK: Duration = Duration::from_millis(10);
/// Room that there has to be in memory: a hundred servers at once, of 20 MB each.
const MEMORY_KIB_MIN: u64 = 2 << 20;
/// Below the ports that outgoing connections take, so that nobody has a port while its server is
/// down for a moment.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A redis-server that runs, or is down for the moment.
pub(crate) struct Redis {
    process: Option<Child>,
    /// Its configuration and log; removed when dropped.
    folder: PathBuf,
    /// Where its data are.
    data: PathBuf,
    sentinel: bool,
    port: u16,
    tls_port: Option<u16>,
    login: Option<(String, String)>,
}

/// What it is started as, beside the lines of its configuration.
#[derive(Default)]
struct Shape<'a> {
    data: Option<&'a Path>,
    tls: bool,
    sentinel: bool,
}

/// What a command was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    /// There is none.
    Nil,
    /// A text, or any bytes.
    Bytes(Vec<u8>),
    Number(i64),
    List(Vec<Reply>),
    /// Redis refused, in its own words.
    Refused(String),
}

impl Redis {
    /// Starts a server with these lines of configuration, and waits until it answers.
    pub(crate) fn start(options: &str) -> Self {
        Self::begin(&Shape::default(), options)
    }

    /// The same with its data in a folder that exists, for instance on a disk of its own.
    pub(crate) fn start_in(data: &Path, options: &str) -> Self {
        Self::begin(&Shape { data: Some(data), ..Shape::default() }, options)
    }

    /// The same with a second port, for TLS; the lines name the certificate.
    pub(crate) fn start_with_tls(options: &str) -> Self {
        Self::begin(&Shape { tls: true, ..Shape::default() }, options)
    }

    /// Starts a replica of whoever listens there, and waits until it follows.
    pub(crate) fn start_replica(primary: SocketAddr, options: &str) -> Self {
        let (ip, port) = (primary.ip(), primary.port());
        let replica = Self::start(&format!("{options}\nreplicaof {ip} {port}\n"));
        replica.until_it_follows(primary);
        replica
    }

    /// Waits until it follows a primary, and is counted by it among those that do.
    pub(crate) fn until_it_follows(&self, primary: SocketAddr) {
        self.until("it follows", |it| it.info("master_link_status").as_deref() == Some("up"));
        let online = format!("port={},state=online", self.port);
        self.until("it is seen to follow", |_| {
            let said = ask(primary, None, &["INFO", "replication"]);
            let said = said.ok().and_then(|said| said.text());
            said.is_some_and(|said| said.contains(&online))
        });
    }

    /// Starts a Sentinel, which watches a primary under this name and replaces it soon; not before
    /// it was silent for longer than a slow disk makes it.
    pub(crate) fn start_sentinel(name: &str, primary: SocketAddr, quorum: usize) -> Self {
        let (ip, port) = (primary.ip(), primary.port());
        let lines = format!(
            "sentinel monitor {name} {ip} {port} {quorum}\n\
             sentinel down-after-milliseconds {name} 2000\n\
             sentinel failover-timeout {name} 3000\n"
        );
        Self::begin(&Shape { sentinel: true, ..Shape::default() }, &lines)
    }

    fn begin(shape: &Shape<'_>, options: &str) -> Self {
        let folder = new_folder();
        let data = shape.data.map_or_else(|| folder.join("data"), Path::to_owned);
        fs::create_dir_all(&data).expect("a folder can be made");
        let (process, sentinel, login) = (None, shape.sentinel, None);
        let mut redis = Self { process, folder, data, sentinel, port: 0, tls_port: None, login };
        let begun = Instant::now();
        loop {
            redis.port = free_port();
            redis.tls_port = shape.tls.then(free_port);
            let text = redis.configuration(options);
            fs::write(redis.folder.join("redis.conf"), text).expect("a file can be written");
            redis.spawn(&[]);
            match redis.answered() {
                Ok(()) => return redis,
                // Somebody else was faster with the port.
                Err(said) if said.contains("in use") && begun.elapsed() < BOUND => {}
                Err(said) => panic!("redis-server does not start: {said}"),
            }
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Where it listens for TLS, if it does.
    pub(crate) fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_port.map(|port| (Ipv4Addr::LOCALHOST, port).into())
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Its process, while it has one.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// The end of what it logged.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Commands of the test are given as this account from now on.
    pub(crate) fn log_in(&mut self, account: &str, password: &str) {
        self.login = Some((account.to_owned(), password.to_owned()));
    }

    /// Ends it without a word of warning, as a power supply or the kernel would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Stops the process where it stands: connections stay open, and nobody answers.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.pid().expect("it runs").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }

    /// Starts it again on the same port with the same data, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let begun = Instant::now();
        loop {
            self.spawn(&[]);
            match self.answered() {
                Ok(()) => return,
                Err(said) if said.contains("in use") && begun.elapsed() < BOUND => {}
                Err(said) => panic!("redis-server does not start again: {said}"),
            }
        }
    }

    /// Starts it again with more options, and waits for nothing: it may be loading for a while.
    pub(crate) fn restart_without_waiting(&mut self, more: &[&str]) {
        self.kill();
        self.spawn(more);
    }

    /// Waits until it answers, after loading what it has.
    ///
    /// # Errors
    /// What it logged, if it ended instead.
    pub(crate) fn answered(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let process = self.process.as_mut().expect("it was started");
            if let Some(status) = process.try_wait().expect("it is our child") {
                self.process = None;
                return Err(format!("it ended with {status}\n{}", self.log()));
            }
            match self.command(&["PING"]) {
                Ok(Reply::Refused(why)) if why.starts_with("LOADING") => {}
                Ok(_) => return Ok(()),
                Err(_) => {}
            }
            assert!(begun.elapsed() < BOUND, "redis-server never answers\n{}", self.log());
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until something is true of it.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < BOUND, "never: {what}\n{}", self.log());
            std::thread::sleep(LOOK);
        }
    }

    /// Asks it something, over a connection of its own.
    ///
    /// # Errors
    /// What the connection failed with.
    pub(crate) fn command<T: AsRef<[u8]>>(&self, parts: &[T]) -> io::Result<Reply> {
        let login = self.login.as_ref().map(|(account, password)| [&**account, &**password]);
        ask(self.address(), login, parts)
    }

    /// Asks it something that it has to do.
    pub(crate) fn must(&self, parts: &[&str]) -> Reply {
        match self.command(parts) {
            Ok(Reply::Refused(why)) => panic!("{parts:?}: {why}"),
            Ok(reply) => reply,
            Err(fault) => panic!("{parts:?}: {fault}\n{}", self.log()),
        }
    }

    /// One line of what it says about itself.
    pub(crate) fn info(&self, field: &str) -> Option<String> {
        let info = self.command(&["INFO"]).ok()?.text()?;
        let start = format!("{field}:");
        let line = info.lines().find_map(|line| line.strip_prefix(&start))?;
        Some(line.trim().to_owned())
    }

    fn configuration(&self, options: &str) -> String {
        let Self { folder, data, port, .. } = self;
        let mut text = format!(
            "bind 127.0.0.1\nport {port}\ndaemonize no\ndir {}\nlogfile {}\n",
            data.display(),
            folder.join("log").display()
        );
        if !self.sentinel {
            // A replica's copy begins at once, and not after the usual seconds.
            text.push_str("save \"\"\nenable-debug-command yes\nrepl-diskless-sync-delay 0\n");
        }
        if let Some(port) = self.tls_port {
            text.push_str(&format!("tls-port {port}\n"));
        }
        text + options + "\n"
    }

    fn spawn(&mut self, more: &[&str]) {
        let _ = File::create(self.folder.join("log"));
        let program = program();
        let mut command = Command::new(&program);
        command.arg(self.folder.join("redis.conf"));
        if self.sentinel {
            command.arg("--sentinel");
        }
        command.args(more);
        let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = silent.spawn().unwrap_or_else(|fault| {
            panic!("{program} cannot be run ({fault}): `make deps` installs it")
        });
        self.process = Some(process);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        // What stays is a folder among temporary ones.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Reply {
    /// What it says, as a text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// What it lists; nothing if it is no list.
    pub(crate) fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }
}

/// Asks whoever listens there, perhaps as an account with its password, over a connection of its
/// own.
///
/// # Errors
/// What the connection failed with.
pub(crate) fn ask<T: AsRef<[u8]>>(
    redis: SocketAddr,
    login: Option<[&str; 2]>,
    parts: &[T],
) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&redis, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    if let Some([account, password]) = login {
        stream.write_all(&request(&["AUTH", account, password]))?;
        read_reply(&mut reader)?;
    }
    stream.write_all(&request(parts))?;
    read_reply(&mut reader)
}

/// What is run: Debian's, or what `STANCHION_REDIS_SERVER` names, such as a Valkey.
fn program() -> String {
    std::env::var("STANCHION_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

/// Somebody who listens to a channel.
pub(crate) struct Channel {
    reader: BufReader<TcpStream>,
}

/// Listens to a channel of whoever listens there, over a connection of its own, from now on.
///
/// # Errors
/// What the connection failed with.
pub(crate) fn listen(redis: SocketAddr, channel: &str) -> io::Result<Channel> {
    let mut stream = TcpStream::connect_timeout(&redis, PATIENCE)?;
    stream.write_all(&request(&["SUBSCRIBE", channel]))?;
    let mut reader = BufReader::new(stream);
    // That it listens.
    read_reply(&mut reader)?;
    Ok(Channel { reader })
}

impl Channel {
    /// What is said next, however long that takes; none once there is no Redis.
    pub(crate) fn heard(&mut self) -> Option<String> {
        read_reply(&mut self.reader).ok()?.list().get(2)?.text()
    }
}

/// Where folders are in memory, if there is room: a test whose Redis syncs each write waits for no
/// disk that others keep busy. What survives a power cut is tested on disks of their own.
fn memory() -> &'static Path {
    static MEMORY: OnceLock<PathBuf> = OnceLock::new();
    MEMORY.get_or_init(|| {
        let shared = Path::new("/dev/shm");
        let asked = Command::new("df").args(["-k", "--output=avail"]).arg(shared).output();
        let told = asked.map(|told| told.stdout).unwrap_or_default();
        let told = String::from_utf8_lossy(&told).into_owned();
        let free_kib = told.lines().last().and_then(|line| line.trim().parse::<u64>().ok());
        let roomy = free_kib.is_some_and(|free_kib| free_kib >= MEMORY_KIB_MIN);
        if roomy { shared.to_owned() } else { std::env::temp_dir() }
    })
}

/// A folder of our own among the temporary ones.
fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = memory().join(format!("redis-of-a-test-{process}-{count}"));
        match fs::create_dir(&folder) {
            Ok(()) => return folder,
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
            Err(fault) => panic!("no folder can be made: {fault}"),
        }
    }
}

/// A port that nobody has now. Each is given out once by a process, and different processes begin
/// at different ones.
pub(crate) fn free_port() -> u16 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let span = u32::from(PORTS.end - PORTS.start);
    let first = std::process::id().wrapping_mul(7_919);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        assert!(count < span, "no port is free");
        let offset = first.wrapping_add(count) % span;
        let port = PORTS.start + u16::try_from(offset).expect("it is less than the span");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// A command as it goes over the wire.
fn request<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", parts.len()).into_bytes();
    for part in parts {
        let part = part.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn read_reply(reader: &mut impl BufRead) -> io::Result<Reply> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let strange = || io::Error::other(format!("no reply: {line:?}"));
    let rest = line.strip_suffix("\r\n").and_then(|line| line.get(1..)).ok_or_else(strange)?;
    let number = || rest.parse::<i64>().map_err(|_| strange());
    Ok(match line.as_bytes()[0] {
        b'+' => Reply::Bytes(rest.into()),
        b'-' => Reply::Refused(rest.into()),
        b':' => Reply::Number(number()?),
        b'$' => match usize::try_from(number()?) {
            Ok(length) => Reply::Bytes(read_bytes(reader, length)?),
            Err(_) => Reply::Nil,
        },
        b'*' => match usize::try_from(number()?) {
            Ok(length) => {
                let list = (0..length).map(|_| read_reply(reader));
                Reply::List(list.collect::<io::Result<_>>()?)
            }
            Err(_) => Reply::Nil,
        },
        _ => return Err(strange()),
    })
}

fn read_bytes(reader: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length + 2];
    reader.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}
