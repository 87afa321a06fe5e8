//! How fast the queue moves: what an estimated wait is made of.
//!
//! The wait of a visitor is their position, times the share of those ahead who are still here, over
//! the calls of the last minute. Unknown is absent: with no calls lately there is no estimate.

use std::collections::VecDeque;

use stanchion_domain::time::{SaleTime, Span};

use super::limits::CALL_RATE_SPAN_MS;

/// What everybody's wait is computed from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Estimate {
    /// Share of those who wait that was seen lately, in thousandths.
    pub present_permille: Option<u32>,
    /// Calls in the last minute of sale time, if there was a whole one.
    pub calls_per_minute: Option<u32>,
}

/// Counts calls over the last minute.
#[derive(Default)]
pub(super) struct Rate {
    calls: VecDeque<(SaleTime, u32)>,
    in_span: u32,
    first_at: Option<SaleTime>,
    present_permille: Option<u32>,
}

impl Rate {
    pub(super) fn called(&mut self, at: SaleTime, calls: u32) {
        self.first_at.get_or_insert(at);
        self.in_span += calls;
        match self.calls.back_mut() {
            Some((newest, count)) if at.since(*newest) < Span(1_000) => *count += calls,
            _ => self.calls.push_back((at, calls)),
        }
    }

    pub(super) fn present(&mut self, present: Option<u32>, waiting: u32) {
        if let Some(present) = present {
            let share = u64::from(present) * 1_000 / u64::from(waiting.max(1));
            self.present_permille = (waiting > 0).then(|| share.min(1_000) as u32);
        }
    }

    pub(super) fn estimate(&mut self, now: SaleTime) -> Estimate {
        while let Some((at, calls)) = self.calls.front().copied() {
            if now.since(at).0 <= CALL_RATE_SPAN_MS {
                break;
            }
            self.in_span -= calls;
            self.calls.pop_front();
        }
        let whole = self.first_at.is_some_and(|at| now.since(at).0 >= CALL_RATE_SPAN_MS);
        Estimate {
            present_permille: self.present_permille,
            calls_per_minute: (whole && self.in_span > 0).then_some(self.in_span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_known_after_a_whole_minute_and_forgets_what_is_older() {
        let mut rate = Rate::default();
        assert_eq!(rate.estimate(SaleTime(0)).calls_per_minute, None);
        for second in 0..60 {
            rate.called(SaleTime(second * 1_000), 5);
        }
        assert_eq!(rate.estimate(SaleTime(59_000)).calls_per_minute, None);
        assert_eq!(rate.estimate(SaleTime(60_000)).calls_per_minute, Some(300));
        assert_eq!(rate.estimate(SaleTime(90_000)).calls_per_minute, Some(150));
        assert_eq!(rate.estimate(SaleTime(200_000)).calls_per_minute, None);
    }

    #[test]
    fn nobody_waiting_means_no_share() {
        let mut rate = Rate::default();
        rate.present(Some(0), 0);
        assert_eq!(rate.estimate(SaleTime(0)).present_permille, None);
        rate.present(Some(25), 100);
        assert_eq!(rate.estimate(SaleTime(0)).present_permille, Some(250));
    }
}
