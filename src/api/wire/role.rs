//! What operators ask and are told about who writes the sales.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::engine::vigil::Vigil;

/// A hand-over to whoever stands by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverBody {
    /// Why; kept in the log.
    pub reason: String,
}

/// A hand-over that is done: nothing is written here any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOverBody {
    /// Where each sale ended.
    pub sales: Vec<SaleAtBody>,
}

/// A sale, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaleAtBody {
    /// Its id.
    pub id: String,
    /// Number of its newest record.
    pub sequence: u64,
}

/// A takeover that loses records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOverBody {
    /// Why; kept in the log.
    pub reason: String,
    /// Has to be true: records that were acknowledged are given up.
    pub accept_loss: bool,
}

/// A takeover that begins.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakingOverBody {
    /// The sales that were short of records.
    pub sales: Vec<String>,
}

/// How a server stands by for one sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandbyBody {
    /// The sale.
    pub id: String,
    /// The newest record that was read.
    pub sequence: u64,
    /// Its epoch.
    pub epoch: u32,
    /// For how long there may have been records that were not read. Absent before the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// What it waits for: `records`, `turn`, `holder`, `operator`, `journal`, `others`, `nothing`.
    pub waits_for: &'static str,
    /// The same as a sentence: why it does not take over.
    pub why: String,
}

impl StandbyBody {
    /// How it stands at this monotonic time.
    pub fn new(vigil: &Vigil, now_ms: u64) -> Self {
        let seen = vigil.seen();
        Self {
            id: vigil.sale.clone(),
            sequence: seen.followed.sequence,
            epoch: seen.followed.epoch,
            lag_ms: vigil.lag_ms(now_ms),
            waits_for: seen.waits.name(),
            why: seen.waits.to_string(),
        }
    }
}
