//! The fake's baskets: what is in them, how they stand, until when.

use stanchion_loadtest::history::Unit;

use super::stock::Taken;

/// How a basket stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Open,
    Paying,
    Confirmed,
    Released,
    Expired { was_paying: bool },
    Lost,
}

/// A basket, or an order.
#[derive(Clone, Debug)]
pub(crate) struct Basket {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) stage: Stage,
    pub(crate) holds: Vec<(u32, Taken)>,
    pub(crate) deadline_ms: u64,
    /// The lie ends it here.
    pub(super) ends_ms: u64,
    pub(super) next: u32,
}

impl Basket {
    pub(crate) fn live(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Paying)
    }

    pub(crate) fn units(&self) -> Vec<Unit> {
        self.holds.iter().flat_map(|(_, taken)| taken.units()).collect()
    }

    /// The server's word.
    pub(crate) fn word(&self) -> &'static str {
        match self.stage {
            Stage::Open => "open",
            Stage::Paying => "paying",
            Stage::Confirmed => "confirmed",
            Stage::Released => "released",
            Stage::Expired { .. } => "expired",
            Stage::Lost => "payment_lost",
        }
    }
}
