//! The real binary, serving a small sale from a folder of its own.
//!
//! Owns the folder, the processes it starts, and what is mounted there. Ends only its own children,
//! by their own handles.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use stanchion::token::api_key::NewApiKey;
use tempfile::TempDir;

use super::power::Mount;

/// Far longer than starting or ending takes, even on a machine with other work.
pub(crate) const BOUND: Duration = Duration::from_secs(60);
/// The sale's id.
pub(crate) const SALE: &str = "night";
/// Performances of the sale.
pub(crate) const PERFORMANCES: [&str; 4] = ["p1", "p2", "p3", "p4"];
/// Rows of the plan.
pub(crate) const ROWS: [&str; 4] = ["A", "B", "C", "D"];
/// Seats of one row.
pub(crate) const SEATS_PER_ROW: usize = 20;
/// Deadlines that no test reaches, but for what nobody will come back for: a number whose answer
/// was lost is called for two seconds, then the next.
pub(crate) const LONG: &str = r#"
claim_span = "2s"
presence_span = "1s"
grace_span = "1s"
grace_basket_span = "5s"
idle_span = "2h"
hold_span = "1h"
checkout_span = "1h"
basket_span_max = "3h"
"#;

/// How a sale is served.
pub(crate) struct Plan<'a> {
    /// Most passes at once.
    pub(crate) cap: u32,
    /// Lines of the policy.
    pub(crate) policy: &'a str,
    /// When it opens, as RFC 3339; by hand if absent.
    pub(crate) opens_at: Option<String>,
}

/// A folder with a configuration, a sale, keys and the data.
pub(crate) struct Site {
    /// Unmounted before the folder goes.
    mount: Option<Mount>,
    folder: TempDir,
    /// The key of a shop.
    pub(crate) shop: String,
    /// The key of an operator.
    pub(crate) staff: String,
    /// Nobody but an operator opens the sale.
    pub(crate) opened_by_hand: bool,
    /// The journal is in a Redis, and not in the folder.
    in_redis: bool,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Where visitors and shops reach it.
    pub(crate) public: SocketAddr,
    /// Where operators reach it.
    pub(crate) ops: SocketAddr,
}

impl Site {
    /// Writes everything that a server needs.
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        Self::with(plan, "")
    }

    /// The same with more lines of configuration.
    pub(crate) fn with(plan: &Plan<'_>, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        };
        let key = |name: &str| NewApiKey::make(name).expect("a name");
        let (shop, staff) = (key("shop"), key("ops"));
        write("shop.keys", &shop.line);
        write("staff.keys", &staff.line);
        write("plan.json", &seat_plan());
        write("sale.toml", &sale_file(plan));
        write("stanchion.toml", &(configuration(folder.path()) + more));
        fs::create_dir(folder.path().join("data")).expect("a folder");
        let opened_by_hand = plan.opens_at.is_none();
        let (shop, staff, in_redis) = (shop.text, staff.text, more.contains("\"redis\""));
        Self { mount: None, folder, shop, staff, opened_by_hand, in_redis }
    }

    /// Another machine for a sale that is served already: the same files and keys, with data of its
    /// own and other lines at the end of its configuration.
    pub(crate) fn beside(&self, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("data")).expect("a folder");
        for name in ["shop.keys", "staff.keys", "plan.json", "sale.toml", "data/token.keys"] {
            fs::copy(self.file(name), folder.path().join(name)).expect("it is there");
        }
        let configuration = configuration(folder.path()) + more;
        fs::write(folder.path().join("stanchion.toml"), configuration).expect("a file");
        let (shop, staff) = (self.shop.clone(), self.staff.clone());
        let Self { opened_by_hand, in_redis, .. } = *self;
        Self { mount: None, folder, shop, staff, opened_by_hand, in_redis }
    }

    /// The folder of the data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the sale's journal.
    pub(crate) fn journal(&self) -> PathBuf {
        self.data().join(SALE)
    }

    /// Another file of the site.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Mounts something over the folder of the data.
    ///
    /// # Errors
    /// What `mount` said.
    pub(crate) fn mount(&mut self, arguments: &[&str]) -> Result<(), String> {
        self.mount = None;
        self.mount = Some(Mount::over(self.data(), arguments)?);
        Ok(())
    }

    /// Mounts a device in a file over the folder of the data.
    ///
    /// # Errors
    /// What `mount` said.
    pub(crate) fn mount_device(&mut self, device: &Path) -> Result<(), String> {
        self.mount = None;
        self.mount = Some(Mount::device(self.data(), device)?);
        Ok(())
    }

    /// Cuts the power of what is mounted.
    pub(crate) fn cut_power(&self) {
        self.mount.as_ref().expect("something is mounted").cut_power();
    }

    /// Takes away what is mounted.
    pub(crate) fn unmount(&mut self) {
        self.mount = None;
    }

    /// Starts a server.
    pub(crate) fn start(&self) -> Server {
        self.start_as(&mut self.command())
    }

    /// The command that starts a server, to be changed or wrapped.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanchion"));
        command.args(self.arguments());
        command
    }

    /// The server's arguments.
    pub(crate) fn arguments(&self) -> [PathBuf; 3] {
        ["serve".into(), "--config".into(), self.file("stanchion.toml")]
    }

    /// Starts a server by this command, and reads where it listens.
    pub(crate) fn start_as(&self, command: &mut Command) -> Server {
        let log = self.file("log");
        let errors = File::options().create(true).append(true).open(&log).expect("a log");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the server can be started");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut address = || {
            let mut line = String::new();
            out.read_line(&mut line).expect("what it prints can be read");
            let address = line.split("://").nth(1).and_then(|text| text.trim().parse().ok());
            address.unwrap_or_else(|| panic!("it did not start: {line:?}\n{}", self.log()))
        };
        let (public, ops) = (address(), address());
        Server { child, public, ops }
    }

    /// What the servers logged.
    pub(crate) fn log(&self) -> String {
        let log = fs::read_to_string(self.file("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Runs `stanchion verify` on the journal.
    pub(crate) fn verify(&self) -> Output {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_stanchion"));
        tool.arg("verify");
        if self.in_redis {
            tool.arg(format!("redis:{SALE}")).arg("--config").arg(self.file("stanchion.toml"));
        } else {
            tool.arg(self.journal());
        }
        tool.output().expect("the program can be run")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- the end of the log:\n{}", self.log());
        }
    }
}

impl Server {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a word of warning, as a power supply or the kernel would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = run(Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]));
        sent.expect("the signal is sent");
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            assert!(begun.elapsed() < BOUND, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end.
///
/// # Errors
/// What it said, if it failed.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|fault| format!("{command:?}: {fault}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
}

