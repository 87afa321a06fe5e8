//! The layout of the seats and their states.

use serde::{Deserialize, Serialize};

/// The states of all seats, one letter each, in the order of the plan; `a` is available.
#[derive(Clone, Debug, Deserialize)]
pub struct Seats {
    /// The letters.
    pub seats: String,
}

/// The states of seats as a page follows them: all of them, or those that changed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SeatNews {
    /// To ask for what changed since, next time.
    pub version: u64,
    /// The letters of all seats; absent if only changes are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<String>,
    /// Subscript and letter of each seat that changed; absent if all seats are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<(usize, char)>>,
}

/// The fixed layout.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// What everybody looks at, if the plan says.
    pub focal_point: Option<Point>,
    /// Parts of the plan.
    pub sections: Vec<Section>,
    /// Rows of all sections.
    pub rows: Vec<Row>,
    /// Seats of all rows.
    pub seats: Vec<Seat>,
}

/// A point of the plan, in its own unit; `y` grows downwards.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

impl Point {
    /// How far another point is.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A part of the plan.
#[derive(Clone, Debug, Deserialize)]
pub struct Section {
    /// What people call it; empty in a plan without sections.
    pub name: String,
}

/// A row of seats.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// What is printed on it.
    pub label: String,
    /// Subscript of its section.
    pub section: usize,
    /// First and last seat of each stretch of neighbours.
    pub runs: Vec<(usize, usize)>,
}

/// One seat.
#[derive(Clone, Debug, Deserialize)]
pub struct Seat {
    /// Stable and unique in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// Subscript of its section.
    pub section: usize,
    /// Subscript of its row.
    pub row: usize,
    /// Subscript of its category.
    #[serde(default)]
    pub category: usize,
    /// Where it stands.
    #[serde(flatten)]
    pub at: Point,
    /// A wheelchair place or the like.
    #[serde(default)]
    pub accessible: bool,
    /// Something is in the way of the view.
    #[serde(default)]
    pub restricted_view: bool,
}
