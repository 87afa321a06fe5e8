//! A night under a seed: the server, everybody outside, and the witness, step by step.

use std::sync::Arc;

use stanchion_domain::sale::definition::Definition;

use super::server::{Process, Server};
use super::venue::Venue;
use super::visitors::Visitors;
use super::witness::Witness;
use crate::journal::Journal;
use crate::journal::faulty::dice::Dice;
use crate::metrics::Metrics;

/// One night.
pub(super) struct World {
    dice: Dice,
    definition: Arc<Definition>,
    server: Server,
    visitors: Visitors,
    /// Of a mirrored sale: whoever keeps the seats.
    venue: Option<Venue>,
    pub(super) witness: Witness,
    /// No more than this may have passed as sale time.
    served_ms: u64,
    /// Whether the journal was down, or a write stuck, when it was last looked at.
    down: bool,
    stuck: bool,
    /// What happened, if anybody wants to know.
    pub(super) trace: Option<Vec<String>>,
}

/// A gap that is an outage, and the longest that is none.
const OUTAGE_MS: u32 = 2_001;
const HOP_MS: u32 = 1_900;
/// A write that takes longer is stuck.
const STALL_MS: u64 = 2_000;

impl World {
    pub(super) fn new(
        definition: Arc<Definition>,
        seed: u64,
        metrics: Arc<Metrics>,
        traced: bool,
    ) -> Self {
        let mut world = Self {
            dice: Dice::new(seed),
            venue: definition.mirrored().then(Venue::default),
            definition,
            server: Server::new(seed, metrics),
            visitors: Visitors::default(),
            witness: Witness::default(),
            served_ms: 0,
            down: false,
            stuck: false,
            trace: traced.then(Vec::new),
        };
        world.start();
        world
    }

    /// Something happens.
    pub(super) fn step(&mut self) {
        if let Some(venue) = &mut self.venue
            && self.dice.below(2) == 0
        {
            let said = venue.act(self.server.engine(), &mut self.dice);
            self.note(|| said);
        }
        match self.dice.below(100) {
            0..10 => {
                let number = self.visitors.join(self.server.engine());
                self.note(|| format!("{number:?} joins"));
            }
            10..15 => self.visitors.come_or_go(&mut self.dice),
            15..60 => {
                let said = self.visitors.ask(self.server.engine(), &mut self.dice);
                self.note(|| said);
            }
            60..66 => self.visitors.ask_again(self.server.engine(), &mut self.dice),
            66..90 => {
                let ms = self.dice.pick(&[1, 20, 30, 100, 300, 500]);
                self.pass_ms(ms);
            }
            90..92 => {
                // Long enough for every deadline, in steps short enough to count.
                for _ in 0..self.dice.pick(&[2, 6, 12, 24, 45]) {
                    self.pass_ms(HOP_MS);
                    self.turn();
                }
            }
            92..96 => self.gap(),
            96 => self.server.snapshot(),
            97 => self.restart_in_order(),
            98 => self.crash(),
            _ => {
                // The process dies after a write, before anybody hears of it.
                self.turn_without_answers();
                self.crash();
            }
        }
        self.turn();
    }

    /// Nothing goes wrong any more: everybody learns what became of what they asked, and memory,
    /// readers, board, journal and snapshot all say the same, before and after a restart.
    pub(super) fn settle(&mut self) {
        self.server.calm();
        self.settle_all();
        self.visitors.ask_everything_again(self.server.engine());
        self.settle_all();
        self.restart_in_order();
        self.server.snapshot();
        self.visitors.ask_everything_again(self.server.engine());
        self.settle_all();
        self.restart_in_order();
        self.turn();
        self.settle_ages();
    }

    /// What a venue says last is a fact for as long as was promised, and no longer.
    fn settle_ages(&mut self) {
        let Some(venue) = &mut self.venue else { return };
        venue.tell_everything(self.server.engine(), &mut self.dice);
        self.settle_all();
        let span = self.definition.mirror.expect("it is mirrored").stale_span;
        for _ in 0..span.0 / u64::from(HOP_MS) + 2 {
            self.pass_ms(HOP_MS);
            self.turn();
        }
        self.settle_all();
    }

    fn settle_all(&mut self) {
        for _ in 0..100 {
            self.pass_ms(250);
            self.turn();
            self.visitors.ask_again(self.server.engine(), &mut self.dice);
            let venue_knows = self.venue.as_ref().is_none_or(Venue::all_known);
            if !self.visitors.all_known() || !venue_knows {
                continue;
            }
            // The board follows what was decided last.
            for _ in 0..2 {
                self.pass_ms(250);
                self.turn();
            }
            if !self.down && self.server.quiet() && self.check_agreement() {
                return;
            }
        }
        panic!("the night does not end");
    }

