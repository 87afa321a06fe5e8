//! The places of everybody in the queue, as every visitor's request reads them.
//!
//! Owns the counter that queue numbers come from, and shares the blocks with the one
//! [`Publisher`](super::publisher::Publisher), which alone changes them, from what is durable. A
//! reader takes no lock, allocates nothing and waits for nobody.
//!
//! Why a shown position never rises: it is a sum of a few atomics, one prefix sum and at most four
//! words of bits. Which ones depends on the number alone. Once the number is issued, each of them
//! is only ever lowered (bits are only cleared, and a sum is only stored when it fell). A later
//! poll of the same visitor, sent after the earlier was answered, reads each of them at the same
//! or a later point of that atomic's own history, so no term can have risen, in whatever order the
//! terms were read or written. What a race can do is leave a position a tick too high.

use std::sync::OnceLock;

use super::block::{BLOCKS_MAX, Block, Group, bit_of, block_of, stamp_of, word_of, words_of};
use super::standing::Standing;
use crate::id::Number;
use crate::limits::NUMBERS_PER_SUM;
use crate::sync::{AtomicU32, Ordering};
use crate::time::{SaleTime, Span};

/// Looks at one place before a caller is told to ask again. Each needs the publisher to have ended
/// a pass and made another between two looks, which it does at most once a tick.
const LOOKS_MAX: u32 = 8;

/// What every reader of the queue touches.
pub struct Places {
    /// Numbers below this one were issued.
    pub(super) issued: AtomicU32,
    /// Numbers below this one may be issued, durably.
    pub(super) reserved: AtomicU32,
    /// Allocated by the publisher, in order, and never freed while anybody reads.
    pub(super) blocks: Box<[OnceLock<Block>]>,
}

/// What was found for a queue number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found<P> {
    /// A place. [`Standing::Called`] only if passes came and went faster than they could be looked
    /// up: ask again.
    Place(Standing),
    /// A pass, offered or active.
    Pass(P),
}

