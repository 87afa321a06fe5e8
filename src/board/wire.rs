//! The wire types of the board: part of the public interface, and of its OpenAPI document.
//!
//! What is unknown is absent, never a sentinel. Adding a field is allowed; renaming one is not.

use jiff::Timestamp;
use serde::Serialize;
use stanchion_domain::board::status::{Counts, Known, Status};
use utoipa::ToSchema;

use super::projection::{self, Ahead};

/// What everybody may know about a sale. What is unknown is absent.
#[derive(Serialize, ToSchema)]
pub struct HeadBody<'a> {
    /// Grows whenever anything else in the head changes.
    pub version: u64,
    /// The sale's id.
    pub sale: &'a str,
    /// What people call the sale.
    pub name: &'a str,
    /// When this was true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Whether the sale is open.
    #[schema(value_type = String, example = "open")]
    pub phase: &'static str,
    /// When the sale opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// Status of everything together.
    #[serde(flatten)]
    pub status: StatusBody,
    /// Counts of everything together; absent while a mirrored sale was not reported whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<CountsBody>,
    /// Said if these counts are not known to be so now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleBody>,
    /// ISO 4217 code of every amount.
    pub currency: &'a str,
    /// The lowest and highest price of what can still be had; absent if nothing can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_range_minor: Option<PriceRangeBody>,
    /// The queue.
    pub queue: QueueBody,
    /// Words for everyone, one entry for each language; the first is the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Vec<NoticeBody<'a>>>,
    /// Where everyone in the queue is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<&'a str>,
    /// Whether deadlines advance.
    pub time_running: bool,
    /// Number of the newest ops change.
    pub revision: u64,
}

/// Status of a sale, a performance or a price zone.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum StatusBody {
    /// Enough are available.
    OnSale,
    /// So many are left.
    Low {
        /// How many are available.
        left: u64,
    },
    /// None are free; some may come back.
    InBaskets {
        /// How many may come back.
        in_baskets: u64,
        /// When the first of them may, if that is known and time runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = DateTime)]
        first_return_at: Option<Timestamp>,
    },
    /// Everything that was for sale is sold.
    SoldOut,
    /// Nobody knows: the venue's own system said nothing yet, or nothing lately.
    Unknown,
}

/// Counts that the venue's own system reported, and did not confirm lately.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct StaleBody {
    /// When the oldest of its reports came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
}

/// Units by state. The five states add up to the capacity.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CountsBody {
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

/// Prices in the currency's minor unit.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PriceRangeBody {
    /// The lowest price.
    pub lowest: u64,
    /// The highest price.
    pub highest: u64,
}

/// The queue as everybody may see it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct QueueBody {
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
    /// What was observed lately, once there is anything to observe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated: Option<Estimate>,
}

/// A notice in one language.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NoticeBody<'a> {
    /// BCP 47 tag.
    pub language: &'a str,
    /// The words, plain text.
    pub text: &'a str,
}

/// What the engine observed of the queue's flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Estimate {
    /// Of those who wait, the share seen recently, in percent.
    pub present_percent: u8,
    /// Visitors called in a minute, as it went lately.
    pub calls_per_minute: u32,
}

/// One performance as everybody may see it.
#[derive(Serialize, ToSchema)]
pub struct PerformanceBody<'a> {
    /// What is fixed about it.
    #[serde(flatten)]
    pub fixed: FixedBody<'a>,
    /// What is true now.
    #[serde(flatten)]
    pub live: LiveBody<'a>,
}

/// What is fixed about a performance.
#[derive(Serialize, ToSchema)]
pub struct FixedBody<'a> {
    /// The performance's id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// Its numbered seats, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seating: Option<SeatingBody<'a>>,
    /// Its counted capacities, if it has any: what a hold names as `pool`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub pools: Vec<PoolBody<'a>>,
}

/// A counted capacity of a performance.
#[derive(Serialize, ToSchema)]
pub struct PoolBody<'a> {
    /// Its id, unique in the performance.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// The price zone that it is sold at.
    pub zone: &'a str,
}

/// The layout of a performance's numbered seats.
#[derive(Serialize, ToSchema)]
pub struct SeatingBody<'a> {
    /// Id of the seat plan.
    pub plan: &'a str,
    /// The price zone of each category of the plan, in its order.
    pub zone_of_category: Vec<&'a str>,
}

/// What is true of a performance now.
#[derive(Serialize, ToSchema)]
pub struct LiveBody<'a> {
    /// The version of the board at which this last changed.
    pub version: u64,
    /// Status of all zones together.
    #[serde(flatten)]
    pub status: StatusBody,
    /// Counts of all zones together; absent while one of a mirrored sale was never reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<CountsBody>,
    /// Said if these counts are not known to be so now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleBody>,
    /// Each price zone that it sells.
    pub zones: Vec<ZoneBody<'a>>,
}

/// What is true of one price zone of one performance.
#[derive(Serialize, ToSchema)]
pub struct ZoneBody<'a> {
    /// The zone's id.
    pub zone: &'a str,
    /// Its status here.
    #[serde(flatten)]
    pub status: StatusBody,
    /// Its counts here; absent while a mirrored zone was never reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<CountsBody>,
    /// Said if these counts are not known to be so now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleBody>,
}

/// A list of performances.
#[derive(Serialize, ToSchema)]
pub struct PerformancesBody<'a> {
    /// Ask for what changed since this version next time.
    pub version: u64,
    /// The version that was asked about; absent when these are all performances of the sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// All performances, or those that changed after `since`, in the order of the sale.
    pub performances: Vec<PerformanceBody<'a>>,
}

impl StatusBody {
    pub(super) fn new(status: Status, ahead: Ahead) -> Self {
        match status {
            Status::OnSale => Self::OnSale,
            Status::Low { left } => Self::Low { left },
            Status::InBaskets { units, first_return_at } => Self::InBaskets {
                in_baskets: units,
                first_return_at: first_return_at.and_then(|deadline_at| ahead.wall(deadline_at)),
            },
            Status::SoldOut => Self::SoldOut,
            Status::Unknown => Self::Unknown,
        }
    }
}

impl CountsBody {
    /// The counts.
    pub fn new(counts: &Counts) -> Self {
        let Counts { capacity, available, held, paying, sold, withheld } = *counts;
        Self { capacity, available, held, paying, sold, withheld }
    }

    /// The counts, unless some of a mirrored scope were never reported.
    pub fn known(counts: &Counts, known: Option<Known>) -> Option<Self> {
        let reported = known.is_none_or(|known| known.reported());
        reported.then(|| Self::new(counts))
    }
}

impl StaleBody {
    /// Since when counts are known that are no fact any more.
    pub fn of(known: Option<Known>) -> Option<Self> {
        let stale = known.filter(|known| !known.fact && known.reported())?;
        Some(Self { as_of: stale.as_of.and_then(projection::instant) })
    }
}
