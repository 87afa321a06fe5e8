//! From the ids that people use to the indices of the definition, and what cannot be found.

use std::collections::HashMap;
use std::sync::Arc;

use stanchion_domain::id::{
    PerformanceIndex, PoolIndex, PriceIndex, SeatIndex, SectionIndex, ZoneIndex,
};
use stanchion_domain::sale::definition::Definition;

/// The names of one definition. Built once for each.
pub struct Names {
    definition: Arc<Definition>,
    performances: HashMap<String, PerformanceIndex>,
    zones: HashMap<String, ZoneIndex>,
    /// By plan.
    seats: Vec<HashMap<String, SeatIndex>>,
}

impl Names {
    /// The names of a definition.
    pub fn of(definition: &Arc<Definition>) -> Self {
        let performances = definition.performances.iter().zip(0_u16..);
        let zones = definition.zones.iter().zip(0_u16..);
        let seats = definition.plans.iter().map(|plan| {
            let seats = plan.seats.iter().zip(0_u32..);
            seats.map(|(seat, at)| (seat.id.clone(), SeatIndex(at))).collect()
        });
        Self {
            performances: performances
                .map(|(performance, at)| (performance.id.clone(), PerformanceIndex(at)))
                .collect(),
            zones: zones.map(|(zone, at)| (zone.id.clone(), ZoneIndex(at))).collect(),
            seats: seats.collect(),
            definition: definition.clone(),
        }
    }

    /// Whether these are the names of this very definition.
    pub fn are_of(&self, definition: &Arc<Definition>) -> bool {
        Arc::ptr_eq(&self.definition, definition)
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// A performance.
    pub fn performance(&self, id: &str) -> Option<PerformanceIndex> {
        self.performances.get(id).copied()
    }

    /// A price zone.
    pub fn zone(&self, id: &str) -> Option<ZoneIndex> {
        self.zones.get(id).copied()
    }

    /// A seat of a performance.
    pub fn seat(&self, performance: PerformanceIndex, id: &str) -> Option<SeatIndex> {
        let seating = self.definition.performance(performance).seating.as_ref()?;
        self.seats.get(seating.plan.at())?.get(id).copied()
    }

    /// A pool of a performance.
    pub fn pool(&self, performance: PerformanceIndex, id: &str) -> Option<PoolIndex> {
        let pools = self.definition.performance(performance).pools.iter().zip(0_u16..);
        pools.into_iter().find(|(pool, _)| pool.id == id).map(|(_, at)| PoolIndex(at))
    }

    /// A section of a performance's plan, by its name.
    pub fn section(&self, performance: PerformanceIndex, name: &str) -> Option<SectionIndex> {
        let sections = self.definition.plan_of(performance)?.sections.iter().zip(0_u16..);
        let mut named = sections.filter(|(section, _)| section.name == name);
        named.next().map(|(_, at)| SectionIndex(at))
    }

    /// A price of a zone; the first if none is named.
    pub fn price(&self, zone: ZoneIndex, id: Option<&str>) -> Option<PriceIndex> {
        let Some(id) = id else { return Some(PriceIndex(0)) };
        let prices = self.definition.zones.get(zone.at())?.prices.iter().zip(0_u8..);
        prices.into_iter().find(|(price, _)| price.id == id).map(|(_, at)| PriceIndex(at))
    }
}
