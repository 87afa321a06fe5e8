//! From what was gathered to the report.

use std::collections::BTreeMap;

use super::coordinator::Gathered;
use super::machine::Usage;
use super::worker::cores;
use crate::checks::{self, Evidence};
use crate::crowd::fate::Fate;
use crate::history::{Board, Fault, Told, What};
use crate::measure::own;
use crate::report::threshold::{Basis, judge};
use crate::report::{BoardPoint, FORMAT, MomentPoint, Played, Report, ServerUsed};
use crate::scenario::{Scenario, waves};

/// Boards are drawn so often, in milliseconds.
const BOARD_STEP_MS: u64 = 250;

/// What a run was, apart from what was gathered.
pub(super) struct About<'a> {
    /// As it was read.
    pub(super) read: &'a Scenario,
    /// As it was played.
    pub(super) scenario: &'a Scenario,
    /// Wall time of its beginning.
    pub(super) began_at: jiff::Timestamp,
    /// How long it took, in microseconds.
    pub(super) span_us: u64,
    /// What staff could not do: then another night was played than the scenario's.
    pub(super) undone: Vec<String>,
    /// What a server of our own used.
    pub(super) server: Option<Usage>,
}

/// Checks what was told, judges what was measured, and puts it all together.
pub(super) fn report(about: &About<'_>, gathered: &Gathered) -> Report {
    let history = &gathered.told;
    let findings = match gathered.given_up {
        Some(_) => Vec::new(),
        None => checks::all(&Evidence::of(history, first_cap(history))),
    };
    let span_ms = about.span_us / 1_000;
    let (measured, phases) = (&gathered.measured, &about.scenario.phases);
    let basis = Basis { measured, findings: &findings, phases, span_ms };
    let thresholds = about.scenario.thresholds.iter().map(|wanted| judge(wanted, &basis)).collect();
    Report {
        format: FORMAT,
        played: played(about),
        began_at: about.began_at,
        span_ms,
        workers: gathered.used.clone(),
        server: about.server.map(|usage| ServerUsed {
            cpu_ms: u64::try_from(usage.cpu.as_millis()).unwrap_or(u64::MAX),
            memory_bytes_max: usage.memory_bytes_max,
        }),
        doubts: doubts(about, gathered),
        measured: measured.clone(),
        findings,
        thresholds,
        boards: boards(history),
        moments: moments(history),
        visitors: visitors(gathered),
    }
}

fn doubts(about: &About<'_>, gathered: &Gathered) -> Vec<String> {
    let own = own::doubts(&gathered.measured, &gathered.used);
    gathered.given_up.iter().cloned().chain(own).chain(about.undone.clone()).collect()
}

fn played(about: &About<'_>) -> Played {
    let Scenario { name, about: text, seed, pace_of_life, .. } = about.read;
    let target = match &about.scenario.own {
        Some(own) => format!("one of our own, for {}", own.sale.display()),
        None => about.scenario.target.url.clone().unwrap_or_default(),
    };
    Played {
        name: name.clone(),
        about: text.clone(),
        seed: *seed,
        pace_of_life: *pace_of_life,
        people: waves::people(&about.scenario.arrivals),
        target,
        phases: about.scenario.phases.clone(),
        machine: machine(),
    }
}

/// The cap as it was before anybody changed it: on the board that was told first.
fn first_cap(history: &[Told]) -> Option<u32> {
    let boards = history.iter().filter_map(|told| Some((told.told_us?, board_of(told)?.cap)));
    let (_, cap) = boards.min_by_key(|(told_us, _)| *told_us)?;
    u32::try_from(cap).ok()
}

fn board_of(told: &Told) -> Option<&Board> {
    if let What::Board(board) | What::Desk(board) = &told.what { Some(board) } else { None }
}

fn boards(history: &[Told]) -> Vec<BoardPoint> {
    let mut points: BTreeMap<u64, BoardPoint> = BTreeMap::new();
    for told in history {
        let Some(board) = board_of(told) else { continue };
        let at_ms = told.told_us.unwrap_or(told.asked_us) / 1_000;
        let point = BoardPoint {
            at_ms,
            counts: board.counts,
            waiting: board.waiting,
            called: board.called,
            active: board.active,
            cap: board.cap,
        };
        points.insert(at_ms / BOARD_STEP_MS, point);
    }
    points.into_values().collect()
}

fn moments(history: &[Told]) -> Vec<MomentPoint> {
    let mut killed_us = 0;
    let moment = |told: &Told| {
        let at_us = told.told_us.unwrap_or(told.asked_us);
        let what = match &told.what {
            What::Changed { cap: Some(cap), .. } => format!("staff: cap {cap}"),
            What::Changed { notice: Some(notice), .. } => format!("staff: notice “{notice}”"),
            What::Changed { action, .. } => format!("staff: {}", action.replace('_', " ")),
            What::Fault(fault) => {
                if *fault == Fault::Killed {
                    killed_us = told.asked_us;
                }
                said(*fault, at_us.saturating_sub(killed_us))
            }
            _ => return None,
        };
        Some(MomentPoint { at_ms: at_us / 1_000, what })
    };
    history.iter().filter_map(moment).collect()
}

/// What was done to the server, and what came of it so long after it was killed.
fn said(fault: Fault, after_us: u64) -> String {
    let after_s = after_us as f64 / 1e6;
    match fault {
        Fault::Stopped => "the server stands still".to_owned(),
        Fault::Continued => "the server goes on".to_owned(),
        Fault::Killed => "the server is killed".to_owned(),
        Fault::Started => "the server is back".to_owned(),
        Fault::TakenOver => format!("the standby took over, after {after_s:.1} s without a writer"),
        Fault::StandsBy => "what was killed is back, and stands by".to_owned(),
        Fault::NobodyTookOver => format!("nobody took over within {after_s:.1} s"),
    }
}

/// What became of the visitors, in words.
fn visitors(gathered: &Gathered) -> BTreeMap<String, u64> {
    let word = |fate: &Fate| {
        let word = serde_json::to_value(fate).ok();
        word.and_then(|word| Some(word.as_str()?.replace('_', " "))).unwrap_or_default()
    };
    gathered.fates.iter().map(|(fate, count)| (word(fate), *count)).collect()
}

/// The processor, its cores and the kernel of this machine.
pub fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| line.trim_start_matches([' ', '\t', ':']));
    let system = rustix::system::uname();
    let kernel = system.release().to_string_lossy();
    format!("{model}, {} cores, Linux {kernel}", cores())
}
