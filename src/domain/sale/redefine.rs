//! Which changed definitions a running sale can take up.
//!
//! A definition comes from outside: whatever is wrong with it is refused here, since applying it
//! must not fail. What runs may grow at its ends; what indices point at never changes.

use super::Sale;
use super::deeds::check_trigger;
use super::ops::{Verdict, at_most, require};
use crate::id::PerformanceIndex;
use crate::inventory::stock::{PerformanceStock, PoolStock};
use crate::limits;
use crate::refusal::Code;
use crate::sale::definition::{Definition, Performance, Pool, PriceZone, Seating};

impl Sale {
    /// Refuses a definition that is not sound, or takes away or reorders what indices point at, or
    /// takes units that are not available.
    pub(super) fn check_redefine(&self, new: &Definition) -> Verdict {
        let old = &*self.definition;
        if let Some(flaw) = new.flaw() {
            return refuse(flaw);
        }
        check_limits(new)?;
        self.check_triggers(new)?;
        if new.id != old.id || new.currency != old.currency {
            return refuse("the id and the currency of a sale never change");
        }
        let mirrored = old.mirrored();
        if new.mirrored() != mirrored {
            return refuse("who keeps the seats of a sale never changes");
        }
        if !new.plans.starts_with(&old.plans) {
            return refuse("a seat plan in use never changes");
        }
        if !grows(&old.zones, &new.zones, same_prices) {
            return refuse("zones and prices are added at the end, never removed");
        }
        if new.performances.len() < old.performances.len() {
            return refuse("performances are never removed");
        }
        for (at, (old, new)) in old.performances.iter().zip(&new.performances).enumerate() {
            let stock = self.stock.performance(PerformanceIndex(at as u16));
            let same_seating = same_seating(old.seating.as_ref(), new.seating.as_ref());
            let same_pools = match mirrored {
                true => same_reported(old, new, stock),
                false => same_pools(old, new, &stock.pools),
            };
            if old.id != new.id || !same_seating || !same_pools {
                return refuse("a performance keeps its id, its seating and its pools");
            }
        }
        Ok(())
    }

    /// The triggers of a definition replace those of the same id and join the others.
    fn check_triggers(&self, new: &Definition) -> Verdict {
        let kept = &self.operations.triggers;
        let others =
            kept.iter().filter(|(kept, _)| !new.triggers.iter().any(|one| one.id == kept.id));
        let most = limits::TRIGGERS_MAX;
        let together = others.count() + new.triggers.len();
        require(together <= most, at_most("triggers", most as u32))?;
        new.triggers.iter().try_for_each(|trigger| check_trigger(new, trigger))
    }
}

/// Refuses what is larger than the sale can serve.
fn check_limits(new: &Definition) -> Verdict {
    let policy = &new.policy;
    require(policy.cap <= limits::CAP_MAX, at_most("cap", limits::CAP_MAX))?;
    let pace_max = limits::PACE_PER_MINUTE_MAX;
    require(policy.pace_per_minute <= pace_max, at_most("pace_per_minute", pace_max))?;
    let mut prices = new.zones.iter().flat_map(|zone| &zone.prices);
    if prices.any(|price| price.amount_minor > limits::AMOUNT_MINOR_MAX) {
        return refuse("a price is too high");
    }
    if new.plans.iter().any(|plan| plan.seats.len() > limits::SEATS_PER_PLAN_MAX) {
        return refuse("a plan has too many seats");
    }
    let states = new.performances.iter().map(|performance| {
        let plan = performance.seating.as_ref().map(|seating| &new.plans[seating.plan.at()]);
        plan.map_or(0, |plan| plan.seats.len()) + performance.pools.len()
    });
    let most = limits::UNITS_OF_STATE_MAX;
    require(states.sum::<usize>() <= most, at_most("seats_and_pools", most as u32))
}

/// Whether a list keeps what it has and only grows at its end.
fn grows<T>(old: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
}

fn same_prices(old: &PriceZone, new: &PriceZone) -> bool {
    old.id == new.id && grows(&old.prices, &new.prices, |old, new| old.id == new.id)
}

fn same_seating(old: Option<&Seating>, new: Option<&Seating>) -> bool {
    let fixed = |seating: &Seating| (seating.plan, seating.zone_of_category.clone());
    old.map(fixed) == new.map(fixed)
}

/// Whether pools are kept and lose no unit that somebody has. Units of a pool that is added to a
/// running performance start on public sale.
fn same_pools(old: &Performance, new: &Performance, stock: &[PoolStock]) -> bool {
    let kept = old.pools.iter().zip(stock).zip(&new.pools).all(|((old, stock), new)| {
        let taken = stock.counts.capacity - stock.counts.available;
        old.id == new.id && old.zone == new.zone && u64::from(new.capacity) >= taken
    });
    let mut added = new.pools.iter().skip(old.pools.len());
    old.pools.len() <= new.pools.len() && kept && added.all(|pool| pool.withheld == 0)
}

/// Whether a mirrored performance keeps its zones, with room for what was reported of each.
fn same_reported(old: &Performance, new: &Performance, stock: &PerformanceStock) -> bool {
    let reported = |pool: &Pool| stock.zone(pool.zone).capacity;
    grows(&old.pools, &new.pools, |old, new| old.id == new.id && old.zone == new.zone)
        && new.pools.iter().all(|pool| reported(pool) <= u64::from(pool.capacity))
}

fn refuse(what: &'static str) -> Verdict {
    Err(Code::Invalid { what })
}
