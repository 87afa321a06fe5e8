//! The encodings of numbers, text, lists and the other plain values.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::codec::{Input, Malformed, Wire, put_number};

fn put_count(count: usize, out: &mut Vec<u8>) {
    put_number(u64::try_from(count).expect("no list has 2^64 elements"), out);
}

macro_rules! unsigned {
    ($($int:ty),+) => {$(
        impl Wire for $int {
            const LEAST: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                put_number(u64::from(*self), out);
            }

            fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
                let value = from.number()?;
                Self::try_from(value).map_err(|_| from.malformed("a number out of range"))
            }

            #[cfg(test)]
            fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
                dice.number(u64::from(Self::MAX)).try_into().expect("within the range")
            }
        }
    )+};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($int:ty),+) => {$(
        impl Wire for $int {
            const LEAST: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                let value = i64::from(*self);
                put_number(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
            }

            fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
                let folded = from.number()?;
                let value = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
                Self::try_from(value).map_err(|_| from.malformed("a number out of range"))
            }

            #[cfg(test)]
            fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
                let size = dice.number(u64::MAX >> 1).cast_signed();
                let value = if bool::sample(dice) { size } else { !size };
                Self::try_from(value).unwrap_or_default()
            }
        }
    )+};
}
signed!(i32, i64);

impl Wire for bool {
    const LEAST: usize = 1;

    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(from.malformed("neither yes nor no")),
        }
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        dice.below(2) == 1
    }
}

/// Random ids and hashes: 16 bytes, low first.
impl Wire for u128 {
    const LEAST: usize = 16;

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        from.array().map(Self::from_le_bytes)
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        u128::from(dice.throw()) << 64 | u128::from(dice.throw())
    }
}

impl Wire for String {
    const LEAST: usize = 1;

    fn put(&self, out: &mut Vec<u8>) {
        put_count(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        let count = from.count(1)?;
        let malformed = from.malformed("text that is not UTF-8");
        let text = std::str::from_utf8(from.bytes(count)?).map_err(|_| malformed)?;
        Ok(text.to_owned())
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        (0..dice.below(9)).map(|_| dice.pick(&['a', 'Z', '0', 'ä', '€', '\0', '🎭'])).collect()
    }
}

macro_rules! lists {
    ($($list:ty),+) => {$(
        impl<T: Wire> Wire for $list {
            const LEAST: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                put_count(self.len(), out);
                self.iter().for_each(|one| one.put(out));
            }

            fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
                let count = from.count(T::LEAST)?;
                (0..count).map(|_| T::take(from)).collect()
            }

            #[cfg(test)]
            fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
                (0..dice.below(5)).map(|_| T::sample(dice)).collect()
            }
        }
    )+};
}
lists!(Vec<T>, VecDeque<T>, Arc<[T]>);

impl<T: Wire> Wire for Box<T> {
    const LEAST: usize = T::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        T::take(from).map(Self::new)
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        Self::new(T::sample(dice))
    }
}

impl<T: Wire> Wire for Option<T> {
    const LEAST: usize = 1;

    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|one| one.put(out));
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        bool::take(from)?.then(|| T::take(from)).transpose()
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        bool::sample(dice).then(|| T::sample(dice))
    }
}

impl<T: Wire> Wire for Arc<T> {
    const LEAST: usize = T::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        T::take(from).map(Self::new)
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        Self::new(T::sample(dice))
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    const LEAST: usize = A::LEAST + B::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok((A::take(from)?, B::take(from)?))
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        (A::sample(dice), B::sample(dice))
    }
}

impl<A: Wire, B: Wire, C: Wire> Wire for (A, B, C) {
    const LEAST: usize = A::LEAST + B::LEAST + C::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok((A::take(from)?, B::take(from)?, C::take(from)?))
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        (A::sample(dice), B::sample(dice), C::sample(dice))
    }
}

impl<T: Wire> Wire for Range<T> {
    const LEAST: usize = 2 * T::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        self.start.put(out);
        self.end.put(out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok(T::take(from)?..T::take(from)?)
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        T::sample(dice)..T::sample(dice)
    }
}
