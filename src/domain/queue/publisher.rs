//! The one hand that changes what readers of the queue see.
//!
//! Owns the right to write [`Places`]: there is one publisher for them, it is not shared, and each
//! of its functions takes it exclusively. So a plain load and store of a word do what a
//! read-modify-write would. It publishes only what is durable, decides nothing and waits for
//! nobody. Invariant: what a place becomes is visible before what it was is gone.

use std::ops::Range;
use std::sync::Arc;

use super::block::{Block, bit_of, block_of, word_of, words_of};
use super::line::Line;
use super::places::Places;
use crate::id::Number;
use crate::limits::{NUMBERS_MAX, NUMBERS_PER_BLOCK, NUMBERS_PER_SUM};
use crate::sync::{AtomicU64, Ordering};

/// Writes [`Places`] for everybody to read.
pub struct Publisher {
    places: Arc<Places>,
}

impl Default for Publisher {
    fn default() -> Self {
        Self::new()
    }
}

impl Publisher {
    /// Publishes an empty queue, with no number reserved.
    pub fn new() -> Self {
        Self { places: Arc::new(Places::empty()) }
    }

    /// Publishes a recovered queue.
    ///
    /// # Panics
    /// If [`Line::restart`] was not called: a number between the last mark and the reservation may
    /// have been issued, and must not be issued again.
    pub fn restore(line: &Line) -> Self {
        assert_eq!(line.issued(), line.reserved(), "a recovered queue was restarted");
        let mut publisher = Self::new();
        publisher.reserve(line.reserved());
        for number in (0..line.reserved()).step_by(64) {
            let group = publisher.places.expect_group(number);
            let [waiting, passed, spent] = line.words_at(number);
            // Relaxed: nobody reads yet; whoever gets the places gets them through an `Arc` that
            // was sent or shared, which orders everything before it.
            group.waiting[word_of(number)].store(waiting, Ordering::Relaxed);
            group.passed[word_of(number)].store(passed, Ordering::Relaxed);
            group.spent[word_of(number)].store(spent, Ordering::Relaxed);
        }
        publisher.places.issued.store(line.issued(), Ordering::Relaxed);
        publisher.rebuild_sums();
        publisher
    }

    /// What readers share.
    pub fn places(&self) -> Arc<Places> {
        Arc::clone(&self.places)
    }

    /// Lets numbers below `until` be issued, with the waiting bit of each already set: a bit that
    /// came in late would raise the positions of those behind it. Allocates.
    ///
    /// # Panics
    /// If `until` is below what is reserved, or above [`NUMBERS_MAX`].
    pub fn reserve(&mut self, until: u32) {
        let from = self.places.reserved();
        assert!(from <= until && until <= NUMBERS_MAX, "reserve {until} after {from}");
        let blocks = block_of(from)..until.div_ceil(NUMBERS_PER_BLOCK) as usize;
        for block in &self.places.blocks[blocks] {
            block.get_or_init(Block::empty);
        }
        for (first, mask) in words_of(from..until) {
            let group = self.places.expect_group(first);
            assert!(load(&group.spent[word_of(first)]) & mask == 0, "unissued, so not spent");
            set(&group.waiting[word_of(first)], mask);
        }
        self.sum_up(until);
        // Release, to the Acquire in `Places::join` and `Places::reserved`: blocks, bits and sums
        // are there before a number can be issued.
        self.places.reserved.store(until, Ordering::Release);
    }

    /// Takes a visitor out of the queue who was called. The engine puts the pass into its map
    /// first, so that the visitor is never found nowhere.
    pub fn call(&mut self, number: Number) {
        let [waiting, passed, spent] = self.words(number);
        let bit = bit_of(number.0);
        assert!((load(waiting) | load(passed)) & bit != 0, "{number:?} is called out of the queue");
        assert!(load(spent) & bit == 0, "{number:?} is spent and is not called");
        clear(waiting, bit);
        clear(passed, bit);
    }

    /// Passes over every place that still waits among `numbers`, which calling has reached. Those
    /// called in the same change are published by [`Publisher::call`] before.
    pub fn pass_over(&mut self, numbers: Range<u32>) {
        assert!(numbers.end <= self.places.reserved(), "only reserved numbers are passed over");
        for (first, mask) in words_of(numbers) {
            let [waiting, passed, spent] = self.words(Number(first));
            let absent = load(waiting) & mask;
            if absent != 0 {
                assert!(load(spent) & absent == 0, "who waits is not spent");
                set(passed, absent);
                clear(waiting, absent);
            }
        }
    }