    /// Whether there is nothing under way; then everything has to agree.
    fn check_agreement(&mut self) -> bool {
        let opened = self.server.opened();
        let Some(decided) = opened.writer.settled() else { return false };
        let durable = self.witness.sale.as_ref().expect("a sale is served");
        decided.check_invariants();
        let same = decided.image() == durable.image();
        assert!(same, "memory and journal say the same");
        self.witness.check_board(opened.engine.published());
        true
    }

    fn turn(&mut self) {
        self.turn_without_answers();
        let engine = self.server.engine();
        self.visitors.poll(engine.published());
        let answers = self.visitors.listen(&self.witness);
        if let (Some(venue), Some(books)) = (&mut self.venue, &self.witness.books) {
            venue.listen(books);
        }
        self.visitors.check(&self.witness);
        self.note(|| format!("{answers} answers"));
    }

    fn turn_without_answers(&mut self) {
        let write_ms = self.dice.pick(&[0, 0, 0, 0, 5, 40, 700, 5_000]);
        self.server.turn(write_ms);
        self.watch();
        let process = self.server.commit();
        self.look();
        if process == Process::Failed {
            self.note(|| "the journal failed for good".to_owned());
            self.crash();
        }
    }

    /// Notes the outages that the writer found over.
    fn watch(&mut self) {
        let well = self.server.engine().published().health.well();
        let stuck = self.server.writing_ms() > STALL_MS;
        let now = self.server.opened().writer.sale_now();
        if self.down && well || self.stuck && !stuck {
            self.witness.outage(now);
        }
        (self.down, self.stuck) = (!well, stuck);
        assert!(now.0 <= self.served_ms, "sale time {now:?} after {} ms", self.served_ms);
    }

    /// Compares what is shown with what is durable.
    fn look(&mut self) {
        let published = self.server.engine().published().clone();
        self.witness.follow(&*self.server.journal.history(), published.sequence());
        let given: Vec<_> = self.visitors.shown.keys().copied().collect();
        self.witness.check(&published, &given);
        if let (Some(venue), Some(books)) = (&self.venue, &self.witness.books) {
            venue.check(books);
        }
        self.down |= !published.health.well();
        self.note(|| format!("record {}", published.sequence()));
    }

    fn pass_ms(&mut self, ms: u32) {
        self.server.hand.pass_ms(ms);
        let frozen = self.server.opened().writer.frozen();
        if !self.down && !self.stuck && !frozen {
            self.served_ms += u64::from(ms);
        }
    }

    /// The machine sleeps, or the process is stopped by a signal.
    fn gap(&mut self) {
        let ms = OUTAGE_MS + self.dice.below(400_000) as u32;
        self.witness.outage(self.server.opened().writer.sale_now());
        self.server.hand.pass_ms(ms);
    }

    fn crash(&mut self) {
        let keep = self.dice.below(2) == 0;
        self.server.crash(keep);
        self.note(|| format!("crash, keep {keep}"));
        self.start();
    }

    fn restart_in_order(&mut self) {
        self.server.stop();
        self.witness.read_on(&*self.server.journal.history());
        self.visitors.listen(&self.witness);
        self.server.crash(false);
        self.note(|| "stopped in order".to_owned());
        self.start();
    }

    fn start(&mut self) {
        self.visitors.hang_up();
        self.venue.iter_mut().for_each(Venue::hang_up);
        let down_ms = self.dice.pick(&[0, 3_000, 400_000]);
        self.server.hand.pass_ms(down_ms);
        let mut waited = false;
        let definition = self.definition.clone();
        while !(self.server.start(definition.clone()) && self.server.wait_until_well(&mut waited)) {
            let keep = self.dice.below(2) == 0;
            self.server.crash(keep);
        }
        self.witness.restart();
        (self.down, self.stuck) = (false, false);
        self.look();
        let durable = self.witness.sale.as_ref().expect("a sale is served");
        let decided = self.server.opened().writer.settled().expect("nothing is under way");
        // A start that had to wait begins with its next turn.
        let same = waited || decided.image() == durable.image();
        assert!(same, "a start finds what is durable");
        self.witness.outage(self.server.opened().writer.sale_now());
        self.visitors.check(&self.witness);
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(what());
        }
    }
}
