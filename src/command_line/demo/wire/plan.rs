//! The layout of the seats and their states.

use serde::Deserialize;

/// The states of all seats, one letter each, in the order of the plan; `a` is available.
#[derive(Clone, Debug, Deserialize)]
pub struct Seats {
    /// The letters.
    pub seats: String,
}

/// The fixed layout.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Parts of the plan.
    pub sections: Vec<Section>,
    /// Rows of all sections.
    pub rows: Vec<Row>,
    /// Seats of all rows.
    pub seats: Vec<Seat>,
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
    /// A wheelchair place or the like.
    #[serde(default)]
    pub accessible: bool,
    /// Something is in the way of the view.
    #[serde(default)]
    pub restricted_view: bool,
}
