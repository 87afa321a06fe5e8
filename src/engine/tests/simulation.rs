//! Thousands of nights, each under a seed: engine, journal, visitors, crashes, all without threads.
//! In some of them the venue's own system keeps the seats.
//!
//! `SIM_SEED` replays one night and tells it, `SIM_SEEDS` widens, `SIM_STEPS` deepens.

#![allow(clippy::print_stderr, reason = "a failing night names its seed")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stanchion_domain::command::{Command, Ops, OpsAction, Units};
use stanchion_domain::id::{PerformanceIndex, PoolIndex};
use stanchion_domain::sale::definition::{Definition, Withheld};

use super::super::ask::{Answer, Declined};
use super::night;
use super::server::Server;
use super::world::World;
use crate::journal::faulty::Misfortune;
use crate::metrics::Metrics;

const SEEDS: u64 = 2_500;
const STEPS: u64 = 40;
/// Of nights at a mirrored house.
const MIRRORED_SEEDS: u64 = 800;

pub(super) fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What all nights of a kind have in common.
struct Nights {
    definition: Arc<Definition>,
    steps: u64,
    metrics: Arc<Metrics>,
}

impl Nights {
    fn of(definition: Definition) -> Self {
        let steps = setting("SIM_STEPS").unwrap_or(STEPS);
        Self { definition: Arc::new(definition), steps, metrics: Metrics::new() }
    }

    /// Lives through one night, and tells it if it ends badly.
    fn live(&self, seed: u64, traced: bool) -> World {
        let (mut step, mut world) = (0, None);
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let (definition, metrics) = (self.definition.clone(), self.metrics.clone());
            let world = world.insert(World::new(definition, seed, metrics, traced));
            while step < self.steps {
                step += 1;
                world.step();
            }
            world.settle();
        }));
        if let Err(cause) = lived {
            let trace = world.and_then(|world| world.trace).unwrap_or_default();
            trace.iter().rev().take(200).rev().for_each(|line| eprintln!("{line}"));
            eprintln!("SIM_SEED={seed} SIM_STEPS={}, at step {step}", self.steps);
            resume_unwind(cause);
        }
        world.expect("it was lived through")
    }

    /// Lives through so many of them, or through the one that is asked for.
    fn live_all(&self, seeds: u64, mut then: impl FnMut(World)) {
        if let Some(seed) = setting("SIM_SEED") {
            return then(self.live(seed, true));
        }
        (0..setting("SIM_SEEDS").unwrap_or(seeds)).for_each(|seed| then(self.live(seed, false)));
    }
}

#[test]
fn no_night_breaks_a_promise() {
    Nights::of(night::night()).live_all(SEEDS, drop);
}

#[test]
fn no_night_breaks_a_promise_where_the_venue_keeps_the_seats() {
    let mut happened = BTreeSet::new();
    Nights::of(night::mirrored()).live_all(MIRRORED_SEEDS, |world| {
        happened.extend(world.witness.books.expect("it is mirrored").happened);
    });
    let wanted = [
        "called for what is left",
        "doubted",
        "few left",
        "newer",
        "redefined",
        "same",
        "same when stale",
        "sold out",
        "stale",
    ];
    let one_night = setting("SIM_SEED").is_some();
    assert!(one_night || happened.iter().eq(&wanted), "no night had all: {happened:?}");
}

#[test]
fn a_seed_is_the_same_night_twice() {
    for definition in [night::night(), night::mirrored()] {
        let nights = Nights::of(definition);
        for seed in 1..20 {
            let first = nights.live(seed, true).trace;
            assert!(first.as_ref().is_some_and(|trace| !trace.is_empty()));
            assert_eq!(first, nights.live(seed, true).trace, "seed {seed}");
        }
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
