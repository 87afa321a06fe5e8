//! The sale's clock as its writer reads it.
//!
//! Sale time stands still while an operator froze it, while a write is stuck and while the journal
//! is down; an outage that ended is told, so that deadlines get their grace. Decides nothing.

use stanchion_domain::time::{Advance, Now, SaleClock, SaleTime, WallTime};

use super::health::Writing;
use super::limits::{WALL_BELIEF_MS, WALL_DRIFT_MS_MAX};
use crate::clock::Clock;

/// Turns readings of the machine's clocks into the time that decisions are made by.
pub(super) struct Timing {
    clock: Clock,
    sale: SaleClock,
    wall: WallGuard,
    writing: Writing,
    /// Whether that write was stuck when the clock was last read.
    stalled: bool,
}

/// One reading of the clocks.
pub(super) struct Reading {
    pub(super) now: Now,
    /// The monotonic clock.
    pub(super) at_ms: u64,
    /// An outage ended: to be recorded before anything else is decided.
    pub(super) resumed: bool,
}

impl Timing {
    /// Goes on at `from`.
    pub(super) fn new(from: SaleTime, clock: Clock, writing: Writing) -> Self {
        let read_at_ms = clock.monotonic_ms();
        let sale = SaleClock::resume(from, read_at_ms);
        let wall = WallGuard::new(clock.wall(), read_at_ms);
        Self { clock, sale, wall, writing, stalled: false }
    }

    /// Reads the clocks. `frozen`: an operator had stopped sale time since the last reading.
    pub(super) fn read(&mut self, frozen: bool) -> Reading {
        let at_ms = self.clock.monotonic_ms();
        self.sale.set_frozen(frozen || self.stalled);
        let gap = matches!(self.sale.advance(at_ms), Advance::Outage(_));
        let stuck = self.writing.stuck_ms(at_ms).is_some();
        let unstuck = std::mem::replace(&mut self.stalled, stuck) && !stuck;
        if gap || unstuck {
            tracing::warn!(gap, unstuck, "an outage ended: deadlines get a grace");
        }
        let now = Now { sale: self.sale.now(), wall: self.wall.read(self.clock.wall(), at_ms) };
        Reading { now, at_ms, resumed: gap || unstuck }
    }

    /// Goes on at `from` after a time that is not counted.
    pub(super) fn resume(&mut self, from: SaleTime) -> Now {
        let at_ms = self.clock.monotonic_ms();
        self.sale = SaleClock::resume(from, at_ms);
        self.stalled = false;
        Now { sale: from, wall: self.wall.read(self.clock.wall(), at_ms) }
    }

    /// The monotonic clock, without moving sale time.
    pub(super) fn monotonic_ms(&self) -> u64 {
        self.clock.monotonic_ms()
    }

    /// Sale time as it was last read.
    #[cfg(test)]
    pub(super) fn sale_now(&self) -> SaleTime {
        self.sale.now()
    }
}

/// Distrusts wall time that jumps ahead: a sale is not opened early by somebody setting the clock.
/// A jump that stays for [`WALL_BELIEF_MS`] was no slip, and is believed: after a suspended machine
/// it is the monotonic clock that is behind, and the sale would open late.
struct WallGuard {
    wall: WallTime,
    read_at_ms: u64,
    jump: Option<Jump>,
}

/// A jump that is not believed yet.
#[derive(Clone, Copy)]
struct Jump {
    ahead_ms: i64,
    /// Monotonic time at which it was first seen.
    seen_at_ms: u64,
}

impl WallGuard {
    fn new(wall: WallTime, read_at_ms: u64) -> Self {
        Self { wall, read_at_ms, jump: None }
    }

    /// The wall time to decide by: what the clock says, unless it ran ahead of the monotonic clock
    /// by more than drift explains; then, for a while, what the monotonic clock says.
    fn read(&mut self, wall: WallTime, read_at_ms: u64) -> WallTime {
        let passed_ms = read_at_ms.saturating_sub(self.read_at_ms);
        let expected = WallTime(self.wall.0.saturating_add_unsigned(passed_ms));
        let ahead_ms = wall.0.saturating_sub(expected.0);
        if ahead_ms > WALL_DRIFT_MS_MAX as i64 && !self.stays(ahead_ms, read_at_ms) {
            return expected;
        }
        if self.jump.is_some() {
            tracing::warn!("the wall clock is believed again");
        }
        *self = Self::new(wall, read_at_ms);
        wall
    }

    /// Whether the clock has been ahead by as much, but for drift, for long enough.
    fn stays(&mut self, ahead_ms: i64, read_at_ms: u64) -> bool {
        let same = |jump: &Jump| ahead_ms.abs_diff(jump.ahead_ms) <= WALL_DRIFT_MS_MAX;
        let Some(jump) = self.jump.filter(same) else {
            tracing::warn!(ahead_ms, "the wall clock jumped ahead and is not believed yet");
            self.jump = Some(Jump { ahead_ms, seen_at_ms: read_at_ms });
            return false;
        };
        read_at_ms.saturating_sub(jump.seen_at_ms) >= WALL_BELIEF_MS
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    /// How far ahead a clock is believed to be that is looked at every second.
    fn believed(guard: &mut WallGuard, s: Range<u64>, ahead: impl Fn(u64) -> i64) -> Vec<i64> {
        let looks = s.map(|s| s * 1_000);
        let read = |at_ms: u64| {
            let true_ms = 1_000_000 + at_ms as i64;
            guard.read(WallTime(true_ms + ahead(at_ms)), at_ms).0 - true_ms
        };
        looks.map(read).collect()
    }

    #[test]
    fn a_wall_clock_that_jumps_ahead_is_not_believed_until_it_has_stayed_so() {
        let mut guard = WallGuard::new(WallTime(1_000_000), 0);
        let belief_s = WALL_BELIEF_MS / 1_000;
        let seen = believed(&mut guard, 10..10 + belief_s, |_| 3_600_000);
        assert!(seen.iter().all(|ahead_ms| *ahead_ms == 0), "{seen:?}");
        let after = 10 + belief_s..20 + belief_s;
        assert_eq!(believed(&mut guard, after, |_| 3_600_000), [3_600_000; 10]);
    }

    #[test]
    fn a_wall_clock_that_jumps_to_and_fro_is_never_believed() {
        let mut guard = WallGuard::new(WallTime(1_000_000), 0);
        let strobe = |at_ms: u64| if at_ms.is_multiple_of(2_000) { 250_000 } else { 500_000 };
        let seen = believed(&mut guard, 1..WALL_BELIEF_MS / 300, strobe);
        assert!(seen.iter().all(|ahead_ms| *ahead_ms == 0), "{seen:?}");
    }

    #[test]
    fn a_wall_clock_that_is_set_back_is_believed() {
        let mut guard = WallGuard::new(WallTime(10_000_000), 0);
        assert_eq!(guard.read(WallTime(6_400_000), 1_000), WallTime(6_400_000));
        assert_eq!(guard.read(WallTime(6_401_000), 2_000), WallTime(6_401_000));
    }
}
