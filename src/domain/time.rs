//! Sale time, spans and wall time: three types that cannot be mixed up.
//!
//! Every deadline is an instant of sale time, the time during which we were able to serve.
//! Wall time only opens a sale and is shown to people. Nothing here reads a clock.

use crate::limits::CLOCK_GAP_MS_MAX;

/// An instant of sale time: milliseconds served since the sale was created.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SaleTime(pub u64);

/// A length of sale time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(pub u64);

/// An instant of wall time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct WallTime(pub i64);

/// What a decision is told about time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// Sale time; never goes back.
    pub sale: SaleTime,
    /// Wall time; may jump. Used to open a sale and to stamp what people read.
    pub wall: WallTime,
}

impl SaleTime {
    /// The instant `span` later.
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The time from `earlier` until this instant; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// A span of whole seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds * 1_000)
    }
}

/// Turns monotonic readings into sale time.
///
/// Adds the time between two readings, except where it exceeds [`CLOCK_GAP_MS_MAX`]: then the
/// process was stopped, suspended or starved, nobody could be served, and nothing is added.
#[derive(Clone, Debug)]
pub struct SaleClock {
    now: SaleTime,
    read_at_ms: u64,
    frozen: bool,
}

/// What one reading did to a [`SaleClock`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advance {
    /// Sale time moved on by the time that passed (by nothing, if frozen).
    Ran,
    /// An outage of this many monotonic milliseconds ended; sale time did not move.
    Outage(u64),
}

impl SaleClock {
    /// A clock that resumes at `now`, first read at `read_at_ms` of the monotonic clock.
    pub fn resume(now: SaleTime, read_at_ms: u64) -> Self {
        Self { now, read_at_ms, frozen: false }
    }

    /// The current sale time.
    pub fn now(&self) -> SaleTime {
        self.now
    }

    /// Stops or restarts sale time, by order of an operator or because the journal is unhealthy.
    pub fn set_frozen(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Takes a reading of the monotonic clock in milliseconds. Readings that go back add nothing.
    pub fn advance(&mut self, read_at_ms: u64) -> Advance {
        let before = self.now;
        let passed_ms = read_at_ms.saturating_sub(self.read_at_ms);
        self.read_at_ms = self.read_at_ms.max(read_at_ms);
        if passed_ms > CLOCK_GAP_MS_MAX {
            return Advance::Outage(passed_ms);
        }
        if !self.frozen {
            self.now = self.now.after(Span(passed_ms));
        }
        assert!(self.now >= before, "sale time never goes back");
        assert!(self.now.since(before).0 <= CLOCK_GAP_MS_MAX, "sale time never jumps");
        Advance::Ran
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_longer_than_the_limit_is_not_added() {
        let mut clock = SaleClock::resume(SaleTime(500), 1_000);
        assert_eq!(clock.advance(3_000), Advance::Ran);
        assert_eq!(clock.now(), SaleTime(2_500));
        assert_eq!(clock.advance(5_001), Advance::Outage(2_001));
        assert_eq!(clock.now(), SaleTime(2_500));
        assert_eq!(clock.advance(5_101), Advance::Ran);
        assert_eq!(clock.now(), SaleTime(2_600));
    }

    #[test]
    fn a_frozen_clock_stands_still_and_does_not_catch_up() {
        let mut clock = SaleClock::resume(SaleTime(0), 0);
        clock.set_frozen(true);
        assert_eq!(clock.advance(1_500), Advance::Ran);
        clock.set_frozen(false);
        assert_eq!(clock.advance(1_600), Advance::Ran);
        assert_eq!(clock.now(), SaleTime(100));
    }

    #[test]
    fn a_reading_that_goes_back_adds_nothing() {
        let mut clock = SaleClock::resume(SaleTime(0), 1_000);
        assert_eq!(clock.advance(400), Advance::Ran);
        assert_eq!(clock.advance(1_200), Advance::Ran);
        assert_eq!(clock.now(), SaleTime(200));
    }
}
