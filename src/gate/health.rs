//! How the origin has done of late: told from its answers and faults, and from those of the probe
//! where nobody else asks.
//!
//! All accesses are relaxed: each number stands alone, and one that is a request old does no harm.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http::StatusCode;

use crate::engine::shop::ShopState;
use crate::metrics::origin::Outcome;

/// Faults one after the other until an origin that has answered is taken to be down: one may be a
/// restart.
const FAULTS_MAX: u32 = 3;
/// A mean time to the head of an answer from which it is slow: buyers give up after a few seconds.
const SLOW_US: u64 = 2_000_000;
/// Of the mean, the newest answer is one part in so many.
const MEAN_PARTS: u64 = 8;
/// For so long it is crowded after it turned a request away: who was turned away asks again within
/// five seconds, so it is over once they all found room.
const CROWDED_MS: u64 = 10_000;
/// After so long without a word of it, it is asked.
const QUIET_MS: u64 = 10_000;
/// The clock never reads zero.
const NEVER: u64 = 0;

/// How the origin does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OriginHealth {
    /// It answers in time.
    Well,
    /// It answers, slowly.
    Slow,
    /// It had no connection to spare a moment ago.
    Crowded,
    /// Nothing but faults since.
    Down {
        /// For so long, in milliseconds.
        for_ms: u64,
    },
}

impl OriginHealth {
    /// What the rules are told of it.
    pub fn state(self) -> ShopState {
        match self {
            Self::Well => ShopState::Well,
            Self::Slow => ShopState::Slow,
            Self::Crowded => ShopState::Crowded,
            Self::Down { .. } => ShopState::Down,
        }
    }
}

/// What was learned of the origin at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// It answered, after so long.
    Answered(Duration),
    /// It is not there, or does not answer the probe as it should.
    Fault,
    /// It did not answer a visitor, or told them that it cannot: who asks for what decides that, so
    /// the probe has the last word.
    Doubt,
    /// It had no room.
    Crowded,
    /// Nothing.
    Nothing,
}

impl Word {
    /// What a visitor's request tells. A fault of one page tells nothing of the rest; but who says
    /// that the gateway has nobody behind it, or is not available, is not there for visitors.
    pub(super) fn of(outcome: Outcome, status: Option<StatusCode>, took: Duration) -> Self {
        match outcome {
            Outcome::Answered => match status.map(|status| status.as_u16()) {
                Some(502..=504) => Self::Doubt,
                Some(500..) => Self::Nothing,
                _ => Self::Answered(took),
            },
            Outcome::Unreachable => Self::Fault,
            Outcome::Silent | Outcome::Broken => Self::Doubt,
            Outcome::Crowded => Self::Crowded,
            Outcome::Share | Outcome::Body => Self::Nothing,
        }
    }

    /// What a probe tells: it asks for a page that always works.
    pub(super) fn of_probe(status: Option<StatusCode>, took: Duration) -> Self {
        match status {
            Some(status) if !status.is_server_error() => Self::Answered(took),
            _ => Self::Fault,
        }
    }
}

/// What is known of the origin.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// It has answered once.
    known: AtomicBool,
    /// Faults since the last answer.
    faults: AtomicU32,
    /// When the first of them was met, in coarse milliseconds.
    down_since: AtomicU64,
    /// When anything was last learned of it.
    heard_at: AtomicU64,
    /// Mean time to the head of an answer, in microseconds.
    mean_us: AtomicU64,
    /// When a request last found no connection.
    crowded_at: AtomicU64,
}

impl Health {
    /// Notes what was learned.
    pub(super) fn note(&self, word: Word, now: u64) {
        match word {
            Word::Answered(took) => {
                self.known.store(true, Relaxed);
                self.faults.store(0, Relaxed);
                self.down_since.store(NEVER, Relaxed);
                let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                let mean_us = self.mean_us.load(Relaxed);
                let mean_us = mean_us - mean_us / MEAN_PARTS + took_us / MEAN_PARTS;
                self.mean_us.store(mean_us, Relaxed);
            }
            Word::Fault => {
                if self.faults.fetch_add(1, Relaxed) == 0 {
                    self.down_since.store(now, Relaxed);
                }
            }
            Word::Doubt => {
                let one_less = |faults| (faults + 1 < FAULTS_MAX).then_some(faults + 1);
                if self.faults.fetch_update(Relaxed, Relaxed, one_less) == Ok(0) {
                    self.down_since.store(now, Relaxed);
                }
            }
            Word::Crowded => self.crowded_at.store(now, Relaxed),
            Word::Nothing => return,
        }
        self.heard_at.store(now, Relaxed);
    }