impl Places {
    /// Places of which none is reserved yet.
    pub(super) fn empty() -> Self {
        Self {
            issued: AtomicU32::new(0),
            reserved: AtomicU32::new(0),
            blocks: (0..BLOCKS_MAX).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Gives out the next queue number and stamps it as seen; `None` while no reserved number is
    /// left: ask again once more are reserved.
    pub fn join(&self, now: SaleTime) -> Option<Number> {
        // Relaxed: only a guess, which the exchange below confirms or corrects.
        let mut next = self.issued.load(Ordering::Relaxed);
        // Acquire, from the Release in `Publisher::reserve`: the block, its bits and its sums are
        // there before a number of it is given out.
        while next < self.reserved.load(Ordering::Acquire) {
            // Stamped before it is issued, so that calling never sees a new visitor as absent. If
            // somebody else gets the number, they are here now as well.
            self.see(Number(next), now);
            // Release, to the Acquire in `issued`: who knows of the number sees its block and its
            // stamp. Relaxed on failure: only a better guess.
            match self.issued.compare_exchange_weak(
                next,
                next + 1,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some(Number(next)),
                Err(issued) => next = issued,
            }
        }
        None
    }

    /// Stamps a visitor as seen. Stores at most once a second for each, and never an earlier time.
    pub fn see(&self, number: Number, now: SaleTime) {
        let Some(group) = self.group(number.0) else { return };
        let (seen, newest) = (&group.seen[stamp_of(number.0)], &group.newest);
        let stamp = stamp_at(now);
        // Relaxed, all: a stamp stands for itself and orders nothing. Two polls of one visitor may
        // cross here; then the stamp is as old as the earlier one, by less than a request takes.
        if seen.load(Ordering::Relaxed) < stamp {
            seen.store(stamp, Ordering::Relaxed);
        }
        // Looked at even if the stamp was there: whoever made that may not have come this far. A
        // maximum, since others of the group are seen at the same time.
        if newest.load(Ordering::Relaxed) < stamp {
            newest.fetch_max(stamp, Ordering::Relaxed);
        }
    }

    /// When a visitor was last seen, to the whole second below; `None` if not since the start of
    /// this process.
    pub fn seen_at(&self, number: Number) -> Option<SaleTime> {
        // Relaxed: see `see`. A stamp made by `join` comes with the number, see `issued`.
        time_of(self.group(number.0)?.seen[stamp_of(number.0)].load(Ordering::Relaxed))
    }

    /// When anybody of the [`NUMBERS_PER_SUM`] numbers around this one was last seen, to the whole
    /// second below.
    pub fn seen_near(&self, number: Number) -> Option<SaleTime> {
        // Relaxed: as above.
        time_of(self.group(number.0)?.newest.load(Ordering::Relaxed))
    }

    /// Whether a visitor was seen within `span` before `now`, up to a second in their favour.
    pub fn seen_within(&self, number: Number, now: SaleTime, span: Span) -> bool {
        let whole_second = SaleTime(now.0 / 1_000 * 1_000);
        self.seen_at(number).is_some_and(|seen_at| whole_second.since(seen_at) <= span)
    }

    /// How a number stands. For [`Standing::Called`], the pass is in the engine's map; use
    /// [`Places::find`] where both are wanted.
    pub fn standing(&self, number: Number) -> Standing {
        if number.0 >= self.issued() {
            return Standing::Unissued;
        }
        let group = self.expect_group(number.0);
        let (word, bit) = (word_of(number.0), bit_of(number.0));
        // The publisher sets what a place becomes (a bit here, or a pass in the map) before it
        // clears, with Release, what the place was. Acquire, from that Release: who finds a bit
        // cleared finds what came instead. Hence this order: waiting, passed, spent, the map.
        if group.waiting[word].load(Ordering::Acquire) & bit != 0 {
            return Standing::Waiting { position: self.waiting_below(number.0) };
        }
        if group.passed[word].load(Ordering::Acquire) & bit != 0 {
            return Standing::Returning { position: self.waiting_below(number.0) };
        }
        // Acquire, from the Release in `Publisher::spend`, as above; nothing follows it here.
        if group.spent[word].load(Ordering::Acquire) & bit != 0 {
            return Standing::Spent;
        }
        Standing::Called
    }

    /// What a number stands for, with its pass if it has one; `pass_of` looks into the map of
    /// passes. A pass may end between the two looks; its next state was set before it was taken out
    /// of the map, and shows when the place is looked at again.
    pub fn find<P>(&self, number: Number, pass_of: impl Fn(Number) -> Option<P>) -> Found<P> {
        for _ in 0..LOOKS_MAX {
            match self.standing(number) {
                Standing::Called => {
                    if let Some(pass) = pass_of(number) {
                        return Found::Pass(pass);
                    }
                }
                place => return Found::Place(place),
            }
        }
        Found::Place(Standing::Called)
    }

    /// Numbers below this one were issued.
    pub fn issued(&self) -> u32 {
        // Acquire, from the Release in `join` and in `Publisher::resume`: blocks and first stamps
        // of the numbers counted here are visible.
        self.issued.load(Ordering::Acquire)
    }

    /// Numbers below this one may be issued.
    pub fn reserved(&self) -> u32 {
        // Acquire, from the Release in `Publisher::reserve`.
        self.reserved.load(Ordering::Acquire)
    }

    /// How many are in the queue, present or not.
    pub fn waiting(&self) -> u32 {
        self.waiting_below(self.issued())
    }

    /// How many places from `from` on are waiting and were seen within `span` before `now`. Looks
    /// at every one: for once a second.
    pub fn present(&self, from: u32, now: SaleTime, span: Span) -> u32 {
        let mut present = 0;
        for (first, mask) in words_of(from..self.issued()) {
            // Relaxed: a count for an estimate.
            let mut waiting =
                self.expect_group(first).waiting[word_of(first)].load(Ordering::Relaxed) & mask;
            while waiting != 0 {
                let number = first / 64 * 64 + waiting.trailing_zeros();
                present += u32::from(self.seen_within(Number(number), now, span));
                waiting &= waiting - 1;
            }
        }
        present
    }

    /// Stamps every place from `from` on that waits as seen, for visitors who cannot say themselves
    /// that they are here. Looks at every one: for a few times in a presence span.
    pub fn see_waiting(&self, from: u32, now: SaleTime) {
        for (first, mask) in words_of(from..self.issued()) {
            // Relaxed: who is called in this moment may be stamped once more, which is harmless.
            let mut waiting =
                self.expect_group(first).waiting[word_of(first)].load(Ordering::Relaxed) & mask;
            while waiting != 0 {
                self.see(Number(first / 64 * 64 + waiting.trailing_zeros()), now);
                waiting &= waiting - 1;
            }
        }
    }

    /// Bytes that the queue's shared state takes.
    pub fn bytes(&self) -> usize {
        let blocks = self.blocks.iter().filter(|block| block.get().is_some()).count();
        size_of::<Self>() + size_of_val(&*self.blocks) + blocks * Block::BYTES
    }

    /// Waiting bits below `until`: the sum of the group that `until - 1` is in, and the bits of
    /// that group. Why this never rises is said at the top.
    pub(super) fn waiting_below(&self, until: u32) -> u32 {
        let Some(last) = until.checked_sub(1) else { return 0 };
        let group = self.expect_group(last);
        // Relaxed, without partner: each term stands for itself, see the top. Sums and bits of a
        // new block come with the number that leads here, see `join`.
        let before = group.sum.load(Ordering::Relaxed);
        let inside = words_of(last / NUMBERS_PER_SUM * NUMBERS_PER_SUM..until)
            .map(|(first, mask)| group.waiting[word_of(first)].load(Ordering::Relaxed) & mask)
            .map(u64::count_ones)
            .sum::<u32>();
        before + inside
    }

    fn group(&self, number: u32) -> Option<&Group> {
        Some(self.blocks.get(block_of(number))?.get()?.group(number))
    }

    pub(super) fn expect_group(&self, number: u32) -> &Group {
        self.group(number).expect("a reserved number has its block")
    }
}

/// What a stamp says, to the whole second below.
fn time_of(stamp: u32) -> Option<SaleTime> {
    stamp.checked_sub(1).map(|seconds| SaleTime(u64::from(seconds) * 1_000))
}

/// A stamp: whole seconds of sale time plus one, since zero is never. Good for 136 years.
fn stamp_at(now: SaleTime) -> u32 {
    u32::try_from(now.0 / 1_000 + 1).unwrap_or(u32::MAX)
}
