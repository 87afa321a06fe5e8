//! How a wish is given its block: sets of first seats, one per step of preference, tried in turn.
//!
//! Which seats can begin a block, and which of those blocks leave a single seat behind, is worked
//! out for all seats at once, 64 to a word. Only then are distances compared, nearest run first,
//! and no further than a run could still win.

use super::layout::Layout;
use super::{NoChoice, Wish};
use crate::bits::Bits;
use crate::id::SeatIndex;
use crate::limits;

impl Layout {
    /// Chooses the seats for a wish, ascending and side by side, out of those available.
    ///
    /// `available` has one bit per seat of the plan. The order of preference is in the head of
    /// [`best_available`](super). A block is found whenever there is one.
    ///
    /// # Panics
    /// If the wish is for no seat, for more than [`limits::BEST_AVAILABLE_MAX`] or for more
    /// accessible seats than seats, or if `available` belongs to another plan.
    pub fn choose(&self, available: &Bits, wish: &Wish) -> Result<Vec<SeatIndex>, NoChoice> {
        assert!((1..=limits::BEST_AVAILABLE_MAX).contains(&wish.seats));
        assert!(wish.accessible <= wish.seats);
        assert_eq!(available.len(), self.seats(), "one bit per seat of the plan");

        let usable = self.usable(available, wish);
        let any = self.starts(&usable, wish);
        let clear_seats = usable.clone().and(&self.clear);
        let clear = together(&clear_seats, &self.joined_in_zone, wish.seats).and(&any);
        let untidy = self.starts_leaving_a_single(available, wish.seats);
        // Each step is worked out only when those before it came to nothing.
        let first = self
            .nearest(&clear.clone().and_not(&untidy), wish.seats)
            .or_else(|| self.nearest(&clear, wish.seats))
            .or_else(|| self.nearest(&any.clone().and_not(&untidy), wish.seats))
            .or_else(|| self.nearest(&any, wish.seats));
        let Some(first) = first else { return Err(self.why_none(&usable, wish)) };
        let block = first..first + wish.seats;
        debug_assert!(block.clone().all(|seat| usable.contains(seat)));
        Ok(block.map(SeatIndex).collect())
    }

    /// The available seats that a wish may take, together or not.
    fn usable(&self, available: &Bits, wish: &Wish) -> Bits {
        let mut usable = available.clone();
        if wish.accessible == 0 {
            usable = usable.and(&self.ordinary);
        }
        if wish.zone.is_some() || wish.section.is_some() {
            let mut scope = Bits::empty(self.seats());
            for run in &self.runs {
                let in_zone = wish.zone.is_none_or(|zone| zone == run.zone);
                if in_zone && wish.section.is_none_or(|section| section == run.section) {
                    scope.insert_range(run.seats.start, run.seats.end);
                }
            }
            usable = usable.and(&scope);
        }
        usable
    }

    /// The first seats of all blocks, or of those with the fewest accessible seats.
    fn starts(&self, usable: &Bits, wish: &Wish) -> Bits {
        let starts = together(usable, &self.joined_in_zone, wish.seats);
        if wish.accessible == 0 { starts } else { self.with_accessible(&starts, wish) }
    }

    /// Those blocks with enough accessible seats that take the fewest of them.
    fn with_accessible(&self, starts: &Bits, wish: &Wish) -> Bits {
        let enough = u64::from(wish.accessible);
        let accessible = |start: u32| sum_of_block(&self.accessible_sums, start, wish.seats);
        let all = || starts.iter_range(0, starts.len());
        let fewest = all().map(accessible).filter(|count| *count >= enough).min();
        let mut kept = Bits::empty(starts.len());
        for start in all().filter(|start| Some(accessible(*start)) == fewest) {
            kept.insert(start);
        }
        kept
    }

    /// The first seats of blocks of this size that would take the last company of a seat beside
    /// them.
    fn starts_leaving_a_single(&self, available: &Bits, seats: u32) -> Bits {
        let ordinary = available.clone().and(&self.ordinary);
        // Seats that have company in the next one.
        let pairs = together(&ordinary, &self.joined, 2);
        // Seats whose only company is the next one, and seats who are the only company of the next.
        let before = pairs.clone().and_not(&pairs.behind(1));
        let after = pairs.clone().and_not(&pairs.ahead(1));
        before.behind(1).or(&after.ahead(seats - 1))
    }

    /// Of the blocks that begin at these seats, the first seat of the one with the smallest sum of
    /// distances; of several, the lowest.
    fn nearest(&self, starts: &Bits, seats: u32) -> Option<u32> {
        let mut best: Option<(u64, u32)> = None;
        for run in &self.runs {
            // A run that could draw level may still win by a lower seat.
            if best.is_some_and(|(sum, _)| run.nearest * u64::from(seats) > sum) {
                break;
            }
            for start in starts.iter_range(run.seats.start, run.seats.end) {
                let sum = sum_of_block(&self.distance_sums, start, seats);
                if best.is_none_or(|best| (sum, start) < best) {
                    best = Some((sum, start));
                }
            }
        }
        best.map(|(_, start)| start)
    }

    fn why_none(&self, usable: &Bits, wish: &Wish) -> NoChoice {
        let accessible = usable.clone().and(&self.accessible).count();
        if accessible < wish.accessible {
            NoChoice::Fewer { available: accessible }
        } else if usable.count() < wish.seats {
            NoChoice::Fewer { available: usable.count() }
        } else {
            NoChoice::NoBlock
        }
    }
}

/// What the seats of a block add up to, by the sums before each seat.
fn sum_of_block(sums_before: &[u64], start: u32, seats: u32) -> u64 {
    sums_before[(start + seats) as usize] - sums_before[start as usize]
}

/// The seats at which so many of a set stand in a chain, each joined to the next.
fn together(set: &Bits, joined: &Bits, seats: u32) -> Bits {
    if seats == 1 {
        return set.clone();
    }
    // A chain of n seats is n - 1 joints in a row. Doubling: a chain of both lengths added, or less
    // where they overlap.
    let mut starts = set.ahead(1).and(set).and(joined);
    let mut joints = 1;
    while joints < seats - 1 {
        let step = joints.min(seats - 1 - joints);
        starts = starts.ahead(step).and(&starts);
        joints += step;
    }
    starts
}
