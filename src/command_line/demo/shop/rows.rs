//! The rows of one section as buttons: the seat map of a browser without scripts.

use serde::Serialize;

use crate::command_line::demo::wire::board::Seating;
use crate::command_line::demo::wire::plan::{Plan, Row, Seats};

/// A row of seats on a page.
#[derive(Serialize)]
pub(super) struct ShownRow {
    label: String,
    runs: Vec<Vec<ShownSeat>>,
}

#[derive(Serialize)]
struct ShownSeat {
    id: String,
    label: String,
    zone: String,
    available: bool,
    accessible: bool,
    restricted_view: bool,
}

/// The rows of a section as they are now.
pub(super) fn of_section(
    plan: &Plan,
    seats: &Seats,
    seating: &Seating,
    section: usize,
) -> Vec<ShownRow> {
    let letters = seats.seats.as_bytes();
    let seat = |at: usize| {
        let seat = plan.seats.get(at)?;
        Some(ShownSeat {
            id: seat.id.clone(),
            label: seat.label.clone(),
            zone: seating.zone_of_category.get(seat.category).cloned().unwrap_or_default(),
            available: letters.get(at) == Some(&b'a'),
            accessible: seat.accessible,
            restricted_view: seat.restricted_view,
        })
    };
    let end = plan.seats.len();
    let run = |&(first, last): &(usize, usize)| {
        (first..last.saturating_add(1).min(end)).filter_map(seat).collect()
    };
    let shown =
        |row: &Row| ShownRow { label: row.label.clone(), runs: row.runs.iter().map(run).collect() };
    plan.rows.iter().filter(|row| row.section == section).map(shown).collect()
}
