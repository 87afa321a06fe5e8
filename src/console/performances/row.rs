//! A performance as a row: its figures, and what they mean in words.

use serde::Serialize;
use stanchion_domain::board::picture::{PerformancePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Known, Status, StatusKind};
use stanchion_domain::sale::definition::Performance;

use crate::board::store::Board;
use crate::clock;
use crate::console::written;

/// Each status with the words by which it is chosen.
pub(in crate::console) const STATUSES: &[(&str, &str)] = &[
    ("on_sale", "On sale"),
    ("low", "Few left"),
    ("in_baskets", "All in baskets"),
    ("sold_out", "Sold out"),
];
/// What only performances of a mirrored sale can be.
pub(in crate::console) const UNKNOWN: (&str, &str) = ("unknown", "Not known");
/// Of a bar, in its own units.
const BAR_WIDTH: u64 = 1_000;

/// A performance as a row of a table.
#[derive(Debug, Serialize)]
pub(in crate::console) struct Row {
    /// Its subscript in the definition.
    at: u16,
    /// Its page.
    url: String,
    name: String,
    id: String,
    starts_at: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

/// Counts in words, and as a bar.
#[derive(Debug, Serialize)]
pub(in crate::console) struct Figures {
    kind: &'static str,
    status: String,
    capacity: String,
    available: String,
    in_baskets: String,
    /// When the first may come back, if all are in baskets.
    back_at: Option<String>,
    sold: String,
    sold_percent: u64,
    withheld: String,
    bar: Vec<Share>,
    /// When the oldest report of it came, if the venue's own system keeps the seats.
    reported_at: Option<String>,
}

/// A part of a bar.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Share {
    of: &'static str,
    from: u64,
    width: u64,
}

impl Row {
    /// The row of a performance.
    pub(in crate::console) fn new(
        sale: &str,
        performance: &Performance,
        picture: &PerformancePicture,
        board: &Board,
    ) -> Self {
        Self {
            at: picture.performance.0,
            url: url(sale, &performance.id),
            name: performance.name.clone(),
            id: performance.id.clone(),
            starts_at: performance.starts_at.and_then(written::minute),
            figures: Figures::new(&picture.total, board),
        }
    }
}

/// The page of a performance.
pub(in crate::console) fn url(sale: &str, performance: &str) -> String {
    format!("/console/sales/{sale}/performances/{}", written::segment(performance))
}

impl Figures {
    /// The figures of a performance or a price zone on a board.
    pub(in crate::console) fn new(picture: &ZonePicture, board: &Board) -> Self {
        let counts = picture.counts;
        let back_at = match picture.status {
            Status::InBaskets { first_return_at, .. } => first_return_at,
            _ => None,
        };
        let back_at = back_at.and_then(|at| board.wall(at)).map(|at| at.to_string());
        let reported = picture.known.is_none_or(Known::reported);
        let written = |count| if reported { written::grouped(count) } else { "–".to_owned() };
        Self {
            kind: kind(&counts, picture.status),
            status: in_words(&counts, picture),
            capacity: written(counts.capacity),
            available: written(counts.available),
            in_baskets: written(counts.held + counts.paying),
            back_at,
            sold: written(counts.sold),
            sold_percent: percent(counts.sold, counts.capacity),
            withheld: written(counts.withheld),
            bar: bar(&counts),
            reported_at: picture.known.and_then(|known| known.as_of).and_then(clock::rfc3339),
        }
    }
}

/// Whether it has nothing to sell from the start: then nobody bought it out.
fn all_withheld(counts: &Counts) -> bool {
    counts.withheld == counts.capacity
}

fn kind(counts: &Counts, status: Status) -> &'static str {
    match status {
        Status::Unknown => status.name(),
        _ if all_withheld(counts) => "withheld",
        _ => status.name(),
    }
}

fn in_words(counts: &Counts, picture: &ZonePicture) -> String {
    match picture.status {
        Status::Unknown if picture.known.is_some_and(Known::reported) => "Stale".to_owned(),
        Status::Unknown => "Not reported yet".to_owned(),
        _ if counts.capacity == 0 => "Nothing in it".to_owned(),
        _ if all_withheld(counts) => "All withheld".to_owned(),
        Status::Low { left } => format!("Few left: {}", written::grouped(left)),
        other => {
            let name = other.name();
            let words = STATUSES.iter().find(|(known, _)| *known == name);
            words.map(|(_, words)| (*words).to_owned()).unwrap_or_default()
        }
    }
}

/// In the order in which people wonder about it.
pub(super) fn rank(kind: Option<StatusKind>) -> u8 {
    match kind {
        Some(StatusKind::OnSale) => 0,
        Some(StatusKind::Low) => 1,
        Some(StatusKind::InBaskets) => 2,
        Some(StatusKind::SoldOut) => 3,
        None => 4,
    }
}

/// Rounded down, so that 100 means all.
fn percent(part: u64, of: u64) -> u64 {
    (part * 100).checked_div(of).unwrap_or_default()
}

/// The shares of a bar; whatever there is of, however little, is seen.
fn bar(counts: &Counts) -> Vec<Share> {
    let parts = [
        ("sold", counts.sold),
        ("in-baskets", counts.held + counts.paying),
        ("withheld", counts.withheld),
        ("available", counts.available),
    ];
    let end = |sum: u64| (sum * BAR_WIDTH).checked_div(counts.capacity).unwrap_or_default();
    let mut sum = 0;
    let mut shares = Vec::with_capacity(parts.len());
    for (of, part) in parts {
        let from = end(sum);
        sum += part;
        if part > 0 {
            shares.push(Share { of, from, width: (end(sum) - from).max(1) });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(available: u64, held: u64, sold: u64, withheld: u64) -> Counts {
        let capacity = available + held + sold + withheld;
        Counts { capacity, available, held, paying: 0, sold, withheld }
    }

    #[test]
    fn a_status_is_said_in_words_and_what_is_withheld_is_not_sold_out() {
        for (counts, words) in [
            (counts(90, 5, 5, 0), "On sale"),
            (counts(3, 0, 97, 0), "Few left: 3"),
            (counts(0, 2, 8, 0), "All in baskets"),
            (counts(0, 0, 9, 1), "Sold out"),
            (counts(0, 0, 0, 9), "All withheld"),
            (counts(0, 0, 0, 0), "Nothing in it"),
        ] {
            let picture = ZonePicture::new(counts, None, None);
            assert_eq!(in_words(&counts, &picture), words);
        }
    }

    #[test]
    fn what_nobody_knows_is_not_told_as_a_count() {
        let whole = counts(90, 5, 5, 0);
        let known = Known { as_of: Some(stanchion_domain::time::WallTime(0)), fact: false };
        for (known, words) in [(known, "Stale"), (Known::NOTHING, "Not reported yet")] {
            let picture = ZonePicture::new(whole, None, Some(known));
            assert_eq!(in_words(&whole, &picture), words);
            assert_eq!(kind(&whole, picture.status), "unknown");
        }
    }

    #[test]
    fn a_bar_is_as_wide_as_there_are_units_and_shows_the_last_one() {
        let shares = bar(&counts(1, 0, 9_999, 0));
        let available = Share { of: "available", from: 999, width: 1 };
        assert_eq!(shares, [Share { of: "sold", from: 0, width: 999 }, available]);
        assert_eq!(percent(9_999, 10_000), 99);
        assert_eq!((bar(&counts(0, 0, 0, 0)), percent(0, 0)), (Vec::new(), 0));
    }
}
