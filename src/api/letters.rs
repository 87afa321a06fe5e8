//! Eight letters that people read out and type, in an alphabet in which none looks like another.

use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// How many there are, of five bits each.
const LETTERS: usize = 8;
/// Without I, L, O and U, which are read as others (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Eight letters with a dash in the middle: 40 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")]
pub struct Letters(u64);

impl Letters {
    /// Those of the highest 40 of 64 bits.
    pub fn of(bits: u64) -> Self {
        Self(bits >> (u64::BITS as usize - 5 * LETTERS))
    }

    /// The 40 bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Reads what somebody typed: in any case, with or without the dash, and with the letters that
    /// look like others.
    pub fn read(text: &str) -> Option<Self> {
        let letters = text.bytes().filter(|letter| !matches!(letter, b'-' | b' '));
        let (mut bits, mut count) = (0, 0);
        for letter in letters {
            let letter = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let digit = (0..).zip(ALPHABET).find(|(_, known)| **known == letter)?.0;
            bits = bits << 5 | u64::from(digit as u8);
            count += 1;
            if count > LETTERS {
                return None;
            }
        }
        (count == LETTERS).then_some(Self(bits))
    }

    /// Whether these are the others, but for one that was misheard or two that changed places.
    pub fn nearly(self, other: Self) -> bool {
        let differ: Vec<_> =
            (0..LETTERS).filter(|at| self.digit(*at) != other.digit(*at)).collect();
        match differ[..] {
            [_] => true,
            [low, high] => {
                high == low + 1
                    && self.digit(low) == other.digit(high)
                    && self.digit(high) == other.digit(low)
            }
            _ => false,
        }
    }

    /// The letter at a place, counted from the end.
    fn digit(self, at: usize) -> u8 {
        (self.0 >> (5 * at) & 31) as u8
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at in (0..LETTERS).rev() {
            let letter = ALPHABET.get(usize::from(self.digit(at)));
            write!(out, "{}", char::from(*letter.expect("five bits are a letter")))?;
            if at == LETTERS / 2 {
                write!(out, "-")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Letters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_as_they_were_written_and_as_people_type_them() {
        let letters = Letters(0b00000_00001_10100_11111_00000_00001_00010_00011);
        assert_eq!(letters.to_string(), "01MZ-0123");
        assert_eq!(Letters::of(letters.bits() << 24 | 0xFF), letters);
        for typed in ["01MZ-0123", "01mz0123", " o1MZ 0l23", "0IMZ-OI23"] {
            assert_eq!(Letters::read(typed), Some(letters), "{typed}");
        }
        for wrong in ["", "01MZ-012", "01MZ-01234", "01MZ-012U", "01MZ-012é"] {
            assert_eq!(Letters::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_misheard_letter_or_two_that_changed_places_are_near() {
        let read = |text| Letters::read(text).expect("eight letters");
        let code = read("01MZ-0123");
        for near in ["01MZ-0124", "F1MZ-0123", "01ZM-0123", "01M0-Z123"] {
            assert!(code.nearly(read(near)) && read(near).nearly(code), "{near}");
        }
        for other in ["01MZ-0123", "01MZ-0134", "Z1M0-0123", "01MZ-2103"] {
            assert!(!code.nearly(read(other)), "{other}");
        }
    }
}
