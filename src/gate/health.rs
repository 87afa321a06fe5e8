//! How the origin has done of late: told from its answers and faults, never asked for.
//!
//! All accesses are relaxed: each number stands alone, and one that is a request old does no harm.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::metrics::origin::Outcome;

/// Faults one after the other until the origin is taken to be down: one may be a restart.
const FAULTS_MAX: u32 = 3;
/// A mean time to the head of an answer from which it is slow: buyers give up after a few seconds.
const SLOW_US: u64 = 2_000_000;
/// Of the mean, the newest answer is one part in so many.
const MEAN_PARTS: u64 = 8;
/// Not down: the clock never reads zero.
const NEVER: u64 = 0;

/// How the origin does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OriginHealth {
    /// It answers in time.
    Well,
    /// It answers, slowly, or has no connection to spare.
    Slow,
    /// Nothing but faults since.
    Down {
        /// For so long, in milliseconds.
        for_ms: u64,
    },
}

/// What is known of the origin.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Faults since the last answer.
    faults: AtomicU32,
    /// When the first of them was met, in coarse milliseconds.
    down_since: AtomicU64,
    /// Mean time to the head of an answer, in microseconds.
    mean_us: AtomicU64,
    /// Requests that found no connection, since the last that found one.
    crowded: AtomicU32,
}

impl Health {
    /// Notes what became of a request.
    pub(super) fn note(&self, outcome: Outcome, took: Duration, now: u64) {
        match outcome {
            Outcome::Answered => {
                self.faults.store(0, Relaxed);
                self.down_since.store(NEVER, Relaxed);
                self.crowded.store(0, Relaxed);
                let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                let mean_us = self.mean_us.load(Relaxed);
                let mean_us = mean_us - mean_us / MEAN_PARTS + took_us / MEAN_PARTS;
                self.mean_us.store(mean_us, Relaxed);
            }
            Outcome::Unreachable | Outcome::Silent | Outcome::Broken => {
                if self.faults.fetch_add(1, Relaxed) == 0 {
                    self.down_since.store(now, Relaxed);
                }
            }
            Outcome::Crowded => {
                self.crowded.fetch_add(1, Relaxed);
            }
            Outcome::Body => {}
        }
    }

    /// What follows from it.
    pub(super) fn view(&self, now: u64) -> OriginHealth {
        let since = self.down_since.load(Relaxed);
        if self.faults.load(Relaxed) >= FAULTS_MAX && since != NEVER {
            OriginHealth::Down { for_ms: now.saturating_sub(since) }
        } else if self.mean_us.load(Relaxed) >= SLOW_US || self.crowded.load(Relaxed) > 0 {
            OriginHealth::Slow
        } else {
            OriginHealth::Well
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn an_origin_is_down_after_faults_in_a_row_and_well_again_with_its_first_answer() {
        let health = Health::default();
        for (outcome, now, view) in [
            (Outcome::Answered, 10, OriginHealth::Well),
            (Outcome::Silent, 20, OriginHealth::Well),
            (Outcome::Answered, 30, OriginHealth::Well),
            (Outcome::Unreachable, 40, OriginHealth::Well),
            (Outcome::Body, 45, OriginHealth::Well),
            (Outcome::Broken, 50, OriginHealth::Well),
            (Outcome::Silent, 60, OriginHealth::Down { for_ms: 20 }),
            (Outcome::Silent, 90, OriginHealth::Down { for_ms: 50 }),
            (Outcome::Answered, 95, OriginHealth::Well),
        ] {
            health.note(outcome, SHORT, now);
            assert_eq!(health.view(now), view, "{outcome:?} at {now}");
        }
    }

    #[test]
    fn an_origin_is_slow_while_its_answers_take_long_or_none_of_its_connections_is_free() {
        let health = Health::default();
        let note = |outcome, seconds| health.note(outcome, Duration::from_secs(seconds), 1);
        (0..20).for_each(|_| note(Outcome::Answered, 5));
        assert_eq!(health.view(1), OriginHealth::Slow);
        (0..20).for_each(|_| note(Outcome::Answered, 0));
        assert_eq!(health.view(1), OriginHealth::Well);
        note(Outcome::Crowded, 2);
        assert_eq!(health.view(1), OriginHealth::Slow);
        note(Outcome::Answered, 0);
        assert_eq!(health.view(1), OriginHealth::Well);
    }
}
