//! Keeps a sale current from what a journal's writer appends elsewhere.
//!
//! Owns a sale that is as true as its newest record, and applies each record once. Never writes.

use std::ops::ControlFlow;
use std::sync::Arc;

use stanchion_domain::sale::Sale;

use super::recovery::recover;
use crate::journal::fault::JournalFault;
use crate::journal::{Head, History, Record};

/// A sale as of the newest record that was read.
pub(super) struct Follower {
    history: Arc<dyn History>,
    /// None while the journal is empty, and before anything was read.
    sale: Option<Sale>,
    head: Head,
}

/// What one look at the journal came to, if nothing failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Read {
    /// All that is there was applied.
    Whole,
    /// What is there is not the continuation of what was applied.
    Elsewhere,
}

impl Follower {
    /// Reads nothing yet.
    pub(super) fn new(history: Arc<dyn History>) -> Self {
        Self { history, sale: None, head: Head::default() }
    }

    /// The newest record that was read.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// The sale, if there is one.
    pub(super) fn sale(&self) -> Option<&Sale> {
        self.sale.as_ref()
    }

    /// Hands the sale over, to be written; begins anew if it is asked again.
    pub(super) fn take(&mut self) -> Option<Sale> {
        self.head = Head::default();
        self.sale.take()
    }

    /// Applies what was appended since the last look: from the newest snapshot the first time, and
    /// whenever the journal turns out to be another one than was followed, or trimmed too far.
    ///
    /// # Faults
    /// Those of reading; what was applied before stays true.
    pub(super) fn catch_up(&mut self) -> Result<(), JournalFault> {
        if self.sale.is_none() {
            return self.begin_anew();
        }
        match self.read_on() {
            Ok(Read::Whole) => Ok(()),
            Ok(Read::Elsewhere) => {
                tracing::warn!(head = ?self.head, "the journal is another one: read from the start");
                self.begin_anew()
            }
            Err(JournalFault::Corrupt { .. }) if self.history.oldest()? > self.head.sequence => {
                tracing::info!(head = ?self.head, "trimmed before it was read: from the snapshot");
                self.begin_anew()
            }
            Err(fault) => Err(fault),
        }
    }

    fn begin_anew(&mut self) -> Result<(), JournalFault> {
        // First: two of them might not fit.
        self.take();
        if let Some((sale, head)) = recover(&*self.history)? {
            (self.sale, self.head) = (Some(sale), head);
        }
        Ok(())
    }

    /// Reads the newest known record once more, to be sure that the rest continues it.
    fn read_on(&mut self) -> Result<Read, JournalFault> {
        let Self { history, sale, head } = self;
        let sale = sale.as_mut().expect("there is a sale to keep current");
        let (known, mut found) = (*head, Read::Whole);
        let read = history.read_from(known.sequence, &mut |record: Record| {
            let at = Head { sequence: record.sequence, epoch: record.epoch };
            if at.sequence == known.sequence {
                if at != known {
                    found = Read::Elsewhere;
                    return ControlFlow::Break(());
                }
                return ControlFlow::Continue(());
            }
            assert_eq!(at.sequence, head.sequence + 1, "a history hands over records in order");
            sale.apply(&record.decided);
            *head = at;
            ControlFlow::Continue(())
        });
        // Nobody is shown baskets from here: whoever takes over shows all there are.
        sale.take_forgotten();
        read.map(|()| found)
    }
}
