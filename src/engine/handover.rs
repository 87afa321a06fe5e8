//! Batches on their way from the writer to the committer.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use super::decider::Batch;
use super::mailbox::{Due, Mailbox};

/// Batches in the order in which they are committed: one, and at a stop the last one behind it.
#[derive(Default)]
pub(super) struct Handover(Mailbox<Handed>);

#[derive(Default)]
struct Handed {
    batches: VecDeque<Batch>,
    /// No more will come.
    closed: bool,
}

impl Due for Handed {
    fn due(&self) -> bool {
        self.closed || !self.batches.is_empty()
    }
}

impl Handover {
    /// Hands a batch over.
    pub(super) fn put(&self, batch: Batch) {
        self.0.open(|handed| handed.batches.push_back(batch));
    }

    /// The next batch, if one comes in time; breaks once no more will come.
    pub(super) fn next(&self, at_most: Duration) -> ControlFlow<(), Option<Batch>> {
        self.0.sleep(at_most);
        self.0.open(|handed| match handed.batches.pop_front() {
            None if handed.closed => ControlFlow::Break(()),
            batch => ControlFlow::Continue(batch),
        })
    }

    /// No more will come.
    pub(super) fn close(&self) {
        self.0.open(|handed| handed.closed = true);
    }
}

#[cfg(test)]
impl Handover {
    /// The next batch, if there is one.
    pub(super) fn take(&self) -> Option<Batch> {
        self.0.open(|handed| handed.batches.pop_front())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.open(|handed| handed.batches.is_empty())
    }
}
