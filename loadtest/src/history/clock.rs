//! The clock of a run: microseconds since it began, the same for all workers.

use std::time::{Duration, Instant};

/// When the run began, as this process reads its own clock.
///
/// Clocks of several machines differ: the coordinator widens what another process was told by all
/// that its clock may be off.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    began: Instant,
}

impl RunClock {
    /// Begins now.
    pub fn begin() -> Self {
        Self::beginning(Instant::now())
    }

    /// Begins, or began, at this instant.
    pub fn beginning(began: Instant) -> Self {
        Self { began }
    }

    /// Microseconds since the beginning; none before it.
    pub fn now_us(&self) -> u64 {
        micros(self.began.elapsed())
    }

    /// The instant of this process at which the run is so old.
    pub fn instant(&self, at_us: u64) -> Instant {
        self.began + Duration::from_micros(at_us)
    }
}

/// A span in microseconds; half a million years are enough.
pub fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