/// All seats of the plan, in its order.
pub(crate) fn seats() -> Vec<String> {
    let row = |row: &&str| {
        let row = (*row).to_owned();
        (1..=SEATS_PER_ROW).map(move |seat| format!("S-{row}-{seat}"))
    };
    ROWS.iter().flat_map(row).collect()
}

fn seat_plan() -> String {
    let row = |row: &&str| format!(r#"{{"row": "{row}", "seats": "1-{SEATS_PER_ROW}"}}"#);
    let rows: Vec<_> = ROWS.iter().map(row).collect();
    format!(
        r#"{{"format": "stanchion-plan-1", "name": "Hall", "categories": ["A"],
            "sections": [{{"name": "S", "category": "A", "rows": [{}]}}]}}"#,
        rows.join(", ")
    )
}

fn sale_file(plan: &Plan<'_>) -> String {
    let Plan { cap, policy, opens_at } = plan;
    let opens = opens_at.as_ref().map_or(String::new(), |at| format!("opens_at = \"{at}\""));
    let mut text = format!(
        r#"
id = "{SALE}"
name = "The Night"
currency = "EUR"
{opens}

[policy]
cap = {cap}
pace_per_minute = 6000000
basket_units_max = 8
visitor_units_max = 8
{policy}

[[zones]]
id = "A"
amount = "50.00"

[[zones]]
id = "standing"
amount = "20.00"

[[plans]]
id = "hall"
file = "plan.json"
"#
    );
    for performance in PERFORMANCES {
        text.push_str(&format!(
            r#"
[[performances]]
id = "{performance}"
plan = "hall"
pools = [{{ id = "standing", zone = "standing", capacity = 500000 }}]
"#
        ));
    }
    text
}

fn configuration(folder: &Path) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    format!(
        r#"
sales = ["{}"]

[public]
address = "127.0.0.1:0"
connections_per_source_max = 2000

[ops]
address = "127.0.0.1:0"

[rates]
join_burst = 1000000
join_per_minute = 1000000

[data]
directory = "{}"

[secrets]
api_keys_file = "{}"
staff_keys_file = "{}"
"#,
        at("sale.toml"),
        at("data"),
        at("shop.keys"),
        at("staff.keys")
    )
}
