//! The picture of a sale that everybody may see, as plain data: the head and the performances.
//!
//! Computed from decided state at each tick and published once that state is durable. Rendering,
//! numbering and swapping belong to the server's `board`.

use super::status::{Counts, Known, Status};
use super::trigger::Notice;
use crate::id::{PerformanceIndex, ZoneIndex};
use crate::inventory::stock::PoolStock;
use crate::map::Map;
use crate::sale::operations::Phase;
use crate::sale::{Presence, Sale};
use crate::time::{SaleTime, WallTime};

/// What everybody asks for: small, whole, the same for all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Whether the sale is open.
    pub phase: Phase,
    /// When it opens, if that is known.
    pub opens_at: Option<WallTime>,
    /// Status of everything together.
    pub status: Status,
    /// Counts of everything together.
    pub counts: Counts,
    /// Of a mirrored sale: how much of that is known.
    pub known: Option<Known>,
    /// The lowest and highest price of units that can still be had; absent if there are none.
    pub price_range_minor: Option<(u64, u64)>,
    /// The queue.
    pub queue: QueuePicture,
    /// Words for everyone.
    pub notice: Option<Notice>,
    /// Where everyone in the queue is sent.
    pub redirect: Option<String>,
    /// Whether sale time was stopped by an operator.
    pub frozen: bool,
    /// Number of the newest ops change.
    pub revision: u64,
}

/// The queue as everybody may see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueuePicture {
    /// Places that wait.
    pub waiting: u32,
    /// Called, not yet claimed.
    pub called: u32,
    /// In the shop.
    pub active: u32,
    /// Of those called and in the shop: who holds nothing, and may still want something.
    pub without_basket: u32,
    /// Most called or active at once.
    pub cap: u32,
    /// Most calls a minute.
    pub pace_per_minute: u32,
    /// Whether visitors are called now.
    pub calling: bool,
}

/// The earliest deadline among live baskets, by performance and zone.
type FirstReturns = Map<(PerformanceIndex, ZoneIndex), SaleTime>;

/// One performance on the board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PerformancePicture {
    /// Which one.
    pub performance: PerformanceIndex,
    /// Status and counts of all zones together.
    pub total: ZonePicture,
    /// Each price zone it sells, ascending.
    pub zones: Vec<(ZoneIndex, ZonePicture)>,
    /// Each of its pools, in the order of the definition: for operators.
    pub pools: Vec<PoolStock>,
}

/// Status and counts of one price zone of one performance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZonePicture {
    /// The counts.
    pub counts: Counts,
    /// What follows from them.
    pub status: Status,
    /// Of a mirrored sale: how much of that is known.
    pub known: Option<Known>,
}

impl ZonePicture {
    /// Counts of which so much is known, with the status that follows.
    pub fn new(counts: Counts, first_return_at: Option<SaleTime>, known: Option<Known>) -> Self {
        assert!(counts.conserved(), "units are neither made nor lost");
        Self { counts, status: status_of(&counts, first_return_at, known), known }
    }

    /// Whether another picture shows the same to everybody. How old a report is that still counts
    /// as a fact, only operators see.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let shown = |known: Option<Known>| known.map(Known::to_everybody);
        (self.counts, self.status) == (other.counts, other.status)
            && shown(self.known) == shown(other.known)
    }

    /// The same once nobody knows whether it is still so; our own seats are always known.
    fn doubted(self) -> Self {
        match self.known {
            Some(known) => Self { known: Some(known.doubted()), status: Status::Unknown, ..self },
            None => self,
        }
    }
}

impl PerformancePicture {
    /// Whether another picture of the same performance shows the same to everybody.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let zones = self.zones.iter().zip(&other.zones);
        self.zones.len() == other.zones.len()
            && self.pools == other.pools
            && self.total.shows_the_same(&other.total)
            && zones.into_iter().all(|((one, a), (two, b))| one == two && a.shows_the_same(b))
    }

    /// The same once nobody knows whether what was reported is still so.
    #[must_use]
    pub fn doubted(mut self) -> Self {
        self.total = self.total.doubted();
        self.zones.iter_mut().for_each(|(_, zone)| *zone = zone.doubted());
        self
    }
}

