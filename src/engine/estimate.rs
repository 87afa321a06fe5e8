//! How fast the queue moves: what an estimated wait is made of.
//!
//! The wait of a visitor is their position, times the share of those ahead who are still here, over
//! the calls of the last minute. Unknown is absent: with no calls lately there is no estimate.

use std::collections::VecDeque;

use stanchion_domain::time::{SaleTime, Span};

use super::limits::CALL_RATE_SPAN_MS;
use crate::board::wire::Estimate;

/// Counts calls over the last minute.
#[derive(Default)]
pub(super) struct Rate {
    calls: VecDeque<(SaleTime, u32)>,
    in_span: u32,
    first_at: Option<SaleTime>,
    present_percent: Option<u8>,
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
            let share = u64::from(present) * 100 / u64::from(waiting.max(1));
            self.present_percent =
                (waiting > 0).then(|| u8::try_from(share).unwrap_or(100).min(100));
        }
    }

    pub(super) fn estimate(&mut self, now: SaleTime) -> Option<Estimate> {
        while let Some((at, calls)) = self.calls.front().copied() {
            if now.since(at).0 <= CALL_RATE_SPAN_MS {
                break;
            }
            self.in_span -= calls;
            self.calls.pop_front();
        }
        let whole = self.first_at.is_some_and(|at| now.since(at).0 >= CALL_RATE_SPAN_MS);
        let known = whole && self.in_span > 0;
        let calls_per_minute = known.then_some(self.in_span)?;
        Some(Estimate { present_percent: self.present_percent?, calls_per_minute })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls_per_minute(rate: &mut Rate, at_ms: u64) -> Option<u32> {
        rate.estimate(SaleTime(at_ms)).map(|estimate| estimate.calls_per_minute)
    }

    #[test]
    fn a_rate_is_known_after_a_whole_minute_and_forgets_what_is_older() {
        let mut rate = Rate::default();
        rate.present(Some(100), 100);
        assert_eq!(calls_per_minute(&mut rate, 0), None);
        for second in 0..60 {
            rate.called(SaleTime(second * 1_000), 5);
        }
        assert_eq!(calls_per_minute(&mut rate, 59_000), None);
        assert_eq!(calls_per_minute(&mut rate, 60_000), Some(300));
        assert_eq!(calls_per_minute(&mut rate, 90_000), Some(150));
        assert_eq!(calls_per_minute(&mut rate, 200_000), None);
    }

    #[test]
    fn nobody_waiting_means_no_estimate() {
        let mut rate = Rate::default();
        rate.called(SaleTime(0), 60);
        rate.present(Some(0), 0);
        assert_eq!(rate.estimate(SaleTime(60_000)), None);
        rate.present(Some(25), 100);
        let estimate = Estimate { present_percent: 25, calls_per_minute: 60 };
        assert_eq!(rate.estimate(SaleTime(60_000)), Some(estimate));
    }
}
