//! The real server with a small sale, in a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::built;

const SALE: &str = r#"
id = "night"
name = "The Night"
currency = "EUR"

[policy]
cap = 30
pace_per_minute = 60000
claim_span = "2s"
idle_span = "4s"
hold_span = "3s"
checkout_span = "2s"
basket_span_max = "8s"

[[zones]]
id = "a"
amount = "50.00"

[[plans]]
id = "hall"
file = "plan.json"

[[performances]]
id = "seated"
plan = "hall"

[[performances]]
id = "standing"
pools = [{ id = "floor", zone = "a", capacity = 400 }]
"#;

const PLAN: &str = r#"{"format": "stanchion-plan-1", "name": "Hall", "categories": ["a"],
"sections": [{"name": "S", "category": "a", "rows": [{"row": "A", "seats": "1-60"},
{"row": "B", "seats": "1-60"}, {"row": "C", "seats": "1-60"}, {"row": "D", "seats": "1-60"}]}]}"#;

const SETTINGS: &str = r#"
sales = ["sale.toml"]
[public]
address = "127.0.0.1:0"
connections_per_source_max = 2000
[ops]
address = "127.0.0.1:0"
[rates]
join_burst = 100000
join_per_minute = 100000
[data]
directory = "data"
[journal]
mode = "local"
[secrets]
api_keys_file = "shop.keys"
staff_keys_file = "staff.keys"
"#;

/// The real server in a folder of its own; ends with the test.
pub(crate) struct Server {
    child: Mutex<Child>,
    /// Address of the public interface.
    pub(crate) public: String,
    /// Address of the ops interface.
    pub(crate) ops: String,
    pub(crate) shop_key: String,
    pub(crate) staff_key: String,
    program: PathBuf,
    folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let program = built::server();
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        };
        let key = |name: &str| {
            let made = Command::new(&program).args(["keys", "new", name]).output();
            let said = String::from_utf8(made.expect("it can be run").stdout).expect("text");
            let mut lines = said.lines().skip(1).step_by(2).map(|line| line.trim().to_owned());
            let (key, line) = (lines.next().expect("a key"), lines.next().expect("its line"));
            write(&format!("{name}.keys"), &line);
            key
        };
        let (shop_key, staff_key) = (key("shop"), key("staff"));
        write("sale.toml", SALE);
        write("plan.json", PLAN);
        write("stanchion.toml", SETTINGS);
        fs::create_dir(folder.path().join("data")).expect("a folder");
        let (child, public, ops) = serve(&program, folder.path(), &[]);
        Self { child: Mutex::new(child), public, ops, shop_key, staff_key, program, folder }
    }

    /// Kills it without a word of warning, and starts it again where it was.
    pub(crate) fn restart(&self) {
        self.end();
        let host = |url: &str| url.trim_start_matches("http://").to_owned();
        let public = format!("public.address={}", host(&self.public));
        let ops = format!("ops.address={}", host(&self.ops));
        let settings = ["--set", &public, "--set", &ops];
        let (child, public, ops) = serve(&self.program, self.folder.path(), &settings);
        assert_eq!((&public, &ops), (&self.public, &self.ops), "it is where it was");
        *self.child() = child;
    }

    fn end(&self) {
        // It may have ended already.
        let _ = self.child().kill();
        let _ = self.child().wait();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        // A test that failed still ends it.
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts it; the process and its two addresses.
fn serve(program: &Path, folder: &Path, settings: &[&str]) -> (Child, String, String) {
    let mut child = Command::new(program)
        .args(["serve", "--config", "stanchion.toml"])
        .args(settings)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut address = || {
        let mut line = String::new();
        out.read_line(&mut line).expect("text");
        let at = line.find("http://").unwrap_or_else(|| panic!("it did not start: {line:?}"));
        line[at..].trim().to_owned()
    };
    let (public, ops) = (address(), address());
    (child, public, ops)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