impl Head {
    /// The same once nobody knows whether what was reported is still so.
    #[must_use]
    pub fn doubted(mut self) -> Self {
        if let Some(known) = self.known {
            self.known = Some(known.doubted());
            (self.status, self.price_range_minor) = (Status::Unknown, None);
        }
        self
    }
}

/// What is not known as a fact has no status.
fn status_of(counts: &Counts, first_return_at: Option<SaleTime>, known: Option<Known>) -> Status {
    match known {
        Some(Known { fact: false, .. }) => Status::Unknown,
        _ => counts.status(first_return_at),
    }
}

impl Sale {
    /// The head of the board.
    pub fn head(&self, presence: &dyn Presence) -> Head {
        let counts = self.stock().total();
        let first_return_at = self.baskets().live().next().map(|(deadline_at, _)| deadline_at);
        let operations = self.operations();
        let known = self.definition().mirrored().then(|| self.reports().known());
        let fact = known.is_none_or(|known| known.fact);
        Head {
            phase: operations.phase,
            opens_at: self.definition().opens_at,
            status: status_of(&counts, first_return_at, known),
            counts,
            known,
            price_range_minor: self.price_range().filter(|_| fact),
            queue: QueuePicture {
                waiting: self.line().waiting(presence.issued()),
                called: self.passes().called(),
                active: self.passes().active(),
                without_basket: self.passes().without_basket(),
                cap: operations.cap,
                pace_per_minute: operations.pace_per_minute,
                calling: operations.calling() && presence.shop_serves(),
            },
            notice: operations.notice.clone(),
            redirect: operations.redirect.clone(),
            frozen: operations.frozen,
            revision: operations.revision,
        }
    }

    /// Lowest and highest price of the zones that are neither sold out nor withheld whole.
    fn price_range(&self) -> Option<(u64, u64)> {
        let zones = self.definition().zones.iter().enumerate();
        let open = zones.filter(|(at, _)| {
            let counts = self.stock().zone(ZoneIndex(*at as u16));
            counts.available + counts.held + counts.paying > 0
        });
        let amounts = open.flat_map(|(_, zone)| &zone.prices).map(|price| price.amount_minor);
        amounts.fold(None, |range, amount| {
            let (low, high) = range.unwrap_or((amount, amount));
            Some((low.min(amount), high.max(amount)))
        })
    }

    /// These performances as the board shows them. `performances` must ascend.
    pub fn pictures(&self, performances: &[PerformanceIndex]) -> Vec<PerformancePicture> {
        assert!(performances.windows(2).all(|pair| pair[0] < pair[1]), "performances ascend");
        let first_returns = self.first_returns(performances);
        performances.iter().map(|at| self.picture(*at, &first_returns)).collect()
    }

    /// When the first basket with units of each performance and zone expires: the baskets are few,
    /// since each needs a pass, and come in the order of their deadlines.
    fn first_returns(&self, wanted: &[PerformanceIndex]) -> FirstReturns {
        let mut first = FirstReturns::default();
        for (deadline_at, slot) in self.baskets().live() {
            for line in self.baskets().get(slot).lines() {
                if wanted.binary_search(&line.performance).is_ok() {
                    first.entry((line.performance, line.zone)).or_insert(deadline_at);
                }
            }
        }
        first
    }

    fn picture(
        &self,
        performance: PerformanceIndex,
        first_returns: &FirstReturns,
    ) -> PerformancePicture {
        let stock = self.stock().performance(performance);
        let first_of = |zone: ZoneIndex| first_returns.get(&(performance, zone)).copied();
        let mirrored = self.definition().mirrored();
        let known_of = |zone| mirrored.then(|| self.reports().known_of((performance, zone)));
        let zones = stock.zones.iter().map(|(zone, _)| *zone);
        let known = mirrored.then(|| self.reports().known_of_all(performance, zones));
        let first_of_all = stock.zones.iter().filter_map(|(zone, _)| first_of(*zone)).min();
        PerformancePicture {
            performance,
            total: ZonePicture::new(stock.total(), first_of_all, known),
            zones: (stock.zones.iter())
                .map(|(zone, counts)| {
                    (*zone, ZonePicture::new(*counts, first_of(*zone), known_of(*zone)))
                })
                .collect(),
            pools: stock.pools.clone(),
        }
    }
}
