//! The line as the writer sees it.
//!
//! Owns the writer's own bits, the front that calling has reached, who missed a claim, and whose
//! place moved to another device. Its functions apply what was decided, each a fact of the journal,
//! and decide nothing; who is called next is decided in `calling`. It never learns who was seen
//! when.

use std::collections::BTreeMap;

use super::standing::Standing;
use crate::bits::Bits;
use crate::id::{Number, PlaceMark};
use crate::limits::NUMBERS_MAX;
use crate::time::{SaleTime, Span};

/// The writer's view of a queue.
///
/// Each reserved number has at most one bit. Waiting: in the queue, or reserved and not known to be
/// issued. Passed: called as soon as its visitor is here, once the front is behind it. Spent: gone,
/// unless an operator restores it. None: called. Nobody waits below the front.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    pub(super) waiting: Bits,
    pub(super) passed: Bits,
    spent: Bits,
    pub(super) front: u32,
    issued: u32,
    pub(super) reserved: u32,
    pub(super) missed: BTreeMap<Number, Missed>,
    /// Until the number is spent.
    moved: BTreeMap<Number, PlaceMark>,
}

/// What is remembered of a visitor who was called and did not claim. Kept until the number is
/// spent, so that the next miss counts on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Missed {
    /// How many claims in a row were missed.
    pub times: u32,
    /// Not called again before.
    pub not_before: SaleTime,
}

impl Line {
    /// Numbers below `until` may be issued.
    pub fn reserve(&mut self, until: u32) {
        assert!(self.reserved <= until && until <= NUMBERS_MAX, "a reservation only grows");
        for bits in [&mut self.waiting, &mut self.passed, &mut self.spent] {
            bits.grow(until);
        }
        assert!(!self.spent.contains(self.reserved), "an unissued number is not spent");
        self.waiting.insert_range(self.reserved, until);
        self.reserved = until;
    }

    /// Numbers below `issued` are known to be issued. So is every number that was called or spent,
    /// and all below it, with or without a mark.
    pub fn mark(&mut self, issued: u32) {
        assert!(issued <= self.reserved, "only reserved numbers were issued");
        assert!(self.front <= self.issued, "the front is behind the mark");
        self.issued = self.issued.max(issued);
    }

    /// A process begins to serve and does not know which of the reserved numbers were issued since
    /// the last mark: they show in nobody's position, and who comes with one is honoured. New
    /// visitors get numbers behind them.
    pub fn restart(&mut self) {
        self.pass_over(self.issued, self.reserved);
        self.issued = self.reserved;
        assert_eq!(self.waiting.count_below(self.front), 0, "nobody waits below the front");
        assert!(self.front <= self.issued, "calling never came further than the counter");
    }

    /// These visitors were called; who still waits below `front` is passed over.
    pub fn call(&mut self, numbers: &[Number], front: u32) {
        assert!(self.front <= front && front <= self.reserved, "the front only goes on");
        for number in numbers {
            let waited = self.waiting.remove(number.0);
            let returned = self.passed.remove(number.0);
            assert!(waited != returned, "{number:?} is called out of the queue, once");
            assert!(!self.spent.contains(number.0), "{number:?} is spent and is not called");
        }
        self.pass_over(self.front, front);
        let last = numbers.iter().map(|number| number.0 + 1).max();
        self.mark(last.unwrap_or(0).max(front));
        self.front = front;
    }

    /// A called visitor did not claim by `at`: the first time they are next as soon as they are
    /// here, then they stand back for one claim span more each time.
    pub fn miss(&mut self, number: Number, at: SaleTime, claim_span: Span) {
        assert!(!self.waiting.contains(number.0), "{number:?} was called and does not wait");
        assert!(!self.spent.contains(number.0), "{number:?} is spent and misses nothing");
        assert!(self.passed.insert(number.0), "{number:?} misses a claim once");
        let times = self.missed.get(&number).map_or(0, |missed| missed.times) + 1;
        let back_off = Span(claim_span.0.saturating_mul(u64::from(times - 1)));
        self.missed.insert(number, Missed { times, not_before: at.after(back_off) });
    }

    /// A place was given up, or its pass ended.
    pub fn spend(&mut self, number: Number) {
        self.waiting.remove(number.0);
        self.passed.remove(number.0);
        self.missed.remove(&number);
        self.moved.remove(&number);
        assert!(self.spent.insert(number.0), "{number:?} is spent once");
        self.mark(number.0 + 1);
        assert!(!self.waiting.contains(number.0), "who is gone does not wait");
    }

    /// Who is gone is back among those who return.
    pub fn bring_back(&mut self, number: Number) {
        assert!(self.spent.remove(number.0), "{number:?} is gone before it comes back");
        assert!(!self.waiting.contains(number.0), "who is gone does not wait");
        assert!(self.passed.insert(number.0), "{number:?} comes back once");
    }

    /// A place, or the pass it led to, goes on on another device.
    pub fn move_to(&mut self, number: Number, mark: PlaceMark) {
        assert!(number.0 < self.reserved, "{number:?} was issued");
        assert!(!self.spent.contains(number.0), "{number:?} is spent and goes nowhere");
        self.moved.insert(number, mark);
        self.mark(number.0 + 1);
    }

    fn pass_over(&mut self, from: u32, until: u32) {
        let mut next = from;
        while let Some(number) = self.first_waiting(next, until) {
            self.waiting.remove(number);
            assert!(self.passed.insert(number), "who waits was not passed over");
            assert!(!self.spent.contains(number), "who waits is not spent");
            next = number + 1;
        }
    }

