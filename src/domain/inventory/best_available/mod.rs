//! The best seats together: which block of available seats a wish is given.
//!
//! Pure arithmetic on a plan and a set of available seats. It owns the order of preference and
//! nothing else: it holds no seat, knows no basket, and never looks at what is printed on a seat.
//!
//! A **run** is as many seats of one row as stand side by side without a break and at one price
//! table. A **block** is as many neighbours of one run as a wish asks for, all available, in the
//! zone and section that it names.
//!
//! - A wish without accessible seats is given ordinary seats only. Accessible and companion seats
//!   stay for those who need them, also when nothing else is left.
//! - A wish with `k` accessible seats is given a block with at least `k` of them; the others may be
//!   of any kind. The fewest accessible seats go first: more than `k` only where no block has
//!   exactly `k`.
//!
//! Among those blocks, the first step that has any decides:
//!
//! 1. every seat with a clear view, and no single seat left behind;
//! 2. every seat with a clear view: a visitor gets no pillar for the sake of a tidy row;
//! 3. any view, and no single seat left behind;
//! 4. any block: the last possible sale is never refused.
//!
//! Within a step the smallest mean distance to the focal point wins, then the lowest seat index.
//!
//! A **single seat left behind** is an ordinary, available seat that had an ordinary, available
//! neighbour before and has none after. What its buyer could not take with it is no company: a seat
//! beyond a break, one held, sold or withheld, an accessible or companion seat. A seat at another
//! price is: both can be taken by name. A seat that was single before counts against nobody.

pub mod layout;
mod choose;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use crate::id::{SectionIndex, ZoneIndex};

/// What is wanted of one performance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    /// How many seats, side by side: 1 to [`limits::BEST_AVAILABLE_MAX`](crate::limits).
    pub seats: u32,
    /// How many of them must be accessible; at most `seats`.
    pub accessible: u32,
    /// Only this zone, if named.
    pub zone: Option<ZoneIndex>,
    /// Only this section, if named.
    pub section: Option<SectionIndex>,
}

/// Why there is no block for a wish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoChoice {
    /// Too few seats are available in the named zone and section, together or not.
    Fewer {
        /// So many are: accessible ones if too few of those, else all that the wish may take.
        available: u32,
    },
    /// Enough are available, but not together.
    NoBlock,
}
