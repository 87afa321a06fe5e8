//! What a sale is before anybody comes: performances, price zones, pools and policy.
//!
//! Plain data, made by an importer that proves [`Definition::check`]. The journal keeps it whole in
//! its first record; every index in every later record points into it.

use crate::board::trigger::Trigger;
use crate::id::{PerformanceIndex, PlanIndex, PoolIndex, PriceIndex, SeatIndex, ZoneIndex};
use crate::limits;
use crate::plan::{Point, SeatPlan};
use crate::time::{Span, WallTime};

/// Everything that is fixed about a sale, or changed only by an ops change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Definition {
    /// Stable id, part of every address: lower-case letters, digits and hyphens.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// When calling begins; without it an operator opens the sale by hand.
    pub opens_at: Option<WallTime>,
    /// Where shoppers go when it is their turn.
    pub shop_url: Option<String>,
    /// Layouts that performances refer to.
    pub plans: Vec<SeatPlan>,
    /// Price tables.
    pub zones: Vec<PriceZone>,
    /// Dated shows and timed slots.
    pub performances: Vec<Performance>,
    /// How the queue and the baskets behave.
    pub policy: Policy,
    /// Conditions set before the night.
    pub triggers: Vec<Trigger>,
    /// Set if the venue's own system keeps the seats: what is left is then what it reports, and
    /// the pools of a performance are its price zones, each with the most that can be reported.
    pub mirror: Option<Mirror>,
}

/// How a mirrored sale is told what is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mirror {
    /// A report that is older than this is stale.
    pub stale_span: Span,
}

/// Seats or pools of one price table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PriceZone {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// At least one price; the first is taken when a request names none.
    pub prices: Vec<Price>,
    /// Overrides the focal point of plan and section for seats of this zone.
    pub focal_point: Option<Point>,
}

/// One line of a price table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Price {
    /// Stable id, unique in the zone.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// In the currency's minor unit.
    pub amount_minor: u64,
}

/// One dated show or timed slot.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Performance {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it begins, for display.
    pub starts_at: Option<WallTime>,
    /// Numbered seats, if any.
    pub seating: Option<Seating>,
    /// Counted capacities.
    pub pools: Vec<Pool>,
}

/// The numbered seats of a performance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seating {
    /// The layout.
    pub plan: PlanIndex,
    /// The price zone of each category of the plan.
    pub zone_of_category: Vec<ZoneIndex>,
    /// Seats that are not on public sale from the start, ascending by seat.
    pub withheld: Vec<(SeatIndex, Withheld)>,
}

/// A counted capacity without seats.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pool {
    /// Stable id, unique in the performance.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its price table; every price is a product that draws on the pool.
    pub zone: ZoneIndex,
    /// Units in all.
    pub capacity: u32,
    /// Units not on public sale from the start.
    pub withheld: u32,
}

/// Why something is kept off public sale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Withheld {
    /// House seats: only who is entitled may hold them.
    House,
    /// Killed seats: nobody may.
    Killed,
}

/// How the queue and the baskets behave. Spans are sale time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Most passes called or active at once.
    pub cap: u32,
    /// Most visitors called in a minute.
    pub pace_per_minute: u32,
    /// Never let in more shoppers than what is left can serve.
    pub call_for_what_is_left: bool,
    /// How long a called visitor may take to claim.
    pub claim_span: Span,
    /// How long an active pass may be silent without a live basket.
    pub idle_span: Span,
    /// Seen within this span is present; others are passed over when calling reaches them.
    pub presence_span: Span,
    /// After an outage: how long nobody is passed over and nobody idles out.
    pub grace_span: Span,
    /// After an outage: what every live basket and claim has left at least.
    pub grace_basket_span: Span,
    /// From the first hold to the expiry of the basket.
    pub hold_span: Span,
    /// What checkout sets the deadline to, counted from checkout.
    pub checkout_span: Span,
    /// No basket lives longer than this from its first hold, outages apart.
    pub basket_span_max: Span,
    /// Most units in one basket.
    pub basket_units_max: u32,
    /// Most units one visitor may hold and buy together.
    pub visitor_units_max: u32,
    /// What a waiting visitor is shown.
    pub shown: Shown,
    /// Whether a range for the wait is shown.
    pub wait_shown: bool,
}

/// What a waiting visitor sees of their position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Shown {
    /// The exact position.
    #[default]
    Number,
    /// A coarse band: "between 1,000 and 2,000".
    Band,
    /// How much of the way is done.
    Progress,
    /// Nothing.
    Nothing,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            cap: 100,
            pace_per_minute: 600,
            call_for_what_is_left: false,
            claim_span: Span::from_seconds(120),
            idle_span: Span::from_seconds(300),
            presence_span: Span::from_seconds(90),
            grace_span: Span::from_seconds(120),
            grace_basket_span: Span::from_seconds(90),
            hold_span: Span::from_seconds(600),
            checkout_span: Span::from_seconds(600),
            basket_span_max: Span::from_seconds(1_800),
            basket_units_max: 8,
            visitor_units_max: 8,
            shown: Shown::Number,
            wait_shown: true,
        }
    }
}

impl Definition {
    /// The performance at an index.
    pub fn performance(&self, performance: PerformanceIndex) -> &Performance {
        &self.performances[performance.at()]
    }

