//! The writer's side of a journal in Redis.
//!
//! Believes nothing that Redis did not confirm: after any failure it connects anew, and the stream
//! says what became of the last batch. A stream that lost its end gets it back from memory, or
//! nothing is written any more.

use std::cell::RefCell;
use std::sync::Arc;

use super::history::RedisHistory;
use super::holder::Holder;
use super::stream::{Appended, Frame, before, id};
use super::tail::Tail;
use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::mark::Mark;
use crate::journal::{Head, History, Journal, Record};

/// How often the mark is moved: a start after a crash knows what was acknowledged up to then.
const MARK_MS: u64 = 1_000;
/// Records that are given back to a stream in one script: a few milliseconds of Redis.
const GIVEN_BACK_AT_ONCE: usize = 4_096;

/// A journal in Redis, whose lease this process holds.
pub(super) struct RedisJournal {
    /// Asked for its health through a shared reference, by the one thread that owns it.
    holder: RefCell<Holder>,
    history: Arc<RedisHistory>,
    mark: Arc<Mark>,
    clock: Clock,
    marked_at_ms: u64,
    head: Head,
    /// The head, while the stream is empty and begins after records that are not to be in it.
    covered: Option<Head>,
    /// What was acknowledged lately.
    tail: Tail,
    /// The batch of which nobody knows yet whether it is in.
    unknown: Vec<Frame>,
}

impl RedisJournal {
    pub(super) fn new(
        holder: Holder,
        history: Arc<RedisHistory>,
        (mark, clock): (Arc<Mark>, Clock),
        head: Head,
    ) -> Self {
        history.acknowledge(head);
        Self {
            holder: RefCell::new(holder),
            history,
            mark,
            clock,
            marked_at_ms: 0,
            head,
            covered: None,
            tail: Tail::default(),
            unknown: Vec::new(),
        }
    }

    fn acknowledge(&mut self, head: Head, frames: Vec<Frame>) {
        assert!(!before(head, self.head), "what was acknowledged stays so");
        self.tail.extend(frames);
        self.head = head;
        self.history.acknowledge(head);
        let now_ms = self.clock.monotonic_ms();
        if now_ms >= self.marked_at_ms + MARK_MS {
            self.marked_at_ms = now_ms;
            self.mark.put(head);
        }
    }

    /// What a stream that does not end where we believe means.
    fn elsewhere(&self, newest: Head) -> JournalFault {
        if newest.epoch > self.head.epoch {
            return JournalFault::Deposed { ours: self.head.epoch, newest: newest.epoch };
        }
        if before(newest, self.head) {
            let (newest, acknowledged) = (newest.sequence, self.head.sequence);
            return JournalFault::Behind { newest, acknowledged };
        }
        let what = "it was written without the lease";
        JournalFault::corrupt(format!("record {}", id(newest)), what)
    }

    /// Brings what we know and what the stream holds together.
    fn settle(&mut self, newest: Head) -> Result<(), JournalFault> {
        if self.unknown.last().is_some_and(|last| last.head == newest) {
            let unknown = std::mem::take(&mut self.unknown);
            unknown.last().map_or(Ok(()), |last| self.must_hold(last))?;
            self.acknowledge(newest, unknown);
            return Ok(());
        }
        if let Some(ours) = self.tail.get(newest).cloned() {
            self.must_hold(&ours)?;
        }
        if newest != self.head {
            self.give_back(newest)?;
        }
        self.unknown.clear();
        Ok(())
    }

    /// A record of ours in the stream has to be the one that we wrote.
    fn must_hold(&mut self, ours: &Frame) -> Result<(), JournalFault> {
        if self.holder.get_mut().frame(ours.head)?.as_ref() == Some(ours) {
            return Ok(());
        }
        let what = "another record stands where this process wrote one";
        Err(JournalFault::corrupt(format!("record {}", id(ours.head)), what))
    }

    /// Gives a stream that lost its end what is missing there, if all of it is still here.
    fn give_back(&mut self, newest: Head) -> Result<(), JournalFault> {
        let behind = self.elsewhere(newest);
        let JournalFault::Behind { .. } = behind else { return Err(behind) };
        let Some(missing) = self.tail.after(newest) else { return Err(behind) };
        let mut after = newest;
        for some in missing.chunks(GIVEN_BACK_AT_ONCE) {
            match self.holder.get_mut().append(after, some)? {
                Appended::In => after = some.last().map_or(after, |last| last.head),
                Appended::Lease(..) | Appended::Newest(_) => return Err(behind),
            }
        }
        let records = missing.len();
        tracing::warn!(records, after = newest.sequence, "Redis had lost records: given back");
        Ok(())
    }
}

impl Journal for RedisJournal {
    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let next = self.head.after(records)?;
        let frames = Frame::batch(records)?;
        let holder = self.holder.get_mut();
        if !holder.connected() {
            let what = "the connection was given up; it is opened again".to_owned();
            return Err(JournalFault::Unreachable { what });
        }
        if records.is_empty() {
            return Ok(());
        }
        holder.beat_if_due()?;
        let after = if self.covered.take().is_some() { Head::default() } else { self.head };
        match holder.append(after, &frames) {
            Ok(Appended::In) => {
                self.acknowledge(next, frames);
                Ok(())
            }
            Ok(Appended::Newest(newest)) => Err(self.elsewhere(newest)),
            Ok(Appended::Lease(..)) => {
                let what = "the lease was opened anew elsewhere in this process".to_owned();
                Err(JournalFault::Unreachable { what })
            }
            Err(fault) => {
                self.unknown = frames;
                Err(fault)
            }
        }
    }

    fn begin_after(&mut self, covered: Head) -> Result<(), JournalFault> {
        if self.head != Head::default() {
            return Err(self.head.begun(covered));
        }
        (self.head, self.covered) = (covered, Some(covered));
        Ok(())
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        let newest = self.holder.get_mut().open_anew()?;
        let settled = self.settle(newest);
        if settled.is_err() {
            self.holder.get_mut().disconnect();
        }
        settled.map(|()| self.head)
    }

    fn health(&self) -> Result<(), JournalFault> {
        let mut holder = self.holder.borrow_mut();
        if holder.connected() {
            return holder.check();
        }
        let what = "the connection was given up; it is opened again".to_owned();
        Err(JournalFault::Unreachable { what })
    }

    fn history(&self) -> Arc<dyn History> {
        self.history.clone()
    }
}

/// A clean end hands over at once.
impl Drop for RedisJournal {
    fn drop(&mut self) {
        self.mark.put(self.head);
        self.history.follow();
        self.holder.get_mut().give_up();
    }
}
