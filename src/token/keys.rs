//! The keys that sign tokens: a few, of which the newest signs and all verify.
//!
//! Owns the precomputed HMAC states. Rotation is: add a key, which signs from then on; drop the old
//! one when nothing signed with it can matter any more.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};

use crate::clock;

/// Keys in one ring: a rotation a day for a week, and one to spare.
pub const KEYS_MAX: usize = 8;
/// Bytes of a key: as many as SHA-256 gives.
pub const KEY_BYTES: usize = 32;
/// What a fingerprint begins with, so that it is the hash of nothing else.
const PRINTED: &[u8] = b"stanchion signer ";

/// Keys in order of age; the last signs. Never empty; ids are unique.
#[derive(Clone, Debug)]
pub struct KeyRing(Vec<Key>);

/// One key, as its precomputed state, and as it is written to a file.
#[derive(Clone)]
pub struct Key {
    id: u8,
    secret: [u8; KEY_BYTES],
    mac: Hmac<Sha256>,
}

/// Why a text is not a list of keys. Never quotes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RingFault {
    /// No key at all.
    #[error("there is no key")]
    Empty,
    /// More than [`KEYS_MAX`].
    #[error("there are more than {KEYS_MAX} keys")]
    TooMany,
    /// An entry is not `<id>:<32 bytes in base64url>`.
    #[error("entry {entry} is not <id 0 to 255>:<{KEY_BYTES} bytes in base64url without padding>")]
    Entry {
        /// Which one, counted from 1.
        entry: usize,
    },
    /// Two keys have the same id.
    #[error("key id {id} is used twice")]
    Twice {
        /// Which one.
        id: u8,
    },
}

impl KeyRing {
    /// A ring with one new random key.
    pub fn new() -> Self {
        Self(vec![Key::new(0, clock::random_bytes())])
    }

    /// Reads entries `<id>:<key>`, oldest first, separated by white space.
    ///
    /// # Errors
    /// [`RingFault`] with the number of the entry, never its text.
    pub fn read(text: &str) -> Result<Self, RingFault> {
        let mut keys: Vec<Key> = Vec::new();
        for (at, entry) in text.split_ascii_whitespace().enumerate() {
            if at == KEYS_MAX {
                return Err(RingFault::TooMany);
            }
            let key = Key::read(entry).ok_or(RingFault::Entry { entry: at + 1 })?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(RingFault::Twice { id: key.id });
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(RingFault::Empty) } else { Ok(Self(keys)) }
    }

    /// The text that [`Self::read`] reads. It holds the secrets.
    pub fn text(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|key| format!("{}:{}\n", key.id, BASE64URL_NOPAD.encode(&key.secret)));
        lines.collect()
    }

    /// A fingerprint of each key, which tells rings apart and gives nothing away.
    pub fn prints(&self) -> Vec<String> {
        let print = |key: &Key| {
            let hash = Sha256::new().chain_update(PRINTED).chain_update(key.secret).finalize();
            HEXLOWER.encode(&hash[..KEY_BYTES / 2])
        };
        self.0.iter().map(print).collect()
    }

    /// A ring in which a new random key signs, and the oldest is dropped if the ring was full.
    #[must_use]
    pub fn rotated(mut self) -> Self {
        if self.0.len() == KEYS_MAX {
            self.0.remove(0);
        }
        let id = self.newest().id.wrapping_add(1);
        self.0.retain(|key| key.id != id);
        self.0.push(Key::new(id, clock::random_bytes()));
        self
    }

    pub(super) fn newest(&self) -> &Key {
        self.0.last().expect("a ring is never empty")
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().rev()
    }

    pub(super) fn find(&self, id: u8) -> Option<&Key> {
        self.0.iter().rev().find(|key| key.id == id)
    }
}

impl Default for KeyRing {
    fn default() -> Self {
        Self::new()
    }
}

impl Key {
    fn new(id: u8, secret: [u8; KEY_BYTES]) -> Self {
        let mac = Hmac::new_from_slice(&secret).expect("an HMAC takes a key of any length");
        Self { id, secret, mac }
    }

    fn read(entry: &str) -> Option<Self> {
        let (id, secret) = entry.split_once(':')?;
        let secret = BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?;
        Some(Self::new(id.parse().ok()?, secret.try_into().ok()?))
    }

    pub(super) fn id(&self) -> u8 {
        self.id
    }

    /// A copy of the state after the key: saves two of the four blocks of every HMAC.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({}, …)", self.id)
    }
}
