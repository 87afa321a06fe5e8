//! Commits: a batch becomes durable, then visible, then answered, in that order and never another.
//!
//! Owns the journal's writing side and the publishing side of the queue. One thread runs it, or a
//! simulation.

use std::sync::Arc;

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::Number;
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::sale::Sale;
use stanchion_domain::time::Now;

use super::ask::Declined;
use super::decider::Batch;
use super::meter::Meter;
use super::picture::BoardPicture;
use super::published::Published;
use crate::clock::{self, Clock};
use crate::journal::fault::JournalFault;
use crate::journal::{Journal, Record};

/// The commit side of a sale.
pub(super) struct Committer {
    journal: Box<dyn Journal>,
    places: Publisher,
    front: u32,
    published: Arc<Published>,
    meter: Meter,
    clock: Clock,
}

/// What a committer shows.
pub(super) struct Shown {
    pub(super) places: Publisher,
    pub(super) published: Arc<Published>,
    pub(super) meter: Meter,
}

impl Committer {
    /// Commits to this journal and publishes to these readers. `sale` is what both have seen.
    pub(super) fn new(journal: Box<dyn Journal>, sale: &Sale, shown: Shown, clock: Clock) -> Self {
        Self {
            journal,
            places: shown.places,
            front: sale.line().front(),
            published: shown.published,
            meter: shown.meter,
            clock,
        }
    }

    /// The journal.
    pub(super) fn journal(&mut self) -> &mut dyn Journal {
        &mut *self.journal
    }

    /// What is counted.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What readers see.
    pub(super) fn published(&self) -> &Published {
        &self.published
    }

    /// Shows records that turned out durable after a fault had left that unknown. `sale` is the
    /// state after them.
    pub(super) fn show_late(&mut self, records: &[Record], sale: &Sale) {
        self.published.show_all_passes(sale);
        for record in records {
            self.show_places(&record.decided);
            self.meter.changed(&record.decided.change);
        }
        self.published.refresh(sale);
        if let Some(record) = records.last() {
            self.published.set_now(record.decided.now);
            self.published.set_sequence(record.sequence);
            self.published.set_epoch(record.epoch);
        }
    }

    /// Makes a batch durable, shows it, answers it.
    ///
    /// # Faults
    /// Those of [`Journal::append`]; then nothing is shown, and everybody is told that the outcome
    /// is unknown.
    pub(super) fn commit(&mut self, batch: Batch) -> Result<(), JournalFault> {
        if let Err(fault) = self.append(&batch) {
            decline(batch, Declined::Down);
            return Err(fault);
        }
        let Batch { records, answers, views, desk, board, now, term: _ } = batch;
        self.published.set_now(now);
        self.published.show_passes(&views);
        records.iter().for_each(|record| self.show_places(&record.decided));
        self.published.remove_passes(&views);
        records.iter().for_each(|record| self.meter.changed(&record.decided.change));
        if let Some(desk) = desk {
            self.published.show_desk(desk);
        }
        self.published.show_inventory(views);
        if let Some(record) = records.last() {
            self.published.set_sequence(record.sequence);
        }
        if let Some(picture) = board {
            self.show_board(picture, now);
        }
        for (sender, answer) in answers {
            // Who no longer listens will ask again with the same key.
            let _ = sender.send(answer);
        }
        Ok(())
    }

    fn append(&mut self, batch: &Batch) -> Result<(), JournalFault> {
        if batch.records.is_empty() {
            return Ok(());
        }
        let writing = &self.published.health.writing;
        writing.begin(self.clock.monotonic_ms());
        let begun_at = clock::instant();
        let appended = self.journal.append(&batch.records);
        writing.end();
        self.meter.appended(batch.records.len(), begun_at.elapsed());
        appended
    }

    /// Shows what one durable change did to the places.
    fn show_places(&mut self, decided: &Decided) {
        let places = &mut self.places;
        match &decided.change {
            Change::Reserved { until } => places.reserve(*until),
            Change::Called { numbers, front, .. } => {
                numbers.iter().for_each(|number| places.call(*number));
                places.pass_over(self.front..*front);
                self.front = *front;
            }
            Change::ClaimsMissed { numbers } => {
                numbers.iter().for_each(|number| places.miss(*number));
            }
            Change::Left { number } => self.spend(*number),
            Change::IdledOut { numbers } => {
                numbers.iter().for_each(|number| self.spend(*number));
            }
            Change::Operated { action, .. } => match **action {
                OpsAction::EndPass(number) => self.spend(number),
                OpsAction::RestorePlace(number) => places.bring_back(number),
                _ => {}
            },
            Change::Moved { number, to } => self.published.moved.put(*number, *to),
            _ => {}
        }
    }

    fn spend(&mut self, number: Number) {
        self.places.spend(number);
        self.published.moved.forget(number);
    }

    fn show_board(&mut self, picture: BoardPicture, now: Now) {
        self.places.rebuild_sums();
        self.meter.pictured(&picture.head, &self.published);
        self.published.board.publish(picture.into_update(now));
    }
}

/// Answers everybody in a batch that will not be.
pub(super) fn decline(batch: Batch, why: Declined) {
    for (sender, _) in batch.answers {
        let _ = sender.send(Err(why));
    }
}
