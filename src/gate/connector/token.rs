//! The token by which a connector lets a visitor in, as KnownUser version 3 and its successors read
//! it: groups of `key_value` between tildes, signed at the end. Pure.
//!
//! | key | what |
//! |---|---|
//! | `e` | the id of the event: in lower case, since its cookie is compared so |
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

/// What a queue id's proof is an HMAC of, before the sale and the number: no token begins like it.
const PROVED: &[u8] = b"queue id ";
/// Bytes of a queue id, as of a UUID: the number, and the proof that we gave it.
const ID_BYTES: usize = 16;
const NUMBER_BYTES: usize = 4;

/// What the shop's connector and we know.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

/// It is not printed.
impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// A visitor who is let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Admission<'a> {
    /// The event, as the connector's configuration has it.
    pub event: &'a str,
    /// The visitor.
    pub queue_id: &'a str,
    /// Until when the token can be handed in, in seconds since 1970.
    pub until_s: i64,
}

impl Secret {
    /// A secret: the bytes of its text.
    ///
    /// # Panics
    /// Never: an HMAC takes a key of any length.
    pub fn new(text: &str) -> Self {
        Self(Hmac::new_from_slice(text.as_bytes()).expect("an HMAC takes a key of any length"))
    }

    /// The token of a visitor, whose cookie lasts as long as they use it.
    pub fn token(&self, admission: &Admission<'_>) -> String {
        let Admission { event, queue_id, until_s } = admission;
        let claim = format!("e_{event}~q_{queue_id}~ts_{until_s}~ce_true~rt_queue");
        let signature = HEXLOWER.encode(&self.mac(&[claim.as_bytes()]));
        format!("{claim}~h_{signature}")
    }

    /// The id of a visitor, which names their number and proves that we gave it.
    pub fn queue_id(&self, sale: &str, number: Number) -> String {
        let number = number.0.to_be_bytes();
        let proof = self.proof(sale, &number);
        let digits = HEXLOWER.encode(&[&number[..], &proof].concat());
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
        parts.map(|part| digits.get(part).unwrap_or_default().to_owned()).join("-")
    }

    /// The number that a queue id names; `None` if it is not one of ours, of this sale.
    pub fn number(&self, sale: &str, queue_id: &str) -> Option<Number> {
        let bytes = HEXLOWER.decode(queue_id.replace('-', "").as_bytes()).ok()?;
        let (number, proof) = bytes.split_first_chunk::<NUMBER_BYTES>()?;
        let genuine = bool::from(self.proof(sale, number).ct_eq(proof));
        genuine.then(|| Number(u32::from_be_bytes(*number)))
    }

    fn proof(&self, sale: &str, number: &[u8]) -> Vec<u8> {
        let whole = self.mac(&[PROVED, sale.as_bytes(), b" ", number]);
        whole.into_iter().take(ID_BYTES - NUMBER_BYTES).collect()
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mac = parts.iter().fold(self.0.clone(), |mac, part| mac.chain_update(part));
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_the_connector_accepts() {
        let secret = Secret::new(
            "a774b1e2-8da7-4d51-b1a9-7647147bb13bace77210-a488-4b6f-afc9-8ba94551a7d7",
        );
        let queue_id = "3f1f6c1e-8a2b-4a55-9d0b-0a9d3f0c7b21";
        let token =
            secret.token(&Admission { event: "hamlet2026", queue_id, until_s: 4_102_444_800 });
        assert_eq!(
            token,
            "e_hamlet2026~q_3f1f6c1e-8a2b-4a55-9d0b-0a9d3f0c7b21~ts_4102444800~ce_true~rt_queue\
             ~h_97e421b59384cfb2efb9fe14f784e23eb0a37e1d2b1d837f0d3e131fc79fe7c0"
        );
    }

    #[test]
    fn a_queue_id_names_a_number_and_nobody_can_make_one() {
        let secret = Secret::new("one");
        let id = secret.queue_id("gala", Number(70_000));
        assert_eq!((id.len(), id.get(..9)), (36, Some("00011170-")));
        assert_eq!(secret.number("gala", &id), Some(Number(70_000)));
        assert_eq!(secret.number("gala2", &id), None, "of another sale");
        assert_eq!(Secret::new("two").number("gala", &id), None, "with another secret");
        for at in 0..id.len() {
            for digit in "0f-~_é".chars() {
                let altered: String = id.chars().enumerate().map(|(n, c)| if n == at { digit } else { c }).collect();
                let found = secret.number("gala", &altered);
                assert!(altered == id || found.is_none(), "{altered}");
            }
        }
    }
}