    /// The layout of a performance with numbered seats.
    pub fn plan_of(&self, performance: PerformanceIndex) -> Option<&SeatPlan> {
        let seating = self.performance(performance).seating.as_ref()?;
        Some(&self.plans[seating.plan.at()])
    }

    /// The price zone of a seat, if the performance has seats and this one among them.
    pub fn zone_of_seat(
        &self,
        performance: PerformanceIndex,
        seat: SeatIndex,
    ) -> Option<ZoneIndex> {
        let seating = self.performance(performance).seating.as_ref()?;
        let seat = self.plans[seating.plan.at()].seats.get(seat.at())?;
        Some(seating.zone_of_category[usize::from(seat.category)])
    }

    /// The pool of a performance.
    pub fn pool(&self, performance: PerformanceIndex, pool: PoolIndex) -> Option<&Pool> {
        self.performance(performance).pools.get(pool.at())
    }

    /// Whether the venue's own system keeps the seats.
    pub fn mirrored(&self) -> bool {
        self.mirror.is_some()
    }

    /// The most that can be reported of a price zone of a mirrored performance; `None` if there is
    /// no such zone there.
    pub fn reported_max(&self, performance: PerformanceIndex, zone: ZoneIndex) -> Option<u32> {
        let pools = &self.performances.get(performance.at())?.pools;
        pools.iter().find(|pool| pool.zone == zone).map(|pool| pool.capacity)
    }

    /// The price of a zone.
    pub fn price(&self, zone: ZoneIndex, price: PriceIndex) -> Option<&Price> {
        self.zones.get(zone.at())?.prices.get(price.at())
    }

    /// Asserts what the importer has proved.
    ///
    /// # Panics
    /// If the definition has a [`Definition::flaw`].
    pub fn check(&self) {
        assert_eq!(self.flaw(), None, "an importer proves its definition");
    }

    /// The first thing that is wrong: an index that points nowhere, or a limit that is passed.
    /// `None` for a sound definition.
    pub fn flaw(&self) -> Option<&'static str> {
        if self.plans.len() > limits::PLANS_MAX {
            return Some("too many plans");
        }
        if self.zones.is_empty() || self.zones.len() > limits::ZONES_MAX {
            return Some("no price zone, or too many");
        }
        if self.performances.len() > limits::PERFORMANCES_MAX {
            return Some("too many performances");
        }
        if self.triggers.len() > limits::TRIGGERS_MAX {
            return Some("too many triggers");
        }
        let prices = 1..=limits::PRICES_PER_ZONE_MAX;
        if !self.zones.iter().all(|zone| prices.contains(&zone.prices.len())) {
            return Some("a price zone without a price, or with too many");
        }
        self.plans
            .iter()
            .find_map(SeatPlan::flaw)
            .or_else(|| self.mirror_flaw())
            .or_else(|| self.performances.iter().find_map(|one| self.performance_flaw(one)))
    }

    /// A mirrored sale has no seats of its own, and each price zone of a performance once.
    fn mirror_flaw(&self) -> Option<&'static str> {
        let mirror = self.mirror?;
        if mirror.stale_span == Span(0) {
            return Some("reports that are stale at once");
        }
        if self.performances.iter().any(|one| one.seating.is_some()) {
            return Some("a mirrored performance has seats");
        }
        if self.performances.iter().flat_map(|one| &one.pools).any(|pool| pool.withheld > 0) {
            return Some("a mirrored performance withholds");
        }
        let twice = |one: &Performance| {
            let mut zones: Vec<_> = one.pools.iter().map(|pool| pool.zone).collect();
            zones.sort_unstable();
            zones.windows(2).any(|pair| pair[0] == pair[1])
        };
        self.performances.iter().any(twice).then_some("a mirrored price zone comes twice")
    }

    fn performance_flaw(&self, performance: &Performance) -> Option<&'static str> {
        if performance.pools.len() > limits::POOLS_PER_PERFORMANCE_MAX {
            return Some("too many pools in a performance");
        }
        if performance.pools.iter().any(|pool| pool.zone.at() >= self.zones.len()) {
            return Some("a pool has a price zone that does not exist");
        }
        if performance.pools.iter().any(|pool| pool.withheld > pool.capacity) {
            return Some("a pool withholds more than it has");
        }
        if performance.pools.iter().any(|pool| pool.capacity > limits::POOL_CAPACITY_MAX) {
            return Some("a pool is too large");
        }
        self.seating_flaw(performance.seating.as_ref()?)
    }

    fn seating_flaw(&self, seating: &Seating) -> Option<&'static str> {
        let Some(plan) = self.plans.get(seating.plan.at()) else {
            return Some("a performance has a plan that does not exist");
        };
        if seating.zone_of_category.len() != plan.categories.len() {
            return Some("the categories of a plan and their price zones differ in number");
        }
        if seating.zone_of_category.iter().any(|zone| zone.at() >= self.zones.len()) {
            return Some("a category has a price zone that does not exist");
        }
        if !seating.withheld.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Some("withheld seats do not ascend");
        }
        let unknown = seating.withheld.iter().any(|(seat, _)| seat.at() >= plan.seats.len());
        unknown.then_some("a withheld seat does not exist")
    }
}
