//! Sale time as people read it: an instant of the wall clock, or nothing while time stands still.
//!
//! One projection holds for a whole board, and stays until the clocks have drifted apart by more
//! than people would notice; so a deadline that did not move is not written anew at each tick.

use jiff::Timestamp;
use stanchion_domain::time::{SaleTime, WallTime};

/// Sale time and wall time may drift apart by so much before deadlines are written anew.
const DRIFT_MS_MAX: u64 = 1_000;

/// 0000-01-01T00:00:00Z, the first instant that RFC 3339 can write; jiff stops after the last.
const YEAR_ZERO: WallTime = WallTime(-62_167_219_200_000);

/// The same instant on both clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Projection {
    /// Sale time of the picture.
    pub sale_now: SaleTime,
    /// Wall time of the picture.
    pub wall_now: WallTime,
}

/// How far wall time is ahead of sale time; `None` while sale time stands still, since then nobody
/// knows when a deadline will come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ahead(Option<i64>);

impl Projection {
    /// How far wall time is ahead, as long as sale time runs.
    pub(super) fn ahead(self, running: bool) -> Ahead {
        let sale_ms = i64::try_from(self.sale_now.0).unwrap_or(i64::MAX);
        Ahead(running.then(|| self.wall_now.0.saturating_sub(sale_ms)))
    }
}

impl Ahead {
    /// Nobody knows.
    pub(super) const STILL: Self = Self(None);

    /// What holds from now on: this, or `new` if the difference can be seen.
    pub(super) fn follow(self, new: Self) -> Self {
        match (self.0, new.0) {
            (Some(old_ms), Some(new_ms)) if old_ms.abs_diff(new_ms) <= DRIFT_MS_MAX => self,
            _ => new,
        }
    }

    /// A deadline for people, rounded up to the second; absent if nobody knows.
    pub(super) fn wall(self, deadline_at: SaleTime) -> Option<Timestamp> {
        let sale_ms = i64::try_from(deadline_at.0).ok()?;
        let wall_ms = self.0?.checked_add(sale_ms)?;
        let seconds = wall_ms.checked_add(999)?.div_euclid(1_000);
        instant(WallTime(seconds.checked_mul(1_000)?))
    }
}

/// A wall time for people; absent if it lies outside the years that RFC 3339 can write.
pub(super) fn instant(wall: WallTime) -> Option<Timestamp> {
    Timestamp::from_millisecond(wall.0).ok().filter(|_| wall >= YEAR_ZERO)
}
