//! The sale's clock as its writer reads it.
//!
//! Sale time stands still while an operator froze it, while a write is stuck and while the journal
//! is down; an outage that ended is told, so that deadlines get their grace. Decides nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stanchion_domain::time::{Advance, Now, SaleClock, SaleTime, WallTime};

use super::limits::{WALL_DRIFT_MS_MAX, WRITE_STALL_MS};
use crate::clock::Clock;

/// Turns readings of the machine's clocks into the time that decisions are made by.
pub(super) struct Timing {
    clock: Clock,
    sale: SaleClock,
    wall: WallGuard,
    /// When the write under way began; 0 while there is none.
    writing_since_ms: Arc<AtomicU64>,
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
    pub(super) fn new(from: SaleTime, clock: Clock, writing_since_ms: Arc<AtomicU64>) -> Self {
        let read_at_ms = clock.monotonic_ms();
        let sale = SaleClock::resume(from, read_at_ms);
        let wall = WallGuard::new(clock.wall(), read_at_ms);
        Self { clock, sale, wall, writing_since_ms, stalled: false }
    }

    /// Reads the clocks. `frozen`: an operator had stopped sale time since the last reading.
    pub(super) fn read(&mut self, frozen: bool) -> Reading {
        let at_ms = self.clock.monotonic_ms();
        self.sale.set_frozen(frozen || self.stalled);
        let gap = matches!(self.sale.advance(at_ms), Advance::Outage(_));
        let stuck = self.write_is_stuck(at_ms);
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

    fn write_is_stuck(&self, at_ms: u64) -> bool {
        // Relaxed: see `Committer::append`.
        let since_ms = self.writing_since_ms.load(Ordering::Relaxed);
        since_ms > 0 && at_ms.saturating_sub(since_ms) > WRITE_STALL_MS
    }
}

/// Distrusts wall time that jumps ahead: a sale is not opened early by somebody setting the clock.
struct WallGuard {
    wall: WallTime,
    read_at_ms: u64,
    distrusted: bool,
}

impl WallGuard {
    fn new(wall: WallTime, read_at_ms: u64) -> Self {
        Self { wall, read_at_ms, distrusted: false }
    }

    /// The wall time to decide by: what the clock says, unless it ran ahead of the monotonic clock
    /// by more than drift explains; then what the monotonic clock says.
    fn read(&mut self, wall: WallTime, read_at_ms: u64) -> WallTime {
        let passed_ms = read_at_ms.saturating_sub(self.read_at_ms);
        let expected = WallTime(self.wall.0.saturating_add_unsigned(passed_ms));
        let ahead_ms = wall.0.saturating_sub(expected.0);
        if ahead_ms > WALL_DRIFT_MS_MAX as i64 {
            if !std::mem::replace(&mut self.distrusted, true) {
                tracing::warn!(ahead_ms, "the wall clock jumped ahead and is not believed");
            }
            return expected;
        }
        *self = Self::new(wall, read_at_ms);
        wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_jumps_ahead_is_not_believed() {
        let mut guard = WallGuard::new(WallTime(1_000_000), 0);
        assert_eq!(guard.read(WallTime(1_001_200), 1_000), WallTime(1_001_200));
        assert_eq!(guard.read(WallTime(4_601_200), 1_100), WallTime(1_001_300));
        assert_eq!(guard.read(WallTime(4_602_200), 2_100), WallTime(1_002_300));
    }

    #[test]
    fn a_wall_clock_that_is_set_back_is_believed() {
        let mut guard = WallGuard::new(WallTime(10_000_000), 0);
        assert_eq!(guard.read(WallTime(6_400_000), 1_000), WallTime(6_400_000));
        assert_eq!(guard.read(WallTime(6_401_000), 2_000), WallTime(6_401_000));
    }
}
