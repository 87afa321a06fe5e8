//! What clients of a retired waiting room send and read, in its words: the sale is their event, the
//! place is named by a request id.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for a queue number.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AssignBody {
    /// The sale's id.
    pub event_id: String,
}

/// A place was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignedBody {
    /// Names the place, and proves whose it is: a UUID that is kept as a secret.
    pub api_request_id: String,
}

/// A queue number.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberBody {
    /// Served once the counter has come as far.
    pub queue_number: u32,
    /// When it was given, in seconds since 1970.
    pub entry_time: u32,
    /// The sale's id.
    pub event_id: String,
    /// Always 1.
    pub status: u8,
}

/// How far calling has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServingBody {
    /// Who has this number, or a lower one, was called: digits, as a text.
    pub serving_counter: String,
}

/// How many wait.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingBody {
    /// Neither called nor gone.
    pub waiting_num: u32,
}

/// How long something counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiryBody {
    /// In seconds.
    pub expires_in: u64,
}

/// Asks for the tokens of a place that was called.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GenerateBody {
    /// The sale's id.
    pub event_id: String,
    /// The place.
    pub request_id: String,
}

/// The tokens of a pass: JSON Web Tokens that differ in `token_use`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensBody {
    /// What the shop checks.
    pub access_token: String,
    /// The same claims, as clients expect them.
    pub refresh_token: String,
    /// The same.
    pub id_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// In seconds.
    pub expires_in: u64,
}

/// The public key by which the tokens are checked, as a JSON Web Key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyBody {
    /// `RSA`.
    pub kty: &'static str,
    /// `RS256`.
    pub alg: &'static str,
    /// What tokens call it.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

/// What stands in the way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// In words.
    pub error: &'static str,
}

/// What a token says.
#[derive(Debug, Serialize)]
pub struct Claims<'a> {
    /// The sale's id.
    pub aud: &'a str,
    /// The place.
    pub sub: &'a str,
    /// Its queue number, which is also that of the pass.
    pub queue_position: u32,
    /// `access`, `refresh` or `id`.
    pub token_use: &'static str,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// The same.
    pub nbf: i64,
    /// From then on it is worth nothing.
    pub exp: i64,
    /// Who signed.
    pub iss: &'a str,
}
