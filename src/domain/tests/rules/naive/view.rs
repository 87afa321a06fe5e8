//! What anybody may see of the naive sale: who has which seat, counts, positions.

use super::{Naive, Place, Stage, Told};
use crate::support::{ROWS, SEATS_PER_ROW};
use stanchion_domain::board::status::{Counts, StatusKind};
use stanchion_domain::board::trigger::{Condition, Scope, Trigger};
use stanchion_domain::change::{Line, Taken};
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::sale::operations::Phase;
use std::collections::BTreeMap;

/// What can be true of a unit, without its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    Free,
    Held,
    Paying,
    Sold,
    Kept(Withheld),
}

pub type Zones = BTreeMap<(u16, u16), Counts>;

impl Naive {
    /// All lines that somebody has, with how far their baskets are.
    fn owned(&self) -> impl Iterator<Item = (&Line, Unit)> {
        let owning = self.baskets.values().filter(|basket| basket.owns());
        owning.flat_map(|basket| {
            let unit = match basket.stage {
                Stage::Open => Unit::Held,
                Stage::Paying => Unit::Paying,
                _ => Unit::Sold,
            };
            basket.lines().map(move |line| (line, unit))
        })
    }

    pub fn seat(&self, performance: u16, seat: u32) -> Unit {
        let mut owners = self.owned().filter(|(line, _)| {
            line.performance.0 == performance
                && matches!(line.what, Taken::Seat(other) if other.0 == seat)
        });
        if let Some((_, unit)) = owners.next() {
            assert_eq!(owners.count(), 0, "seat {seat} of {performance} is owned once");
            return unit;
        }
        self.kept_seats.get(&(performance, seat)).map_or(Unit::Free, |kind| Unit::Kept(*kind))
    }

    /// Counts of one pool, and how many units are the house's own.
    pub fn pool(&self, performance: u16, pool: u16) -> (Counts, u32) {
        let defined = &self.definition.performances[usize::from(performance)];
        let (house, killed) =
            self.kept_units.get(&(performance, pool)).copied().unwrap_or_default();
        let mut counts = Counts {
            capacity: u64::from(defined.pools[usize::from(pool)].capacity),
            withheld: u64::from(house + killed),
            ..Counts::default()
        };
        for (line, unit) in self.owned() {
            let Taken::Pool(other, units) = line.what else { continue };
            if line.performance.0 != performance || other.0 != pool {
                continue;
            }
            match unit {
                Unit::Held => counts.held += u64::from(units),
                Unit::Paying => counts.paying += u64::from(units),
                _ => counts.sold += u64::from(units),
            }
        }
        let taken = counts.held + counts.paying + counts.sold + counts.withheld;
        counts.available = counts.capacity.checked_sub(taken).expect("a pool is never overdrawn");
        (counts, house)
    }

    /// Counts per performance and zone.
    pub fn zones(&self) -> Zones {
        if self.mirrored() {
            let counts = |told: Option<&Told>| told.map(Told::counts).unwrap_or_default();
            return self.reported().map(|(zone, told)| (zone, counts(told))).collect();
        }
        let mut zones = Zones::new();
        for (at, performance) in (0_u16..).zip(&self.definition.performances) {
            if performance.seating.is_some() {
                for seat in 0..ROWS * SEATS_PER_ROW {
                    let zone = Self::zone_of_row(seat / SEATS_PER_ROW);
                    add(zones.entry((at, zone)).or_default(), self.seat(at, seat));
                }
            }
            for (pool_at, pool) in (0_u16..).zip(&performance.pools) {
                zones.entry((at, pool.zone.0)).or_default().add(&self.pool(at, pool_at).0);
            }
        }
        zones
    }

    /// How many wait ahead of a number that is in the queue.
    pub fn position(&self, number: u32) -> Option<u32> {
        let mine = self.places.get(&number)?;
        let ahead = self.places.range(..number).filter(|(_, place)| **place == Place::Waiting);
        matches!(mine, Place::Waiting | Place::Passed).then(|| ahead.count() as u32)
    }

    /// Whether a trigger's condition is met.
    pub fn meets(&self, trigger: &Trigger, wall: i64) -> bool {
        if let Condition::TimeReached(at) = trigger.condition {
            return wall >= at.0;
        }
        let mut counts = Counts::default();
        for ((performance, zone), some) in self.zones() {
            let within = match trigger.scope {
                Scope::Sale => true,
                Scope::Performance(wanted) => wanted.0 == performance,
                Scope::Zone(wanted) => wanted.0 == zone,
            };
            if within {
                counts.add(&some);
            }
        }
        let in_baskets = counts.held + counts.paying;
        let met = match trigger.condition {
            Condition::StatusIs(StatusKind::SoldOut) => counts.available + in_baskets == 0,
            Condition::StatusIs(StatusKind::InBaskets) => counts.available == 0 && in_baskets > 0,
            Condition::StatusIs(kind) => counts.status(None).kind() == Some(kind),
            Condition::AvailableAtMost(units) => counts.available <= units,
            Condition::SoldAtLeastPermille(share) => {
                counts.capacity > 0 && counts.sold * 1_000 >= counts.capacity * u64::from(share)
            }
            Condition::TimeReached(_) => unreachable!("answered above"),
        };
        met && self.phase != Phase::Before && self.is_fact(trigger.scope)
    }
}

fn add(counts: &mut Counts, unit: Unit) {
    counts.capacity += 1;
    *match unit {
        Unit::Free => &mut counts.available,
        Unit::Held => &mut counts.held,
        Unit::Paying => &mut counts.paying,
        Unit::Sold => &mut counts.sold,
        Unit::Kept(_) => &mut counts.withheld,
    } += 1;
}
