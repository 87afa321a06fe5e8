//! The writer's thread: takes requests from the backlog, decides them in batches, hands batches on.
//!
//! While one batch is on its way to disk the next is being decided; nothing waits but for the disk.
//! Owns the sale's clock: sale time stands still while an operator froze it, while a write is
//! stuck, and while the journal is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Select, Sender, TryRecvError};
use stanchion_domain::change::Change;
use stanchion_domain::queue::places::Places;
use stanchion_domain::time::{Advance, Now, SaleClock, WallTime};

use super::ask::{Asked, Declined};
use super::commit::decline;
use super::decider::{Batch, Decider};
use super::limits::WRITE_STALL_MS;
use super::limits::{BATCH_REQUESTS_MAX, BOARD_MS, ESTIMATE_MS, TICK_MS, WALL_DRIFT_MS_MAX};
use super::presence::Seen;
use super::published::Published;
use super::recovery::Recovered;
use crate::clock::Clock;

/// What the writer is connected to.
pub(super) struct Wires {
    pub(super) backlog: Receiver<Asked>,
    pub(super) batches: Sender<Batch>,
    pub(super) recovered: Receiver<Recovered>,
    pub(super) published: Arc<Published>,
    pub(super) writing_since_ms: Arc<AtomicU64>,
    pub(super) clock: Clock,
}

/// The writer of one sale.
pub(super) struct Writer {
    decider: Decider,
    wires: Wires,
    time: SaleClock,
    wall: WallGuard,
    /// Monotonic times of what happens at a rhythm.
    next_tick_ms: u64,
    next_board_ms: u64,
    next_estimate_ms: u64,
    stalled: bool,
}

impl Writer {
    pub(super) fn new(decider: Decider, wires: Wires) -> Self {
        let read_at_ms = wires.clock.monotonic_ms();
        Self {
            time: SaleClock::resume(decider.sale().now(), read_at_ms),
            wall: WallGuard::new(wires.clock.wall(), read_at_ms),
            decider,
            wires,
            next_tick_ms: 0,
            next_board_ms: 0,
            next_estimate_ms: 0,
            stalled: false,
        }
    }

    /// Runs until nobody can ask any more, or the committer is gone.
    pub(super) fn run(mut self) {
        loop {
            let open = self.take_requests();
            if !self.wires.published.health.well() {
                self.wait_for_recovery();
                continue;
            }
            let now = self.read_time();
            self.tick_if_due(now);
            if !open {
                return self.stop(now);
            }
            if self.hand_on(now).is_err() {
                return;
            }
        }
    }

