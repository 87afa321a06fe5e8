//! Passes as JSON Web Tokens (RFC 7519) signed with RSA and SHA-256, for shops whose code was
//! written for another waiting room. The key is the operator's: it is read, and never made here.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bits of a key: below, nobody should believe it; above, a signature takes long.
const BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;
/// Between the lengths at its beginning and the key itself, PKCS #8 (RFC 5208) says: version 0, and
/// that it is an RSA key; the key follows as a string of two bytes of length.
const PKCS_8: &[u8] = &[
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00, 0x04, 0x82,
];
/// Bytes of a length: its kind, how many follow, and these.
const LENGTH_BYTES: usize = 4;

/// Signs, and says by which public key that is checked.
#[derive(Clone)]
pub struct RsaSigner {
    header: Header,
    key: EncodingKey,
    public: PublicKey,
}

/// The public key: modulus and exponent in base64url.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    /// What tokens call it.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

/// Why a text is no key that can sign. Never quotes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RsaFault {
    /// No private key.
    #[error("is no private RSA key in PEM")]
    Unreadable,
    /// Too small or too large.
    #[error("has {bits} bits, and 2048 to 4096 are wanted")]
    Size {
        /// How many.
        bits: usize,
    },
}

impl RsaSigner {
    /// Reads a private key in PEM, PKCS #8 or PKCS #1.
    ///
    /// # Errors
    /// [`RsaFault`].
    pub fn read(pem: &str) -> Result<Self, RsaFault> {
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes());
        let der = match &key {
            Ok(PrivateKeyDer::Pkcs1(key)) => Some(key.secret_pkcs1_der()),
            Ok(PrivateKeyDer::Pkcs8(key)) => inside(key.secret_pkcs8_der()),
            _ => None,
        };
        let key = EncodingKey::from_rsa_der(der.ok_or(RsaFault::Unreadable)?);
        let public = Jwk::from_encoding_key(&key, Algorithm::RS256);
        let AlgorithmParameters::RSA(public) = public.map_err(|_| RsaFault::Unreadable)?.algorithm
        else {
            return Err(RsaFault::Unreadable);
        };
        let modulus = BASE64URL_NOPAD.decode(public.n.as_bytes());
        let modulus = modulus.map_err(|_| RsaFault::Unreadable)?;
        let bits = modulus.len() * 8;
        if !BITS.contains(&bits) {
            return Err(RsaFault::Size { bits });
        }
        let kid = HEXLOWER.encode(&Sha256::digest(&modulus)[..16]);
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::RS256) };
        Ok(Self { header, key, public: PublicKey { kid, n: public.n, e: public.e } })
    }

    /// The token that says this.
    ///
    /// # Panics
    /// If the claims are no JSON object: they are ours.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.key).expect("claims are plain JSON")
    }

    /// By which it is checked.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// It is not printed.
impl fmt::Debug for RsaSigner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RsaSigner(…)")
    }
}

/// The key inside PKCS #8.
fn inside(der: &[u8]) -> Option<&[u8]> {
    der.get(LENGTH_BYTES..)?.strip_prefix(PKCS_8)?.get(LENGTH_BYTES - 2..)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn whoever_has_the_public_key_reads_what_was_signed() {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
        let signer = RsaSigner::read(&pair.serialize_pem()).expect("it signs");
        let claims = json!({ "aud": "gala", "sub": "me", "exp": 4_102_444_800_u64 });
        let token = signer.sign(&claims);
        let PublicKey { kid, n, e } = signer.public();
        let key = DecodingKey::from_rsa_components(n, e).expect("a public key");
        let mut wanted = Validation::new(Algorithm::RS256);
        wanted.set_audience(&["gala"]);
        let read = decode::<Value>(&token, &key, &wanted).expect("it is genuine");
        assert_eq!((read.claims, read.header.kid.as_ref()), (claims, Some(kid)));
        assert_eq!(read.header.typ.as_deref(), Some("JWT"));
        let end = if token.ends_with('A') { 'Q' } else { 'A' };
        let altered = format!("{}{end}", &token[..token.len() - 1]);
        assert!(decode::<Value>(&altered, &key, &wanted).is_err());
        let again = RsaSigner::read(&pair.serialize_pem()).expect("after a restart");
        assert_eq!(again.sign(&read.header.kid), signer.sign(&read.header.kid), "it is the same");
        assert_eq!(format!("{signer:?}"), "RsaSigner(…)");
    }

    #[test]
    fn what_is_no_rsa_key_signs_nothing() {
        let other = KeyPair::generate().expect("a key of a curve").serialize_pem();
        let half = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
        for text in [&*other, half, "", "secret"] {
            assert_eq!(RsaSigner::read(text).map(|_| ()), Err(RsaFault::Unreadable));
        }
    }
}
