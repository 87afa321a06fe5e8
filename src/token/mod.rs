//! Place tokens and pass tokens: the signed strings that prove a visitor's standing.
//!
//! A token is 48 bytes in 64 letters of base64url, without padding and without a spare bit, so that
//! a standing has one text per key. It is checked without allocating, in about a microsecond, since
//! polls are checked by the million. Nothing here is ever logged: tokens and keys print as `…`.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 1 | kind: 1 place, 2 pass |
//! | 1 | id of the key that signed |
//! | 1 | lane |
//! | 4 | queue number, big-endian, as all that follows |
//! | 8 | the sale: first bytes of the SHA-256 of its id |
//! | 8 | random id |
//! | 8 | issue: what the issuer wants to find again |
//! | 16 | first half of the HMAC-SHA256 of the 32 bytes before |

pub mod api_key;
pub mod connector;
pub mod jwt;
pub mod key_file;
pub mod keys;
pub mod place_id;
pub mod role;
pub mod signers;
mod uuid;
pub mod rsa;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use sha2::{Digest, Sha256};
use stanchion_domain::id::{Number, PlaceMark};
use subtle::ConstantTimeEq;

use keys::KeyRing;

const VERSION: u8 = 1;
const CLAIM_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const TOKEN_BYTES: usize = CLAIM_BYTES + TAG_BYTES;
/// Letters of every token.
pub const TOKEN_LETTERS: usize = 64;

const _: () = assert!(TOKEN_BYTES.is_multiple_of(3), "no spare bits in base64");
const _: () = assert!(TOKEN_BYTES / 3 * 4 == TOKEN_LETTERS);

/// What a token proves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A standing in the queue.
    Place,
    /// The right to be in the shop.
    Pass,
}

/// The sale a token belongs to, as the token says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SaleMark([u8; 8]);

/// What is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Which sale.
    pub sale: SaleMark,
    /// The lane of its queue.
    pub lane: u8,
    /// The queue number.
    pub number: Number,
    /// Random, so that nobody can tell from a token what another looks like. The place and the pass
    /// of one device have the same; a place that moves gets another.
    pub id: u64,
    /// What the issuer wants to find again: 0 for a place; for a pass, the epoch of the writer that
    /// issued it.
    pub issue: u64,
}

impl Standing {
    /// What tells the tokens of one device from those of another.
    pub fn mark(&self) -> PlaceMark {
        PlaceMark(self.id)
    }
}

/// A signed text, ready for a cookie or a header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; TOKEN_LETTERS]);

/// Why a token was not believed. What is said to the outside is the same for all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// Not 64 letters of base64url, or of another version.
    #[error("not a token of this version")]
    Malformed,
    /// Signed with a key that is not, or no longer, in the ring.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("signature does not match")]
    Forged,
    /// A genuine token of the other kind.
    #[error("a token of another kind")]
    WrongKind,
    /// A genuine token of another sale.
    #[error("a token of another sale")]
    WrongSale,
}

impl KeyRing {
    /// Signs with the key whose turn it is.
    pub fn sign(&self, kind: Kind, standing: &Standing) -> Token {
        let key = self.signing();
        let claim = claim_of(kind, key.id(), standing);
        let tag = key.mac().chain_update(claim).finalize().into_bytes();
        let mut bytes = [0; TOKEN_BYTES];
        let (claim_part, tag_part) = bytes.split_at_mut(CLAIM_BYTES);
        claim_part.copy_from_slice(&claim);
        tag_part.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
        let mut letters = [0; TOKEN_LETTERS];
        BASE64URL_NOPAD.encode_mut(&bytes, &mut letters);
        Token(letters)
    }

    /// Reads a token of this kind and sale, signed with any key of the ring.
    ///
    /// # Errors
    /// [`TokenRefusal`], which says no more than which check failed first.
    pub fn verify(
        &self,
        kind: Kind,
        sale: SaleMark,
        text: &[u8],
    ) -> Result<Standing, TokenRefusal> {
        let bytes = decoded(text).ok_or(TokenRefusal::Malformed)?;
        let (claim, tag) =
            bytes.split_first_chunk::<CLAIM_BYTES>().ok_or(TokenRefusal::Malformed)?;
        let [version, _, key_id, ..] = *claim;
        if version != VERSION {
            return Err(TokenRefusal::Malformed);
        }
        let key = self.find(key_id).ok_or(TokenRefusal::UnknownKey)?;
        let expected = key.mac().chain_update(claim).finalize().into_bytes();
        let (expected, _) = expected.split_at(TAG_BYTES);
        if !bool::from(expected.ct_eq(tag)) {
            return Err(TokenRefusal::Forged);
        }
        let (found, standing) = read_claim(claim);
        if found != kind.byte() {
            return Err(TokenRefusal::WrongKind);
        }
        if standing.sale != sale {
            return Err(TokenRefusal::WrongSale);
        }
        Ok(standing)
    }
}

impl Token {
    /// The text.
    ///
    /// # Panics
    /// Never: base64url is ASCII.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64url is ASCII")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

impl SaleMark {
    /// The mark of a sale. Computed once per sale.
    pub fn of(sale_id: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(sale_id.as_bytes()));
        Self([a, b, c, d, e, f, g, h])
    }
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Place => 1,
            Self::Pass => 2,
        }
    }
}

fn claim_of(kind: Kind, key_id: u8, standing: &Standing) -> [u8; CLAIM_BYTES] {
    let mut claim = [0; CLAIM_BYTES];
    let parts: [&[u8]; 5] = [
        &[VERSION, kind.byte(), key_id, standing.lane],
        &standing.number.0.to_be_bytes(),
        &standing.sale.0,
        &standing.id.to_be_bytes(),
        &standing.issue.to_be_bytes(),
    ];
    claim.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
    claim
}

/// The kind's byte and the standing. Every claim can be read; whether it is true, the tag says.
fn read_claim(claim: &[u8; CLAIM_BYTES]) -> (u8, Standing) {
    let mut rest = claim.iter().copied();
    let [_, kind, _, lane] = take(&mut rest);
    let standing = Standing {
        lane,
        number: Number(u32::from_be_bytes(take(&mut rest))),
        sale: SaleMark(take(&mut rest)),
        id: u64::from_be_bytes(take(&mut rest)),
        issue: u64::from_be_bytes(take(&mut rest)),
    };
    (kind, standing)
}

fn take<const N: usize>(bytes: &mut impl Iterator<Item = u8>) -> [u8; N] {
    std::array::from_fn(|_| bytes.next().unwrap_or_default())
}

fn decoded(text: &[u8]) -> Option<[u8; TOKEN_BYTES]> {
    if text.len() != TOKEN_LETTERS {
        return None;
    }
    let mut bytes = [0; TOKEN_BYTES];
    let read = BASE64URL_NOPAD.decode_mut(text, &mut bytes).ok()?;
    (read == TOKEN_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests;
