//! One performance on the board, as JSON: what is fixed about it, and what is true now.
//!
//! The fixed part follows from the definition and is rendered once for each;
//! the live part is rendered whenever it changes and put behind it.

use std::sync::Arc;

use bytes::Bytes;
use stanchion_domain::board::picture::{PerformancePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Status};
use stanchion_domain::sale::definition::{Definition, Performance};

use super::json;
use super::projection::{self, Ahead};
use super::wire::ZoneBody;
use super::wire::{CountsBody, FixedBody, LiveBody, PoolBody, SeatingBody, StaleBody, StatusBody};

/// The fixed parts of all performances of a definition, each an object without its closing brace.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    definition: Arc<Definition>,
    openings: Vec<Vec<u8>>,
}

impl Fixed {
    /// The fixed parts of a definition: these, if it is still the same.
    pub(super) fn follow(self: &Arc<Self>, definition: &Arc<Definition>) -> Arc<Self> {
        if Arc::ptr_eq(&self.definition, definition) {
            return self.clone();
        }
        let performances = definition.performances.iter();
        let openings = performances.map(|performance| opening(definition, performance)).collect();
        Arc::new(Self { definition: definition.clone(), openings })
    }

    /// How many performances there are.
    pub(super) fn len(&self) -> usize {
        self.openings.len()
    }

    /// The fixed part of one performance.
    pub(super) fn opening(&self, at: usize) -> Option<&[u8]> {
        self.openings.get(at).map(Vec::as_slice)
    }

    /// A [`PerformanceBody`](super::wire::PerformanceBody), rendered.
    pub(super) fn fragment(
        &self,
        picture: &PerformancePicture,
        ahead: Ahead,
        version: u64,
    ) -> Bytes {
        let zones = picture.zones.iter().map(|(zone, of_zone)| ZoneBody {
            zone: &self.definition.zones[zone.at()].id,
            status: StatusBody::new(of_zone.status, ahead),
            counts: CountsBody::known(&of_zone.counts, of_zone.known),
            stale: StaleBody::of(of_zone.known),
        });
        let live = json::write(&LiveBody {
            version,
            status: StatusBody::new(picture.total.status, ahead),
            counts: CountsBody::known(&picture.total.counts, picture.total.known),
            stale: StaleBody::of(picture.total.known),
            zones: zones.collect(),
        });
        let opening = &self.openings[picture.performance.at()];
        // The fixed part, a comma in place of the live part's opening brace, the rest of it.
        let mut bytes = Vec::with_capacity(opening.len() + live.len());
        bytes.extend_from_slice(opening);
        bytes.push(b',');
        bytes.extend_from_slice(&live[1..]);
        bytes.into()
    }
}

fn opening(definition: &Definition, performance: &Performance) -> Vec<u8> {
    let seating = performance.seating.as_ref().map(|seating| SeatingBody {
        plan: &definition.plans[seating.plan.at()].id,
        zone_of_category: (seating.zone_of_category.iter())
            .map(|zone| definition.zones[zone.at()].id.as_str())
            .collect(),
    });
    // What the venue's own system keeps is not held here.
    let pools = if definition.mirrored() { &[][..] } else { &performance.pools };
    let pools = pools.iter().map(|pool| PoolBody {
        id: &pool.id,
        name: &pool.name,
        zone: &definition.zones[pool.zone.at()].id,
    });
    let mut bytes = json::write(&FixedBody {
        id: &performance.id,
        name: &performance.name,
        starts_at: performance.starts_at.and_then(projection::instant),
        seating,
        pools: pools.collect(),
    });
    assert_eq!(bytes.pop(), Some(b'}'), "an object");
    bytes
}

/// Whether a deadline is shown anywhere in a performance.
pub(super) fn dated(picture: &PerformancePicture) -> bool {
    let dated = |of: &ZonePicture| matches!(of.status, Status::InBaskets { .. });
    dated(&picture.total) || picture.zones.iter().any(|(_, zone)| dated(zone))
}

/// Asserts that a performance and each of its zones are conserved, and that the zones add up.
pub(super) fn check_conserved(picture: &PerformancePicture) {
    let mut sum = Counts::default();
    for (_, zone) in &picture.zones {
        assert!(zone.counts.conserved(), "units are neither made nor lost");
        sum.add(&zone.counts);
    }
    assert_eq!(sum, picture.total.counts, "a performance is the sum of its zones");
}
