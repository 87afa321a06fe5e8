//! The sale and its board: names, prices, and what is left.

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
    /// When the first unit in a basket may come back, if none is available.
    pub first_return_at: Option<jiff::Timestamp>,
    /// Counts of everything together.
    pub counts: Counts,
    /// The queue.
    pub queue: Queue,
}

/// What operators see of the sale, beyond the board.
#[derive(Clone, Debug, Deserialize)]
pub struct Desk {
    /// Whether the sale can be written.
    pub health: Health,
    /// Sale time.
    pub time: SaleTime,
}

/// Whether the sale can be written.
#[derive(Clone, Debug, Deserialize)]
pub struct Health {
    /// It can.
    pub well: bool,
    /// Why not.
    pub cause: Option<String>,
}

/// Sale time.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SaleTime {
    /// Whether it runs.
    pub running: bool,
    /// What it says.
    pub sale_time_ms: u64,
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
