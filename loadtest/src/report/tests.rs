use std::time::Duration;

use super::*;
use crate::checks::Figure;
use crate::measure::{Ended, Exchange, Operation};
use crate::scenario::Threshold;

/// A short night in which a seat was sold twice.
pub(super) fn sample() -> Report {
    let mut measured = Measured::default();
    for at in 0..200_u64 {
        let intended_us = at * 50_000;
        let ended_us = intended_us + 400 + at * 10;
        let (operation, ended) = match at % 4 {
            0 => (Operation::Hold, Ended::Refused),
            _ => (Operation::Poll, Ended::Well),
        };
        let phase = usize::from(at > 100);
        measured.add(phase, &Exchange { operation, intended_us, ended_us, ended });
    }
    let phase = |name: &str, from| Phase { name: name.to_owned(), from };
    let (operation, figure) = ("poll".to_owned(), "p99_ms".to_owned());
    let threshold =
        Threshold { operation, phase: None, figure, at_most: Some(1.0), at_least: None };
    let board = |at: u64| BoardPoint {
        at_ms: at * 500,
        counts: Counts { capacity: 100, available: 100 - at, sold: at, ..Counts::default() },
        waiting: 500 - at,
        called: 1,
        active: 99,
        cap: 100,
    };
    Report {
        format: FORMAT,
        played: Played {
            name: "The night".to_owned(),
            about: "A night <evil> for tests".to_owned(),
            seed: 7,
            pace_of_life: 4.0,
            people: 600,
            target: "a server of our own".to_owned(),
            phases: vec![phase("rush", Duration::ZERO), phase("tail", Duration::from_secs(5))],
            machine: "two cores".to_owned(),
        },
        began_at: jiff::Timestamp::UNIX_EPOCH,
        span_ms: 10_000,
        workers: vec![Used {
            cpu_us: 5,
            span_us: 10,
            cores: 2,
            machine: "here".to_owned(),
            shortages: 0,
        }],
        server: Some(ServerUsed { cpu_ms: 4_000, memory_bytes_max: 50 << 20 }),
        doubts: Vec::new(),
        measured,
        findings: vec![Finding {
            check: "seat-twice".to_owned(),
            promise: "no seat is in two orders".to_owned(),
            verdict: Verdict::Broken,
            looked_at: 50,
            broken: 1,
            examples: vec!["p1/A-1 at 3.2 s, visitors 4 and 9".to_owned()],
            figures: vec![Figure { name: "orders".to_owned(), value: 50.0, unit: String::new() }],
        }],
        thresholds: vec![Judged { threshold, value: Some(2.4), reached: false }],
        boards: (0..20).map(board).collect(),
        moments: vec![MomentPoint { at_ms: 5_000, what: "cap 100".to_owned() }],
        visitors: BTreeMap::from([("ordered".to_owned(), 20)]),
    }
}

#[test]
fn the_worst_decides_what_a_run_comes_to() {
    let broken = sample();
    assert_eq!(broken.outcome(), Outcome::Broken);
    let short = Report { findings: Vec::new(), ..broken };
    assert_eq!(short.outcome(), Outcome::NotReached);
    let doubted = Report { doubts: vec!["late".to_owned()], ..short.clone() };
    assert_eq!(doubted.outcome(), Outcome::Invalid);
    let well = Report { thresholds: Vec::new(), ..short };
    assert_eq!(well.outcome().exit_code(), 0);
}

#[test]
fn a_report_is_read_back_as_it_was_written() {
    let report = sample();
    let text = serde_json::to_string(&report).expect("plain data");
    assert_eq!(serde_json::from_str::<Report>(&text).expect("as written"), report);
}

/// Not a test of anything: writes the page of the sample where one can look at it.
#[test]
#[ignore = "for looking at the page: cargo test -p stanchion-loadtest look -- --ignored"]
fn look_at_the_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/loadtest");
    std::fs::create_dir_all(folder).expect("a folder");
    let page = page::page(&sample()).expect("the template is good");
    std::fs::write(format!("{folder}/sample.html"), page).expect("a file");
}