    /// What follows from it. An origin that never answered is down with its first fault: a start
    /// calls nobody to a shop that is not there.
    pub(super) fn view(&self, now: u64) -> OriginHealth {
        let since = self.down_since.load(Relaxed);
        let faults_max = if self.known.load(Relaxed) { FAULTS_MAX } else { 1 };
        let crowded_at = self.crowded_at.load(Relaxed);
        if self.faults.load(Relaxed) >= faults_max && since != NEVER {
            OriginHealth::Down { for_ms: now.saturating_sub(since) }
        } else if crowded_at != NEVER && now.saturating_sub(crowded_at) < CROWDED_MS {
            OriginHealth::Crowded
        } else if self.mean_us.load(Relaxed) >= SLOW_US {
            OriginHealth::Slow
        } else {
            OriginHealth::Well
        }
    }

    /// Whether it is to be asked: nobody knows how it does, or it may be down.
    pub(super) fn asks(&self, now: u64) -> bool {
        let quiet_ms = now.saturating_sub(self.heard_at.load(Relaxed));
        !self.known.load(Relaxed) || self.faults.load(Relaxed) > 0 || quiet_ms >= QUIET_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Word = Word::Answered(Duration::from_millis(20));

    #[test]
    fn an_origin_is_down_after_faults_in_a_row_and_well_again_with_its_first_answer() {
        let health = Health::default();
        for (word, now, view) in [
            (SHORT, 10, OriginHealth::Well),
            (Word::Fault, 20, OriginHealth::Well),
            (SHORT, 30, OriginHealth::Well),
            (Word::Fault, 40, OriginHealth::Well),
            (Word::Nothing, 45, OriginHealth::Well),
            (Word::Fault, 50, OriginHealth::Well),
            (Word::Fault, 60, OriginHealth::Down { for_ms: 20 }),
            (Word::Fault, 90, OriginHealth::Down { for_ms: 50 }),
            (SHORT, 95, OriginHealth::Well),
        ] {
            health.note(word, now);
            assert_eq!(health.view(now), view, "{word:?} at {now}");
        }
    }

    #[test]
    fn what_visitors_meet_alone_is_no_outage_and_the_probe_s_next_fault_is_one() {
        let health = Health::default();
        health.note(SHORT, 10);
        (20..90).for_each(|now| health.note(Word::Doubt, now));
        assert_eq!(health.view(90), OriginHealth::Well);
        assert!(health.asks(90), "the probe decides");
        health.note(Word::Fault, 90);
        assert_eq!(health.view(95), OriginHealth::Down { for_ms: 75 });
    }

    #[test]
    fn an_origin_that_never_answered_is_down_with_its_first_fault() {
        let health = Health::default();
        assert_eq!(health.view(10), OriginHealth::Well, "nothing is known against it");
        health.note(Word::Fault, 20);
        assert_eq!(health.view(20), OriginHealth::Down { for_ms: 0 });
    }

    #[test]
    fn an_origin_is_slow_while_its_answers_take_long_and_crowded_for_a_while_after_it_had_no_room()
    {
        let health = Health::default();
        let note = |seconds| health.note(Word::Answered(Duration::from_secs(seconds)), 1);
        (0..20).for_each(|_| note(5));
        assert_eq!(health.view(1), OriginHealth::Slow);
        (0..20).for_each(|_| note(0));
        assert_eq!(health.view(1), OriginHealth::Well);
        health.note(Word::Crowded, 2);
        health.note(SHORT, 3);
        assert_eq!(health.view(1 + CROWDED_MS), OriginHealth::Crowded);
        assert_eq!(health.view(2 + CROWDED_MS), OriginHealth::Well);
    }

    #[test]
    fn an_origin_is_asked_while_it_is_unknown_suspect_or_quiet() {
        let health = Health::default();
        assert!(health.asks(1), "unknown");
        health.note(SHORT, 10);
        assert!(!health.asks(9 + QUIET_MS) && health.asks(10 + QUIET_MS), "quiet");
        health.note(Word::Fault, 20);
        assert!(health.asks(21), "suspect");
        health.note(SHORT, 30);
        assert!(!health.asks(31));
    }

    #[test]
    fn what_the_origin_says_of_itself_counts_and_a_page_with_a_fault_does_not() {
        let took = Duration::from_millis(20);
        let of = |status| {
            let status = StatusCode::from_u16(status).expect("a status");
            let visitor = Word::of(Outcome::Answered, Some(status), took);
            (visitor, Word::of_probe(Some(status), took))
        };
        for status in [200, 304, 404, 403] {
            assert_eq!(of(status), (SHORT, SHORT), "{status}");
        }
        assert_eq!(of(500), (Word::Nothing, Word::Fault));
        assert_eq!(of(503), (Word::Doubt, Word::Fault));
        assert_eq!(Word::of_probe(None, took), Word::Fault);
    }
}