    /// Sends a called visitor, who did not claim, back among those who return. The engine takes the
    /// pass out of its map afterwards.
    pub fn miss(&mut self, number: Number) {
        let [waiting, passed, spent] = self.words(number);
        let bit = bit_of(number.0);
        assert!(load(waiting) & bit == 0, "{number:?} was called and does not wait");
        assert!(load(spent) & bit == 0, "{number:?} is spent and misses nothing");
        set(passed, bit);
    }

    /// Ends a place: given up, or its pass ended. The engine takes the pass out of its map
    /// afterwards.
    pub fn spend(&mut self, number: Number) {
        let [waiting, passed, spent] = self.words(number);
        let bit = bit_of(number.0);
        assert!(number.0 < self.places.issued(), "{number:?} was issued");
        assert!(load(spent) & bit == 0, "{number:?} is spent once");
        set(spent, bit);
        clear(waiting, bit);
        clear(passed, bit);
    }

    /// Lets a visitor whose place had ended back among those who return.
    pub fn bring_back(&mut self, number: Number) {
        let [waiting, passed, spent] = self.words(number);
        let bit = bit_of(number.0);
        assert!(load(spent) & bit != 0, "{number:?} is gone before it comes back");
        assert!(load(waiting) & bit == 0, "who is gone does not wait");
        set(passed, bit);
        clear(spent, bit);
    }

    /// Goes on after a time of which the counter is not known: the numbers from `issued_from` on
    /// that were reserved may have been issued or not. They show in nobody's position, and whoever
    /// comes with one is honoured; new visitors get numbers behind them.
    pub fn resume(&mut self, issued_from: u32) {
        let reserved = self.places.reserved();
        assert!(issued_from <= reserved, "only reserved numbers were issued");
        self.pass_over(issued_from..reserved);
        // Release, to the Acquire in `Places::issued`, for the bits just set. A maximum, since
        // visitors may be joining: none of them is undone, and no number is given twice.
        self.places.issued.fetch_max(reserved, Ordering::Release);
        assert!(self.places.issued() == reserved, "nothing beyond the reservation was issued");
        self.sum_up(reserved);
    }

    /// Lowers every prefix sum to what is waiting now. Once a tick.
    pub fn rebuild_sums(&mut self) {
        self.sum_up(self.places.reserved());
    }

    /// Sums up the waiting bits of all groups below `until`. The sums of issued numbers only fall;
    /// those of numbers about to be reserved are set here for the first time.
    fn sum_up(&mut self, until: u32) {
        let reserved = self.places.reserved();
        assert!(until >= reserved, "no group is left out");
        let mut total = 0;
        for first in (0..until).step_by(NUMBERS_PER_SUM as usize) {
            let group = self.places.expect_group(first);
            // Relaxed, both: only this thread stores sums. A reader needs no order between sums
            // and bits, see `places`; those of a new block are released by `reserve`.
            let before = group.sum.load(Ordering::Relaxed);
            assert!(total <= before || first >= reserved, "a sum that is read never rises");
            if total != before {
                group.sum.store(total, Ordering::Relaxed);
            }
            total += words_of(first..until.min(first + NUMBERS_PER_SUM))
                .map(|(first, mask)| (load(&group.waiting[word_of(first)]) & mask).count_ones())
                .sum::<u32>();
        }
        assert!(total <= until, "no more waiting than there are numbers");
    }

    /// The words of a number's bits: waiting, passed, spent.
    fn words(&self, number: Number) -> [&AtomicU64; 3] {
        let group = self.places.expect_group(number.0);
        let word = word_of(number.0);
        [&group.waiting[word], &group.passed[word], &group.spent[word]]
    }
}

/// Reads a word. Relaxed: only the publisher, and so this thread, stores bits.
fn load(word: &AtomicU64) -> u64 {
    word.load(Ordering::Relaxed)
}

/// Sets bits. Release, to the Acquire loads in `Places::standing`.
fn set(word: &AtomicU64, bits: u64) {
    word.store(load(word) | bits, Ordering::Release);
}

/// Clears bits, if any is set. Release, to the Acquire loads in `Places::standing`: what the place
/// has become was stored before, and is seen by whoever sees the bit gone.
fn clear(word: &AtomicU64, bits: u64) {
    let before = load(word);
    if before & bits != 0 {
        word.store(before & !bits, Ordering::Release);
    }
}
