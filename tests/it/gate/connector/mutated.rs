//! Texts that are almost a token: whatever was altered, none is accepted, and none makes us panic.
//!
//! `STANCHION_MUTATIONS` says how many of each kind are tried, `STANCHION_SEED` which ones.
#![expect(clippy::print_stdout, reason = "says how much was tried, for whoever reads the run")]

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use stanchion::token::connector::{Admission, Secret};
use stanchion::token::jwt::{Claims, PassSigner};
use stanchion::token::keys::KeyRing;
use stanchion::token::{Kind, SaleMark, Standing};
use stanchion_domain::id::Number;

use super::{ROOM, SALE, SECRET};

/// A second or two; a long run has millions.
const TRIED: u64 = 100_000;
/// A signature with Ed25519 takes so many times as long to check as the others.
const SLOWER: u64 = 50;

/// Numbers that look random: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most.max(1) as u64).expect("it is below a size")
    }

    /// One to three changes of a text, one that anybody could make.
    fn altered(&mut self, text: &str, other: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(7),
                1 if !bytes.is_empty() => bytes[at] = b"0aZ-_~.=%\0"[self.below(10)],
                2 => bytes.insert(at, b"0fZ-_~.=& "[self.below(10)]),
                3 => bytes.truncate(at),
                4 => drop(bytes.drain(at..bytes.len().min(at + 1 + self.below(4)))),
                5 => bytes.splice(at.., other.as_bytes().iter().skip(at).copied()).for_each(drop),
                6 => bytes.iter_mut().skip(at).take(3).for_each(|byte| *byte ^= 0x20),
                _ => bytes.rotate_left(at),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Tries so many altered texts, and says how many were not the same again.
    fn none_of(&mut self, tried: u64, (text, other): (&str, &str), good: impl Fn(&str) -> bool) {
        assert!(good(text), "{text}");
        let mut different = 0_u64;
        for _ in 0..tried {
            let altered = self.altered(text, other);
            if altered != text && altered != other {
                different += 1;
                assert!(!good(&altered), "{altered:?} passes for {text:?}");
            }
        }
        println!("{different} altered texts of {} letters: none accepted", text.len());
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn no_altered_token_is_accepted() {
    let tried = number("STANCHION_MUTATIONS", TRIED);
    let seed = number("STANCHION_SEED", 0x5eed_0007);
    println!("STANCHION_SEED={seed}");
    let mut chance = Chance(seed);

    let secret = Secret::new(SECRET).expect("long enough");
    let ids = [Number(7), Number(8)].map(|number| secret.queue_id(SALE, number));
    chance.none_of(tried, (&ids[0], &ids[1]), |text| secret.number(SALE, text).is_some());

    let tokens = ids.each_ref().map(|queue_id| {
        let until_s = 4_102_444_800;
        secret.token(&Admission { room: ROOM, queue_id, until_s, cookie_minutes: Some(5) })
    });
    chance.none_of(tried, (&tokens[0], &tokens[1]), |text| {
        secret.signed_until_s(ROOM, text).is_some()
    });

    let (ring, sale) = (KeyRing::new(), SaleMark::of(SALE));
    let standing = |number| Standing { sale, lane: 0, number: Number(number), id: 7, issue: 0 };
    for kind in [Kind::Pass, Kind::Place] {
        let texts = [7, 8].map(|number| ring.sign(kind, &standing(number)).as_str().to_owned());
        chance.none_of(tried, (&texts[0], &texts[1]), |text| {
            ring.verify(kind, sale, text.as_bytes()).is_ok()
        });
    }

    let signer = PassSigner::new(&ring);
    let passes = [7, 8].map(|pass| signer.sign(&claims(pass)));
    let keys = signer.key_set();
    chance.none_of(tried / SLOWER, (&passes[0], &passes[1]), |text| a_shop_takes(keys, text));
}

fn claims(pass: u32) -> Claims {
    Claims {
        iss: "https://queue.arena.test".to_owned(),
        aud: "https://shop.arena.test".to_owned(),
        sale: SALE.to_owned(),
        pass,
        bound: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg".to_owned(),
        iat: 1_795_291_200,
        renew: 1_795_291_500,
        exp: 4_102_444_800,
    }
}

fn a_shop_takes(keys: &JwkSet, text: &str) -> bool {
    let mut wanted = Validation::new(Algorithm::EdDSA);
    wanted.set_audience(&["https://shop.arena.test"]);
    let key = decode_header(text)
        .ok()
        .and_then(|header| DecodingKey::from_jwk(keys.find(&header.kid?)?).ok());
    key.is_some_and(|key| decode::<Claims>(text, &key, &wanted).is_ok())
}
