//! What the public interface says, as far as the demonstration reads it.
//!
//! A reader of its own, as any shop would write it: unknown fields are passed over, unknown words
//! are kept as such, so that a newer server can say more.

pub mod basket;
pub mod board;
pub mod place;
pub mod plan;

use serde::Deserialize;

/// Why something was declined.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Problem {
    /// The stable code.
    #[serde(default)]
    pub code: String,
    /// What to do, in the server's words.
    pub detail: Option<String>,
    /// The most that a limit allows.
    pub most: Option<u64>,
    /// When the first unit in a basket may come back.
    pub first_return_at: Option<jiff::Timestamp>,
    /// The live basket that the pass has already.
    pub basket: Option<String>,
}
