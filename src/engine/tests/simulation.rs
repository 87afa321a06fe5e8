//! Thousands of nights, each under a seed: engine, journal, visitors, crashes, all without threads.
//!
//! `SIM_SEED` replays one night and tells it, `SIM_SEEDS` widens, `SIM_STEPS` deepens.

#![allow(clippy::print_stderr, reason = "a failing night names its seed")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::world::World;
use crate::metrics::Metrics;

const SEEDS: u64 = 1_500;
const STEPS: u64 = 40;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Lives through one night, and tells it if it ends badly.
fn night(seed: u64, steps: u64, metrics: &Arc<Metrics>, traced: bool) -> Vec<String> {
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
        night(seed, steps, &metrics, true);
        return;
    }
    for seed in 0..setting("SIM_SEEDS").unwrap_or(SEEDS) {
        night(seed, steps, &metrics, false);
    }
}

#[test]
fn a_seed_is_the_same_night_twice() {
    let metrics = Metrics::new();
    for seed in 1..20 {
        let first = night(seed, STEPS, &metrics, true);
        assert!(!first.is_empty());
        assert_eq!(first, night(seed, STEPS, &metrics, true), "seed {seed}");
    }
}
