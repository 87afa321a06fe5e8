//! A journal in memory that several processes share, with a lease: for tests and simulation.
//!
//! Each handle stands for a process. An append goes in steps, as over a network, and a test may
//! come between any two of them. The lease is no lock here either: whoever appends is measured by
//! the newest record alone, so that a former holder is refused by its epoch, or not at all.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::MemoryJournal;
use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::{Head, History, Journal, Record};

/// The store that several processes share. Clones share it.
#[derive(Clone)]
pub struct SharedJournal {
    records: MemoryJournal,
    office: Arc<Office>,
    lease_ms: u64,
}

#[derive(Default)]
struct Office {
    register: Mutex<Register>,
    /// Told whenever something was added or given up.
    news: Condvar,
    between: Mutex<Option<Between>>,
}

#[derive(Default)]
struct Register {
    holder: Option<Holder>,
    /// Times that the lease was taken.
    tenures: u64,
}

struct Holder {
    name: String,
    tenure: u64,
    /// Grows with each sign of life.
    beats: u64,
}

/// How far an append has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Asked for; nothing was compared yet.
    Asked,
    /// It fits the newest record; nothing was added yet.
    Compared,
    /// It is in; nobody was told yet.
    Added,
}

/// Comes between the steps of an append, and may end it: after [`Step::Added`] the records stay,
/// and the writer does not know. It is not called for what it appends itself.
pub type Between = Box<dyn FnMut(Step) -> Result<(), JournalFault> + Send>;

impl SharedJournal {
    /// An empty store. A holder that is silent for `lease_ms` may be replaced.
    pub fn new(lease_ms: u64) -> Self {
        Self { records: MemoryJournal::default(), office: Arc::default(), lease_ms }
    }

    /// The handle of a process, which calls itself `name` and reads this clock.
    pub fn lease(&self, name: &str, clock: Clock) -> Box<dyn Lease> {
        Box::new(MemoryLease { shared: self.clone(), name: name.to_owned(), clock, watched: None })
    }

    /// Comes between the steps of all appends from now on.
    pub fn come_between(&self, between: Between) {
        *unpoisoned(&self.office.between) = Some(between);
    }

    /// Comes between no more.
    pub fn leave_alone(&self) {
        *unpoisoned(&self.office.between) = None;
    }

    /// The store goes back to the record of this sequence, as one restored from a copy does.
    pub fn go_back(&self, sequence: u64) {
        self.records.store().truncate(sequence);
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        unpoisoned(&self.office.register)
    }

    fn step(&self, step: Step) -> Result<(), JournalFault> {
        let Some(mut between) = unpoisoned(&self.office.between).take() else { return Ok(()) };
        let went = between(step);
        unpoisoned(&self.office.between).get_or_insert(between);
        went
    }
}

/// The handle of one process.
struct MemoryLease {
    shared: SharedJournal,
    name: String,
    clock: Clock,
    /// The holder's last sign of life, and when it was first seen.
    watched: Option<(u64, u64, u64)>,
}

impl MemoryLease {
    /// Who keeps the lease from us, if anybody does.
    fn holder(&mut self, register: &Register) -> Option<String> {
        let Holder { name, tenure, beats } = register.holder.as_ref()?;
        let now_ms = self.clock.monotonic_ms();
        let since_ms = match self.watched {
            Some((known, beaten, since_ms)) if (known, beaten) == (*tenure, *beats) => since_ms,
            _ => now_ms,
        };
        self.watched = Some((*tenure, *beats, since_ms));
        (now_ms - since_ms < self.shared.lease_ms).then(|| name.clone())
    }

    fn take_from(&mut self, seen: Head) -> Taking {
        let shared = self.shared.clone();
        let mut register = shared.register();
        if let Some(holder) = self.holder(&register) {
            return Taking::Held { holder };
        }
        let newest = shared.records.head();
        if newest.sequence < seen.sequence {
            return Taking::Short { newest, seen };
        }
        register.tenures += 1;
        let tenure = register.tenures;
        register.holder = Some(Holder { name: self.name.clone(), tenure, beats: 0 });
        drop(register);
        Taking::Taken(Box::new(Tenure { shared, tenure, head: newest, broken: false }))
    }
}

