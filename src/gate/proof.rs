//! The header by which the origin can tell that a request came through the gate.
//!
//! `x-stanchion-proof: v1;t=<unix seconds>;m=<method>;p=<queue number, or ->;s=<signature>`, where
//! the signature is the HMAC-SHA256, in lower-case hexadecimal digits, of everything before `;s=`,
//! a line feed, and the request's target exactly as it is sent. It counts for [`FRESH_S`] seconds.
//! `docs/gate.md` shows how to check it.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use http::header::{HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use sha2::Sha256;
use stanchion_domain::id::Number;

/// The header.
pub const PROOF: HeaderName = HeaderName::from_static("x-stanchion-proof");
/// How long a proof counts: two machines' clocks may be half of it apart.
pub const FRESH_S: u64 = 60;
/// Bytes of a key, at least: as many as its HMAC gives out.
const KEY_BYTES_MIN: usize = 32;

/// What the gate and the origin know, and nobody else.
#[derive(Clone)]
pub struct ProofKey(Hmac<Sha256>);

/// Why this is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must have at least {KEY_BYTES_MIN} bytes")]
pub struct ProofKeyFault;

/// A key is a secret: it is not printed.
impl fmt::Debug for ProofKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ProofKey(…)")
    }
}

impl ProofKey {
    /// A key: the bytes of a text, taken as they are.
    ///
    /// # Errors
    /// If it is too short.
    pub fn new(secret: &[u8]) -> Result<Self, ProofKeyFault> {
        if secret.len() < KEY_BYTES_MIN {
            return Err(ProofKeyFault);
        }
        Hmac::new_from_slice(secret).map(Self).map_err(|_| ProofKeyFault)
    }

    /// The value of the header for a request at this time: for which path and query, by whose pass.
    pub(super) fn header(
        &self,
        method: &Method,
        (path, pass): (&PathAndQuery, Option<Number>),
        unix_s: i64,
    ) -> HeaderValue {
        let pass = pass.map_or_else(|| "-".to_owned(), |pass| pass.0.to_string());
        let claim = format!("v1;t={unix_s};m={method};p={pass}");
        let mut mac = self.0.clone();
        mac.update(claim.as_bytes());
        mac.update(b"\n");
        mac.update(path.as_str().as_bytes());
        let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
        let value = HeaderValue::try_from(format!("{claim};s={signature}"));
        let mut value = value.expect("a method, digits and letters are a header value");
        value.set_sensitive(true);
        value
    }
}
