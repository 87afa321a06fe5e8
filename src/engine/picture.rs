//! The board as the writer hands it on: a picture of the sale at the end of a batch.

use std::sync::Arc;

use stanchion_domain::board::picture::{Head, PerformancePicture};
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::{Presence, Sale};
use stanchion_domain::time::Now;

use crate::board::projection::Projection;
use crate::board::store::Update;
use crate::board::wire::Estimate;

/// The board as of the end of a batch.
pub(super) struct BoardPicture {
    pub(super) head: Head,
    pub(super) changed: Vec<PerformancePicture>,
    pub(super) estimate: Option<Estimate>,
    pub(super) definition: Arc<Definition>,
}

impl BoardPicture {
    /// The board of a sale as it is, every performance included.
    pub(super) fn whole(sale: &Sale, presence: &dyn Presence) -> Self {
        let all: Vec<_> = performances_of(sale).collect();
        Self {
            head: sale.head(presence),
            changed: sale.pictures(&all),
            estimate: None,
            definition: sale.definition().clone(),
        }
    }

    /// The picture as an update of the board. `well`: the journal can be written.
    pub(super) fn into_update(self, now: Now, well: bool) -> Update {
        Update {
            running: well && !self.head.frozen,
            definition: self.definition,
            head: self.head,
            estimate: self.estimate,
            performances: self.changed,
            projection: Projection { sale_now: now.sale, wall_now: now.wall },
        }
    }
}

fn performances_of(sale: &Sale) -> impl Iterator<Item = PerformanceIndex> + use<> {
    let performances = sale.definition().performances.len();
    (0..u16::try_from(performances).expect("performances are limited")).map(PerformanceIndex)
}
