//! Seats and what becomes of them, in words.

use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{PerformanceIndex, SeatIndex};
use stanchion_domain::plan::SeatPlan;
use stanchion_domain::sale::definition::Withheld;

use super::asked::To;
use crate::console::written;

/// The letter of each state with its words, in the order of the legend.
pub(super) const STATES: [(u8, &str); 6] = [
    (b'a', "available"),
    (b'h', "in a basket"),
    (b'p', "being paid"),
    (b's', "sold"),
    (b'w', "withheld for the house"),
    (b'k', "killed"),
];
/// Rows that are named one by one.
const ROWS_NAMED_MAX: usize = 6;

/// The state of a letter.
pub(super) fn state(letter: u8) -> &'static str {
    let known = STATES.iter().find(|(known, _)| *known == letter);
    known.map(|(_, words)| *words).unwrap_or_default()
}

/// What becomes of so many `units`, as an order: `one` is what one of them is called.
pub(super) fn will(to: To, units: u64, one: &str) -> String {
    let units = written::counted(units, one);
    match to {
        To::House => format!("Keep {units} off sale for the house"),
        To::Killed => format!("Keep {units} off sale for everybody: they are killed"),
        To::Sale => format!("Put {units} back on sale"),
    }
}

/// What became of them.
pub(super) fn done(action: &OpsAction) -> String {
    let (units, are) = match action {
        OpsAction::Withhold { what, kind: Withheld::House } => (what, "kept for the house"),
        OpsAction::Withhold { what, kind: Withheld::Killed } => (what, "killed"),
        OpsAction::Restore { what } => (what, "on sale again"),
        _ => return String::new(),
    };
    let (count, one) = match units {
        Units::Seats { seats, .. } => (seats.len() as u64, "seat"),
        Units::Pool { units, .. } => (u64::from(*units), "unit"),
    };
    let verb = if count == 1 { "is" } else { "are" };
    format!("Done: {} {verb} {are}.", written::counted(count, one))
}

/// The performance that a change is about, and how many units of it.
pub(super) fn about(action: &OpsAction) -> Option<(PerformanceIndex, &Units)> {
    match action {
        OpsAction::Withhold { what, .. } | OpsAction::Restore { what } => match what {
            Units::Seats { performance, .. } | Units::Pool { performance, .. } => {
                Some((*performance, what))
            }
        },
        _ => None,
    }
}

/// Ascending seats by row: `Stalls, row A: 1 to 5, 9; row B: 3`.
pub(super) fn named(plan: &SeatPlan, seats: &[SeatIndex]) -> String {
    let row = |seat: &SeatIndex| plan.seats.get(seat.at()).map(|seat| seat.row);
    let rows: Vec<_> = seats.chunk_by(|one, next| row(one) == row(next)).collect();
    let mut named: Vec<_> =
        rows.iter().take(ROWS_NAMED_MAX).map(|seats| named_row(plan, seats)).collect();
    if rows.len() > ROWS_NAMED_MAX {
        let more = (rows.len() - ROWS_NAMED_MAX) as u64;
        named.push(format!("and {}", written::counted(more, "more row")));
    }
    named.join("; ")
}

fn named_row(plan: &SeatPlan, seats: &[SeatIndex]) -> String {
    let label = |seat: Option<&SeatIndex>| {
        let seat = seat.and_then(|seat| plan.seats.get(seat.at()));
        seat.map(|seat| seat.label.as_str()).unwrap_or_default()
    };
    let runs = seats.chunk_by(|one, next| one.0 + 1 == next.0).map(|run| match run {
        [one] => label(Some(one)).to_owned(),
        run => format!("{} to {}", label(run.first()), label(run.last())),
    });
    let place = seats.first().map(|seat| place(plan, *seat)).unwrap_or_default();
    format!("{place}: {}", runs.collect::<Vec<_>>().join(", "))
}

fn place(plan: &SeatPlan, seat: SeatIndex) -> String {
    let (section, row) = (plan.section_of(seat), plan.row_of(seat));
    match (section.name.as_str(), row.label.as_str()) {
        ("", "") => "seats".to_owned(),
        ("", row) => format!("row {row}"),
        (section, "") => section.to_owned(),
        (section, row) => format!("{section}, row {row}"),
    }
}
