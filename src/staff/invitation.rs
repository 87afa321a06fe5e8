//! A one-time link: whoever has it sets the password and the second factor of one account.
//!
//! Only the hash of its key is kept. The secret of the second factor is chosen when the link is
//! made, so that a page which is loaded twice shows the same picture.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stanchion_domain::time::WallTime;
use subtle::ConstantTimeEq;

use super::code::CodeSecret;
use crate::clock;

/// How long a link can be used.
pub(super) const LIFE_MS: i64 = 3_600_000;

/// What is kept of a link.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    /// SHA-256 of its key, in hex.
    hash: String,
    until_ms: i64,
    pub(super) secret: CodeSecret,
}

impl Invitation {
    /// A new one from now on, and its key.
    pub(super) fn new(now: WallTime) -> (Self, String) {
        let key = new_key();
        let hash = HEXLOWER.encode(&hash_of(&key));
        let until_ms = now.0.saturating_add(LIFE_MS);
        (Self { hash, until_ms, secret: CodeSecret::new() }, key)
    }

    /// Whether this is its key, in time.
    pub(super) fn opened_by(&self, key: &str, now: WallTime) -> bool {
        let given = HEXLOWER.encode(&hash_of(key));
        // A wall clock that was set back opens nothing for longer than it was meant to.
        let in_time = (0..=LIFE_MS).contains(&self.until_ms.saturating_sub(now.0));
        bool::from(given.as_bytes().ct_eq(self.hash.as_bytes())) && in_time
    }
}

/// A key that nobody guesses.
pub(super) fn new_key() -> String {
    BASE64URL_NOPAD.encode(&clock::random_bytes::<32>())
}

/// What is kept of a key.
pub(super) fn hash_of(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

impl fmt::Debug for Invitation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Invitation(…)")
    }
}
