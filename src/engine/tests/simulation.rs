//! Thousands of nights, each under a seed: engine, journal, visitors, crashes, all without threads.
//!
//! `SIM_SEED` replays one night and tells it, `SIM_SEEDS` widens, `SIM_STEPS` deepens.

#![allow(clippy::print_stderr, reason = "a failing night names its seed")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stanchion_domain::command::{Command, Ops, OpsAction, Units};
use stanchion_domain::id::{PerformanceIndex, PoolIndex};
use stanchion_domain::sale::definition::Withheld;

use super::super::ask::{Answer, Declined};
use super::night;
use super::server::Server;
use super::world::World;
use crate::journal::faulty::Misfortune;
use crate::metrics::Metrics;

const SEEDS: u64 = 2_500;
const STEPS: u64 = 40;

pub(super) fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Lives through one night, and tells it if it ends badly.
fn live(seed: u64, steps: u64, metrics: &Arc<Metrics>, traced: bool) -> Vec<String> {
    let mut step = 0;
    let mut world = None;
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let world = world.insert(World::new(seed, metrics.clone(), traced));
        while step < steps {
            step += 1;
            world.step();
        }
        world.settle();
    }));
    let trace = world.and_then(|world| world.trace).unwrap_or_default();
    if let Err(cause) = lived {
        trace.iter().rev().take(200).rev().for_each(|line| eprintln!("{line}"));
        eprintln!("SIM_SEED={seed} SIM_STEPS={steps}, at step {step}");
        resume_unwind(cause);
    }
    trace
}

#[test]
fn no_night_breaks_a_promise() {
    let steps = setting("SIM_STEPS").unwrap_or(STEPS);
    let metrics = Metrics::new();
    if let Some(seed) = setting("SIM_SEED") {
        live(seed, steps, &metrics, true);
        return;
    }
    for seed in 0..setting("SIM_SEEDS").unwrap_or(SEEDS) {
        live(seed, steps, &metrics, false);
    }
}

#[test]
fn a_seed_is_the_same_night_twice() {
    let metrics = Metrics::new();
    for seed in 1..20 {
        let first = live(seed, STEPS, &metrics, true);
        assert!(!first.is_empty());
        assert_eq!(first, live(seed, STEPS, &metrics, true), "seed {seed}");
    }
}

/// What a board showed last may have been undone by a record that no board followed, and a snapshot
/// does not tell that anything ever changed there.
#[test]
fn the_board_is_whole_again_after_a_recovery_from_a_snapshot() {
    let full = Arc::new(AtomicBool::new(false));
    let script = full.clone();
    let script = Box::new(move |_| {
        script.load(Ordering::Relaxed).then_some(Misfortune::Full { reopenings: 0 })
    });
    let mut server = Server::under(script, Arc::new(AtomicBool::new(true)), Metrics::new());
    assert!(server.start(night::shared()));
    let what = Units::Pool { performance: PerformanceIndex(2), pool: PoolIndex(0), units: 2 };
    let withhold = OpsAction::Withhold { what: what.clone(), kind: Withheld::Killed };
    operate(&mut server, withhold).expect("it is written");
    let withheld =
        |server: &Server| server.engine().published().board.current().head.counts().withheld;
    until(&mut server, |server| withheld(server) == 3);
    operate(&mut server, OpsAction::Restore { what }).expect("it is written");
    assert_eq!(withheld(&server), 3, "no board has followed yet");
    server.snapshot();
    full.store(true, Ordering::Relaxed);
    assert_eq!(operate(&mut server, OpsAction::PauseCalling), Err(Declined::Down));
    full.store(false, Ordering::Relaxed);
    until(&mut server, |server| withheld(server) == 1);
}

#[test]
fn a_tick_that_comes_late_is_counted_by_how_much() {
    let metrics = Metrics::new();
    let calm = Arc::new(AtomicBool::new(true));
    let mut server = Server::under(Box::new(|_| None), calm, metrics.clone());
    assert!(server.start(night::shared()));
    server.turn(0);
    server.hand.pass_ms(300);
    server.turn(0);
    let shown = metrics.render();
    let sum = shown.lines().find(|line| line.starts_with("stanchion_tick_late_seconds_sum"));
    // The first came when it was due; the second was due after 25 ms.
    assert!(sum.is_some_and(|line| line.ends_with(" 0.275")), "{sum:?}");
}

/// Asks for an ops change, and does it without any time passing.
fn operate(server: &mut Server, action: OpsAction) -> Answer {
    let revision = server.engine().published().desk().operations.revision;
    let (actor, reason) = ("ada".to_owned(), String::new());
    let ops = Ops { revision, actor, reason, action };
    let answer = server.engine().put(Command::Ops(ops), None)?;
    server.turn(0);
    server.commit();
    answer.blocking_recv().expect("an answer")
}

fn until(server: &mut Server, so: impl Fn(&Server) -> bool) {
    for _ in 0..10_000 {
        if so(server) {
            return;
        }
        server.hand.pass_ms(50);
        server.turn(0);
        server.commit();
    }
    panic!("it never came to be so");
}
