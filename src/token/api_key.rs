//! API keys of shops and machines: `sk_<id>_<secret>`.
//!
//! Made once and shown once; kept as an id, the SHA-256 of the secret, a name, and for staff a
//! role. The secret has 256 random bits, so a plain hash is enough: there is nothing to guess.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::role::Role;
use crate::clock;

/// Keys of one server.
pub const API_KEYS_MAX: usize = 256;
/// Bytes of a key's name.
const NAME_BYTES_MAX: usize = 64;
/// Random bytes of an id: eight letters of base 32.
const ID_BYTES: usize = 5;
/// What stands before a role at the end of a line. A key without one may do everything: so could
/// every key before there were roles.
const ROLE: &str = " role=";

/// All keys a server knows.
#[derive(Clone, Debug, Default)]
pub struct ApiKeys(Vec<Known>);

#[derive(Clone)]
struct Known {
    id: String,
    hash: [u8; 32],
    holder: Holder,
}

/// Who has a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Who, as logs and the audit name them.
    pub name: String,
    /// What they may do on the ops listener; means nothing for a shop.
    pub role: Role,
}

/// A key just made: the text for its holder, the line for the server's file.
pub struct NewApiKey {
    /// `sk_<id>_<secret>`; shown once.
    pub text: String,
    /// `<id> <hash> <name>`, and ` role=<role>` if one was given; holds no secret.
    pub line: String,
}

/// What is wrong with a list of API keys, by line, counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApiKeyFault {
    /// A line is not `<id> <hash> <name>`, with or without a role that there is.
    #[error("line {line} is not <id> <sha-256 in hex> <name>, with or without role=<role>")]
    Line {
        /// Which one.
        line: usize,
    },
    /// An id stands there twice.
    #[error("line {line} repeats an id")]
    Twice {
        /// Which one.
        line: usize,
    },
    /// More than [`API_KEYS_MAX`].
    #[error("there are more than {API_KEYS_MAX} keys")]
    TooMany,
}

impl NewApiKey {
    /// A new random key for `name`; `None` if the name is empty, too long or has control
    /// characters, or looks as if it ended with a role.
    pub fn make(name: &str) -> Option<Self> {
        if name.contains(ROLE) {
            return None;
        }
        valid_name(name)?;
        let id = BASE32_NOPAD.encode(&clock::random_bytes::<ID_BYTES>()).to_lowercase();
        let secret = BASE64URL_NOPAD.encode(&clock::random_bytes::<32>());
        let hash = HEXLOWER.encode(&hash_of(&secret));
        Some(Self { text: format!("sk_{id}_{secret}"), line: format!("{id} {hash} {name}") })
    }

    /// The same key for somebody of this role.
    #[must_use]
    pub fn for_role(self, role: Role) -> Self {
        Self { line: format!("{}{ROLE}{}", self.line, role.name()), ..self }
    }
}

impl ApiKeys {
    /// Reads lines `<id> <hash> <name>`, with ` role=<role>` at the end or without; empty lines and
    /// lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// [`ApiKeyFault`] with the line.
    pub fn read(text: &str) -> Result<Self, ApiKeyFault> {
        let mut keys: Vec<Known> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let known = Known::read(line).ok_or(ApiKeyFault::Line { line: at + 1 })?;
            if keys.iter().any(|other| other.id == known.id) {
                return Err(ApiKeyFault::Twice { line: at + 1 });
            }
            if keys.len() == API_KEYS_MAX {
                return Err(ApiKeyFault::TooMany);
            }
            keys.push(known);
        }
        Ok(Self(keys))
    }

    /// The holder of this key, if it is one. Takes the same time for every wrong secret.
    pub fn check(&self, text: &str) -> Option<&Holder> {
        let (id, secret) = text.strip_prefix("sk_")?.split_once('_')?;
        let known = self.0.iter().find(|known| known.id == id)?;
        bool::from(hash_of(secret).ct_eq(&known.hash)).then_some(&known.holder)
    }
}

impl Known {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (id, hash, name) = (words.next()?, words.next()?, words.next()?);
        let named = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let hash = HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
        let (name, role) = match name.rsplit_once(ROLE) {
            Some((name, role)) => (name, Role::named(role.trim_end())?),
            None => (name, Role::Manager),
        };
        valid_name(name)?;
        let holder = Holder { name: name.to_owned(), role };
        named.then(|| Self { id: id.to_owned(), hash, holder })
    }
}

fn valid_name(name: &str) -> Option<()> {
    let fits = !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX;
    (fits && !name.chars().any(char::is_control)).then_some(())
}

fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl fmt::Debug for Known {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ApiKey({}, {:?}, …)", self.id, self.holder)
    }
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("NewApiKey(…)")
    }
}
