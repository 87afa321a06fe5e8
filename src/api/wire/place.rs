//! A visitor's place and pass.

use std::sync::Arc;

use serde::Serialize;
use stanchion_domain::board::trigger::Notice;
use utoipa::ToSchema;

use super::basket::Id;
use super::time::Moment;

/// A visitor's standing in the queue. What the sale's policy does not show is absent.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PlaceBody {
    /// The sale's id.
    #[schema(value_type = String)]
    pub sale: Arc<str>,
    /// The queue number: given once, for good.
    pub number: u32,
    /// How the place stands.
    pub state: PlaceState,
    /// How many are ahead; never rises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// About how many are ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<BandBody>,
    /// How much of the way is done, in thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_permille: Option<u32>,
    /// How long it may take, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitBody>,
    /// Claim your turn until then; absent while sale time stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_until_at: Option<Moment>,
    /// The same as a span from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_in_ms: Option<u64>,
    /// In the shop: the visit ends then unless something is heard of the visitor, and not before
    /// their basket does; absent while sale time stands still. Asking for the place is no sign of
    /// life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_until_at: Option<Moment>,
    /// The same as a span from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_in_ms: Option<u64>,
    /// When the sale opens, while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// Whether visitors are called now.
    pub calling: bool,
    /// Whether sale time runs: while it stands still, nothing runs out.
    pub time_running: bool,
    /// Ask again after this; absent when there is nothing to wait for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_after_ms: Option<u64>,
    /// Words for everyone; the first language is the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Vec<WordsBody>>,
    /// Where everyone in the queue is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// The place token, when the place is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// How a place stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// In the queue.
    #[default]
    Waiting,
    /// Was away when called, or missed the claim: next once calling has come this far.
    Returning,
    /// It is the visitor's turn.
    Called,
    /// In the shop.
    Active,
    /// Given up, or the pass has ended.
    Ended,
}

/// About how many are ahead: at least `from`, fewer than `to`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct BandBody {
    /// The fewest.
    pub from: u32,
    /// One more than the most.
    pub to: u32,
}

/// A range for the wait.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct WaitBody {
    /// At best.
    pub from_ms: u64,
    /// At worst.
    pub to_ms: u64,
}

/// Words in one language.
#[derive(Clone, Debug, serde::Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsBody {
    /// BCP 47 tag.
    pub language: String,
    /// The words, plain text.
    pub text: String,
}

/// The right to be in the shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassBody {
    /// The sale's id.
    #[schema(value_type = String)]
    pub sale: Arc<str>,
    /// The pass: the visitor's queue number.
    pub pass: u32,
    /// `active`.
    pub state: PlaceState,
    /// The live basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<Id>,
    /// The pass token, when the turn was just claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Where the shop is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop_url: Option<String>,
    /// Without a basket, a silent pass ends after this.
    pub idle_span_ms: u64,
    /// The visit ends after this unless something is heard of the visitor, and not before their
    /// basket does.
    pub idle_in_ms: u64,
    /// Whether sale time runs: while it stands still, nothing runs out.
    pub time_running: bool,
}

/// The words of a notice.
pub fn words(notice: &Notice) -> Vec<WordsBody> {
    let word = |(language, text): &(String, String)| WordsBody {
        language: language.clone(),
        text: text.clone(),
    };
    notice.texts.iter().map(word).collect()
}