    fn first_waiting(&self, from: u32, until: u32) -> Option<u32> {
        self.waiting.iter_range(from, until).next()
    }

    /// How a number stands. One that is reserved and not issued stands as if it waited; only the
    /// readers' counter tells these apart.
    pub fn standing(&self, number: Number) -> Standing {
        let position = || self.waiting.count_below(number.0);
        if number.0 >= self.reserved {
            Standing::Unissued
        } else if self.waiting.contains(number.0) {
            Standing::Waiting { position: position() }
        } else if self.passed.contains(number.0) {
            Standing::Returning { position: position() }
        } else if self.spent.contains(number.0) {
            Standing::Spent
        } else {
            Standing::Called
        }
    }

    /// How many wait, if numbers below `issued` were issued.
    pub fn waiting(&self, issued: u32) -> u32 {
        self.waiting.count_below(issued)
    }

    /// How far calling has come.
    pub fn front(&self) -> u32 {
        self.front
    }

    /// Numbers below this one are known to be issued.
    pub fn issued(&self) -> u32 {
        self.issued
    }

    /// Numbers below this one may be issued.
    pub fn reserved(&self) -> u32 {
        self.reserved
    }

    /// What is remembered of a visitor who missed a claim.
    pub fn missed(&self, number: Number) -> Option<Missed> {
        self.missed.get(&number).copied()
    }

    /// Which tokens of a place are believed; `None` if it never moved: all are.
    pub fn moved(&self, number: Number) -> Option<PlaceMark> {
        self.moved.get(&number).copied()
    }

    /// The places that moved, ascending.
    pub fn all_moved(&self) -> &BTreeMap<Number, PlaceMark> {
        &self.moved
    }

    /// The 64 bits around a reserved number: waiting, passed, spent.
    pub(super) fn words_at(&self, number: u32) -> [u64; 3] {
        let word = (number / 64) as usize;
        [&self.waiting, &self.passed, &self.spent].map(|bits| bits.words()[word])
    }

    /// Asserts what holds after every change.
    ///
    /// # Panics
    /// If a number has two bits, somebody waits below the front, a number is beyond what was
    /// issued or reserved, or who is remembered for a missed claim was never called.
    pub fn check_invariants(&self) {
        for bits in [&self.waiting, &self.passed, &self.spent] {
            assert_eq!(bits.len(), self.reserved, "one bit for each reserved number");
        }
        for number in (0..self.reserved).step_by(64) {
            let [waiting, passed, spent] = self.words_at(number);
            let twice = waiting & passed | waiting & spent | passed & spent;
            assert_eq!(twice, 0, "one bit each, from {number} on");
        }
        assert!(self.front <= self.issued, "calling never came further than the counter");
        assert!(self.issued <= self.reserved, "only reserved numbers were issued");
        assert_eq!(self.waiting.count_below(self.front), 0, "nobody waits below the front");
        let unissued = self.reserved - self.issued;
        let waiting = self.waiting.count_below(self.reserved) - self.waiting(self.issued);
        assert_eq!(waiting, unissued, "what is not issued was not called");
        for (number, missed) in &self.missed {
            assert!(number.0 < self.issued && missed.times > 0, "{number:?} was called");
            assert!(!self.waiting.contains(number.0), "{number:?} waits no more");
            assert!(!self.spent.contains(number.0), "{number:?} is forgotten when spent");
        }
        for number in self.moved.keys() {
            assert!(number.0 < self.issued, "{number:?} was issued before it moved");
            assert!(!self.spent.contains(number.0), "{number:?} is forgotten when spent");
        }
    }
}

/// A line at rest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineImage {
    /// Words of the waiting bits, 64 numbers each.
    pub waiting: Vec<u64>,
    /// Words of the passed bits.
    pub passed: Vec<u64>,
    /// Words of the spent bits.
    pub spent: Vec<u64>,
    /// How far calling has come.
    pub front: u32,
    /// Numbers below this one are known to be issued.
    pub issued: u32,
    /// Numbers below this one may be issued.
    pub reserved: u32,
    /// Who missed a claim, ascending by number.
    pub missed: Vec<(Number, Missed)>,
    /// Whose place moved to another device, ascending by number.
    pub moved: Vec<(Number, PlaceMark)>,
}

impl Line {
    /// The line as plain data.
    pub fn image(&self) -> LineImage {
        LineImage {
            waiting: self.waiting.words().to_vec(),
            passed: self.passed.words().to_vec(),
            spent: self.spent.words().to_vec(),
            front: self.front,
            issued: self.issued,
            reserved: self.reserved,
            missed: self.missed.iter().map(|(number, missed)| (*number, *missed)).collect(),
            moved: self.moved.iter().map(|(number, mark)| (*number, *mark)).collect(),
        }
    }

    /// The line whose image this is.
    ///
    /// # Panics
    /// If the image contradicts itself: its reader has checked its sum.
    pub fn from_image(image: LineImage) -> Self {
        let bits = |words| Bits::from_words(words, image.reserved);
        let line = Self {
            waiting: bits(image.waiting),
            passed: bits(image.passed),
            spent: bits(image.spent),
            front: image.front,
            issued: image.issued,
            reserved: image.reserved,
            missed: image.missed.into_iter().collect(),
            moved: image.moved.into_iter().collect(),
        };
        line.check_invariants();
        line
    }
}
