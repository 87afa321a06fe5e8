//! What the venue's own system reports of a mirrored sale.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reports: all of them are taken up, or none if one of them cannot be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportsBody {
    /// 1 to 16,384 reports, each of another price zone or performance.
    pub reports: Vec<ReportBody>,
}

/// What there is of one price zone of one performance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// The performance's id.
    pub performance: String,
    /// The price zone's id.
    pub zone: String,
    /// Your own number. Of two reports of a zone the one with the higher number counts, whichever
    /// comes first.
    pub version: u64,
    /// Units that anybody may buy.
    pub available: u32,
    /// Units in baskets.
    pub held: u32,
    /// Units that are sold.
    pub sold: u32,
    /// Units kept off public sale.
    pub withheld: u32,
}

/// What became of some reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedBody {
    /// How many are the newest of their zone.
    pub taken: usize,
    /// How many came too late: a newer one of their zone is known.
    pub older: usize,
    /// What became of each, in the order of the request.
    pub reports: Vec<OutcomeBody>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeBody {
    /// It is the newest of its zone: shown, and fresh from now on.
    Taken,
    /// A newer one is known, and stays.
    Older,
}
