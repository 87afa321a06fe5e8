//! Seat plans from our own format, from pretix and from seats.io.
//!
//! Which one a file is follows from what is in it. The importers read; `builder` puts the plan
//! together and proves what `SeatPlan::check` asserts.

use std::path::Path;

use stanchion_domain::plan::{Point, SeatPlan};

use super::node::{Node, Table};
use super::problem::Problems;
use super::{Mode, decoded, json, text_of};
use builder::{Builder, COORDINATE_MAX, point};

mod builder;
mod labels;
mod own;
mod pretix;
mod seatsio;
#[cfg(test)]
mod tests;

/// A plan, and what came with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The layout. Its id is empty: the sale that uses it gives it one.
    pub plan: SeatPlan,
    /// Counted capacities drawn into the plan.
    pub pools: Vec<ImportedPool>,
    /// What the file was.
    pub format: Format,
    /// What was repaired or is worth knowing.
    pub remarks: Problems,
}

/// A capacity without seats that is part of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedPool {
    /// Stable and unique in the plan.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Subscript of the plan's categories.
    pub category: u16,
    /// Units in all.
    pub capacity: u32,
}

/// The formats that are understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Our own, described in `docs/plans.md`.
    Own,
    /// A seating plan of pretix.
    Pretix,
    /// A chart of seats.io.
    Seatsio,
}

/// Imports the plan in a file.
pub fn read(path: &Path, mode: Mode) -> Result<Imported, Problems> {
    let name = path.display().to_string();
    match text_of(path) {
        Ok(text) => import_text(&name, &text, mode),
        Err((wrong, remedy)) => Err(Problems::of_file(&name, wrong, remedy)),
    }
}

/// Imports a plan; `name` is what problems call the file.
pub fn import(name: &str, bytes: &[u8], mode: Mode) -> Result<Imported, Problems> {
    match decoded(bytes) {
        Ok(text) => import_text(name, text, mode),
        Err((wrong, remedy)) => Err(Problems::of_file(name, wrong, remedy)),
    }
}

/// [`import`] of what is known to be text.
pub(super) fn import_text(name: &str, text: &str, mode: Mode) -> Result<Imported, Problems> {
    let document = json::document(name, text, mode)?;
    let built = Node::root(&document).table().and_then(|root| {
        let mut builder = Builder::default();
        let format = detect(&root)?;
        match format {
            Format::Own => own::read(root, &mut builder),
            Format::Pretix => pretix::read(root, &mut builder),
            Format::Seatsio => seatsio::read(root, &mut builder),
        }
        let (plan, pools) = builder.finish(Node::root(&document));
        Some((plan, pools, format))
    });
    let remarks = document.finish()?;
    let (plan, pools, format) = built.expect("what cannot be built has been refused");
    plan.check();
    Ok(Imported { plan, pools, format, remarks })
}

/// The format of a file, from the keys that only this format has at its top.
fn detect(root: &Table<'_>) -> Option<Format> {
    let has = |wanted: &str| root.entries().any(|(key, _)| key == wanted);
    if has("format") {
        Some(Format::Own)
    } else if has("subChart") || has("subChartFloors") || has("venueType") {
        Some(Format::Seatsio)
    } else if has("zones") {
        Some(Format::Pretix)
    } else {
        let remedy = "give a Stanchion plan (`format`), a pretix seating plan (`zones`) or a \
                      seats.io chart (`subChart`)";
        root.node.refuse("is no seat plan that is known here", remedy);
        None
    }
}

/// Where a view is aimed at: a table of `x` and `y`, both needed.
pub(super) fn focal_point(node: Node<'_>) -> Option<Point> {
    let mut table = node.table()?;
    let [x, y] = ["x", "y"].map(|key| table.need(key).and_then(|node| node.number(COORDINATE_MAX)));
    table.finish();
    point(node, x?, y?)
}
