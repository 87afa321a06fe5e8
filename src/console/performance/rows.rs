//! The seats of a performance row by row, in parts that a page can carry.

use std::ops::Range;

use serde::Serialize;
use stanchion_domain::id::{SeatIndex, SectionIndex};
use stanchion_domain::plan::{Row, SeatPlan};

use super::owners::Owners;
use super::{Looked, words};
use crate::console::written;

/// Seats of a part, until the row is full in which they are reached: 300 KB of a page.
const SEATS_PER_PART: u32 = 1_000;

/// A part of the seats: rows of one section.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    section: SectionIndex,
    rows: Range<u32>,
}

/// A part, as a link.
#[derive(Debug, Serialize)]
pub(super) struct PartLink {
    name: String,
    seats: String,
    shown: bool,
}

/// A row as it is listed.
#[derive(Debug, Serialize)]
pub(super) struct ListedRow {
    at: u32,
    name: String,
    told: String,
    seats: Vec<ListedSeat>,
}

/// A seat as it is listed.
#[derive(Debug, Serialize)]
struct ListedSeat {
    at: u32,
    label: String,
    letter: char,
    state: &'static str,
    /// What is particular about it.
    marks: Vec<&'static str>,
    basket: Option<String>,
}

impl Looked<'_> {
    fn plan(&self) -> Option<&SeatPlan> {
        self.desk.definition.plan_of(self.at)
    }

    /// Which part is asked for; `None` if it shall not be listed.
    fn part(&self) -> Option<usize> {
        self.call.query("rows")?.parse().ok()
    }

    /// All parts of the seats.
    pub(super) fn parts(&self) -> Vec<PartLink> {
        let Some(plan) = self.plan() else { return Vec::new() };
        let shown = self.part();
        let link = |(at, part): (usize, &Part)| PartLink {
            name: part.name(plan),
            seats: written::counted(u64::from(part.seats(plan)), "seat"),
            shown: shown == Some(at),
        };
        parts(plan).iter().enumerate().map(link).collect()
    }

    /// The rows of the part that is asked for.
    pub(super) fn listed(&self) -> Option<Vec<ListedRow>> {
        let plan = self.plan()?;
        let parts = parts(plan);
        let part = parts.get(self.part()?)?;
        let letters = self.sale.engine.published().seats.letters(self.at)?;
        let owners = Owners::of(self.sale, self.at);
        let rows = plan.rows.get(part.rows.start as usize..part.rows.end as usize)?;
        let list = |(at, row): (u32, &Row)| ListedRow::new(plan, at, row, (&letters, &owners));
        Some((part.rows.start..).zip(rows).map(list).collect())
    }
}

/// Cuts a plan into parts: each of one section, of whole rows.
fn parts(plan: &SeatPlan) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut room = 0;
    for (at, row) in (0..).zip(&plan.rows).filter(|(_, row)| !row.seats.is_empty()) {
        let seats = row.seats.end - row.seats.start;
        match parts.last_mut().filter(|part| part.section == row.section && room > 0) {
            Some(part) => part.rows.end = at + 1,
            None => {
                parts.push(Part { section: row.section, rows: at..at + 1 });
                room = SEATS_PER_PART;
            }
        }
        room = room.saturating_sub(seats);
    }
    parts
}

impl Part {
    fn ends<'p>(&self, plan: &'p SeatPlan) -> Option<(&'p Row, &'p Row)> {
        let rows = plan.rows.get(self.rows.start as usize..self.rows.end as usize)?;
        rows.first().zip(rows.last())
    }

    fn seats(&self, plan: &SeatPlan) -> u32 {
        self.ends(plan).map(|(first, last)| last.seats.end - first.seats.start).unwrap_or_default()
    }

    fn name(&self, plan: &SeatPlan) -> String {
        let section = plan.sections.get(self.section.at());
        let section = section.map(|section| section.name.as_str()).unwrap_or_default();
        let rows = self.ends(plan).map(|(first, last)| (&*first.label, &*last.label));
        let rows = match rows {
            Some(("", _) | (_, "")) | None => String::new(),
            Some((first, last)) if first == last => format!("row {first}"),
            Some((first, last)) => format!("rows {first} to {last}"),
        };
        let named = [section, &rows].into_iter().filter(|text| !text.is_empty());
        let name = named.collect::<Vec<_>>().join(", ");
        if name.is_empty() { "All seats".to_owned() } else { name }
    }
}

impl ListedRow {
    fn new(plan: &SeatPlan, at: u32, row: &Row, (letters, owners): (&[u8], &Owners)) -> Self {
        let seats: Vec<_> = row
            .seats
            .clone()
            .filter_map(|seat| {
                let letter = *letters.get(seat as usize)?;
                ListedSeat::new(plan, SeatIndex(seat), letter, owners)
            })
            .collect();
        let of_row = |letter: u8| {
            seats.iter().filter(|seat| seat.letter == char::from(letter)).count() as u64
        };
        let told = words::STATES
            .iter()
            .map(|(letter, state)| (of_row(*letter), state))
            .filter(|(count, _)| *count > 0)
            .map(|(count, state)| format!("{} {state}", written::grouped(count)));
        Self {
            at,
            name: if row.label.is_empty() {
                "Row".to_owned()
            } else {
                format!("Row {}", row.label)
            },
            told: told.collect::<Vec<_>>().join(", "),
            seats,
        }
    }
}

impl ListedSeat {
    fn new(plan: &SeatPlan, at: SeatIndex, letter: u8, owners: &Owners) -> Option<Self> {
        let seat = plan.seats.get(at.at())?;
        let marks = [
            (seat.flags.accessible, "wheelchair place"),
            (seat.flags.companion, "companion"),
            (seat.flags.restricted_view, "restricted view"),
        ];
        Some(Self {
            at: at.0,
            label: seat.label.clone(),
            letter: char::from(letter),
            state: words::state(letter),
            marks: marks.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect(),
            basket: owners.of_seat(at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stanchion_domain::plan::Section;

    fn plan(rows: &[(u16, u32)]) -> SeatPlan {
        let mut next = 0;
        let row = |(section, seats): &(u16, u32)| {
            let first = next;
            next += seats;
            let label = first.to_string();
            let section = SectionIndex(*section);
            Row { label, section, seats: first..next, breaks: Vec::new() }
        };
        let section = |name: &str| Section { name: name.into(), rows: 0..0, focal_point: None };
        let sections = vec![section("Stalls"), section("")];
        SeatPlan { rows: rows.iter().map(row).collect(), sections, ..SeatPlan::default() }
    }

    #[test]
    fn a_plan_is_cut_into_parts_of_whole_rows_of_one_section() {
        let plan = plan(&[(0, 600), (0, 600), (0, 30), (0, 0), (0, 5_000), (1, 10)]);
        let parts = parts(&plan);
        let rows: Vec<_> = parts.iter().map(|part| part.rows.clone()).collect();
        assert_eq!(rows, [0..2, 2..5, 5..6]);
        let names: Vec<_> = parts.iter().map(|part| part.name(&plan)).collect();
        assert_eq!(names, ["Stalls, rows 0 to 600", "Stalls, rows 1200 to 1230", "row 6230"]);
        let seats: Vec<_> = parts.iter().map(|part| part.seats(&plan)).collect();
        assert_eq!(seats, [1_200, 5_030, 10]);
    }
}
