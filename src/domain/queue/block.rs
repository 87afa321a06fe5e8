//! One block of the queue's shared state: bits, stamps and prefix sums of consecutive numbers.
//!
//! Owns the memory and the arithmetic from a number to its word. Knows nothing of who reads or
//! writes: the orderings are chosen, and explained, in `places` and `publisher`.

use std::ops::Range;

use crate::limits::{NUMBERS_MAX, NUMBERS_PER_BLOCK, NUMBERS_PER_SUM};
use crate::sync::{AtomicU32, AtomicU64};

/// Blocks that one sale may ever allocate.
pub(super) const BLOCKS_MAX: usize = (NUMBERS_MAX / NUMBERS_PER_BLOCK) as usize;
const WORDS: usize = NUMBERS_PER_BLOCK as usize / 64;
const SUMS: usize = (NUMBERS_PER_BLOCK / NUMBERS_PER_SUM) as usize;

/// The state of [`NUMBERS_PER_BLOCK`] numbers, four and a half bytes each.
pub(super) struct Block {
    /// In the queue. Set before the number can be issued, then only ever cleared.
    pub(super) waiting: Box<[AtomicU64]>,
    /// Out of the queue, to be called when seen again.
    pub(super) passed: Box<[AtomicU64]>,
    /// Gone for good. Only ever set.
    pub(super) spent: Box<[AtomicU64]>,
    /// Whole seconds of sale time, plus one, when the visitor was last seen; zero is never.
    pub(super) seen: Box<[AtomicU32]>,
    /// The newest stamp of each [`NUMBERS_PER_SUM`] numbers. Only ever raised.
    pub(super) newest: Box<[AtomicU32]>,
    /// Waiting bits of the whole queue below each [`NUMBERS_PER_SUM`] numbers, as last summed up.
    pub(super) sums: Box<[AtomicU32]>,
}

impl Block {
    /// Bytes that one block allocates, beside its entry in the table.
    pub(super) const BYTES: usize = 3 * WORDS * size_of::<AtomicU64>()
        + NUMBERS_PER_BLOCK as usize * size_of::<AtomicU32>()
        + 2 * SUMS * size_of::<AtomicU32>();

    /// A block of zeros.
    pub(super) fn empty() -> Self {
        let words = || (0..WORDS).map(|_| AtomicU64::new(0)).collect();
        let halves = |count: usize| (0..count).map(|_| AtomicU32::new(0)).collect();
        Self {
            waiting: words(),
            passed: words(),
            spent: words(),
            seen: halves(NUMBERS_PER_BLOCK as usize),
            newest: halves(SUMS),
            sums: halves(SUMS),
        }
    }
}

/// Which block a number is in.
pub(super) fn block_of(number: u32) -> usize {
    (number / NUMBERS_PER_BLOCK) as usize
}

/// Which stamp of its block belongs to a number.
pub(super) fn stamp_of(number: u32) -> usize {
    (number % NUMBERS_PER_BLOCK) as usize
}

/// Which word of its block holds a number's bit.
pub(super) fn word_of(number: u32) -> usize {
    stamp_of(number) / 64
}

/// Which sum, and which newest stamp, of its block covers a number.
pub(super) fn sum_of(number: u32) -> usize {
    stamp_of(number) / NUMBERS_PER_SUM as usize
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
