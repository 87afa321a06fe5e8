//! A pass as a JSON Web Token (RFC 7519) signed with Ed25519 (RFC 8037), for shops that check it by
//! themselves, and the key set (RFC 7517) with which they do.
//!
//! Its keys follow from those of the ring: whoever has the ring signs, a standby as well, and there
//! is nothing more to keep secret. What they sign is never believed by us: a visitor proves their
//! pass to us with the pass token.

use hmac::Mac;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use super::keys::{Key, KeyRing};

/// What an HMAC of a ring's key is taken of for the seed: no token begins like this.
const SEED: &[u8] = b"stanchion pass jwt ed25519";
/// PKCS #8 around an Ed25519 seed of 32 bytes (RFC 8410, section 7).
const PKCS_8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// What a pass says to a shop. Instants are seconds since 1970.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed: the address of the queue.
    pub iss: String,
    /// For which shop: its origin.
    pub aud: String,
    /// Of which sale.
    pub sale: String,
    /// The number of the pass, as the API wants it in `Stanchion-Pass`.
    pub pass: u32,
    /// SHA-256, in base64url, of what the shop left in the browser before it sent the visitor here:
    /// in another browser the token is worth nothing.
    pub bound: String,
    /// When it was signed.
    pub iat: i64,
    /// From then on the shop should have a page's visitor get a new one.
    pub renew: i64,
    /// From then on it is worth nothing.
    pub exp: i64,
}

/// Signs passes for shops. Made once: the keys are derived when it is.
pub struct PassSigner {
    header: Header,
    key: EncodingKey,
    /// All public keys, the newest first.
    set: JwkSet,
}

impl PassSigner {
    /// Signs with the key of a ring whose turn it is; every key of it is in the key set.
    ///
    /// # Panics
    /// Never: any 32 bytes are the seed of a key.
    pub fn new(ring: &KeyRing) -> Self {
        let pair = |key: &Key| of(key).expect("any seed is a key");
        let keys = ring.newest_first().map(|key| pair(key).1).collect();
        let (key, public) = pair(ring.signing());
        let header = Header { kid: public.common.key_id, ..Header::new(Algorithm::EdDSA) };
        Self { header, key, set: JwkSet { keys } }
    }

    /// The token of a pass.
    ///
    /// # Panics
    /// Never: claims are plain JSON.
    pub fn sign(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.key).expect("claims are plain JSON")
    }

    /// The public keys.
    pub fn key_set(&self) -> &JwkSet {
        &self.set
    }
}

/// The pair of a ring's key; the public one is named by its thumbprint (RFC 7638).
fn of(key: &Key) -> jsonwebtoken::errors::Result<(EncodingKey, Jwk)> {
    let seed = key.mac().chain_update(SEED).finalize().into_bytes();
    let key = EncodingKey::from_ed_der(&[&PKCS_8[..], &seed].concat());
    let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
    public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256)?);
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((key, public))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use proptest::prelude::*;

    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "https://queue.arena.test".to_owned(),
            aud: "https://shop.arena.test".to_owned(),
            sale: "gala".to_owned(),
            pass: 41,
            bound: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg".to_owned(),
            iat: 1_795_291_200,
            renew: 1_795_291_500,
            exp: 4_102_444_800,
        }
    }

    /// As a shop does it: by the key that the token names, out of the set.
    fn read(set: &JwkSet, token: &str) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid?;
        let key = DecodingKey::from_jwk(set.find(&kid)?).ok()?;
        let mut wanted = Validation::new(Algorithm::EdDSA);
        wanted.set_audience(&["https://shop.arena.test"]);
        wanted.set_issuer(&["https://queue.arena.test"]);
        decode::<Claims>(token, &key, &wanted).ok().map(|read| read.claims)
    }

    #[test]
    fn a_shop_reads_what_was_signed_and_a_standby_signs_the_same() {
        let ring = KeyRing::new();
        let (ours, standby) = (PassSigner::new(&ring), PassSigner::new(&ring));
        let token = ours.sign(&claims());
        assert_eq!(read(standby.key_set(), &token), Some(claims()));
        assert_eq!(token, standby.sign(&claims()), "Ed25519 has no chance in it");
        let other = Claims { aud: "https://else.test".to_owned(), ..claims() };
        assert_eq!(read(ours.key_set(), &ours.sign(&other)), None, "for another shop");
        let over = Claims { exp: 1, ..claims() };
        assert_eq!(read(ours.key_set(), &ours.sign(&over)), None, "over");
    }

    #[test]
    fn after_a_rotation_old_tokens_are_read_as_long_as_their_key_is_in_the_ring() {
        let mut ring = KeyRing::new();
        let token = PassSigner::new(&ring).sign(&claims());
        for rotation in 1..super::super::keys::KEYS_MAX {
            let before = PassSigner::new(&ring);
            ring = ring.rotated();
            let newer = PassSigner::new(&ring);
            assert_eq!(read(newer.key_set(), &token), Some(claims()));
            let signed = newer.sign(&claims());
            assert_eq!(signed == token, rotation == 1, "the first key is announced as well");
            assert_eq!(read(before.key_set(), &signed), Some(claims()), "known before it signs");
        }
        assert_eq!(read(PassSigner::new(&ring.rotated()).key_set(), &token), None);
    }

    #[test]
    fn the_key_set_is_public_and_names_its_keys() {
        let set = serde_json::to_value(PassSigner::new(&KeyRing::new().rotated()).key_set());
        let set = set.expect("it is JSON");
        let keys = set["keys"].as_array().expect("keys");
        assert_eq!(keys.len(), 2);
        for key in keys {
            let mut names: Vec<_> = key.as_object().expect("a key").keys().collect();
            names.sort_unstable();
            assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"], "and no secret");
            assert_eq!((&key["kty"], &key["crv"]), (&"OKP".into(), &"Ed25519".into()));
        }
        assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    }

    proptest! {
        #[test]
        fn whoever_alters_a_letter_has_nothing(at in 0_usize..2_000, letter in "[A-Za-z0-9_.-]") {
            let signer = PassSigner::new(&KeyRing::read("3:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap());
            let token = signer.sign(&claims());
            let at = at % token.len();
            let altered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            prop_assert!(altered == token || read(signer.key_set(), &altered).is_none());
        }
    }
}