impl Lease for MemoryLease {
    fn open(&mut self) -> Result<(), JournalFault> {
        Ok(())
    }

    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.shared.records.clone())
    }

    fn wait(&mut self, head: Head, at_most: Duration) -> Result<(), JournalFault> {
        let nothing = |_: &mut Register| self.shared.records.head() == head;
        let waited =
            self.shared.office.news.wait_timeout_while(self.shared.register(), at_most, nothing);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    fn take(&mut self, seen: Head) -> Result<Taking, JournalFault> {
        Ok(self.take_from(seen))
    }

    fn take_short(&mut self) -> Result<Taking, JournalFault> {
        Ok(self.take_from(Head::default()))
    }
}

/// The journal of who took the lease.
struct Tenure {
    shared: SharedJournal,
    tenure: u64,
    /// What this process believes to be the newest record.
    head: Head,
    /// Nobody knows how the last append ended.
    broken: bool,
}

impl Tenure {
    /// Gives a sign of life, if it is still our lease.
    fn beat(&self) -> bool {
        let mut register = self.shared.register();
        let ours = register.holder.as_mut().filter(|holder| holder.tenure == self.tenure);
        ours.map(|holder| holder.beats += 1).is_some()
    }

    fn must_be_ours(&self) -> Result<(), JournalFault> {
        if self.beat() {
            return Ok(());
        }
        let newest = self.shared.records.head().epoch.max(self.head.epoch + 1);
        Err(JournalFault::Deposed { ours: self.head.epoch, newest })
    }

    fn must_reach(&self, newest: Head) -> Result<(), JournalFault> {
        let (newest, acknowledged) = (newest.sequence, self.head.sequence);
        if newest >= acknowledged {
            return Ok(());
        }
        Err(JournalFault::Behind { newest, acknowledged })
    }

    /// Why records that follow `self.head` do not fit, if they do not.
    fn compare(&self, epoch: u32) -> Result<(), JournalFault> {
        let newest = self.shared.records.head();
        self.must_reach(newest)?;
        if newest.epoch > epoch {
            return Err(JournalFault::Deposed { ours: epoch, newest: newest.epoch });
        }
        if newest != self.head {
            let (expected, got) = (newest.sequence + 1, self.head.sequence + 1);
            return Err(JournalFault::OutOfSequence { expected, got });
        }
        Ok(())
    }

    fn add(&mut self, records: &[Record], epoch: u32) -> Result<(), JournalFault> {
        self.shared.step(Step::Asked)?;
        self.compare(epoch)?;
        self.shared.step(Step::Compared)?;
        // Whoever came between is found by what is there now, as a store refuses an older id.
        self.compare(epoch)?;
        self.shared.records.append(records)?;
        self.shared.office.news.notify_all();
        self.shared.step(Step::Added)
    }
}

impl Journal for Tenure {
    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let next = self.head.after(records)?;
        if self.broken {
            return Err(JournalFault::Unreachable { what: "reopen it first".to_owned() });
        }
        let added = self.add(records, next.epoch);
        let refused = |fault: &JournalFault| {
            matches!(fault, JournalFault::OutOfSequence { .. } | JournalFault::Deposed { .. })
        };
        self.broken = added.as_ref().is_err_and(|fault| !refused(fault));
        added?;
        self.head = next;
        self.beat();
        Ok(())
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        self.must_be_ours()?;
        let newest = self.shared.records.head();
        self.must_reach(newest)?;
        (self.head, self.broken) = (newest, false);
        Ok(newest)
    }

    fn health(&self) -> Result<(), JournalFault> {
        self.must_be_ours()?;
        self.must_reach(self.shared.records.head())
    }

    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.shared.records.clone())
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        let mut register = self.shared.register();
        if register.holder.as_ref().is_some_and(|holder| holder.tenure == self.tenure) {
            register.holder = None;
        }
        drop(register);
        self.shared.office.news.notify_all();
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
