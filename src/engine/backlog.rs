//! What waits for the writer: requests, and word from the committer.
//!
//! The writer sleeps while the committer has a batch: a request that comes meanwhile cannot be
//! answered sooner than the others that come, and is decided with them.

use std::collections::VecDeque;
use std::time::Duration;

use super::ask::{Asked, Declined};
use super::limits::BACKLOG_MAX;
use super::mailbox::{Due, Mailbox};
use super::recovery::Recovered;

/// Requests in the order in which they are decided, and how the committer gets on.
#[derive(Default)]
pub(super) struct Backlog(Mailbox<Waiting>);

#[derive(Default)]
struct Waiting {
    asked: VecDeque<Asked>,
    /// The committer has a batch. One at a time: the next one grows meanwhile.
    committing: bool,
    /// The writer has decided more.
    decided: bool,
    recovered: Option<Recovered>,
    /// Nobody will decide any more.
    closed: bool,
}

impl Due for Waiting {
    fn due(&self) -> bool {
        !self.committing && (self.decided || !self.asked.is_empty())
    }
}

impl Backlog {
    /// Puts a request at the end.
    ///
    /// # Errors
    /// [`Declined::Busy`] if it is full, [`Declined::Stopping`] if nobody will decide any more.
    pub(super) fn put(&self, request: Asked) -> Result<(), Declined> {
        self.0.open(|waiting| {
            if waiting.closed {
                return Err(Declined::Stopping);
            }
            if waiting.asked.len() >= BACKLOG_MAX {
                return Err(Declined::Busy);
            }
            waiting.asked.push_back(request);
            Ok(())
        })
    }

    /// Requests that wait.
    pub(super) fn len(&self) -> usize {
        self.0.open(|waiting| waiting.asked.len())
    }

    /// Takes at most so many requests into `taken`, which is empty; says whether that was all.
    pub(super) fn take(&self, most: usize, taken: &mut VecDeque<Asked>) -> bool {
        self.0.open(|waiting| {
            if waiting.asked.len() <= most {
                std::mem::swap(&mut waiting.asked, taken);
            } else {
                taken.extend(waiting.asked.drain(..most));
            }
            waiting.asked.is_empty()
        })
    }

    /// Sleeps until there is something to do, or the time is over. `decided`: a batch is ready.
    pub(super) fn sleep(&self, decided: bool, at_most: Duration) {
        self.0.open(|waiting| waiting.decided = decided);
        self.0.sleep(at_most);
    }

    /// Whether the committer has a batch.
    pub(super) fn committing(&self) -> bool {
        self.0.open(|waiting| waiting.committing)
    }

    /// The committer gets a batch, or is done with it.
    pub(super) fn set_committing(&self, committing: bool) {
        self.0.open(|waiting| waiting.committing = committing);
    }

    /// Leaves a recovered state for the writer; it is found at its next turn.
    pub(super) fn recover(&self, recovered: Recovered) {
        self.0.open(|waiting| waiting.recovered = Some(recovered));
    }

    /// The newest recovered state, once.
    pub(super) fn recovered(&self) -> Option<Recovered> {
        self.0.open(|waiting| waiting.recovered.take())
    }

    /// From now on nothing is decided. Who waits learns that nobody answers.
    pub(super) fn close(&self) {
        let unheard = self.0.open(|waiting| {
            waiting.closed = true;
            std::mem::take(&mut waiting.asked)
        });
        drop(unheard);
    }
}
