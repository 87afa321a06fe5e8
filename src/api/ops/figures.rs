//! The figures that operators watch, as they are now. Read from what is published, like everything
//! here; what they were over the night is kept by [`super::night`].

use serde::Serialize;
use stanchion_domain::board::status::Known;
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::time::Now;

use super::night::Times;
use super::night::point::{Point, crowding_percent};
use crate::api::state::OpenSale;
use crate::api::wire::time::Moment;
use crate::clock;
use crate::engine::shop::ShopState;

/// Upper ends of the ages of baskets, in seconds; one more is for all that are older.
pub const AGES_S: [u64; 5] = [60, 120, 300, 600, 900];

/// A sale in figures.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// When it opens, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// Whether calling was stopped.
    pub calling_paused: bool,
    /// Everyone in the queue is sent elsewhere.
    pub redirected: bool,
    /// Sale time was stopped by an operator.
    pub frozen: bool,
    /// Sale time runs.
    pub time_running: bool,
    /// What sale time says.
    pub sale_time_ms: u64,
    /// Why nothing can be written, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// How the shop behind the gate does.
    #[serde(skip)]
    pub shop: ShopState,
    /// Length so far of the write under way.
    pub writing_ms: u64,
    /// Requests that wait for the writer.
    pub backlog: u64,
    /// Number of the newest durable record.
    pub sequence: u64,
    /// Number of the newest ops change.
    pub revision: u64,
    /// Visitors called in the last minute, once there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
    /// Of those who wait, the share seen recently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present_percent: Option<u8>,
    /// Most visitors called in a minute.
    pub pace_per_minute: u32,
    /// All units.
    pub capacity: u64,
    /// Kept off public sale.
    pub withheld: u64,
    /// Of a mirrored sale: how much of what is left is known.
    #[serde(skip)]
    pub known: Option<Known>,
    /// No more shoppers are called than what is left can serve.
    #[serde(skip)]
    pub for_what_is_left: bool,
    /// What grew in the last minute.
    pub minute: Minute,
    /// How long things took in the last minute.
    #[serde(skip)]
    pub times: Times,
    /// What the curves are drawn of.
    #[serde(flatten)]
    pub point: Point,
}

/// What grew by how much in the last minute; absent before there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// Visitors who joined.
    pub joined: Option<u64>,
    /// Visitors who took their turn.
    pub claims: Option<u64>,
    /// Holds made.
    pub holds: Option<u64>,
    /// Holds refused because somebody else was faster.
    pub crowded: Option<u64>,
    /// The share of those, of all who wanted to hold something.
    pub crowding_percent: Option<u64>,
    /// Baskets confirmed.
    pub orders: Option<u64>,
    /// Units sold.
    pub sold: Option<u64>,
}

impl Figures {
    /// The figures of a sale as they are now.
    pub fn of(sale: &OpenSale) -> Self {
        let (desk, published) = (sale.desk(), sale.engine.published());
        let operations = &desk.operations;
        let board = published.board.current();
        let estimate = board.head.estimate();
        let at_ms = clock::monotonic_ms();
        let cause = published.health.cause(at_ms);
        let point = Point::of(sale, published.now().wall);
        Self {
            phase: operations.phase.name(),
            opens_at: desk.definition.opens_at.map(Moment),
            calling_paused: operations.calling_paused,
            redirected: operations.redirect.is_some(),
            frozen: operations.frozen,
            time_running: !operations.frozen && cause.is_none(),
            sale_time_ms: published.now().sale.0,
            cause,
            shop: published.shop.state(),
            writing_ms: published.health.writing.for_ms(at_ms),
            backlog: sale.engine.backlog() as u64,
            sequence: published.sequence(),
            revision: operations.revision,
            calls_per_minute: estimate.map(|estimate| estimate.calls_per_minute),
            present_percent: estimate.map(|estimate| estimate.present_percent),
            pace_per_minute: operations.pace_per_minute,
            capacity: board.head.counts().capacity,
            withheld: board.head.counts().withheld,
            known: board.head.picture().known,
            for_what_is_left: operations.call_for_what_is_left,
            minute: Minute::of(sale),
            times: sale.night.times(sale),
            point: Point { joined: sale.night.joined_by(point.numbers), ..point },
        }
    }
}

impl Minute {
    fn of(sale: &OpenSale) -> Self {
        let grown = |of: fn(&Point) -> u64| sale.night.per_minute(of);
        let holds = grown(|point| point.totals.holds);
        let crowded = grown(|point| point.totals.crowded);
        Self {
            joined: grown(|point| u64::from(point.joined)),
            claims: grown(|point| point.totals.claims),
            holds,
            crowded,
            crowding_percent: holds
                .zip(crowded)
                .and_then(|(held, not)| crowding_percent(held, not)),
            orders: grown(|point| point.totals.orders),
            sold: grown(|point| point.sold),
        }
    }
}

/// How many live baskets are how old, by [`AGES_S`]; the last are older.
pub fn ages(sale: &OpenSale) -> [u64; AGES_S.len() + 1] {
    let published = sale.engine.published();
    let now: Now = published.now();
    let mut ages = [0; AGES_S.len() + 1];
    for basket in published.baskets(Basket::live) {
        let age_s = now.sale.since(basket.opened_at).0 / 1_000;
        let at = AGES_S.partition_point(|end_s| *end_s <= age_s);
        if let Some(count) = ages.get_mut(at) {
            *count += 1;
        }
    }
    ages
}
