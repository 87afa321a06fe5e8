//! Idempotency keys: what a request is known by, so that asking twice has one effect.
//!
//! A key is scoped to who asks and for what; what the writer remembers is a hash of both, and a
//! hash of the body.

use http::HeaderMap;
use sha2::{Digest, Sha256};
use stanchion_domain::id::RequestKey;

use super::problem::Problem;

/// The header that carries the key.
pub const KEY_HEADER: &str = "idempotency-key";
/// The header that marks an answer as given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";
/// Letters of a key.
const KEY_LETTERS_MAX: usize = 128;

/// What a key is valid for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Who asks: a pass, an API key, an operator.
    pub caller: &'a str,
    /// The operation and the path it is asked on.
    pub operation: &'a str,
    /// The path.
    pub path: &'a str,
}

/// The key of a request that needs one.
///
/// # Errors
/// `key_missing`, or `malformed` if it is not 1 to 128 visible ASCII letters.
pub fn required(headers: &HeaderMap, scope: Scope<'_>, body: &[u8]) -> Result<RequestKey, Problem> {
    optional(headers, scope, body)?.ok_or_else(|| Problem::new("key_missing"))
}

/// The key of a request that may have one.
///
/// # Errors
/// `malformed` if it is not 1 to 128 visible ASCII letters.
pub fn optional(
    headers: &HeaderMap,
    scope: Scope<'_>,
    body: &[u8],
) -> Result<Option<RequestKey>, Problem> {
    let Some(key) = headers.get(KEY_HEADER) else { return Ok(None) };
    let key = key.as_bytes();
    let visible = key.iter().all(|byte| (0x21..=0x7e).contains(byte));
    if key.is_empty() || key.len() > KEY_LETTERS_MAX || !visible {
        return Err(
            Problem::new("malformed").says("Idempotency-Key: 1 to 128 visible ASCII letters")
        );
    }
    Ok(Some(request_key(scope, key, body)))
}

fn request_key(scope: Scope<'_>, key: &[u8], body: &[u8]) -> RequestKey {
    let mut hash = Sha256::new();
    for part in [scope.caller.as_bytes(), scope.operation.as_bytes(), scope.path.as_bytes(), key] {
        // The length before each part: no two lists of parts have the same bytes.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let key = hash.finalize();
    let body = Sha256::digest(body);
    RequestKey { key: u128::from_be_bytes(first(&key)), body: u64::from_be_bytes(first(&body)) }
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Scope<'_> = Scope { caller: "pass 7", operation: "openBasket", path: "/a" };

    fn headers(key: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADER, http::HeaderValue::from_static(key));
        headers
    }

    fn key(scope: Scope<'_>, key: &'static str, body: &str) -> RequestKey {
        required(&headers(key), scope, body.as_bytes()).expect("a key")
    }

    #[test]
    fn a_key_depends_on_who_asks_for_what_and_where_and_not_on_the_body() {
        let one = key(SCOPE, "k", "body");
        assert_eq!(key(SCOPE, "k", "body"), one);
        assert_eq!(key(SCOPE, "k", "other").key, one.key);
        assert_ne!(key(SCOPE, "k", "other").body, one.body);
        for other in [
            Scope { caller: "pass 8", ..SCOPE },
            Scope { operation: "checkOut", ..SCOPE },
            Scope { path: "/b", ..SCOPE },
            Scope { operation: "openBasket/", path: "a", ..SCOPE },
        ] {
            assert_ne!(key(other, "k", "body").key, one.key, "{other:?}");
        }
    }

    #[test]
    fn a_key_is_needed_and_visible() {
        let missing = required(&HeaderMap::new(), SCOPE, b"").expect_err("missing");
        assert_eq!(missing.code(), "key_missing");
        for bad in ["", "a b", "\u{7f}"] {
            let mut headers = HeaderMap::new();
            let Ok(value) = http::HeaderValue::from_bytes(bad.as_bytes()) else { continue };
            headers.insert(KEY_HEADER, value);
            let refused = required(&headers, SCOPE, b"").expect_err("not a key");
            assert_eq!(refused.code(), "malformed", "{bad:?}");
        }
        let long = http::HeaderValue::from_str(&"x".repeat(129)).expect("a header");
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADER, long);
        assert!(optional(&headers, SCOPE, b"").is_err());
    }
}
