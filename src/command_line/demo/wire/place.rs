//! A visitor's place in the queue and their pass.

use serde::Deserialize;

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
    /// Whether visitors are called now.
    #[serde(default = "calling")]
    pub calling: bool,
    /// When to ask again, if the server minds.
    pub poll_after_ms: Option<u64>,
    /// The place token; only in the answer to joining.
    pub token: Option<String>,
}

/// A server that does not say is calling.
fn calling() -> bool {
    true
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
    /// Without one, a visit of which nothing is heard ends after this.
    pub idle_span_ms: u64,
    /// The visit ends after this if nothing more is heard of its visitor.
    pub idle_in_ms: u64,
    /// Whether sale time runs.
    pub time_running: bool,
    /// The pass token; only in the answer to claiming.
    pub token: Option<String>,
}
