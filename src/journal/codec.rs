//! How values become bytes and come back: the only place that knows.
//!
//! The format is canonical: a value has one encoding, and bytes that are accepted encode to
//! themselves again. Bytes are never trusted: no length is believed before as many bytes are
//! there, and whatever is wrong is a [`Malformed`], never a panic. What can be written can be read.
//! `docs/journal-format.md` describes the encodings; `values` has those of numbers, text and
//! lists, `layout` the fields of each type of the domain.

use thiserror::Error;

/// Bytes that are not a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("byte {at}: {what}")]
pub struct Malformed {
    /// Where, counted from the first byte of the input.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// Bytes that are being read.
pub struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A value that can be put into bytes and taken out of them.
pub trait Wire: Sized {
    /// The fewest bytes a value has. The count of a list is believed only if so many are left.
    const LEAST: usize;

    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads a value.
    fn take(from: &mut Input<'_>) -> Result<Self, Malformed>;

    /// A value at random, for tests.
    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self;
}

/// Reads one value that has to fill all of `bytes`.
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut from = Input::new(bytes);
    let value = T::take(&mut from)?;
    from.end()?;
    Ok(value)
}

impl<'a> Input<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..count).ok_or_else(|| self.malformed("ends too soon"))?;
        self.at += count;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let malformed = self.malformed("ends too soon");
        self.bytes(N)?.try_into().map_err(|_| malformed)
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// An unsigned number in base 128, low digits first, in as few bytes as it needs.
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let digit = u64::from(byte & 0x7f);
            if shift == 63 && digit > 1 {
                return Err(self.malformed("a number over 64 bits"));
            }
            value |= digit << shift;
            if byte & 0x80 == 0 {
                let padded = byte == 0 && shift > 0;
                return if padded { Err(self.malformed("a padded number")) } else { Ok(value) };
            }
        }
        Err(self.malformed("a number over 64 bits"))
    }

    /// A count of things of at least `least` bytes each, believed only if they can be there.
    pub fn count(&mut self, least: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count.saturating_mul(least.max(1)) > self.bytes.len().saturating_sub(self.at) {
            return Err(self.malformed("a count of more than is there"));
        }
        Ok(count)
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.malformed("bytes left over")) }
    }

    /// Something is wrong here.
    pub fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }
}

/// Appends an unsigned number in base 128, low digits first.
pub fn put_number(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [digit, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(digit & 0x7f);
        }
        out.push(digit | 0x80);
    }
}

/// Encodes a struct as its fields, one after the other, in the order given here. What is written
/// `as` something else has that form; what stands behind a semicolon is said by what is around it.
macro_rules! fields {
    ($($name:ident {
        $($field:tt: $kind:ty $(as $form:ident)?),+ $(; $said:ident: $value:expr)? $(,)?
    })+) => {$(
        impl $crate::journal::codec::Wire for $name {
            const LEAST: usize = 0 $(+ <$kind as $crate::journal::codec::Wire>::LEAST)+;

            fn put(&self, out: &mut Vec<u8>) {
                $($crate::journal::codec::part!(put &self.$field, out $(, $form)?);)+
            }

            fn take(
                from: &mut $crate::journal::codec::Input<'_>,
            ) -> Result<Self, $crate::journal::codec::Malformed> {
                Ok(Self {
                    $($field: $crate::journal::codec::part!(take $kind, from $(, $form)?),)+
                    $($said: $value,)?
                })
            }

            #[cfg(test)]
            fn sample(dice: &mut $crate::journal::faulty::dice::Dice) -> Self {
                Self {
                    $($field: $crate::journal::codec::part!(sample $kind, dice $(, $form)?),)+
                    $($said: $value,)?
                }
            }
        }
    )+};
}

/// Encodes a type with one unnamed field as that field.
macro_rules! wraps {
    ($($name:ident($kind:ty))+) => {$(
        $crate::journal::codec::fields! { $name { 0: $kind } }
    )+};
}

/// Encodes an enum as the tag given here, one byte, and the fields of the variant. A tag that was
/// ever released keeps its meaning for good. What stands behind a semicolon is said by the tag.
/// A part that is written `as` something else has that form where it needs it, under this tag; the
/// tag of all others stands below.
macro_rules! variants {
    ($($name:ident { $(
        $tag:literal = $variant:ident
            $(($($part:ident: $part_kind:ty $(as $form:ident)?),+))?
            $({$($field:ident: $kind:ty),+ $(; $said:ident: $value:literal)?})?
    ),+ $(,)? })+) => {$(
        impl $crate::journal::codec::Wire for $name {
            const LEAST: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                match self {$(
                    Self::$variant $(($($part),+))? $({$($field),+ $(, $said: $value)?})?
                        $($($(if $form::needed($part))?)+)?
                    => {
                        out.push($tag);
                        $($($crate::journal::codec::part!(put $part, out $(, $form)?);)+)?
                        $($($crate::journal::codec::Wire::put($field, out);)+)?
                    }
                )+}
            }

            fn take(
                from: &mut $crate::journal::codec::Input<'_>,
            ) -> Result<Self, $crate::journal::codec::Malformed> {
                match from.byte()? {
                    $($tag => Ok(Self::$variant
                        $(($($crate::journal::codec::part!(take $part_kind, from $(, $form)?)),+))?
                        $({
                            $($field: <$kind as $crate::journal::codec::Wire>::take(from)?),+
                            $(, $said: $value)?
                        })?
                    ),)+
                    _ => Err(from.malformed(concat!("unknown tag of ", stringify!($name)))),
                }
            }

            #[cfg(test)]
            fn sample(dice: &mut $crate::journal::faulty::dice::Dice) -> Self {
                match dice.pick(&[$($tag),+]) {
                    $($tag => Self::$variant
                        $(($(
                            $crate::journal::codec::part!(sample $part_kind, dice $(, $form)?)
                        ),+))?
                        $({
                            $($field: <$kind as $crate::journal::codec::Wire>::sample(dice)),+
                            $(, $said: $value)?
                        })?,
                    )+
                    _ => unreachable!("picked from the tags"),
                }
            }
        }
    )+};
}

/// The unnamed field of a variant, as itself or in another form.
macro_rules! part {
    (put $part:expr, $out:ident) => {
        $crate::journal::codec::Wire::put($part, $out)
    };
    (put $part:expr, $out:ident, $form:ident) => {
        $crate::journal::codec::Wire::put(&$form(($part).clone()), $out)
    };
    (take $kind:ty, $from:ident) => {
        <$kind as $crate::journal::codec::Wire>::take($from)?
    };
    (take $kind:ty, $from:ident, $form:ident) => {
        <$form as $crate::journal::codec::Wire>::take($from)?.0
    };
    (sample $kind:ty, $dice:ident) => {
        <$kind as $crate::journal::codec::Wire>::sample($dice)
    };
    (sample $kind:ty, $dice:ident, $form:ident) => {
        <$form as $crate::journal::codec::Wire>::sample($dice).0
    };
}

pub(crate) use {fields, part, variants, wraps};
