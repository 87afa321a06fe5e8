//! Seat plans: the fixed layout of a venue.
//!
//! Neighbours follow from the order of the seats in their row and from explicit breaks, never from
//! what is printed on them. Coordinates are integers in hundredths of the plan's unit, so that
//! every distance is exact and the best available seats are the same on every machine.

use crate::id::{RowIndex, SeatIndex, SectionIndex};
use std::ops::Range;

/// A point of the plan, in hundredths of its unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

/// A venue's fixed layout. Built by an importer, which proves what [`SeatPlan::check`] asserts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SeatPlan {
    /// Stable id within the sale.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Names that a performance maps to price zones.
    pub categories: Vec<String>,
    /// Sections in the order of the file.
    pub sections: Vec<Section>,
    /// Rows of all sections, each section's together.
    pub rows: Vec<Row>,
    /// Seats of all rows, each row's together, neighbours side by side.
    pub seats: Vec<Seat>,
    /// Where the best view is aimed at, if the plan says.
    pub focal_point: Option<Point>,
}

/// A part of the plan with rows of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// What people call it; empty in a plan without sections.
    pub name: String,
    /// Its rows, as subscripts of [`SeatPlan::rows`].
    pub rows: Range<u32>,
    /// Overrides the plan's focal point.
    pub focal_point: Option<Point>,
}

/// A row of seats.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What is printed on it.
    pub label: String,
    /// The section it belongs to.
    pub section: SectionIndex,
    /// Its seats, as subscripts of [`SeatPlan::seats`].
    pub seats: Range<u32>,
    /// Seats after which the row is interrupted (an aisle, a pillar), ascending.
    pub breaks: Vec<SeatIndex>,
}

/// One seat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seat {
    /// Stable and unique in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// The row it stands in.
    pub row: RowIndex,
    /// Subscript of [`SeatPlan::categories`].
    pub category: u16,
    /// Where it stands.
    pub at: Point,
    /// What is particular about it.
    pub flags: SeatFlags,
}

/// What is particular about a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SeatFlags {
    /// A wheelchair place or the like; never chosen unless asked for.
    pub accessible: bool,
    /// Beside an accessible seat, for who comes along; chosen only together with one.
    pub companion: bool,
    /// Something is in the way.
    pub restricted_view: bool,
}

impl SeatPlan {
    /// The seat at an index of this plan.
    pub fn seat(&self, seat: SeatIndex) -> &Seat {
        &self.seats[seat.at()]
    }

    /// The row a seat stands in.
    pub fn row_of(&self, seat: SeatIndex) -> &Row {
        &self.rows[self.seat(seat).row.at()]
    }

    /// The section a seat belongs to.
    pub fn section_of(&self, seat: SeatIndex) -> &Section {
        &self.sections[self.row_of(seat).section.at()]
    }

    /// Asserts what every importer has proved.
    ///
    /// # Panics
    /// If the plan has a [`SeatPlan::flaw`].
    pub fn check(&self) {
        assert_eq!(self.flaw(), None, "an importer proves its plan");
    }

    /// The first thing that is wrong with the layout: sections, rows and seats have to cover one
    /// another exactly, and every category has to exist. `None` for a sound plan.
    pub fn flaw(&self) -> Option<&'static str> {
        let (mut row_next, mut seat_next) = (0, 0);
        for (section_at, section) in self.sections.iter().enumerate() {
            if section.rows.start != row_next || section.rows.end < row_next {
                return Some("sections do not cover the rows in order");
            }
            row_next = section.rows.end;
            for row_at in section.rows.clone() {
                let Some(row) = self.rows.get(row_at as usize) else {
                    return Some("a section has a row that does not exist");
                };
                if row.section.at() != section_at {
                    return Some("a row does not know its section");
                }
                if let flaw @ Some(_) = self.row_flaw(row_at, row, seat_next) {
                    return flaw;
                }
                seat_next = row.seats.end;
            }
        }
        if row_next as usize != self.rows.len() {
            return Some("a row is in no section");
        }
        (seat_next as usize != self.seats.len()).then_some("a seat is in no row")
    }

    fn row_flaw(&self, row_at: u32, row: &Row, seat_next: u32) -> Option<&'static str> {
        if row.seats.start != seat_next || row.seats.end < seat_next {
            return Some("rows do not cover the seats in order");
        }
        if !row.breaks.iter().all(|seat| row.seats.contains(&seat.0)) {
            return Some("a break is not in its row");
        }
        if !row.breaks.is_sorted_by(|one, next| one < next) {
            return Some("the breaks of a row do not ascend");
        }
        let Some(seats) = self.seats.get(row.seats.start as usize..row.seats.end as usize) else {
            return Some("a row has a seat that does not exist");
        };
        if seats.iter().any(|seat| seat.row.0 != row_at) {
            return Some("a seat does not know its row");
        }
        let unknown = |seat: &Seat| usize::from(seat.category) >= self.categories.len();
        seats.iter().any(unknown).then_some("a seat has a category that does not exist")
    }
}
