//! A problem document (RFC 9457).

use serde::Serialize;
use utoipa::ToSchema;

use super::basket::Id;
use super::place::PlaceBody;
use super::role::StandbyBody;
use super::time::Moment;

/// Why a request was not carried out. Compare `code`.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:stanchion:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What to do.
    pub detail: String,
    /// The stable code.
    pub code: &'static str,
    /// Which item of the request, counted from 0, where it was one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// Where in the body: `line:column`, with the path of the field where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What was not found, or makes no sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<&'static str>,
    /// The state that does not allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The limit that would be passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// What the limit allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
    /// When the first of what is in baskets may come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_return_at: Option<Moment>,
    /// The newest revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_revision: Option<u64>,
    /// The basket that the pass has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<Id>,
    /// The place, for who is not called yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<PlaceBody>>,
    /// Where to wait for a turn, for who has no pass: an address on this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_page: Option<String>,
    /// When to ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// How this server stands by for each sale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub standbys: Vec<StandbyBody>,
    /// Everything that is wrong with a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub problems: Vec<String>,
}
