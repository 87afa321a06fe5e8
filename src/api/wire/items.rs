//! What a shop asks to hold.

use serde::Deserialize;
use utoipa::ToSchema;

/// A request to hold: all of it or nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldBody {
    /// What is wanted.
    pub items: Vec<ItemBody>,
    /// May take house seats as well; for API keys only.
    #[serde(default)]
    #[schema(required = false)]
    pub house: bool,
}

/// One thing wanted: a `seat`, so many `units` of a `pool`, or the `best_available` seats.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// The performance's id.
    pub performance: String,
    /// This very seat, by its id in the plan.
    pub seat: Option<String>,
    /// A pool, by its id.
    pub pool: Option<String>,
    /// Units of the pool.
    pub units: Option<u32>,
    /// The best seats side by side.
    pub best_available: Option<BestAvailableBody>,
    /// A price of the zone, by its id; the first one if absent.
    pub price: Option<String>,
}

/// Seats side by side, chosen by us.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BestAvailableBody {
    /// How many.
    pub seats: u32,
    /// How many of them must be accessible.
    #[serde(default)]
    #[schema(required = false)]
    pub accessible: u32,
    /// Only in this price zone, by its id.
    pub zone: Option<String>,
    /// Only in this section, by its name.
    pub section: Option<String>,
}

/// The payment of a basket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    /// What the payment is called where it was made; at most 128 bytes.
    pub payment: String,
}

/// Nothing is asked but by the address.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingBody {}
