//! What the public interface says, as far as the demonstration reads it.
//!
//! A reader of its own, as any shop would write it: unknown fields are passed over, unknown words
//! are kept as such, so that a newer server can say more.

use serde::{Deserialize, Serialize};

/// The sale: what it is called and what it costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sale {
    /// What people call it.
    pub name: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Price tables.
    #[serde(default)]
    pub zones: Vec<Zone>,
    /// How much one visitor may take.
    #[serde(default)]
    pub limits: Limits,
}

/// How much one visitor may take.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Limits {
    /// Most units in one basket.
    pub basket_units_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { basket_units_max: 6 }
    }
}

/// A price table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Zone {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The first is taken when none is named.
    pub prices: Vec<Price>,
}

/// One line of a price table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Price {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// In the currency's minor unit.
    pub amount_minor: u64,
}

/// The board's head.
#[derive(Clone, Debug, Deserialize)]
pub struct Head {
    /// What people call the sale.
    pub name: String,
    /// Whether it is open.
    pub phase: String,
    /// When it opens.
    pub opens_at: Option<jiff::Timestamp>,
    /// Status of everything together.
    pub status: String,
    /// Counts of everything together.
    pub counts: Counts,
    /// The queue.
    pub queue: Queue,
    /// Whether deadlines advance.
    pub time_running: bool,
}

/// The queue as everybody may see it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Queue {
    /// Places that wait.
    pub waiting: u32,
    /// Called, not yet claimed.
    pub called: u32,
    /// In the shop.
    pub active: u32,
    /// Most called or active at once.
    pub cap: u32,
    /// Most calls a minute.
    pub pace_per_minute: u32,
    /// Whether visitors are called now.
    pub calling: bool,
}

/// Units by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Counts {
    /// All units.
    pub capacity: u64,
    /// Anybody with a pass may hold them.
    pub available: u64,
    /// In open baskets.
    pub held: u64,
    /// In baskets on the card page.
    pub paying: u64,
    /// In orders.
    pub sold: u64,
    /// Kept off public sale.
    pub withheld: u64,
}

/// What is left, by performance.
#[derive(Clone, Debug, Deserialize)]
pub struct Performances {
    /// In the order of the sale.
    pub performances: Vec<Performance>,
}

/// What is left of one performance.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Performance {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it begins.
    pub starts_at: Option<jiff::Timestamp>,
    /// Numbered seats, if any.
    pub seating: Option<Seating>,
    /// Counted capacities.
    #[serde(default)]
    pub pools: Vec<PoolName>,
    /// `on_sale`, `low`, `in_baskets` or `sold_out`.
    pub status: String,
    /// When the first unit in a basket may come back.
    pub first_return_at: Option<jiff::Timestamp>,
    /// All zones together.
    pub counts: Counts,
    /// Each price zone.
    #[serde(default)]
    pub zones: Vec<ZoneCounts>,
}

/// The layout of a performance.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Seating {
    /// Id of the seat plan.
    pub plan: String,
    /// The price zone of each category of the plan.
    #[serde(default)]
    pub zone_of_category: Vec<String>,
}

/// A counted capacity.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PoolName {
    /// Stable id, unique in the performance.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// What is left of a price zone of a performance.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ZoneCounts {
    /// The zone's id.
    pub zone: String,
    /// Its counts.
    pub counts: Counts,
}

/// The states of all seats, one letter each, in the order of the plan; `a` is available.
#[derive(Clone, Debug, Deserialize)]
pub struct Seats {
    /// The letters.
    pub seats: String,
}

/// The fixed layout.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Parts of the plan.
    pub sections: Vec<Section>,
    /// Rows of all sections.
    pub rows: Vec<Row>,
    /// Seats of all rows.
    pub seats: Vec<Seat>,
}

/// A part of the plan.
#[derive(Clone, Debug, Deserialize)]
pub struct Section {
    /// What people call it; empty in a plan without sections.
    pub name: String,
}

