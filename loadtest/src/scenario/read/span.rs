//! Spans as people write them, `"250ms"` or `"1h30m"`, both ways.

use std::time::Duration;

/// What to write for a span.
pub const SPAN_ALLOWED: &str = "write a span such as \"250ms\", \"30s\", \"5m\" or \"1h30m\"";

/// Units from the longest to the shortest, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A span from its text: whole numbers, each with its unit, the longest first. `None` if it is
/// anything else.
pub fn read_span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut units = UNITS.iter();
    let mut total_ms = 0_u64;
    loop {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters =
            after.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        // Each unit once, and in this order: the iterator goes on where it stopped.
        let (_, unit_ms) = units.find(|(name, _)| *name == unit)?;
        let ms = number.parse::<u64>().ok()?.checked_mul(*unit_ms)?;
        total_ms = total_ms.checked_add(ms)?;
        if after.is_empty() {
            return Some(Duration::from_millis(total_ms));
        }
        rest = after;
    }
}

/// A span as people write it, to the millisecond.
pub fn span_shown(span: Duration) -> String {
    let mut left = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (name, unit_ms) in UNITS {
        if left >= unit_ms {
            shown.push_str(&format!("{}{name}", left / unit_ms));
            left %= unit_ms;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_people_write_it() {
        let cases = [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1m5s10ms", 65_010),
            ("0s", 0),
        ];
        for (text, ms) in cases {
            assert_eq!(read_span(text), Some(Duration::from_millis(ms)), "{text}");
            assert_eq!(span_shown(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn what_is_no_span_is_not_taken_for_one() {
        for text in [
            "",
            "s",
            "5",
            "5 s",
            "-5s",
            "1.5s",
            "5m1h",
            "5s5s",
            "5x",
            "5sm",
            "5S",
            "١s",
            "1h 5m",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(read_span(text), None, "{text}");
        }
    }
}
