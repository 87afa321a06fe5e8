//! Codes by which a place moves to another device: read off one screen, typed into the other.
//!
//! Owns the codes of this process, in memory: they are good for minutes, and after a restart the
//! visitor asks for a new one. Whether a place may move is the writer's to decide. A code that was
//! used still answers whoever used it, under the key they used it with: an answer that is lost on
//! its way would else leave the place on no device at all. That holds when the server dies with the
//! answer, too: the mark of a place that moved follows from code and key, so whoever has both is
//! known by it.

use std::fmt;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use sha2::{Digest, Sha256};
use stanchion_domain::id::PlaceMark;

use super::letters::Letters;
use crate::clock;
use crate::token::Standing;

/// How long a code is good for: to find the other device and to type eight letters.
pub const CODE_SPAN_MS: u64 = 10 * 60 * 1_000;
/// Codes at once. Whoever guesses hits one of them once in 10^8 tries.
const CODES_MAX: usize = 10_000;

/// A code, of 40 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Code(Letters);

/// The codes that are good now.
#[derive(Default)]
pub struct Codes(DashMap<Code, Offer>);

/// What a code leads to.
#[derive(Clone, Copy)]
struct Offer {
    /// The place, as the token said that asked for the code.
    standing: Standing,
    until_ms: u64,
    /// Under which key it was used.
    used: Option<u128>,
}

/// A code that was taken: the place, and the mark that its tokens have from now on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The place, as it was known before.
    pub standing: Standing,
    /// Its mark on the new device.
    pub to: PlaceMark,
}

impl Codes {
    /// A new code for a place; `None` while too many are about.
    pub fn offer(&self, standing: Standing, now_ms: u64) -> Option<Code> {
        if self.0.len() >= CODES_MAX {
            self.0.retain(|_, offer| offer.until_ms > now_ms);
        }
        if self.0.len() >= CODES_MAX {
            return None;
        }
        loop {
            let code = Code(Letters::of(clock::random_mark()));
            if let Entry::Vacant(vacant) = self.0.entry(code) {
                vacant.insert(Offer { standing, until_ms: now_ms + CODE_SPAN_MS, used: None });
                return Some(code);
            }
        }
    }

    /// Uses a code under a key; the same key gets the same answer again.
    pub fn take(&self, code: Code, key: u128, now_ms: u64) -> Option<Taken> {
        let mut offer = self.0.get_mut(&code).filter(|offer| offer.until_ms > now_ms)?;
        let by = *offer.used.get_or_insert(key);
        (by == key).then(|| Taken { standing: offer.standing, to: code.mark(key) })
    }
}

impl Code {
    /// The mark of a place that moves by this code under this key: nobody guesses it who has not
    /// both.
    pub fn mark(self, key: u128) -> PlaceMark {
        let hash =
            Sha256::new().chain_update(self.0.bits().to_be_bytes()).chain_update(key.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let (first, _) = hash.split_first_chunk().expect("32 bytes are more than 8");
        PlaceMark(u64::from_be_bytes(*first))
    }

    /// Reads what somebody typed.
    pub fn read(text: &str) -> Option<Self> {
        Letters::read(text).map(Self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::SaleMark;
    use stanchion_domain::id::Number;

    fn standing() -> Standing {
        let sale = SaleMark::of("gala");
        Standing { sale, lane: 0, number: Number(7), id: 1, issue: 3 }
    }

    #[test]
    fn a_code_is_used_once_and_answers_again_who_used_it() {
        let codes = Codes::default();
        let code = codes.offer(standing(), 0).expect("there is room");
        let taken = codes.take(code, 1, 5).expect("it is good");
        assert_eq!(taken.standing, standing());
        assert_eq!(codes.take(code, 1, 6), Some(taken), "the same asker, the same answer");
        assert_eq!((taken.to, taken.to == code.mark(2)), (code.mark(1), false));
        assert_eq!(codes.take(code, 2, 6), None, "somebody else");
        let other = codes.offer(standing(), 0).expect("there is room");
        assert_eq!(codes.take(other, 1, CODE_SPAN_MS), None, "too late");
    }

    #[test]
    fn codes_are_bounded_and_old_ones_make_room() {
        let codes = Codes::default();
        for _ in 0..CODES_MAX {
            assert!(codes.offer(standing(), 0).is_some());
        }
        assert_eq!(codes.offer(standing(), 1), None);
        assert!(codes.offer(standing(), CODE_SPAN_MS).is_some());
    }
}