    /// Waits for something to do, then decides all requests that are there; false once nobody can
    /// ask any more.
    fn take_requests(&mut self) -> bool {
        self.wait();
        // Read once: what is there is decided within milliseconds.
        let now = self.read_time();
        while self.decider.answers() < BATCH_REQUESTS_MAX {
            match self.wires.backlog.try_recv() {
                Ok(asked) => self.decide(asked, now),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    /// Until a request comes, the next tick is due, or a batch that is ready can be handed on.
    fn wait(&self) {
        let read_at_ms = self.wires.clock.monotonic_ms();
        let wait_ms = self.next_tick_ms.saturating_sub(read_at_ms).min(TICK_MS);
        let mut select = Select::new();
        if self.decider.answers() < BATCH_REQUESTS_MAX {
            select.recv(&self.wires.backlog);
        }
        if !self.decider.idle() {
            select.send(&self.wires.batches);
        }
        let _ = select.ready_timeout(Duration::from_millis(wait_ms));
    }

    fn decide(&mut self, asked: Asked, now: Now) {
        if !self.wires.published.health.well() {
            let _ = asked.answer.send(Err(Declined::Down));
            return;
        }
        self.decider.ask(asked, now);
    }

    /// Reads the clocks; an outage that ended is recorded before anything else is decided.
    fn read_time(&mut self) -> Now {
        let read_at_ms = self.wires.clock.monotonic_ms();
        let wall = self.wall.read(self.wires.clock.wall(), read_at_ms);
        // Relaxed: see `Committer::append`.
        let writing_since_ms = self.wires.writing_since_ms.load(Ordering::Relaxed);
        let stuck =
            writing_since_ms > 0 && read_at_ms.saturating_sub(writing_since_ms) > WRITE_STALL_MS;
        let outage = self.time.advance(read_at_ms);
        let frozen = self.decider.sale().operations().frozen || stuck;
        self.time.set_frozen(frozen);
        let now = Now { sale: self.time.now(), wall };
        let ended = std::mem::replace(&mut self.stalled, stuck) && !stuck;
        if ended || matches!(outage, Advance::Outage(_)) {
            tracing::warn!(?outage, stuck_write = ended, "an outage ended: deadlines get a grace");
            self.decider.record(Change::Resumed, None, now);
        }
        now
    }

    fn tick_if_due(&mut self, now: Now) {
        let read_at_ms = self.wires.clock.monotonic_ms();
        if read_at_ms < self.next_tick_ms {
            return;
        }
        let places = self.wires.published.places.clone();
        let more = self.decider.tick(now, &Seen(&places));
        self.next_tick_ms = if more { read_at_ms } else { read_at_ms + TICK_MS };
        if read_at_ms >= self.next_board_ms {
            self.next_board_ms = read_at_ms + BOARD_MS;
            let present = self.count_present(now, read_at_ms, &places);
            self.decider.picture(now, &Seen(&places), present);
        }
    }

    fn count_present(&mut self, now: Now, read_at_ms: u64, places: &Places) -> Option<u32> {
        if read_at_ms < self.next_estimate_ms {
            return None;
        }
        self.next_estimate_ms = read_at_ms + ESTIMATE_MS;
        let sale = self.decider.sale();
        let span = sale.definition().policy.presence_span;
        Some(places.present(sale.line().front(), now.sale, span))
    }

    /// Hands the batch to the committer if that is free; else it grows while the other is written.
    fn hand_on(&mut self, now: Now) -> Result<(), ()> {
        let mut select = Select::new();
        select.send(&self.wires.batches);
        if self.decider.idle() || select.try_ready().is_err() {
            return Ok(());
        }
        let batch = self.decider.take(now);
        self.wires.batches.send(batch).map_err(|gone| decline(gone.0, Declined::Stopping))
    }

    /// The journal is down: nothing can be decided on a state that may not be true. Declines what
    /// is asked, and goes on with the state that the journal turns out to hold.
    fn wait_for_recovery(&mut self) {
        let now = self.read_time();
        decline(self.decider.take(now), Declined::Down);
        let waited = self.wires.recovered.recv_timeout(Duration::from_millis(TICK_MS));
        self.time.advance(self.wires.clock.monotonic_ms());
        if let Ok(Recovered { sale, head, term }) = waited {
            self.time = SaleClock::resume(sale.now(), self.wires.clock.monotonic_ms());
            self.decider = Decider::new(sale, head, term);
            let now = Now { sale: self.time.now(), wall: now.wall };
            self.decider.record(Change::Resumed, None, now);
        }
    }

    /// Leaves a last mark, so that the next start knows how far numbers and time went.
    fn stop(&mut self, now: Now) {
        let issued = self.wires.published.places.issued();
        self.decider.record(Change::Marked { issued }, None, now);
        let batch = self.decider.take(now);
        let _ = self.wires.batches.send(batch);
    }
}

/// Distrusts wall time that jumps ahead: a sale is not opened early by somebody setting the clock.
struct WallGuard {
    wall: WallTime,
    read_at_ms: u64,
}

impl WallGuard {
    fn new(wall: WallTime, read_at_ms: u64) -> Self {
        Self { wall, read_at_ms }
    }

    /// The wall time to decide by: what the clock says, unless it ran ahead of the monotonic clock
    /// by more than drift explains; then what the monotonic clock says.
    fn read(&mut self, wall: WallTime, read_at_ms: u64) -> WallTime {
        let passed_ms = read_at_ms.saturating_sub(self.read_at_ms);
        let expected = WallTime(self.wall.0.saturating_add_unsigned(passed_ms));
        let ahead_ms = wall.0.saturating_sub(expected.0);
        if ahead_ms > WALL_DRIFT_MS_MAX as i64 {
            return expected;
        }
        *self = Self { wall, read_at_ms };
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
