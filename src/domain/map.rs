//! Hash maps that are the same in every run: the standard map under a fixed hasher.
//!
//! Keys are dense numbers or already hashed or random ids made by us, so nobody outside can choose
//! them to collide.

use std::hash::{BuildHasherDefault, Hasher};

/// A map whose order of iteration depends on its history alone, never on chance.
#[expect(clippy::disallowed_types, reason = "the fixed hasher is what the ban asks for")]
pub type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Mix>>;

/// Multiplies and folds: enough for ids that are dense or random.
#[derive(Clone, Copy, Default)]
pub struct Mix(u64);

/// 2^64 divided by the golden ratio, made odd: spreads consecutive numbers (Knuth, TAOCP 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Mix {
    fn fold(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word).wrapping_mul(u128::from(SPREAD));
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.fold(u64::from_le_bytes(word));
        }
    }

    fn write_u16(&mut self, word: u16) {
        self.fold(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.fold(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.fold(word);
    }

    fn write_u128(&mut self, word: u128) {
        self.fold(word as u64);
        self.fold((word >> 64) as u64);
    }
}
