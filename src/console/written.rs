//! How figures, moments, amounts and sets of seats are written for people and in forms.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use stanchion_domain::time::WallTime;

use crate::clock;
use crate::files::sale::decimals;

/// What stands for itself in a segment of an address.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A count with its thousands apart: `13,000`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things: `1 seat`, `2 seats`.
pub(super) fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(count))
}

/// An amount in minor units, `62.00 EUR`.
pub(super) fn amount(minor: u64, currency: &str) -> String {
    format!("{} {currency}", bare_amount(minor, currency))
}

/// The same where the currency is said elsewhere, `62.00`.
pub(super) fn bare_amount(minor: u64, currency: &str) -> String {
    let digits = decimals(currency);
    let unit = 10_u64.saturating_pow(digits);
    match digits as usize {
        0 => grouped(minor),
        width => format!("{}.{:0width$}", grouped(minor / unit), minor % unit),
    }
}

/// Day and minute in UTC, `2026-11-21 18:00`.
pub(super) fn minute(wall: WallTime) -> Option<String> {
    let text = clock::rfc3339(wall)?;
    let (day, time) = text.split_once('T')?;
    Some(format!("{day} {}", time.get(..5)?))
}

/// The beginning of a day in UTC, `2026-11-21`.
pub(super) fn day(text: &str) -> Option<WallTime> {
    (text.len() == 10).then(|| clock::from_rfc3339(&format!("{text}T00:00:00Z"))).flatten()
}

/// A segment of an address.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Ascending numbers as ranges, `0-13,20`.
pub(super) fn ranges(numbers: &[u32]) -> String {
    let mut text = String::new();
    for run in numbers.chunk_by(|one, next| one + 1 == *next) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&first.to_string());
        if last > first {
            text.push_str(&format!("-{last}"));
        }
    }
    text
}

/// The numbers of some ranges, in any order. `None` if that is none, or more than `most` numbers.
pub(super) fn read_ranges(text: &str, most: usize) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        // Before it is written out: a range of a few letters may be as long as memory.
        let len = usize::try_from(last.checked_sub(first)?).ok()?.checked_add(1)?;
        if numbers.len().checked_add(len)? > most {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_amounts_and_moments_are_written_as_people_read_them() {
        let counts = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (count, text) in counts {
            assert_eq!(grouped(count), text);
        }
        assert_eq!((counted(1, "seat"), counted(12, "seat")), ("1 seat".into(), "12 seats".into()));
        assert_eq!(amount(123_405, "EUR"), "1,234.05 EUR");
        assert_eq!(bare_amount(123_456_705, "GBP"), "1,234,567.05");
        assert_eq!(bare_amount(5, "KWD"), "0.005");
        assert_eq!(amount(5_000, "JPY"), "5,000 JPY");
        let wall = day("2026-11-21").expect("a day");
        assert_eq!(minute(wall).as_deref(), Some("2026-11-21 00:00"));
        assert_eq!(day("2026-11-31"), None);
        assert_eq!(day("tomorrow"), None);
        assert_eq!(segment("a/b?\"x"), "a%2Fb%3F%22x");
    }

    #[test]
    fn ranges_are_short_and_read_back() {
        let numbers = [0, 1, 2, 5, 7, 8];
        assert_eq!(ranges(&numbers), "0-2,5,7-8");
        assert_eq!(read_ranges("0-2,5, 7-8", 6).as_deref(), Some(&numbers[..]));
        assert_eq!(read_ranges("", 6), Some(Vec::new()));
        for wrong in ["0-6", "0-4294967295", "3-1", "x", "1-", "-1", "4294967296"] {
            assert_eq!(read_ranges(wrong, 6), None, "{wrong}");
        }
    }
}
