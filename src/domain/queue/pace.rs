//! The pace of calling: so many a minute, with at most one second of burst.
//!
//! Owns nothing but two instants of sale time. It reads no clock and is told the pace each time, so
//! that a changed pace applies at once and a replay of the same changes ends in the same state.
//!
//! The rule is GCRA, the generic cell rate algorithm (ITU-T I.371): the instant at which the calls
//! made so far would be over at an even pace may run ahead of now by the burst, and no further.

use crate::limits::PACE_BURST_MS;
use crate::time::SaleTime;

const MINUTE_US: u64 = 60_000_000;
const BURST_US: u64 = PACE_BURST_MS * 1_000;

/// How far calling is ahead of an even pace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pace {
    /// When the calls made so far would be over at an even pace, in microseconds of sale time.
    pub next_at_us: u64,
    /// When the latest of them were made.
    pub took_at_us: u64,
}

impl Pace {
    /// How many may be called now, at `per_minute` calls a minute. One at least comes free after
    /// each interval, however slow the pace; none if the pace is zero.
    pub fn allowance(&self, now: SaleTime, per_minute: u32) -> u32 {
        if per_minute == 0 {
            return 0;
        }
        let now_us = now_us(now);
        let over_at_us = now_us + ahead_us_max(per_minute);
        let room_us = over_at_us.saturating_sub(self.next_at_us(now_us, per_minute));
        u32::try_from(room_us * u64::from(per_minute) / MINUTE_US).unwrap_or(u32::MAX)
    }

    /// Notes that `calls` were made now. A replayed change may exceed the allowance; it counts.
    pub fn took(&mut self, now: SaleTime, calls: u32, per_minute: u32) {
        let now_us = now_us(now);
        assert!(per_minute > 0, "nobody is called at a pace of zero");
        assert!(now_us >= self.took_at_us, "sale time never goes back");
        self.next_at_us = self.next_at_us(now_us, per_minute) + span_us(calls, per_minute);
        self.took_at_us = now_us;
    }

    /// When the calls made so far are over. Under a slower pace than this one they may have run far
    /// ahead; that debt is cut to what this pace would have allowed when they were made.
    fn next_at_us(&self, now_us: u64, per_minute: u32) -> u64 {
        self.next_at_us.min(self.took_at_us + ahead_us_max(per_minute)).max(now_us)
    }
}

/// How far ahead of now calls may run: the burst, or one interval where that is longer.
fn ahead_us_max(per_minute: u32) -> u64 {
    BURST_US.max(span_us(1, per_minute))
}

/// How long so many calls take at an even pace, rounded up so that the pace is never exceeded.
fn span_us(calls: u32, per_minute: u32) -> u64 {
    (u64::from(calls) * MINUTE_US).div_ceil(u64::from(per_minute))
}

fn now_us(now: SaleTime) -> u64 {
    now.0 * 1_000
}
