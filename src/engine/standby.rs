//! Stands by for one sale: follows its journal, and takes it over when the lease can be had.
//!
//! Takes steps and starts no thread: [`takeover`](super::takeover) does, and a simulation does not.
//! Nothing is read from the start when it takes over: the sale is at hand, a record behind at most.

use std::sync::Arc;
use std::time::Duration;

use stanchion_domain::sale::definition::Definition;

use super::committer::{Fatal, describe};
use super::follower::Follower;
use super::limits::{HEALTH_MS, TAKEOVER_TRIES_MAX};
use super::opening::{Around, Begun, Opened, join};
use super::recovery::{first, started};
use super::vigil::{Seen, Vigil, Waits};
use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::{Journal, Record};
use crate::metrics::Metrics;

/// What a sale is stood by with.
pub struct Parts {
    /// Its journal, and who may write it.
    pub lease: Box<dyn Lease>,
    /// What creates it, if the journal is empty.
    pub definition: Arc<Definition>,
    /// What tells the time.
    pub clock: Clock,
    /// Where it is counted.
    pub registry: Arc<Metrics>,
    /// Called once if the journal fails for good while it is written.
    pub fatal: Fatal,
}

/// One sale that is stood by for.
pub struct Standby {
    lease: Box<dyn Lease>,
    /// Whether the journal was looked at, and found to be fit.
    opened: bool,
    follower: Follower,
    /// Once the lease is held.
    journal: Option<Box<dyn Journal>>,
    definition: Arc<Definition>,
    pub(super) clock: Clock,
    pub(super) registry: Arc<Metrics>,
    fatal: Fatal,
    vigil: Arc<Vigil>,
    /// Monotonic times.
    current_at_ms: Option<u64>,
    next_look_ms: u64,
}

