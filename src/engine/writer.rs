//! The writer: takes requests from the backlog, decides them in batches, hands batches on.
//!
//! While one batch is on its way to disk the next is being decided; nothing waits but for the disk.
//! One thread runs it; a simulation takes its turns one by one.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, TryRecvError};
use stanchion_domain::change::Change;
use stanchion_domain::queue::places::Places;
use stanchion_domain::time::Now;

use super::ask::{Asked, Declined};
use super::backlog::Backlog;
use super::commit::decline;
use super::decider::Decider;
use super::handed::Handed;
use super::limits::{BATCH_REQUESTS_MAX, BOARD_MS, ESTIMATE_MS, TICK_MS};
use super::published::Published;
use super::recovery::Recovered;
use super::timing::{Reading, Timing};
use crate::metrics::sale::SaleMetrics;

/// What the writer is connected to.
pub(super) struct Wires {
    pub(super) backlog: Arc<Backlog>,
    pub(super) handed: Arc<Handed>,
    /// Disconnected when it is time to stop.
    pub(super) stop: Receiver<()>,
    pub(super) published: Arc<Published>,
    pub(super) metrics: SaleMetrics,
}

/// The writer of one sale.
pub(super) struct Writer {
    decider: Decider,
    wires: Wires,
    timing: Timing,
    /// Requests that are being decided; kept to be filled again.
    taken: VecDeque<Asked>,
    /// Told to, and finishing what was asked before.
    stopping: bool,
    /// Monotonic times of what happens at a rhythm.
    next_tick_ms: u64,
    next_board_ms: u64,
    next_estimate_ms: u64,
}

impl Writer {
    pub(super) fn new(decider: Decider, timing: Timing, wires: Wires) -> Self {
        let (next_board_ms, next_estimate_ms) = (0, 0);
        let next_tick_ms = timing.monotonic_ms();
        Self {
            decider,
            wires,
            timing,
            taken: VecDeque::new(),
            stopping: false,
            next_tick_ms,
            next_board_ms,
            next_estimate_ms,
        }
    }

    /// Runs until it is told to stop.
    pub(super) fn run(mut self) {
        while self.turn().is_continue() {
            self.wait();
        }
    }

    /// Does all there is to do now.
    pub(super) fn turn(&mut self) -> ControlFlow<()> {
        self.stopping |= self.wires.stop.try_recv() == Err(TryRecvError::Disconnected);
        if !self.wires.published.health.well() {
            self.decline_everything();
            return if self.stopping { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        }
        // After the look at the health: the recovered state is sent before the journal is well.
        if let Some(recovered) = self.wires.backlog.recovered() {
            self.go_on_with(recovered);
        }
        // Read once: what is there is decided within milliseconds.
        let Reading { now, at_ms, .. } = self.read_time();
        let all = self.decide_requests(now);
        self.tick_if_due(now, at_ms);
        if self.stopping && all {
            return self.stop(now);
        }
        self.hand_on(now);
        ControlFlow::Continue(())
    }

    /// Waits until there is something to decide or to hand on, or the next tick is due.
    fn wait(&self) {
        let mut wait_ms = TICK_MS;
        if self.wires.published.health.well() {
            wait_ms = self.next_tick_ms.saturating_sub(self.timing.monotonic_ms()).min(TICK_MS);
        }
        self.wires.backlog.sleep(!self.decider.idle(), Duration::from_millis(wait_ms));
    }

    /// Decides the requests that are there, and says whether that was all.
    fn decide_requests(&mut self, now: Now) -> bool {
        let room = BATCH_REQUESTS_MAX.saturating_sub(self.decider.answers());
        let all = self.wires.backlog.take(room, &mut self.taken);
        // After they are taken: who asked about a number had been given it before.
        let issued = self.wires.published.places.issued();
        for asked in self.taken.drain(..) {
            self.decider.ask(asked, now, issued);
        }
        all
    }

    /// Reads the clocks; an outage that ended is recorded before anything else is decided.
    fn read_time(&mut self) -> Reading {
        let reading = self.timing.read(self.decider.sale().operations().frozen);
        if reading.resumed {
            self.decider.record(Change::Resumed, None, reading.now);
        }
        reading
    }

    fn tick_if_due(&mut self, now: Now, read_at_ms: u64) {
        let Some(late_ms) = read_at_ms.checked_sub(self.next_tick_ms) else { return };
        self.wires.metrics.writer.tick_late.record(late_ms as f64 / 1_000.0);
        let published = self.wires.published.clone();
        let more = self.decider.tick(now, &published.seen());
        self.next_tick_ms = if more { read_at_ms } else { read_at_ms + TICK_MS };
        if read_at_ms >= self.next_board_ms {
            self.next_board_ms = read_at_ms + BOARD_MS;
            let present = self.count_present(now, read_at_ms, &published.places);
            self.decider.picture(now, &published.seen(), present);
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
    fn hand_on(&mut self, now: Now) {
        if !self.decider.idle() && !self.wires.backlog.committing() {
            self.send(now);
        }
    }

    fn send(&mut self, now: Now) {
        self.wires.backlog.set_committing(true);
        self.wires.handed.put(self.decider.take(now));
    }

    /// The journal is down: nothing can be decided on a state that may not be true.
    fn decline_everything(&mut self) {
        decline(self.decider.take(Now::default()), Declined::Down);
        self.wires.backlog.take(usize::MAX, &mut self.taken);
        for asked in self.taken.drain(..) {
            let _ = asked.answer.send(Err(Declined::Down));
        }
    }

    /// Goes on with the state that the journal turned out to hold. Sale time goes on from what was
    /// shown last: neither the outage is counted, nor does it go back.
    fn go_on_with(&mut self, recovered: Recovered) {
        decline(self.decider.take(Now::default()), Declined::Down);
        let Recovered { sale, head, term } = recovered;
        let from = sale.now().max(self.wires.published.now().sale);
        let now = self.timing.resume(from);
        self.decider = Decider::new(sale, head, term);
        self.decider.record(Change::Resumed, None, now);
    }

    /// Leaves a last mark, so that the next start knows how far numbers and time went.
    fn stop(&mut self, now: Now) -> ControlFlow<()> {
        let issued = self.wires.published.places.issued();
        self.decider.record(Change::Marked { issued }, None, now);
        self.send(now);
        ControlFlow::Break(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.wires.backlog.close();
        self.wires.handed.close();
    }
}

#[cfg(test)]
impl Writer {
    /// The sale as decided so far, while nothing of it is waiting to be handed on, nor a picture.
    pub(super) fn settled(&self) -> Option<&stanchion_domain::sale::Sale> {
        self.decider.idle().then(|| self.decider.sale())
    }

    /// Whether sale time stands still by order of an operator.
    pub(super) fn frozen(&self) -> bool {
        self.decider.sale().operations().frozen
    }

    /// Sale time as it was last read.
    pub(super) fn sale_now(&self) -> stanchion_domain::time::SaleTime {
        self.timing.sale_now()
    }
}
