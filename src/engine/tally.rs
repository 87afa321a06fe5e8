//! What a sale has come to since this process serves it: plain numbers that can be read back.
//!
//! Counted beside the metrics, for the pages of operators. Owns nothing that anybody decides by;
//! a number that is lost with the process is lost.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use stanchion_domain::change::Change;
use stanchion_domain::id::Number;
use stanchion_domain::refusal::Code;

/// Nobody was called since somebody asked.
const NOBODY: u32 = u32::MAX;

/// Counts of one sale. All accesses are relaxed: each number stands alone, and a reading that is a
/// change behind is as good.
#[derive(Debug)]
pub struct Tally {
    called: AtomicU64,
    claims: AtomicU64,
    missed: AtomicU64,
    holds: AtomicU64,
    orders: AtomicU64,
    crowded: AtomicU64,
    /// Where calling stands; whoever has a lower number came back, and was not waiting all the
    /// time. Stored by the commit thread alone.
    front: AtomicU32,
    /// The lowest number that was called in its turn since this was last taken.
    longest_waiting: AtomicU32,
}

/// A reading of all counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// Visitors called.
    pub called: u64,
    /// Visitors who took their turn.
    pub claims: u64,
    /// Visitors who did not.
    pub missed: u64,
    /// Holds made.
    pub holds: u64,
    /// Baskets confirmed.
    pub orders: u64,
    /// Holds refused because somebody else was faster.
    pub crowded: u64,
}

impl Tally {
    /// Counts from nothing on, of a sale whose calling stands at `front`.
    pub(super) fn new(front: u32) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            called: zero(),
            claims: zero(),
            missed: zero(),
            holds: zero(),
            orders: zero(),
            crowded: zero(),
            front: AtomicU32::new(front),
            longest_waiting: AtomicU32::new(NOBODY),
        }
    }

    /// All counts.
    pub fn read(&self) -> Counted {
        Counted {
            called: self.called.load(Relaxed),
            claims: self.claims.load(Relaxed),
            missed: self.missed.load(Relaxed),
            holds: self.holds.load(Relaxed),
            orders: self.orders.load(Relaxed),
            crowded: self.crowded.load(Relaxed),
        }
    }

    /// How far calling has come: every number below was called or passed over. It may be told a
    /// moment before a pass is seen by another thread.
    pub fn front(&self) -> u32 {
        self.front.load(Relaxed)
    }

    /// Of those who were called in their turn since this was last asked, the one who had waited
    /// longest.
    pub fn take_longest_waiting(&self) -> Option<Number> {
        let number = self.longest_waiting.swap(NOBODY, Relaxed);
        (number != NOBODY).then_some(Number(number))
    }

    /// A change is durable.
    pub(super) fn changed(&self, change: &Change) {
        match change {
            Change::Called { numbers, front, .. } => {
                self.called.fetch_add(numbers.len() as u64, Relaxed);
                let before = self.front.swap(*front, Relaxed);
                let in_turn = numbers.iter().map(|number| number.0).filter(|at| *at >= before);
                if let Some(lowest) = in_turn.min() {
                    self.longest_waiting.fetch_min(lowest, Relaxed);
                }
            }
            Change::Claimed { .. } => drop(self.claims.fetch_add(1, Relaxed)),
            Change::ClaimsMissed { numbers } => {
                self.missed.fetch_add(numbers.len() as u64, Relaxed);
            }
            Change::Held(_) => drop(self.holds.fetch_add(1, Relaxed)),
            Change::Confirmed { .. } => drop(self.orders.fetch_add(1, Relaxed)),
            _ => {}
        }
    }

    /// A hold was refused.
    pub(super) fn hold_refused(&self, code: &Code) {
        if matches!(code, Code::InBaskets { .. } | Code::Unavailable { killed: false }) {
            self.crowded.fetch_add(1, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use stanchion_domain::time::SaleTime;

    use super::*;

    fn called(numbers: &[u32], front: u32) -> Change {
        let numbers = numbers.iter().copied().map(Number).collect();
        Change::Called { numbers, front, claim_until: SaleTime(0) }
    }

    #[test]
    fn who_waited_longest_is_told_once_and_is_nobody_who_came_back() {
        let tally = Tally::new(10);
        assert_eq!(tally.take_longest_waiting(), None);
        tally.changed(&called(&[3, 12, 11], 14));
        tally.changed(&called(&[13, 14, 15], 16));
        assert_eq!(tally.read().called, 6);
        assert_eq!(tally.take_longest_waiting(), Some(Number(11)));
        assert_eq!(tally.take_longest_waiting(), None);
        tally.changed(&called(&[15], 16));
        assert_eq!(tally.take_longest_waiting(), None, "15 was passed before");
    }

    #[test]
    fn only_who_was_too_late_makes_a_crowd() {
        let tally = Tally::new(1);
        let taken = Code::InBaskets { first_return_at: None };
        let [sold, killed] = [false, true].map(|killed| Code::Unavailable { killed });
        for code in [taken, sold, killed, Code::SoldOut, Code::NoBlock, Code::NotOpen] {
            tally.hold_refused(&code);
        }
        assert_eq!(tally.read(), Counted { crowded: 2, ..Counted::default() });
    }
}
