//! The ceiling of this machine: ever more visitors who look once a second, until the server does
//! not keep up any more, or the harness does not.

use std::time::Duration;

use serde_json::json;

use super::sale::Sale;
use super::{Rehearsal, Tell};
use crate::measure::Operation;
use crate::night::{Night, Worked};
use crate::report::Report;
use crate::scenario::{
    Act, Arrivals, Chance, Chooses, Ending, Http, Kind, Looks, Moment, OwnServer, Phase, Scenario,
    Shape, Shops, Target, Waits, Wires,
};

/// Looks a second, in steps: each half as much again, up to where one address runs out of ports.
const STEPS: [u32; 9] = [500, 1_000, 2_000, 3_000, 4_500, 7_000, 10_000, 15_000, 22_000];
/// Time to connect and join, then the time that counts.
const WARM_SPAN: Duration = Duration::from_secs(4);
const STEP_SPAN: Duration = Duration::from_secs(9);
/// A page that answers within this feels immediate.
pub(super) const LATENCY_P99_MS_MAX: f64 = 100.0;

/// What a machine bears.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// The most looks a second that were answered in time.
    pub looks_per_second: u32,
    /// Their 99th percentile, in milliseconds.
    pub p99_ms: f64,
    /// What the next step failed by; nothing if there was none.
    pub limit: Option<String>,
}

/// Raises the load until something gives.
pub(super) async fn find(
    asked: &Rehearsal,
    sale: &Sale,
    tell: Tell<'_>,
) -> anyhow::Result<Ceiling> {
    let folder = tempfile::tempdir()?;
    let file = sale.hurried(1.0, sale.cap, folder.path())?;
    let mut found = Ceiling { looks_per_second: 0, p99_ms: 0.0, limit: None };
    for looks in STEPS {
        let what = format!("{looks} looks a second");
        tell(&what, None);
        let scenario = step(sale, file.clone(), looks);
        let (server, worked) = (asked.server.clone(), Worked::Here { processes: 1 });
        let night = Night { scenario, server, worked, memory_bytes: None };
        let report = night.play(&mut |standing| tell(&what, Some(standing))).await?.report;
        let p99_ms = p99_ms(&report);
        if let Some(limit) = limit(&report, p99_ms) {
            found.limit = Some(format!("{what}: {limit}"));
            break;
        }
        found = Ceiling { looks_per_second: looks, p99_ms, limit: None };
    }
    Ok(found)
}

/// The latency of looks once all have joined.
fn p99_ms(report: &Report) -> f64 {
    let looks = report.measured.whole(Some(Operation::Poll), Some(1));
    looks.map_or(f64::INFINITY, |part| part.latency.quantile_ms(0.99))
}

/// What gave, if anything.
fn limit(report: &Report, p99_ms: f64) -> Option<String> {
    if let Some(doubt) = report.doubts.first() {
        return Some(format!("the harness is the limit: {doubt}"));
    }
    let failed = report.measured.whole(None, Some(1)).map_or(1.0, |part| part.failed_share());
    if failed > 0.0 {
        return Some(format!("{:.2} % failed", failed * 100.0));
    }
    (p99_ms > LATENCY_P99_MS_MAX).then(|| format!("one in a hundred took more than {p99_ms:.0} ms"))
}

/// Everybody joins, nobody is called, all look once a second.
fn step(sale: &Sale, file: std::path::PathBuf, looks: u32) -> Scenario {
    let pause = Act::Change {
        action: json!({ "type": "pause_calling" }),
        reason: "a rehearsal of the queue alone".to_owned(),
    };
    let waits = Waits {
        loads_page: false,
        looks: Looks::Every(Duration::from_secs(1)),
        tabs: 1,
        streams: false,
        sleeps: Chance::default(),
        sleeps_after: (Duration::ZERO, Duration::ZERO),
        gives_up: Chance::default(),
        no_show: 0.0,
        ring: 1,
        ghosts: false,
    };
    let shops = Shops {
        wants: vec![1],
        chooses: Chooses::Best,
        thinks: (Duration::ZERO, Duration::ZERO),
        tries: 1,
        changes_mind: 0.0,
        ending: vec![(Ending::Leaves, 1)],
        pays_within: (Duration::ZERO, Duration::ZERO),
        grabs_again: 0,
        browses: Vec::new(),
    };
    let phase = |name: &str, from| Phase { name: name.to_owned(), from };
    Scenario {
        name: format!("{looks} looks a second"),
        about: "Visitors who join and look once a second; nobody is called.".to_owned(),
        seed: 1,
        pace_of_life: 1.0,
        span_max: STEP_SPAN,
        target: Target { sale: sale.id.clone(), ..Target::default() },
        own: Some(OwnServer { sale: file, set: Vec::new(), opens_after: None, standby: false }),
        wires: Wires { http: Http::One, sources: Vec::new(), answer_span: Duration::from_secs(10) },
        arrivals: vec![Arrivals {
            from: Duration::ZERO,
            shape: Shape::Step { people: looks, over: WARM_SPAN - Duration::from_secs(1) },
        }],
        kinds: vec![Kind { name: "looks".to_owned(), share: 1, waits, shops }],
        timeline: vec![Moment { at: Duration::ZERO, act: pause }],
        phases: vec![phase("joining", Duration::ZERO), phase("looking", WARM_SPAN)],
        thresholds: Vec::new(),
    }
}
