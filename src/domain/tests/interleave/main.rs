//! The queue's own source, compiled against atomics whose scheduling the test decides.
//!
//! The files of `queue` are taken in as they are: `crate::sync` here is shuttle's, and the limits
//! are small enough for a schedule to cross the edges of sums and blocks. Nothing in the rules
//! knows of this. Each case runs thousands of random schedules, and as many of the kind that
//! switches rarely but at the worst moments (PCT). On failure shuttle prints a seed:
//!
//! ```text
//! SHUTTLE_RANDOM_SEED=<seed> cargo test -p stanchion-domain --test interleave <name of the test>
//! ```
//!
//! What this does not show: shuttle runs one thread at a time and every atomic as sequentially
//! consistent, whatever ordering it asks for. So it finds steps in the wrong order, steps that are
//! missing, and steps that should be one; it does not find an ordering that is too weak, a store
//! that another processor sees late, or what a compiler may move. Those rest on the reasons beside
//! each ordering, each of which names its partner. `OnceLock` is the standard library's here and is
//! no point of switching: a block is made before the reservation that leads to it is stored.

#![allow(dead_code, unreachable_pub, reason = "this takes in whole files and uses parts of them")]

use stanchion_domain::{bits, id, time};

/// The limits, small enough to be crossed.
mod limits {
    pub const NUMBERS_MAX: u32 = 4 * NUMBERS_PER_BLOCK;
    pub const NUMBERS_PER_BLOCK: u32 = 128;
    pub const NUMBERS_PER_SUM: u32 = 64;
}

/// The atomics that shuttle schedules.
mod sync {
    pub use shuttle::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}

mod joining;
mod moving;
mod polling;
mod queue;

/// Schedules of each kind that one case is run under.
const SCHEDULES: usize = 5_000;
/// Switches at the worst moments that a PCT schedule may make.
const SWITCHES: usize = 3;

/// Runs a case under both kinds of schedules.
fn check(case: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(case.clone(), SCHEDULES);
    shuttle::check_pct(case, SCHEDULES, SWITCHES);
}
