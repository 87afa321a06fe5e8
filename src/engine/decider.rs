//! Decides: commands and time in, a batch of records, answers and views out.
//!
//! Owns the writer's state of the sale, which runs ahead of what is durable by at most the batches
//! under way. Touches no journal, no socket, no clock; one thread drives it, or a simulation.

use std::collections::BTreeSet;
use std::sync::Arc;

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::Command;
use stanchion_domain::id::{PerformanceIndex, RequestKey};
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::sale::{Outcome, Presence, Sale};
use stanchion_domain::time::Now;
use tokio::sync::oneshot;

use super::ask::{Accepted, Answer, Asked, Declined};
use super::desk::Desk;
use super::estimate::Rate;
use super::limits::DUE_PER_TICK_MAX;
use super::picture::BoardPicture;
use super::touched::{Touched, Views};
use crate::journal::{Head, Record};

/// The writer's side of a sale.
pub(super) struct Decider {
    sale: Sale,
    head: Head,
    touched: Touched,
    batch: Batch,
    /// Performances that the board does not show as they are.
    changed: BTreeSet<PerformanceIndex>,
    rate: Rate,
    term: u64,
}

/// What is recorded, published and answered together.
#[derive(Default)]
pub(super) struct Batch {
    /// In the journal's order.
    pub(super) records: Vec<Record>,
    /// Who is answered once the records are durable.
    pub(super) answers: Vec<(oneshot::Sender<Answer>, Answer)>,
    /// What readers are shown then.
    pub(super) views: Views,
    /// What operators set, if that changed.
    pub(super) desk: Option<Arc<Desk>>,
    /// The board, if it is time for one.
    pub(super) board: Option<BoardPicture>,
    /// When it was decided.
    pub(super) now: Now,
    /// Which recovered state it was decided on: a batch from before a fault is never committed.
    pub(super) term: u64,
}

impl Decider {
    /// Goes on with a recovered sale after record `head.sequence`, in the epoch `head.epoch`.
    pub(super) fn new(sale: Sale, head: Head, term: u64) -> Self {
        Self {
            // A recovered sale itself says that all of it changed.
            changed: BTreeSet::new(),
            sale,
            head,
            touched: Touched::default(),
            batch: Batch::default(),
            rate: Rate::default(),
            term,
        }
    }

    /// The sale as decided so far.
    pub(super) fn sale(&self) -> &Sale {
        &self.sale
    }

    /// Whether there is anything to commit.
    pub(super) fn idle(&self) -> bool {
        let batch = &self.batch;
        batch.records.is_empty() && batch.answers.is_empty() && batch.board.is_none()
    }

    /// Requests that the batch answers so far.
    pub(super) fn answers(&self) -> usize {
        self.batch.answers.len()
    }

    /// Decides one request. `issued`: only numbers below this one were given to anybody.
    pub(super) fn ask(&mut self, asked: Asked, now: Now, issued: u32) {
        let decided = match &asked.command {
            // The rules count a number that is reserved as one that waits: somebody may have it.
            Command::Leave { number } if number.0 >= issued => {
                Err(Refusal::whole(Code::Gone(*number)))
            }
            command => self.sale.decide(now, asked.key, command),
        };
        let answer = match decided {
            Ok(Outcome::Again(change)) => Ok(Accepted { change, again: true, now }),
            Ok(Outcome::Repeated { record, answer: change }) => {
                self.record(record, asked.key, now);
                Ok(Accepted { change, again: true, now })
            }
            Ok(Outcome::New(change)) => {
                self.record(change.clone(), asked.key, now);
                Ok(Accepted { change, again: false, now })
            }
            Err(refusal) => Err(Declined::Refused(refusal)),
        };
        self.batch.answers.push((asked.answer, answer));
    }

    /// Brings about what time has brought; says whether more is due than one tick does.
    pub(super) fn tick(&mut self, now: Now, presence: &dyn Presence) -> bool {
        for _ in 0..DUE_PER_TICK_MAX {
            let Some(change) = self.sale.due(now, presence) else { return false };
            self.record(change, None, now);
        }
        true
    }

    /// Records a change that nobody asked for: a start, an outage.
    pub(super) fn record(&mut self, change: Change, request: Option<RequestKey>, now: Now) {
        self.touched.note(&self.sale, &change);
        if let Change::Called { numbers, .. } = &change {
            self.rate.called(now.sale, numbers.len() as u32);
        }
        let decided = Decided { now, request, change };
        self.sale.apply(&decided);
        self.head.sequence += 1;
        let Head { sequence, epoch } = self.head;
        self.batch.records.push(Record { sequence, epoch, decided });
    }

    /// Adds the board to the batch, with the share of those who wait that was seen lately.
    pub(super) fn picture(&mut self, now: Now, presence: &dyn Presence, present: Option<u32>) {
        // A picture that was not handed on yet is replaced: what was in it has to be in this one.
        self.changed.extend(self.sale.take_changed());
        let changed: Vec<_> = self.changed.iter().copied().collect();
        let head = self.sale.head(presence);
        self.rate.present(present, head.queue.waiting);
        self.batch.board = Some(BoardPicture {
            changed: self.sale.pictures(&changed),
            estimate: self.rate.estimate(now.sale),
            definition: self.sale.definition().clone(),
            head,
        });
    }

    /// Takes the batch, complete with what readers are shown of it.
    pub(super) fn take(&mut self, now: Now) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        if batch.board.is_some() {
            self.changed.clear();
        }
        batch.views = self.touched.take(&mut self.sale);
        batch.desk = batch.views.operations.then(|| Arc::new(Desk::of(&self.sale)));
        batch.now = now;
        batch.term = self.term;
        batch
    }
}
