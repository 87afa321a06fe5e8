//! The fixed layout of the seats, for shops that draw it: rendered once for each plan.
//!
//! The order of the seats is the order of the letters in `seats`. Owns its wire types.

use serde::Serialize;
use stanchion_domain::plan::{Point, Row, Seat, SeatPlan};
use utoipa::ToSchema;

use super::json::{self, Rendered};

/// A venue's fixed layout.
#[derive(Serialize, ToSchema)]
pub struct PlanBody<'a> {
    /// The plan's id.
    pub plan: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Names that a performance maps to price zones.
    pub categories: &'a [String],
    /// Where the best view is aimed at, if the plan says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_point: Option<PointBody>,
    /// Sections.
    pub sections: Vec<SectionBody<'a>>,
    /// Rows of all sections, each section's together.
    pub rows: Vec<RowBody<'a>>,
    /// Seats of all rows, each row's together, neighbours side by side.
    pub seats: Vec<SeatBody<'a>>,
}

/// A point of the plan, in its own unit; `y` grows downwards.
#[derive(Serialize, ToSchema)]
pub struct PointBody {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// A part of the plan with rows of its own.
#[derive(Serialize, ToSchema)]
pub struct SectionBody<'a> {
    /// What people call it; empty in a plan without sections.
    pub name: &'a str,
}

/// A row of seats.
#[derive(Serialize, ToSchema)]
pub struct RowBody<'a> {
    /// What is printed on it.
    pub label: &'a str,
    /// Subscript of its section.
    pub section: u16,
    /// Neighbours without an aisle between them: subscripts of the first and the last seat.
    pub runs: Vec<(u32, u32)>,
}

/// One seat.
#[derive(Serialize, ToSchema)]
pub struct SeatBody<'a> {
    /// Stable and unique in the plan.
    pub id: &'a str,
    /// What is printed on it.
    pub label: &'a str,
    /// Subscript of its section.
    pub section: u16,
    /// Subscript of its row.
    pub row: u32,
    /// Subscript of its category.
    pub category: u16,
    /// Where it stands.
    #[serde(flatten)]
    pub at: PointBody,
    /// A wheelchair place or the like.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(default = false)]
    pub accessible: bool,
    /// Beside an accessible seat, for who comes along.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(default = false)]
    pub companion: bool,
    /// Something is in the way of the view.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(default = false)]
    pub restricted_view: bool,
}

/// A plan as shops read it. It has no version, since a plan in use never changes; the checksum in
/// its `ETag` tells it from the plan of another rehearsal.
pub fn render(plan: &SeatPlan) -> Rendered {
    let body = PlanBody {
        plan: &plan.id,
        name: &plan.name,
        categories: &plan.categories,
        focal_point: plan.focal_point.map(PointBody::new),
        sections: plan.sections.iter().map(|section| SectionBody { name: &section.name }).collect(),
        rows: plan.rows.iter().map(RowBody::new).collect(),
        seats: plan.seats.iter().map(|seat| SeatBody::new(plan, seat)).collect(),
    };
    let bytes = json::write(&body);
    let checksum = crc32fast::hash(&bytes);
    Rendered::new(bytes, u64::from(checksum))
}

impl PointBody {
    fn new(point: Point) -> Self {
        Self { x: f64::from(point.x) / 100.0, y: f64::from(point.y) / 100.0 }
    }
}

impl<'a> RowBody<'a> {
    fn new(row: &'a Row) -> Self {
        Self { label: &row.label, section: row.section.0, runs: runs(row) }
    }
}

impl<'a> SeatBody<'a> {
    fn new(plan: &SeatPlan, seat: &'a Seat) -> Self {
        Self {
            id: &seat.id,
            label: &seat.label,
            section: plan.rows[seat.row.at()].section.0,
            row: seat.row.0,
            category: seat.category,
            at: PointBody::new(seat.at),
            accessible: seat.flags.accessible,
            companion: seat.flags.companion,
            restricted_view: seat.flags.restricted_view,
        }
    }
}

/// The row cut after each of its breaks.
fn runs(row: &Row) -> Vec<(u32, u32)> {
    let mut runs = Vec::with_capacity(row.breaks.len() + 1);
    let mut first = row.seats.start;
    for end in row.breaks.iter().map(|seat| seat.0 + 1).chain([row.seats.end]) {
        if first < end {
            runs.push((first, end - 1));
        }
        first = end;
    }
    runs
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}