impl Standby {
    /// Reads nothing yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { lease, definition, clock, registry, fatal } = parts;
        let id = definition.id.clone();
        Self {
            follower: Follower::new(lease.history()),
            lease,
            opened: false,
            journal: None,
            vigil: Vigil::new(id.clone(), registry.sale(&id).role),
            definition,
            clock,
            registry,
            fatal,
            current_at_ms: None,
            next_look_ms: 0,
        }
    }

    /// What operators see of it.
    pub fn vigil(&self) -> &Arc<Vigil> {
        &self.vigil
    }

    /// Whether the lease is held.
    pub(super) fn holds(&self) -> bool {
        self.journal.is_some()
    }

    /// Waits for records for so long at most, and applies those that came. The first time, it finds
    /// out whether the journal may be served at all.
    ///
    /// # Faults
    /// Those of reading: ask again, after a while, unless the sale is then [unfit](Self::unfit).
    pub(super) fn follow(&mut self, at_most: Duration) -> Result<(), JournalFault> {
        let followed = self.read_on(at_most);
        self.told(followed)
    }

    /// Whether this fault means that the sale must not be served from this journal. Once it could,
    /// whatever happens is waited for.
    pub(super) fn unfit(&self, fault: &JournalFault) -> bool {
        !self.opened && !fault.passes()
    }

    fn read_on(&mut self, at_most: Duration) -> Result<(), JournalFault> {
        if !self.opened {
            self.lease.open()?;
            self.opened = true;
        }
        if self.current_at_ms.is_some() {
            self.lease.wait(self.follower.head(), at_most)?;
        }
        // Read before: records that come while we read are not known to be read.
        let began_ms = self.clock.monotonic_ms();
        self.follower.catch_up()?;
        self.current_at_ms = Some(began_ms);
        Ok(())
    }

    /// Takes the lease if it can be had, and says whether it is held now.
    ///
    /// # Faults
    /// Those of reaching the journal: ask again, after a while.
    pub(super) fn take(&mut self) -> Result<bool, JournalFault> {
        let taking = if self.vigil.take_acceptance() {
            tracing::error!(sale = self.vigil.sale, "an operator accepts that records are lost");
            // What was followed is more than there is: it is read anew.
            self.lease.take_short().inspect(|_| drop(self.follower.take()))
        } else {
            self.lease.take(self.follower.head())
        };
        let waits = match self.told(taking)? {
            Taking::Taken(journal) => {
                self.journal = Some(journal);
                Waits::ForOthers
            }
            Taking::Held { holder } => Waits::ForHolder { holder },
            Taking::Short { newest, seen } => Waits::ForOperator { newest, seen },
        };
        self.note(waits);
        Ok(self.holds())
    }

    /// Says that another sale comes first.
    pub(super) fn wait_for_turn(&self) {
        self.note(Waits::ForTurn);
    }

    /// Keeps the lease while others are waited for.
    ///
    /// # Faults
    /// Those of [`Journal::health`]; then the lease is given up.
    pub(super) fn keep(&mut self) -> Result<(), JournalFault> {
        let now_ms = self.clock.monotonic_ms();
        let Some(journal) = self.journal.as_ref().filter(|_| now_ms >= self.next_look_ms) else {
            return Ok(());
        };
        let health = journal.health();
        self.next_look_ms = now_ms + HEALTH_MS;
        if health.is_err() {
            self.journal = None;
        }
        self.told(health)
    }

    /// Writes the sale from now on: catches up, appends the first record of a new epoch, and opens
    /// the sale with the state at hand. Once it does, this is asked for nothing more.
    ///
    /// # Faults
    /// Those of reading and writing; then the lease is given up, and it stands by as before.
    pub(super) fn begin(&mut self) -> Result<Opened, JournalFault> {
        let journal = self.journal.take().expect("the lease is held");
        let opened = self.begin_with(journal);
        let opened = self.told(opened)?;
        self.note(Waits::ForNothing);
        Ok(opened)
    }

    fn begin_with(&mut self, mut journal: Box<dyn Journal>) -> Result<Opened, JournalFault> {
        let records = self.append_first(&mut *journal)?;
        let sale = self.follower.take();
        let (sale, head) = started(sale, &records).expect("a definition was given");
        tracing::info!(sale = self.vigil.sale, sequence = head.sequence, "taken over");
        self.vigil.note(Seen { followed: head, ..Seen::clone(&self.vigil.seen()) });
        let Self { clock, registry, fatal, .. } = self;
        let (clock, registry, fatal) = (clock.clone(), registry.clone(), fatal.clone());
        let begun = Begun { journal, sale, head, down: None };
        join(begun, Around { clock, registry, fatal })
    }

    /// Appends the first records after all that there are.
    fn append_first(&mut self, journal: &mut dyn Journal) -> Result<Vec<Record>, JournalFault> {
        let mut tries = 0;
        loop {
            self.follower.catch_up()?;
            let (definition, wall) = (Some(self.definition.clone()), self.clock.wall());
            let records = first(self.follower.sale(), self.follower.head(), definition, wall)?;
            match journal.append(&records) {
                Err(JournalFault::OutOfSequence { .. }) if tries < TAKEOVER_TRIES_MAX => {
                    // The former holder was faster by a record; if it still is, it is one by one.
                    tries += 1;
                    journal.reopen()?;
                }
                // After any other fault, what became of it shows when the journal is read again.
                appended => return appended.map(|()| records),
            }
        }
    }

    /// Notes why it goes no further, if it does not.
    fn told<T>(&self, result: Result<T, JournalFault>) -> Result<T, JournalFault> {
        if let Err(fault) = &result {
            self.note(Waits::ForJournal { cause: describe(fault) });
        }
        result
    }

    fn note(&self, waits: Waits) {
        let followed = match waits {
            Waits::ForNothing => self.vigil.seen().followed,
            _ => self.follower.head(),
        };
        self.vigil.note(Seen { followed, current_at_ms: self.current_at_ms, waits });
    }
}
