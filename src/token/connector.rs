//! The token by which somebody else's connector lets a visitor in, as Queue-it's version 3 and its
//! successors read it: groups of `key_value` between tildes, signed at the end. Pure.
//!
//! | key | what |
//! |---|---|
//! | `e` | the id of the waiting room, in small letters: the connector's cookie is compared so |
//! | `q` | the id of the visitor |
//! | `ts` | when it ends, in seconds since 1970 |
//! | `ce` | whether the connector's cookie is extended by each request |
//! | `cv` | minutes for which the cookie counts, if it is not extended |
//! | `rt` | why the visitor is let in; neither first nor last, since one client seeks it so |
//! | `h` | HMAC-SHA256, in lower-case hexadecimal digits, of everything before `~h_` |

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stanchion_domain::id::Number;
use subtle::ConstantTimeEq;

use super::uuid;

/// What a queue id's proof is an HMAC of, before the sale and the number: no token begins like it.
const PROVED: &[u8] = b"queue id ";
/// Bytes of a secret, at least: as many as its HMAC gives out.
const SECRET_BYTES_MIN: usize = 32;
/// Between a claim and its signature.
const SIGNED: &str = "~h_";

/// What a shop's connector and we know, and nobody else.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

/// What belongs to one connector.
#[derive(Clone, Debug)]
pub struct Keys {
    /// By which tokens are signed.
    pub tokens: Secret,
    /// By which it may fetch its configuration; without one, it may not.
    pub integrations: Option<Secret>,
}

/// Why this is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must have at least {SECRET_BYTES_MIN} bytes")]
pub struct SecretFault;

/// It is not printed.
impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// A visitor who is let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Admission<'a> {
    /// The waiting room, as the connector's configuration has it.
    pub room: &'a str,
    /// The visitor.
    pub queue_id: &'a str,
    /// Until when the token can be handed in, in seconds since 1970.
    pub until_s: i64,
    /// For how many minutes the connector's cookie counts; `None`: as long as it is used.
    pub cookie_minutes: Option<u64>,
}

impl Secret {
    /// A secret: the bytes of its text.
    ///
    /// # Errors
    /// If it is too short.
    pub fn new(text: &str) -> Result<Self, SecretFault> {
        if text.len() < SECRET_BYTES_MIN {
            return Err(SecretFault);
        }
        Hmac::new_from_slice(text.as_bytes()).map(Self).map_err(|_| SecretFault)
    }

    /// Whether a text is this secret; takes as long for every other one.
    pub fn is(&self, text: &str) -> bool {
        let same = |other: Self| bool::from(self.mac(&[PROVED]).ct_eq(&other.mac(&[PROVED])));
        Self::new(text).is_ok_and(same)
    }

    /// The token of a visitor.
    pub fn token(&self, admission: &Admission<'_>) -> String {
        let Admission { room, queue_id, until_s, cookie_minutes } = admission;
        let cookie = match cookie_minutes {
            Some(minutes) => format!("ce_false~cv_{minutes}"),
            None => "ce_true".to_owned(),
        };
        let claim = format!("e_{room}~q_{queue_id}~ts_{until_s}~{cookie}~rt_queue");
        let signature = HEXLOWER.encode(&self.mac(&[claim.as_bytes()]));
        format!("{claim}{SIGNED}{signature}")
    }

    /// Until when a token that we signed for this waiting room can be handed in, in seconds since
    /// 1970; `None` for any other text.
    pub fn signed_until_s(&self, room: &str, token: &str) -> Option<i64> {
        let (claim, signature) = token.rsplit_once(SIGNED)?;
        let signature = HEXLOWER.decode(signature.as_bytes()).ok()?;
        let genuine = bool::from(self.mac(&[claim.as_bytes()])[..].ct_eq(&signature));
        let value = |key| claim.split('~').find_map(|group| group.strip_prefix(key));
        (genuine && value("e_") == Some(room)).then(|| value("ts_")?.parse().ok())?
    }

