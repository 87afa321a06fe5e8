//! The demonstration as a newcomer starts it: killed in the middle of its night, and started again;
//! and with a standby, its writer killed in the rush.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// A demonstration that runs, and what it says.
struct Demo {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Demo {
    /// What a newcomer types, but for what makes it short.
    fn command(data: &Path, more: &[&str]) -> Command {
        let free = "127.0.0.1:0";
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanchion"));
        command
            .args(["demo", "--crowd", "24", "--arrive-over", "1", "--opens-in", "0"])
            .args(["--pace-of-life", "100", "--public", free, "--ops", free])
            .arg("--data")
            .arg(data)
            .args(more);
        command
    }

    fn start(data: &Path, more: &[&str]) -> Self {
        let mut child =
            Self::command(data, more).stdout(Stdio::piped()).spawn().expect("it starts");
        let out = child.stdout.take().expect("it was asked for");
        Self { child, lines: BufReader::new(out).lines() }
    }

    /// Reads on until it says something.
    fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let mut said = String::new();
        for line in self.lines.by_ref() {
            let line = line.expect("text");
            if wanted(&line) {
                return line;
            }
            said += &line;
            said.push('\n');
        }
        panic!("it ended before: {said}");
    }

    /// What it says to the end, which is a good one.
    fn rest(mut self) -> String {
        let said: Vec<_> = self.lines.by_ref().map(|line| line.expect("text")).collect();
        let said = said.join("\n");
        assert!(self.child.wait().expect("it ends").success(), "{said}");
        said
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn verify(data: &Path) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_stanchion"));
    let done = verify.arg("verify").arg(data.join("demo")).output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_night_that_was_killed_goes_on_with_its_crowd_and_at_another_shop() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path();
    let mut first = Demo::start(data, &["--shop", "127.0.0.2:0"]);
    let sold = |line: &str| line.contains("   sold ") && !line.contains("   sold 0/");
    first.until(sold);
    drop(first);
    verify(data);

    let mut second = Demo::start(data, &["--shop", "127.0.0.1:0", "--until-crowd-is-gone"]);
    let greeting = second.until(|_| true);
    assert!(greeting.starts_with("Going on with the night in "), "{greeting}");
    assert!(greeting.ends_with(" of the crowd come back."), "{greeting}");
    second.until(|line| line == "Since the last start:");
    let difference = second.until(|_| true);
    assert!(difference.starts_with("  shop_url: \"http://127.0.0.2:"), "{difference}");
    assert!(difference.contains("/\" becomes \"http://127.0.0.1:"), "{difference}");
    let said = second.rest();
    assert!(said.contains("all were found again; no seat was sold twice."), "{said}");
    assert!(said.contains("Positions that rose or places that were lost: 0."), "{said}");
    verify(data);
}

#[test]
fn a_writer_that_is_killed_in_the_rush_leaves_every_buyer_their_seats_and_everybody_their_place() {
    let folder = TempDir::new().expect("a folder");
    let at = ["--shop", "127.0.0.1:0"];
    let asked = ["--standby", "--kill-writer", "--until-crowd-is-gone"];
    let mut demo = Demo::start(folder.path(), &[at.as_slice(), &asked].concat());
    demo.until(|line| line.ends_with("   one writes"));
    demo.until(|line| line.ends_with("   two writes"));
    let said = demo.rest();
    for sentence in [
        "Every order that a buyer was told of is there with the same seats: ",
        "Every place kept its number: 24 places.",
        "No seat was sold twice.",
        "two took over from one after ",
        "The journal is sound: sale \"demo\", ",
    ] {
        assert!(
            said.lines().any(|line| line.starts_with(sentence)),
            "{sentence} is not in: {said}"
        );
    }

    let mut alone = Demo::command(folder.path(), &at);
    let refused = alone.output().expect("it can be run");
    let why = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("has a standby: go on with --standby"), "{why}");
}
