//! One point of the curves: how a sale stood at a moment, and what it had come to by then.

use serde::{Deserialize, Serialize};
use stanchion_domain::limits::NUMBER_FIRST;
use stanchion_domain::sale::operations::Phase;
use stanchion_domain::time::WallTime;

use crate::api::state::OpenSale;
use crate::engine::tally::Counted;

/// One point of the curves. What a file does not say yet is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Point {
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// Epoch of the newest record: it tells which process served.
    pub epoch: u32,
    /// What sale time said then.
    pub sale_ms: u64,
    /// The sale was open, or had been.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub opened: bool,
    /// Visitors who joined so far.
    pub joined: u32,
    /// Numbers that were given so far, and those that a restart skipped.
    pub numbers: u32,
    /// Places that wait.
    pub waiting: u32,
    /// Called, not yet claimed.
    pub called: u32,
    /// In the shop.
    pub active: u32,
    /// Most called or active at once.
    pub cap: u32,
    /// Anybody with a pass may hold them.
    pub available: u64,
    /// In open baskets, or on the card page.
    pub in_baskets: u64,
    /// In orders.
    pub sold: u64,
    /// What the night had come to.
    #[serde(flatten)]
    pub totals: Totals,
    /// How long answers took since the point before, in the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_us: Option<u64>,
    /// How long durable writes took since the point before, in the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append_us: Option<u64>,
    /// Nothing is known of what was between the point before and this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub after_gap: bool,
}

/// What a night has come to, from its beginning on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Visitors called.
    pub calls: u64,
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
    /// The longest that anybody waited until they were called.
    pub longest_wait_s: u64,
}

impl Point {
    /// How a sale stands, without what the night has come to, who joined included.
    pub fn of(sale: &OpenSale, wall: WallTime) -> Self {
        let published = sale.engine.published();
        let board = published.board.current();
        let (queue, counts) = (board.head.picture().queue, board.head.counts());
        // What operators set is known before the board is drawn anew.
        let operations = &sale.desk().operations;
        Self {
            at_s: wall.0.div_euclid(1_000),
            epoch: published.epoch(),
            sale_ms: published.now().sale.0,
            opened: operations.phase != Phase::Before,
            numbers: published.places.issued().saturating_sub(NUMBER_FIRST),
            waiting: queue.waiting,
            called: queue.called,
            active: queue.active,
            cap: operations.cap,
            available: counts.available,
            in_baskets: counts.held + counts.paying,
            sold: counts.sold,
            ..Self::default()
        }
    }
}

impl Totals {
    /// These, and what a process counted after them.
    #[must_use]
    pub fn and(self, counted: Counted) -> Self {
        Self {
            calls: self.calls + counted.called,
            claims: self.claims + counted.claims,
            missed: self.missed + counted.missed,
            holds: self.holds + counted.holds,
            orders: self.orders + counted.orders,
            crowded: self.crowded + counted.crowded,
            longest_wait_s: self.longest_wait_s,
        }
    }
}

/// Of those who wanted to hold something, the share for whom somebody else was faster, in percent;
/// `None` if nobody wanted to.
pub fn crowding_percent(holds: u64, crowded: u64) -> Option<u64> {
    let asked = holds + crowded;
    (crowded * 100 + asked / 2).checked_div(asked)
}
