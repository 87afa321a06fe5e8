//! A place on its way to another device.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A code to type into the other device.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeBody {
    /// Eight letters and digits with a dash; good once.
    pub code: String,
    /// How long it is good for.
    pub expires_in_ms: u64,
}

/// A code as somebody typed it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalBody {
    /// In any case, with or without the dash.
    pub code: String,
}