    /// The id of a visitor, which names their number and proves that we gave it: a UUID of the
    /// number, big-endian, and the first bytes of an HMAC.
    pub fn queue_id(&self, sale: &str, number: Number) -> String {
        let number = number.0.to_be_bytes();
        let proof = self.mac(&[PROVED, sale.as_bytes(), b" ", &number]);
        let mut bytes = [0; uuid::BYTES];
        bytes.iter_mut().zip(number.into_iter().chain(proof)).for_each(|(to, from)| *to = from);
        uuid::write(bytes)
    }

    /// The number that a queue id names; `None` if it is not one of ours, of this sale.
    pub fn number(&self, sale: &str, queue_id: &str) -> Option<Number> {
        let bytes = uuid::read(queue_id)?;
        let number = Number(u32::from_be_bytes(*bytes.first_chunk()?));
        let ours = self.queue_id(sale, number);
        bool::from(ours.as_bytes().ct_eq(queue_id.as_bytes())).then_some(number)
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mac = parts.iter().fold(self.0.clone(), |mac, part| mac.chain_update(part));
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the published vector.
    const SECRET: &str = "a774b1e2-8da7-4d51-b1a9-7647147bb13bace77210-a488-4b6f-afc9-8ba94551a7d7";

    fn secret() -> Secret {
        Secret::new(SECRET).expect("long enough")
    }

    fn admission() -> Admission<'static> {
        Admission {
            room: "hamlet2026",
            queue_id: "3f1f6c1e-8a2b-4a55-9d0b-0a9d3f0c7b21",
            until_s: 4_102_444_800,
            cookie_minutes: None,
        }
    }

    #[test]
    fn a_token_is_what_the_connector_accepts() {
        assert_eq!(
            secret().token(&admission()),
            "e_hamlet2026~q_3f1f6c1e-8a2b-4a55-9d0b-0a9d3f0c7b21~ts_4102444800~ce_true~rt_queue\
             ~h_97e421b59384cfb2efb9fe14f784e23eb0a37e1d2b1d837f0d3e131fc79fe7c0"
        );
        let fixed = secret().token(&Admission { cookie_minutes: Some(7), ..admission() });
        assert!(fixed.contains("~ts_4102444800~ce_false~cv_7~rt_queue~h_"), "{fixed}");
    }

    #[test]
    fn a_token_of_ours_is_known_and_an_altered_one_is_not() {
        let token = secret().token(&admission());
        assert_eq!(secret().signed_until_s("hamlet2026", &token), Some(4_102_444_800));
        assert_eq!(secret().signed_until_s("macbeth", &token), None, "of another waiting room");
        let other = Secret::new(&SECRET.replace('a', "b")).expect("long enough");
        assert_eq!(other.signed_until_s("hamlet2026", &token), None, "with another secret");
        for at in 0..token.len() {
            for letter in "0f-~_H".chars() {
                let altered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
                let found = secret().signed_until_s("hamlet2026", &altered);
                assert!(altered == token || found.is_none(), "{altered}");
            }
        }
    }

    #[test]
    fn a_queue_id_names_a_number_and_nobody_can_make_one() {
        let id = secret().queue_id("gala", Number(70_000));
        assert_eq!((id.len(), id.get(..9)), (36, Some("00011170-")));
        assert_eq!(secret().number("gala", &id), Some(Number(70_000)));
        assert_eq!(secret().number("gala2", &id), None, "of another sale");
        let other = Secret::new(&SECRET.replace('a', "b")).expect("long enough");
        assert_eq!(other.number("gala", &id), None, "with another secret");
        for at in 0..id.len() {
            for letter in "0f-~_é".chars() {
                let altered = format!("{}{letter}{}", &id[..at], &id[at + 1..]);
                let found = secret().number("gala", &altered);
                assert!(altered == id || found.is_none(), "{altered}");
            }
        }
    }

    #[test]
    fn a_secret_is_long_and_is_not_printed() {
        assert_eq!(Secret::new("short").map(|_| ()), Err(SecretFault));
        assert!(secret().is(SECRET) && !secret().is(&SECRET.replace('a', "b")));
        assert!(!format!("{:?}", secret()).contains("a774"));
    }
}
