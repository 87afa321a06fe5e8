//! A growable set of small numbers, one bit each: the writer's own view of seats and places.
//!
//! Owned by one thread; the atomics that readers see are in `queue::places`.

/// A set of `u32`, dense from zero.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    /// A set that can hold numbers below `len`, all of them absent.
    pub fn empty(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
    }

    /// The set whose words these are.
    ///
    /// # Panics
    /// If the words are not exactly those of `len` numbers.
    pub fn from_words(words: Vec<u64>, len: u32) -> Self {
        assert_eq!(words.len(), len.div_ceil(64) as usize, "the words of {len} numbers");
        let stray = match words.last() {
            Some(last) if !len.is_multiple_of(64) => last >> (len % 64),
            _ => 0,
        };
        assert_eq!(stray, 0, "no number beyond {len}");
        Self { words, len }
    }

    /// Numbers that the set has room for.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether the set has room for nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes room for numbers below `len`; the new ones are absent.
    pub fn grow(&mut self, len: u32) {
        assert!(len >= self.len, "a set never shrinks");
        self.words.resize(len.div_ceil(64) as usize, 0);
        self.len = len;
    }

    /// Whether `bit` is in the set. Numbers outside are not.
    pub fn contains(&self, bit: u32) -> bool {
        bit < self.len && self.words[(bit / 64) as usize] >> (bit % 64) & 1 == 1
    }

    /// Puts `bit` in; says whether it was absent.
    pub fn insert(&mut self, bit: u32) -> bool {
        assert!(bit < self.len, "bit {bit} of {}", self.len);
        let word = &mut self.words[(bit / 64) as usize];
        let absent = *word >> (bit % 64) & 1 == 0;
        *word |= 1 << (bit % 64);
        absent
    }

    /// Takes `bit` out; says whether it was present.
    pub fn remove(&mut self, bit: u32) -> bool {
        assert!(bit < self.len, "bit {bit} of {}", self.len);
        let word = &mut self.words[(bit / 64) as usize];
        let present = *word >> (bit % 64) & 1 == 1;
        *word &= !(1 << (bit % 64));
        present
    }

    /// Puts in all of `from..until`, a word at a time.
    pub fn insert_range(&mut self, from: u32, until: u32) {
        assert!(from <= until && until <= self.len);
        let mut bit = from;
        while bit < until {
            let end = until.min((bit / 64 + 1) * 64);
            let ones = if end - bit == 64 { u64::MAX } else { (1 << (end - bit)) - 1 };
            self.words[(bit / 64) as usize] |= ones << (bit % 64);
            bit = end;
        }
    }

    /// How many are present below `until`.
    pub fn count_below(&self, until: u32) -> u32 {
        let until = until.min(self.len);
        let whole = (until / 64) as usize;
        let mut count: u32 = self.words[..whole].iter().map(|word| word.count_ones()).sum();
        if !until.is_multiple_of(64) {
            count += (self.words[whole] & ((1 << (until % 64)) - 1)).count_ones();
        }
        count
    }

    /// How many are present.
    pub fn count(&self) -> u32 {
        self.count_below(self.len)
    }

    /// The numbers that are in both sets, which have room for the same.
    pub fn and(self, other: &Self) -> Self {
        self.combined(other, |word, other| word & other)
    }

    /// The numbers that are in this set and not in the other, which have room for the same.
    pub fn and_not(self, other: &Self) -> Self {
        self.combined(other, |word, other| word & !other)
    }

    /// The numbers that are in either set, which have room for the same.
    pub fn or(self, other: &Self) -> Self {
        self.combined(other, |word, other| word | other)
    }

    fn combined(mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        assert_eq!(self.len, other.len, "sets of the same room");
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word = combine(*word, *other);
        }
        self
    }

    /// The numbers `n` for which `n + by` is in this set, `by` below 64.
    pub fn ahead(&self, by: u32) -> Self {
        assert!(by < 64);
        let mut carry = 0;
        let mut shifted = self.clone();
        for word in shifted.words.iter_mut().rev() {
            let whole = *word;
            *word = (whole >> by) | carry;
            carry = whole.checked_shl(64 - by).unwrap_or(0);
        }
        shifted
    }

    /// The numbers `n` for which `n - by` is in this set, `by` below 64.
    pub fn behind(&self, by: u32) -> Self {
        assert!(by < 64);
        let mut carry = 0;
        let mut shifted = self.clone();
        for word in &mut shifted.words {
            let whole = *word;
            *word = (whole << by) | carry;
            carry = whole.checked_shr(64 - by).unwrap_or(0);
        }
        if let Some(last) = shifted.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
        shifted
    }

    /// The numbers present in `from..until`, ascending.
    pub fn iter_range(&self, from: u32, until: u32) -> impl Iterator<Item = u32> + '_ {
        let until = until.min(self.len);
        let mut at = (from / 64) as usize;
        let mut word = match self.words.get(at) {
            Some(word) if from < until => *word & (u64::MAX << (from % 64)),
            _ => 0,
        };
        std::iter::from_fn(move || {
            while word == 0 {
                at += 1;
                if at as u32 >= until.div_ceil(64) {
                    return None;
                }
                word = self.words[at];
            }
            let bit = at as u32 * 64 + word.trailing_zeros();
            word &= word - 1;
            (bit < until).then_some(bit)
        })
    }

    /// The words, 64 numbers each, lowest first; bits past `len` are zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_empty_range_yields_nothing() {
        assert_eq!(Bits::empty(0).iter_range(0, 100).count(), 0);
        let mut bits = Bits::empty(130);
        bits.insert_range(0, 130);
        assert_eq!(bits.iter_range(70, 70).count(), 0);
        assert_eq!(bits.iter_range(129, 500).collect::<Vec<_>>(), [129]);
    }

    proptest! {
        #[test]
        fn a_set_of_bits_is_a_set(
            steps in prop::collection::vec((0u32..300, 0u8..3, 0u32..300), 0..200),
        ) {
            let mut bits = Bits::empty(300);
            let mut model = BTreeSet::new();
            for (bit, kind, other) in steps {
                match kind {
                    0 => prop_assert_eq!(bits.insert(bit), model.insert(bit)),
                    1 => prop_assert_eq!(bits.remove(bit), model.remove(&bit)),
                    _ => {
                        let (from, until) = (bit.min(other), bit.max(other));
                        bits.insert_range(from, until);
                        model.extend(from..until);
                    }
                }
                prop_assert_eq!(bits.count_below(other) as usize, model.range(..other).count());
                let (from, until) = (bit.min(other), bit.max(other));
                prop_assert!(bits.iter_range(from, until).eq(model.range(from..until).copied()));
            }
        }

        #[test]
        fn sets_combine_and_shift_number_by_number(
            len in 1u32..200,
            some in prop::collection::btree_set(0u32..200, 0..100),
            others in prop::collection::btree_set(0u32..200, 0..100),
            by in 0u32..64,
        ) {
            let check = |actual: Bits, wanted: &dyn Fn(u32) -> bool| {
                let wanted: Vec<u32> = (0..len).filter(|bit| wanted(*bit)).collect();
                assert_eq!(actual.iter_range(0, len).collect::<Vec<_>>(), wanted);
                assert_eq!(actual.count() as usize, wanted.len(), "nothing past the end");
            };
            let of = |model: &BTreeSet<u32>| {
                let mut bits = Bits::empty(len);
                model.range(..len).for_each(|bit| _ = bits.insert(*bit));
                bits
            };
            let (a, b) = (of(&some), of(&others));
            check(a.clone().and(&b), &|bit| some.contains(&bit) && others.contains(&bit));
            check(a.clone().and_not(&b), &|bit| some.contains(&bit) && !others.contains(&bit));
            check(a.clone().or(&b), &|bit| some.contains(&bit) || others.contains(&bit));
            check(a.ahead(by), &|bit| bit + by < len && some.contains(&(bit + by)));
            check(a.behind(by), &|bit| bit >= by && some.contains(&(bit - by)));
        }
    }
}
