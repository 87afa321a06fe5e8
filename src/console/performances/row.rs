//! A performance as a row: its figures, and what they mean in words.

use serde::Serialize;
use stanchion_domain::board::picture::{PerformancePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Status, StatusKind};
use stanchion_domain::sale::definition::Performance;

use crate::board::store::Board;
use crate::console::written;

/// Each status with the words by which it is chosen.
pub(in crate::console) const STATUSES: &[(&str, &str)] = &[
    ("on_sale", "On sale"),
    ("low", "Few left"),
    ("in_baskets", "All in baskets"),
    ("sold_out", "Sold out"),
];
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
        Self {
            kind: kind(&counts, picture.status),
            status: in_words(&counts, picture.status),
            capacity: written::grouped(counts.capacity),
            available: written::grouped(counts.available),
            in_baskets: written::grouped(counts.held + counts.paying),
            back_at,
            sold: written::grouped(counts.sold),
            sold_percent: percent(counts.sold, counts.capacity),
            withheld: written::grouped(counts.withheld),
            bar: bar(&counts),
        }
    }
}

/// Whether it has nothing to sell from the start: then nobody bought it out.
fn all_withheld(counts: &Counts) -> bool {
    counts.withheld == counts.capacity
}

fn kind(counts: &Counts, status: Status) -> &'static str {
    if all_withheld(counts) { "withheld" } else { status.kind().name() }
}

fn in_words(counts: &Counts, status: Status) -> String {
    match status {
        _ if counts.capacity == 0 => "Nothing in it".to_owned(),
        _ if all_withheld(counts) => "All withheld".to_owned(),
        Status::Low { left } => format!("Few left: {}", written::grouped(left)),
        other => {
            let name = other.kind().name();
            let words = STATUSES.iter().find(|(known, _)| *known == name);
            words.map(|(_, words)| (*words).to_owned()).unwrap_or_default()
        }
    }
}

/// In the order in which people wonder about it.
pub(super) fn rank(kind: StatusKind) -> u8 {
    match kind {
        StatusKind::OnSale => 0,
        StatusKind::Low => 1,
        StatusKind::InBaskets => 2,
        StatusKind::SoldOut => 3,
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
            assert_eq!(in_words(&counts, counts.status(None)), words);
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
