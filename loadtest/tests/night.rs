//! Short nights played against the real server, as anybody would play them: that of 2015 with its
//! outage, and one in which a standby takes over twice. Everything promised is kept. Says nothing
//! about speed: it may run on a machine with other work.

mod built;

use std::path::Path;
use std::process::{Command, Output};

use stanchion_loadtest::checks::Verdict;
use stanchion_loadtest::measure::{Ended, Operation};
use stanchion_loadtest::report::Report;

/// Checks that promise nothing.
const MEASURED: &[&str] = &["wait", "next-call", "screen", "takeover"];

/// A night, and what of it may not be shown.
struct Night<'a> {
    scenario: &'a str,
    people: u64,
    /// Checks that have nothing to look at, or need luck: at so few slots, stretches in which all
    /// is known are rare.
    maybe: &'a [&'a str],
    /// How many moments of its report begin with these words.
    moments: &'a [(&'a str, usize)],
}

#[test]
fn the_short_night_of_2015_keeps_every_promise_through_its_outage() {
    Night {
        scenario: "night-2015-short",
        people: 1_500,
        maybe: &["seat-history", "next-call", "takeover"],
        moments: &[("the server stands still", 1), ("the server goes on", 1), ("staff: cap 15", 1)],
    }
    .check();
}

#[test]
fn a_standby_takes_over_twice_and_every_promise_is_kept() {
    Night {
        scenario: "takeover",
        people: 500,
        maybe: &["wait", "next-call", "screen"],
        moments: &[
            ("the server is killed", 2),
            ("the standby took over, after", 2),
            ("what was killed is back, and stands by", 2),
        ],
    }
    .check();
}

#[test]
fn a_standby_without_a_redis_is_refused_with_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = play("takeover", folder.path(), |run| {
        // Nothing is found on it.
        run.env("PATH", folder.path());
    });
    let why = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(64), "{why}");
    assert!(why.contains("`redis-server` cannot be run: install it"), "{why}");
}

/// Plays a shipped night against the real server; the report is in the folder.
fn play(scenario: &str, folder: &Path, changed: impl FnOnce(&mut Command)) -> Output {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut run = Command::new(env!("CARGO_BIN_EXE_stanchion-loadtest"));
    run.arg("run").arg(scenarios.join(format!("{scenario}.toml")));
    run.arg("--server").arg(built::server()).arg("--quiet").arg("--out").arg(folder);
    changed(&mut run);
    run.output().expect("it can be run")
}

impl Night<'_> {
    #[allow(
        clippy::print_stdout,
        reason = "figures of a machine that may be busy are shown, not judged"
    )]
    fn check(&self) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = play(self.scenario, folder.path(), |_| {});
        let said = String::from_utf8_lossy(&run.stdout);
        println!("{said}");
        let why = String::from_utf8_lossy(&run.stderr);
        // 1 and 2: slower than wanted, or a harness that could not keep up. Both say nothing here.
        assert!(matches!(run.status.code(), Some(0..=2)), "{:?}: {why}\n{said}", run.status);
        let report = std::fs::read(folder.path().join("report.json")).expect("a report");
        self.judge(&serde_json::from_slice(&report).expect("a report of ours"));
    }

    fn judge(&self, report: &Report) {
        for finding in &report.findings {
            let check = finding.check.as_str();
            let measured = MEASURED.contains(&check);
            let wanted = if measured { Verdict::Measured } else { Verdict::Kept };
            let excused = self.maybe.contains(&check) && finding.verdict == Verdict::NotShown;
            assert!(finding.verdict == wanted || excused, "{finding:#?}");
        }
        for (wanted, times) in self.moments {
            let moments = report.moments.iter().filter(|moment| moment.what.starts_with(wanted));
            assert_eq!(moments.count(), *times, "{wanted}: {:?}", report.moments);
        }
        let orders = report.measured.whole(Some(Operation::Order), None).expect("somebody paid");
        assert!(orders.endings.get(&Ended::Well).is_some_and(|orders| *orders > 0), "{orders:?}");
        assert_eq!(report.played.people, self.people);
        assert_eq!(report.visitors.values().sum::<u64>(), self.people, "{:?}", report.visitors);
    }
}
