//! The commit loop: one durable write after the other, and what happens when a write fails.
//!
//! A failed sync ends the process: nobody knows what is on disk. A full or read-only disk stops
//! selling; the journal is opened again until it can be written, and what it then holds is the
//! truth. One thread runs it; a simulation takes its steps one by one.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::ask::Declined;
use super::backlog::Backlog;
use super::commit::{Committer, decline};
use super::decider::Batch;
use super::handed::Handed;
use super::health::HealthState;
use super::limits::{HEALTH_MS, LOOK_MS, REOPEN_MS};
use super::recovery::{Recovered, begin, recover};
use crate::clock::Clock;
use crate::journal::fault::JournalFault;

/// Called once when the journal failed in a way that only a new process can mend.
pub type Fatal = Arc<dyn Fn(&JournalFault) + Send + Sync>;

/// What the committer is connected to.
pub(super) struct Wires {
    pub(super) handed: Arc<Handed>,
    /// Told after every batch.
    pub(super) backlog: Arc<Backlog>,
}

/// A committer, and what it does when its journal fails.
pub(super) struct CommitLoop {
    committer: Committer,
    wires: Wires,
    fatal: Fatal,
    clock: Clock,
    journal: JournalState,
    /// Whether it is recorded that this process serves.
    begun: bool,
    /// Counts faults: a batch that was decided before the last one is never committed.
    term: u64,
    next_look_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum JournalState {
    Well,
    /// Tried again now and then.
    Down,
    /// Failed for good: nothing is acknowledged any more.
    Lost,
}

impl CommitLoop {
    pub(super) fn new(committer: Committer, wires: Wires, fatal: Fatal, clock: Clock) -> Self {
        let journal = JournalState::Well;
        let (begun, term, next_look_ms) = (true, 0, 0);
        Self { committer, wires, fatal, clock, journal, begun, term, next_look_ms }
    }

    /// The journal could be read, and not written. `begun`: the first record of this process is in.
    pub(super) fn start_down(&mut self, fault: &JournalFault, begun: bool) {
        self.begun = begun;
        self.fail(fault);
    }

    /// Runs until the writer is gone.
    pub(super) fn run(mut self) {
        let at_most = Duration::from_millis(LOOK_MS);
        while let ControlFlow::Continue(next) = self.wires.handed.next(at_most) {
            if let Some(batch) = next {
                self.take(batch);
            }
            self.look();
        }
    }

    /// Commits a batch or declines it, and says that it is done.
    pub(super) fn take(&mut self, batch: Batch) {
        self.commit(batch);
        self.wires.backlog.set_committing(false);
    }

    /// Commits a batch, unless it was decided on a state that is not true any more.
    fn commit(&mut self, batch: Batch) {
        // Overdue after a stop: what was the journal before it may be somebody else's now.
        self.look();
        if self.journal != JournalState::Well || batch.term != self.term {
            return decline(batch, Declined::Down);
        }
        if let Err(fault) = self.committer.commit(batch) {
            self.fail(&fault);
        }
    }

    /// Asks a journal how it is, or opens it again, when it is time to.
    pub(super) fn look(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        if now_ms < self.next_look_ms {
            return;
        }
        match self.journal {
            JournalState::Well => {
                self.next_look_ms = now_ms + HEALTH_MS;
                if let Err(fault) = self.committer.journal().health() {
                    self.fail(&fault);
                }
            }
            JournalState::Down => {
                self.next_look_ms = now_ms + REOPEN_MS;
                match self.reopen() {
                    Ok(recovered) => self.resume(recovered),
                    Err(fault) => self.fail(&fault),
                }
            }
            JournalState::Lost => {}
        }
    }

    /// Stops selling, until the journal can be written or for good.
    fn fail(&mut self, fault: &JournalFault) {
        let cause = describe(fault);
        if self.journal == JournalState::Well {
            self.term += 1;
            tracing::error!(fault = cause, "selling stops: the journal cannot be written");
        }
        self.committer.meter().healthy(false);
        let outward = fault.outward();
        let published = self.committer.published();
        published.health.set(HealthState::Down { cause, outward });
        published.show_halt();
        if fault.resumes() {
            self.journal = JournalState::Down;
        } else {
            tracing::error!("the journal failed for good: the process has to end");
            self.journal = JournalState::Lost;
            (self.fatal)(fault);
        }
    }

    /// Opens the journal again, rebuilds the sale from it, and shows readers what they had not seen
    /// of it.
    fn reopen(&mut self) -> Result<Recovered, JournalFault> {
        let journal = self.committer.journal();
        journal.reopen()?;
        journal.health()?;
        let history = journal.history();
        let (mut sale, mut head) =
            recover(&*history)?.expect("a journal that was written to holds its sale");
        if !self.begun {
            let (begun, at, records) =
                begin(Some((sale, head)), None, self.clock.wall())?.expect("there is a sale");
            journal.append(&records)?;
            (sale, head, self.begun) = (begun, at, true);
        }
        let mut late = Vec::new();
        history.read_from(self.committer.published().sequence() + 1, &mut |record| {
            late.push(record);
            ControlFlow::Continue(())
        })?;
        self.committer.show_late(&late, &sale);
        Ok(Recovered { sale, head, term: self.term })
    }

    /// Sells again. The writer finds the recovered state before it finds the journal well.
    fn resume(&mut self, recovered: Recovered) {
        tracing::info!(sequence = recovered.head.sequence, "the journal can be written again");
        self.journal = JournalState::Well;
        self.wires.backlog.recover(recovered);
        self.committer.meter().healthy(true);
        self.committer.published().health.set(HealthState::Well);
    }
}

/// A fault with what caused it.
pub(super) fn describe(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
impl CommitLoop {
    /// Where a simulation takes batches from.
    pub(super) fn handed(&self) -> &Arc<Handed> {
        &self.wires.handed
    }

    /// Where a simulation says that a write is under way.
    pub(super) fn writing(&self) -> &super::health::Writing {
        &self.committer.published().health.writing
    }
}
