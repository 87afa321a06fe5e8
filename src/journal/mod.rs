//! The journal: what was decided, in order, kept so that it survives what the process does not.
//!
//! One thread owns a [`Journal`] and appends; any other thread reads and makes snapshots through
//! its [`History`], and neither waits long for the other. The order of the records is the truth.
//! A record that was once acknowledged is never missing in silence: a backend hands out exactly
//! what was appended, without gaps, or a fault that says where it cannot.

pub mod codec;
pub mod fault;
pub mod faulty;
mod layout;
pub mod image;
mod image_2;
mod image_3;
mod mirrored;
pub mod lease;
pub mod local;
mod mark;
pub mod memory;
pub mod record;
pub mod redis;
pub mod snapshot;
mod values;
#[cfg(test)]
pub(crate) mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;

use stanchion_domain::change::Decided;

use fault::JournalFault;
use snapshot::Snapshot;

/// One change in the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number: the first is 1, and there are no gaps.
    pub sequence: u64,
    /// The writer's term of office; never falls.
    pub epoch: u32,
    /// What was decided, when, and for which request.
    pub decided: Decided,
}

/// The newest durable record. Both are 0 while there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// Its sequence.
    pub sequence: u64,
    /// Its epoch.
    pub epoch: u32,
}

/// The writer's side of a journal: the thread that commits owns it.
pub trait Journal: Send {
    /// The newest durable record.
    fn head(&self) -> Head;

    /// Appends a batch, all of it or nothing, and returns only when it is durable.
    ///
    /// # Faults
    /// [`JournalFault::OutOfSequence`], [`JournalFault::Deposed`] and [`JournalFault::TooLarge`]
    /// before anything is written. After any other fault the outcome is unknown and the journal
    /// appends nothing more: [`Journal::reopen`] tells which way it went, if the fault
    /// [resumes](JournalFault::resumes); otherwise the process has to end.
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault>;

    /// Begins an empty journal after records that a snapshot is going to cover, as those were
    /// trimmed where they came from. For a journal that is moved here.
    ///
    /// # Faults
    /// [`JournalFault::OutOfSequence`] if it holds records, or begins only with the first.
    fn begin_after(&mut self, covered: Head) -> Result<(), JournalFault> {
        Err(self.head().begun(covered))
    }

    /// Opens the journal anew after a fault that [resumes](JournalFault::resumes), without letting
    /// go of it in between. The head then tells whether the last batch is in, whole, or is not.
    fn reopen(&mut self) -> Result<Head, JournalFault>;

    /// Whether the journal could be appended to now, as far as that can be known without writing.
    /// Cheap; asked every second.
    fn health(&self) -> Result<(), JournalFault>;

    /// The reading side, for any thread.
    fn history(&self) -> Arc<dyn History>;
}

/// The reading side of a journal, and its snapshots. Works beside the writer.
pub trait History: Send + Sync {
    /// Hands over every durable record from `sequence` on, in order, until the newest or until
    /// `each` breaks. A `sequence` past the newest yields nothing.
    ///
    /// # Faults
    /// [`JournalFault::Corrupt`] at the first record that is missing or is not what was written;
    /// what was handed over before it is right.
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault>;

    /// The sequence of the oldest record that is still kept; 0 if there is none.
    fn oldest(&self) -> Result<u64, JournalFault>;

    /// The newest snapshot that can be read, if there is any.
    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault>;

    /// Every snapshot that can be read, newest first.
    fn snapshots(&self) -> Result<Vec<Snapshot>, JournalFault> {
        Ok(self.snapshot()?.into_iter().collect())
    }

    /// Keeps a snapshot durably, and the one before it; older ones go.
    ///
    /// # Faults
    /// [`JournalFault::OutOfSequence`] if it is ahead of the newest record, or not ahead of the
    /// newest snapshot.
    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault>;

    /// Removes at most [`TRIMMED_AT_ONCE_MAX`] records that the older of two snapshots covers, and
    /// says how many went: call again, with a pause, until it is none. The newest record stays.
    fn trim(&self) -> Result<u64, JournalFault>;
}

/// Records removed in one step of trimming. An append waits for at most one step: 2,048 rows of
/// about 100 bytes are 50 pages, a few milliseconds and one flush.
pub const TRIMMED_AT_ONCE_MAX: u64 = 2_048;

impl Head {
    /// Why a journal with this head does not begin after `covered`.
    fn begun(self, covered: Self) -> JournalFault {
        JournalFault::OutOfSequence { expected: self.sequence + 1, got: covered.sequence + 1 }
    }

    /// Where the head is once `records` are appended.
    ///
    /// # Faults
    /// [`JournalFault::OutOfSequence`] if they do not continue the head without a gap,
    /// [`JournalFault::Deposed`] if a newer writer has been here.
    pub fn after(self, records: &[Record]) -> Result<Self, JournalFault> {
        records.iter().try_fold(self, |head, record| {
            let expected = head.sequence + 1;
            if record.sequence != expected {
                return Err(JournalFault::OutOfSequence { expected, got: record.sequence });
            }
            if record.epoch < head.epoch {
                return Err(JournalFault::Deposed { ours: record.epoch, newest: head.epoch });
            }
            Ok(Self { sequence: record.sequence, epoch: record.epoch })
        })
    }
}
