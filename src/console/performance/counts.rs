//! The counts of a performance: in all, by price zone, by pool.

use serde::Serialize;
use stanchion_domain::board::picture::PerformancePicture;
use stanchion_domain::id::ZoneIndex;
use stanchion_domain::inventory::stock::PoolStock;
use stanchion_domain::sale::definition::{Definition, Pool};

use super::{Figures, Looked};
use crate::board::store::Board;
use crate::console::written;

/// The counts of a performance.
#[derive(Debug, Serialize)]
pub(super) struct Counts {
    total: Figures,
    zones: Vec<Zone>,
    pools: Vec<PoolCounts>,
}

#[derive(Debug, Serialize)]
struct Zone {
    name: String,
    prices: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize)]
struct PoolCounts {
    name: String,
    zone: String,
    capacity: String,
    available: String,
    in_baskets: String,
    sold: String,
    house: String,
    killed: String,
}

impl Looked<'_> {
    /// Its counts on a board; `None` for one that the board does not have yet.
    pub(super) fn counted(&self, board: &Board) -> Option<Counts> {
        let picture = board.performances.picture(self.at)?;
        let definition = &self.desk.definition;
        let pools = &definition.performance(self.at).pools;
        Some(Counts {
            total: Figures::new(&picture.total, board),
            zones: zones(definition, picture, board),
            pools: pools
                .iter()
                .zip(&picture.pools)
                .map(|(pool, stock)| PoolCounts::new(definition, pool, stock))
                .collect(),
        })
    }

    /// The name and the prices of the zone of each category of the plan, for the script.
    pub(super) fn zones_of_categories(&self) -> Vec<String> {
        let definition = &self.desk.definition;
        let seating = definition.performance(self.at).seating.as_ref();
        let zones = seating.map(|seating| seating.zone_of_category.as_slice()).unwrap_or_default();
        zones.iter().map(|zone| name(definition, *zone)).collect()
    }
}

fn zones(definition: &Definition, picture: &PerformancePicture, board: &Board) -> Vec<Zone> {
    let zone = |(at, of): &(ZoneIndex, _)| Zone {
        name: name(definition, *at),
        prices: prices(definition, *at),
        figures: Figures::new(of, board),
    };
    picture.zones.iter().map(zone).collect()
}

fn name(definition: &Definition, zone: ZoneIndex) -> String {
    definition.zones.get(zone.at()).map(|zone| zone.name.clone()).unwrap_or_default()
}

/// The lowest and the highest price of a zone.
fn prices(definition: &Definition, zone: ZoneIndex) -> String {
    let amounts = definition.zones.get(zone.at()).map(|zone| &zone.prices);
    let amounts = amounts.into_iter().flatten().map(|price| price.amount_minor);
    let written = |minor| written::amount(minor, &definition.currency);
    match (amounts.clone().min(), amounts.max()) {
        (Some(low), Some(high)) if low < high => format!("{} to {}", written(low), written(high)),
        (Some(one), _) => written(one),
        _ => String::new(),
    }
}

impl PoolCounts {
    fn new(definition: &Definition, pool: &Pool, stock: &PoolStock) -> Self {
        let counts = stock.counts;
        Self {
            name: pool.name.clone(),
            zone: name(definition, pool.zone),
            capacity: written::grouped(counts.capacity),
            available: written::grouped(counts.available),
            in_baskets: written::grouped(counts.held + counts.paying),
            sold: written::grouped(counts.sold),
            house: written::grouped(stock.house),
            killed: written::grouped(counts.withheld.saturating_sub(stock.house)),
        }
    }
}
