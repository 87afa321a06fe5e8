//! `check` and `compare`, as a load tester types them.

use std::path::Path;
use std::process::{Command, Output};

use stanchion_loadtest::checks::{Finding, Verdict};
use stanchion_loadtest::measure::figures::Measured;
use stanchion_loadtest::report::{FORMAT, Played, Report};

fn run(arguments: &[&Path], command: &str) -> (Option<i32>, String, String) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_stanchion-loadtest"));
    let Output { status, stdout, stderr } =
        run.arg(command).args(arguments).output().expect("it can be run");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn every_mistake_of_a_scenario_is_named_and_good_ones_are_summed_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.toml");
    let text = r#"
sede = 7
span_max = "5 parsecs"
[target]
sale = "winter"
[[arrivals]]
shape = "stampede"
people = 100
[[kinds]]
name = "everybody"
[kinds.waits]
no_show = 1.5
"#;
    std::fs::write(&broken, text).expect("a file can be written");
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/camp.toml");
    let (code, said, mistakes) = run(&[&good, &broken], "check");
    assert_eq!(code, Some(64));
    assert!(said.contains("camp.toml: good, 967 people"), "{said}");
    for named in ["broken.toml", "sede", "span_max", "stampede", "no_show"] {
        assert!(mistakes.contains(named), "{named} is not named in: {mistakes}");
    }
    let (code, _, mistakes) = run(&[&good], "check");
    assert_eq!((code, mistakes.as_str()), (Some(0), ""));
    let nowhere = folder.path().join("nowhere.toml");
    assert_eq!(run(&[&nowhere], "check").0, Some(64));
}

/// A report of a run that kept its promise, or did not.
fn report(verdict: Verdict) -> Report {
    let finding = Finding {
        check: "cap".to_owned(),
        promise: "The cap is kept.".to_owned(),
        verdict,
        looked_at: 1,
        broken: u64::from(verdict == Verdict::Broken),
        examples: Vec::new(),
        figures: Vec::new(),
    };
    Report {
        format: FORMAT,
        played: Played {
            name: "The night".to_owned(),
            about: String::new(),
            seed: 7,
            pace_of_life: 1.0,
            people: 10,
            target: "http://127.0.0.1:1".to_owned(),
            phases: Vec::new(),
            machine: "two cores".to_owned(),
        },
        began_at: jiff::Timestamp::UNIX_EPOCH,
        span_ms: 1_000,
        workers: Vec::new(),
        server: None,
        doubts: Vec::new(),
        measured: Measured::default(),
        findings: vec![finding],
        thresholds: Vec::new(),
        boards: Vec::new(),
        moments: Vec::new(),
        visitors: Default::default(),
    }
}

#[test]
fn two_reports_are_compared_and_the_worse_one_is_told_by_the_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, report: &Report| {
        let path = folder.path().join(name);
        let text = serde_json::to_vec(report).expect("plain data");
        std::fs::write(&path, text).expect("a file can be written");
        path
    };
    let well = write("well.json", &report(Verdict::Kept));
    let broken = write("broken.json", &report(Verdict::Broken));
    let other = write("other.json", &Report { format: FORMAT + 1, ..report(Verdict::Kept) });
    let (code, said, _) = run(&[&well, &broken], "compare");
    assert_eq!(code, Some(1));
    assert!(said.contains("cap: was kept, is broken"), "{said}");
    assert_eq!(run(&[&broken, &well], "compare").0, Some(0));
    assert_eq!(run(&[&well, &well], "compare").0, Some(0));
    let (code, _, why) = run(&[&well, &other], "compare");
    assert_eq!(code, Some(64));
    assert!(why.contains("other.json") && why.contains("format"), "{why}");
}
