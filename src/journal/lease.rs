//! Who may write: the lease on a sale's journal, which one process at a time holds.
//!
//! A lease says who should write and when somebody else may begin. It is no lock: what keeps a
//! former holder from writing is the epoch in each record, which the journal itself compares. So a
//! lease that lapses too early costs a needless change of writers, and never a record.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::fault::JournalFault;
use super::{Head, History, Journal};

/// A sale's journal, as every process sees it that writes it or stands by to.
pub trait Lease: Send {
    /// Looks at the journal for the first time, before anything is read or taken: whether it may be
    /// trusted with the sale, and still has what was acknowledged from here.
    ///
    /// # Faults
    /// Wait, then ask again, if they [pass](JournalFault::passes); otherwise the process must not
    /// serve it.
    fn open(&mut self) -> Result<(), JournalFault>;

    /// The reading side, for who follows.
    fn history(&self) -> Arc<dyn History>;

    /// Waits until there may be records after `head`, or for `at_most`.
    ///
    /// # Faults
    /// Those of reading; wait, then ask again, if they [resume](JournalFault::resumes).
    fn wait(&mut self, head: Head, at_most: Duration) -> Result<(), JournalFault>;

    /// Makes this process the writer, unless another is: nobody held the lease, or its holder gave
    /// it up or gave no sign of life for the span of the lease, in all of which the journal could
    /// be reached from here. Asked again and again by who stands by; that is how the silence of
    /// the holder is noticed. `seen` is the newest record that this process knows to have been
    /// acknowledged.
    ///
    /// The journal that is returned keeps the lease alive by its appends and by being asked for
    /// its [health](Journal::health), and gives it up when it is dropped. Its head may be ahead of
    /// what was followed: catch up, then append the first record of a new epoch. If that is refused
    /// as [out of sequence](JournalFault::OutOfSequence), the former holder was faster by a record:
    /// catch up and try again.
    fn take(&mut self, seen: Head) -> Result<Taking, JournalFault>;

    /// Takes the lease although acknowledged records are missing, because an operator said so.
    fn take_short(&mut self) -> Result<Taking, JournalFault>;
}

/// What came of trying to become the writer.
pub enum Taking {
    /// This process writes from now on.
    Taken(Box<dyn Journal>),
    /// Another process holds the lease.
    Held {
        /// Who, as it calls itself, for operators.
        holder: String,
    },
    /// The journal ends before a record that somebody has seen: taking over would lose it.
    Short {
        /// Where it ends.
        newest: Head,
        /// What was seen.
        seen: Head,
    },
}

impl fmt::Debug for Taking {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(journal) => write!(out, "Taken at {:?}", journal.head()),
            Self::Held { holder } => write!(out, "Held by {holder}"),
            Self::Short { newest, seen } => write!(out, "Short: {newest:?}, seen {seen:?}"),
        }
    }
}
