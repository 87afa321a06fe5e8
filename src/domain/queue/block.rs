//! One block of the queue's shared state: groups of consecutive numbers, with their bits, stamps
//! and prefix sums.
//!
//! Owns the memory and the arithmetic from a number to its word. Knows nothing of who reads or
//! writes: the orderings are chosen, and explained, in `places` and `publisher`.

use std::array::from_fn;
use std::ops::Range;

use crate::limits::{NUMBERS_MAX, NUMBERS_PER_BLOCK, NUMBERS_PER_SUM};
use crate::sync::{AtomicU32, AtomicU64};

/// Blocks that one sale may ever allocate.
pub(super) const BLOCKS_MAX: usize = (NUMBERS_MAX / NUMBERS_PER_BLOCK) as usize;
const GROUPS: usize = (NUMBERS_PER_BLOCK / NUMBERS_PER_SUM) as usize;
const NUMBERS: usize = NUMBERS_PER_SUM as usize;
const WORDS: usize = NUMBERS / 64;

/// The state of [`NUMBERS_PER_BLOCK`] numbers.
pub(super) struct Block(Box<[Group]>);

/// The state of [`NUMBERS_PER_SUM`] numbers, four and a half bytes each. What nearly every poll
/// reads is in two cache lines of one or two pages: its stamp, and the line that comes first here.
#[repr(C, align(64))]
pub(super) struct Group {
    /// Waiting bits of the whole queue below this group, as last summed up.
    pub(super) sum: AtomicU32,
    /// The newest stamp of the group. Only ever raised.
    pub(super) newest: AtomicU32,
    /// In the queue. Set before the number can be issued, then only ever cleared.
    pub(super) waiting: [AtomicU64; WORDS],
    /// Out of the queue, to be called when seen again.
    pub(super) passed: [AtomicU64; WORDS],
    /// Gone. Cleared only where an operator restores the place.
    pub(super) spent: [AtomicU64; WORDS],
    /// Whole seconds of sale time, plus one, when the visitor was last seen; zero is never.
    pub(super) seen: [AtomicU32; NUMBERS],
}

impl Block {
    /// Bytes that one block allocates, beside its entry in the table.
    pub(super) const BYTES: usize = GROUPS * size_of::<Group>();

    /// A block of zeros.
    pub(super) fn empty() -> Self {
        Self((0..GROUPS).map(|_| Group::empty()).collect())
    }

    /// The group of a number that is in this block.
    pub(super) fn group(&self, number: u32) -> &Group {
        &self.0[(number % NUMBERS_PER_BLOCK / NUMBERS_PER_SUM) as usize]
    }
}

impl Group {
    fn empty() -> Self {
        let words = || from_fn(|_| AtomicU64::new(0));
        Self {
            sum: AtomicU32::new(0),
            newest: AtomicU32::new(0),
            waiting: words(),
            passed: words(),
            spent: words(),
            seen: from_fn(|_| AtomicU32::new(0)),
        }
    }
}

/// Which block a number is in.
pub(super) fn block_of(number: u32) -> usize {
    (number / NUMBERS_PER_BLOCK) as usize
}

/// Which stamp of its group belongs to a number.
pub(super) fn stamp_of(number: u32) -> usize {
    (number % NUMBERS_PER_SUM) as usize
}

/// Which word of its group holds a number's bit.
pub(super) fn word_of(number: u32) -> usize {
    stamp_of(number) / 64
}

/// A number's bit in its word.
pub(super) fn bit_of(number: u32) -> u64 {
    1 << (number % 64)
}

/// The words that hold `numbers`: a number in each word, and the bits of it that are meant.
pub(super) fn words_of(numbers: Range<u32>) -> impl Iterator<Item = (u32, u64)> {
    let mut from = numbers.start;
    std::iter::from_fn(move || {
        let left = numbers.end.checked_sub(from).filter(|left| *left > 0)?;
        let here = left.min(64 - from % 64);
        let word = (from, (u64::MAX >> (64 - here)) << (from % 64));
        from += here;
        Some(word)
    })
}