/// A row of seats.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// What is printed on it.
    pub label: String,
    /// Subscript of its section.
    pub section: usize,
    /// First and last seat of each stretch of neighbours.
    pub runs: Vec<(usize, usize)>,
}

/// One seat.
#[derive(Clone, Debug, Deserialize)]
pub struct Seat {
    /// Stable and unique in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// Subscript of its section.
    pub section: usize,
    /// Subscript of its row.
    pub row: usize,
    /// Subscript of its category.
    #[serde(default)]
    pub category: usize,
    /// A wheelchair place or the like.
    #[serde(default)]
    pub accessible: bool,
    /// Something is in the way of the view.
    #[serde(default)]
    pub restricted_view: bool,
}

/// A visitor's standing in the queue.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    /// The queue number, given once.
    pub number: u64,
    /// What the place is waiting for.
    pub state: PlaceState,
    /// How many are ahead, if the sale shows it.
    pub position: Option<u64>,
    /// A range that the position is in, if the sale shows that instead.
    pub band: Option<Band>,
    /// When to ask again.
    #[serde(default)]
    pub poll_after_ms: u64,
    /// The place token; only in the answer to joining.
    pub token: Option<String>,
}

/// A range of positions.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Band {
    /// The lowest.
    pub from: u64,
}

/// What a place is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// To be called.
    Waiting,
    /// To be called next, having missed its call.
    Returning,
    /// To be claimed.
    Called,
    /// Nothing: its visitor is in the shop.
    Active,
    /// Nothing any more.
    Ended,
}

/// The right to be in the shop.
#[derive(Clone, Debug, Deserialize)]
pub struct Pass {
    /// Its number.
    pub pass: u64,
    /// Its live basket.
    pub basket: Option<String>,
    /// The pass token; only in the answer to claiming.
    pub token: Option<String>,
}

/// A visitor's holds with their prices and their deadline, or an order.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Basket {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `open`, `paying`, `confirmed`, `released`, `expired`, `cancelled` or `payment_lost`.
    pub state: String,
    /// What is in it.
    pub holds: Vec<Hold>,
    /// Seats and pool units together.
    pub units: u32,
    /// What it costs.
    pub total_minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// When it expires, if time runs.
    pub expires_at: Option<jiff::Timestamp>,
    /// What is left until then.
    pub expires_in_ms: Option<u64>,
}

/// What one request took.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Hold {
    /// Its id within the basket.
    pub id: HoldId,
    /// Seats and pool units.
    pub lines: Vec<Line>,
}

/// A hold's id: a number or a word, nobody needs to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum HoldId {
    /// A number.
    Number(u64),
    /// A word.
    Word(String),
}

/// One seat, or some units of a pool.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Line {
    /// The performance's id.
    pub performance: String,
    /// The seat.
    pub seat: Option<HeldSeat>,
    /// The pool.
    pub pool: Option<HeldPool>,
    /// The price zone's id.
    pub zone: String,
    /// The price's id.
    pub price: String,
    /// Of one unit.
    pub amount_minor: u64,
    /// One, or units of the pool.
    #[serde(default)]
    pub units: u32,
}

/// A seat as a basket shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HeldSeat {
    /// Stable and unique in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// What is printed on its row.
    pub row: Option<String>,
    /// What people call its section.
    pub section: Option<String>,
}

/// A pool as a basket shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HeldPool {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// Why something was declined.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Problem {
    /// The stable code.
    #[serde(default)]
    pub code: String,
    /// The most that a limit allows.
    pub most: Option<u64>,
    /// When the first unit in a basket may come back.
    pub first_return_at: Option<jiff::Timestamp>,
    /// The live basket that the pass has already.
    pub basket: Option<String>,
}

impl std::fmt::Display for HoldId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Word(word) => word.fmt(out),
        }
    }
}
