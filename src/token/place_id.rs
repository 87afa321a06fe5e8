//! The id of a place in the form of a UUID, for clients that know no token: it names the queue
//! number, says when it was given, and proves that we gave it.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | queue number, big-endian, as all that follows |
//! | 4 | when it was given, in seconds since 1970 |
//! | 8 | first bytes of an HMAC-SHA256 of the sale and the eight bytes before |
//!
//! A place has one such text for each key of the ring, in small letters. It is a secret of whoever
//! has the place, as its token is.

use hmac::Mac;
use stanchion_domain::id::{Number, PlaceMark};
use subtle::ConstantTimeEq;

use super::SaleMark;
use super::keys::{Key, KeyRing};
use super::uuid;

/// What the HMAC begins with: no token begins like this.
const PROVED: &[u8] = b"stanchion place id ";
const CLAIM_BYTES: usize = 8;
const PROOF_BYTES: usize = 8;
const NUMBER_BYTES: usize = 4;

/// A place that was named by its id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NamedPlace {
    /// Its queue number.
    pub number: Number,
    /// When it was given, in seconds since 1970.
    pub given_at_s: u32,
    /// What tells this id from the tokens of other devices.
    pub mark: PlaceMark,
}

impl KeyRing {
    /// The id of a place, proved with the key whose turn it is.
    pub fn place_id(&self, sale: SaleMark, number: Number, given_at_s: u32) -> String {
        let mut claim = [0; CLAIM_BYTES];
        let parts = number.0.to_be_bytes().into_iter().chain(given_at_s.to_be_bytes());
        claim.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        let proof = proof(self.signing(), sale, &claim);
        let mut bytes = [0; uuid::BYTES];
        bytes.iter_mut().zip(claim.into_iter().chain(proof)).for_each(|(to, from)| *to = from);
        uuid::write(bytes)
    }

    /// The place that an id names; `None` if we gave none of this sale this id.
    pub fn named_place(&self, sale: SaleMark, id: &str) -> Option<NamedPlace> {
        let bytes = uuid::read(id)?;
        let (claim, rest) = bytes.split_first_chunk::<CLAIM_BYTES>()?;
        let found = self.newest_first().find(|key| proof(key, sale, claim).ct_eq(rest).into());
        found?;
        let (number, given_at) = claim.split_first_chunk::<NUMBER_BYTES>()?;
        Some(NamedPlace {
            number: Number(u32::from_be_bytes(*number)),
            given_at_s: u32::from_be_bytes(given_at.try_into().ok()?),
            mark: PlaceMark(u64::from_be_bytes(rest.try_into().ok()?)),
        })
    }
}

fn proof(key: &Key, sale: SaleMark, claim: &[u8]) -> [u8; PROOF_BYTES] {
    let mac = key.mac().chain_update(PROVED).chain_update(sale.0).chain_update(claim);
    let whole = <[u8; 32]>::from(mac.finalize().into_bytes());
    std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: u32 = 1_795_291_200;

    #[test]
    fn an_id_names_a_place_and_nobody_can_make_or_alter_one() {
        let (ring, gala) = (KeyRing::new(), SaleMark::of("gala"));
        let id = ring.place_id(gala, Number(70_000), GIVEN);
        assert_eq!((id.len(), id.get(..9)), (36, Some("00011170-")));
        let named = ring.named_place(gala, &id).expect("ours");
        assert_eq!((named.number, named.given_at_s), (Number(70_000), GIVEN));
        assert_eq!(ring.named_place(SaleMark::of("ball"), &id), None, "of another sale");
        assert_eq!(KeyRing::new().named_place(gala, &id), None, "with another key");
        for at in 0..id.len() {
            for letter in "0123456789abcdefAF-_ é".chars() {
                let altered = id.chars().enumerate();
                let altered = altered.map(|(n, old)| if n == at { letter } else { old });
                let altered: String = altered.collect();
                let found = ring.named_place(gala, &altered);
                assert!(altered == id || found.is_none(), "{altered}");
            }
        }
        let bare = id.replace('-', "");
        for other in [&*id.to_uppercase(), &bare, &format!("{id}0"), &format!("-{bare}---"), ""] {
            assert_eq!(ring.named_place(gala, other), None, "{other:?}");
        }
    }

    #[test]
    fn after_a_rotation_an_id_is_known_as_long_as_its_key_is_in_the_ring() {
        let (mut ring, gala) = (KeyRing::new(), SaleMark::of("gala"));
        let id = ring.place_id(gala, Number(1), GIVEN);
        for _ in 1..super::super::keys::KEYS_MAX {
            ring = ring.rotated();
            assert!(ring.named_place(gala, &id).is_some());
        }
        assert_eq!(ring.rotated().named_place(gala, &id), None);
    }
}
