//! Our own plan format: a theatre on a page. `docs/plans.md` describes it.
//!
//! Sections have a frame (origin and angle) in which their rows stand one behind the other; a row
//! names its seats in the short form of `labels` and is laid out around its middle.

use std::collections::HashMap;

use stanchion_domain::limits;
use stanchion_domain::plan::SeatFlags;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::builder::{Builder, COORDINATE_MAX, Draft};
use super::labels::{LABEL_BYTES_MAX, labels};
use super::{ImportedPool, focal_point};

/// What the key `format` says.
const FORMAT: &str = "stanchion-plan-1";

/// The measures that rows take from their section unless they have their own.
#[derive(Clone, Copy)]
struct Measures {
    /// From the middle of a seat to the middle of its neighbour.
    pitch: f64,
    /// What a break adds to that.
    aisle: f64,
    /// From a row to the one behind it.
    depth: f64,
    /// How much nearer to the front the ends of a row are than its middle.
    curve: f64,
}

const DEFAULT: Measures = Measures { pitch: 0.55, aisle: 1.1, depth: 0.9, curve: 0.0 };

/// Where a section stands and how it is turned.
struct Frame {
    x: f64,
    y: f64,
    sin: f64,
    cos: f64,
}

/// A section while its rows are read.
struct Context<'a, 's> {
    id: &'s str,
    category: Option<&'a str>,
    measures: Measures,
    frame: Frame,
    /// Where the next row stands, unless it says so itself.
    y_next: f64,
}

pub(super) fn read<'a>(mut root: Table<'a>, builder: &mut Builder<'a>) {
    if let Some(format) =
        root.need("format").filter(|node| node.text().is_some_and(|t| t != FORMAT))
    {
        format.refuse("is not a format that is known here", format!("write {FORMAT:?}"));
    }
    builder.name(root.need("name").and_then(Node::name).unwrap_or_default());
    for node in root.needed_items("categories") {
        if let Some(name) = node.name() {
            builder.category(node, name, name);
        }
    }
    builder.focal_point(root.get("focal_point").and_then(focal_point));
    root.items("sections").for_each(|section| read_section(section, builder));
    root.items("pools").for_each(|pool| read_pool(pool, builder));
    root.finish();
}

fn read_section<'a>(node: Node<'a>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let name = table.need("name").and_then(Node::name).unwrap_or_default();
    let id = table.get("id").and_then(Node::id).unwrap_or(name);
    let focal_point = table.get("focal_point").and_then(focal_point);
    let angle = number(&mut table, "angle", 0.0).to_radians();
    let frame = Frame {
        x: number(&mut table, "x", 0.0),
        y: number(&mut table, "y", 0.0),
        sin: angle.sin(),
        cos: angle.cos(),
    };
    let category = table.get("category").and_then(Node::name);
    let measures = measures(&mut table, DEFAULT);
    builder.section(node, name, focal_point);
    let mut section = Context { id, category, measures, frame, y_next: 0.0 };
    table.items("rows").for_each(|row| section.read_rows(row, builder));
    table.finish();
}

impl<'a> Context<'a, '_> {
    /// One row, or several alike one behind the other.
    fn read_rows(&mut self, node: Node<'a>, builder: &mut Builder<'a>) {
        let Some(mut table) = node.table().filter(|_| !builder.full()) else { return };
        let names = match (table.get("row"), table.get("rows")) {
            (Some(row), None) => row.words(LABEL_BYTES_MAX).map(|label| vec![label.to_owned()]),
            (None, Some(rows)) => labels(rows),
            _ => {
                node.refuse("needs either `row` or `rows`", "name one row, or a range of rows");
                None
            }
        };
        let measures = measures(&mut table, self.measures);
        let x = number(&mut table, "x", 0.0);
        let mut y = number(&mut table, "y", self.y_next);
        let row = Row::read(&mut table, self.category, measures, builder);
        table.finish();
        let (Some(names), Some(row)) = (names, row) else { return };
        for name in &names {
            if builder.full() {
                return;
            }
            builder.row(name);
            row.lay_out(
                node,
                |seat, offset, forward| {
                    let (x, y) = self.frame.place(x + offset, y - forward);
                    let id = format!("{}-{name}-{}", self.id, seat.label);
                    let (label, category, flags) = (seat.label.clone(), seat.category, seat.flags);
                    (Draft { id, label, category, x, y, flags }, seat.interrupts)
                },
                builder,
            );
            builder.end_row(node);
            y += measures.depth;
        }
        self.y_next = y;
    }
}

/// The seats of a row from left to right, the same for each row of a range.
struct Row {
    seats: Vec<RowSeat>,
    measures: Measures,
}

struct RowSeat {
    label: String,
    category: u16,
    flags: SeatFlags,
    interrupts: bool,
}

impl Row {
    fn read<'a>(
        table: &mut Table<'a>,
        category: Option<&'a str>,
        measures: Measures,
        builder: &Builder<'a>,
    ) -> Option<Self> {
        let node = table.node;
        let seats = table.need("seats").and_then(labels);
        let own = table.get("category").and_then(Node::name);
        let of_some = table.get("categories").and_then(Node::table);
        let marks = ["breaks", "accessible", "companion", "restricted_view"]
            .map(|key| table.get(key).and_then(|node| Some((node, labels(node)?))));
        let index = match own.or(category) {
            Some(name) => builder.category_named(node, name)?,
            None => {
                node.refuse("has no category", "give the row or its section a `category`");
                return None;
            }
        };
        let seats = seats?.into_iter().map(|label| RowSeat {
            label,
            category: index,
            flags: SeatFlags::default(),
            interrupts: false,
        });
        let mut row = Self { seats: seats.collect(), measures };
        for (name, node) in of_some.iter().flat_map(Table::entries) {
            if let Some(index) = builder.category_named(node, name) {
                row.mark(node, &labels(node)?, |seat| seat.category = index);
            }
        }
        let set: [fn(&mut RowSeat); 4] = [
            |seat| seat.interrupts = true,
            |seat| seat.flags.accessible = true,
            |seat| seat.flags.companion = true,
            |seat| seat.flags.restricted_view = true,
        ];
        for (mark, set) in marks.into_iter().zip(set) {
            if let Some((node, names)) = mark {
                row.mark(node, &names, set);
            }
        }
        Some(row)
    }

    /// Does something to the seats with these labels, which must exist.
    fn mark(&mut self, from: Node<'_>, names: &[String], set: impl Fn(&mut RowSeat)) {
        let at: HashMap<&str, usize> =
            self.seats.iter().enumerate().map(|(at, seat)| (seat.label.as_str(), at)).collect();
        let found: Vec<Option<usize>> =
            names.iter().map(|name| at.get(name.as_str()).copied()).collect();
        for (name, at) in names.iter().zip(found) {
            match at.and_then(|at| self.seats.get_mut(at)) {
                Some(seat) => set(seat),
                None => from.refuse(
                    format!("the row has no seat {}", quoted(name)),
                    "name seats that `seats` has",
                ),
            }
        }
    }

    /// Adds every seat, told how far to the right of the middle and how far forward it stands.
    fn lay_out<'a>(
        &self,
        from: Node<'a>,
        draft: impl Fn(&RowSeat, f64, f64) -> (Draft, bool),
        builder: &mut Builder<'a>,
    ) {
        let mut offsets = Vec::with_capacity(self.seats.len());
        let mut width = 0.0;
        for seat in &self.seats {
            offsets.push(width);
            width += self.measures.pitch + if seat.interrupts { self.measures.aisle } else { 0.0 };
        }
        let half = offsets.last().copied().unwrap_or_default() / 2.0;
        for (seat, offset) in self.seats.iter().zip(offsets) {
            let share = if half > 0.0 { (offset - half) / half } else { 0.0 };
            let (draft, interrupts) =
                draft(seat, offset - half, self.measures.curve * share * share);
            builder.seat(from, draft);
            if interrupts {
                builder.interrupt();
            }
        }
    }
}

impl Frame {
    /// A point of the section as a point of the plan.
    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x + x * self.cos - y * self.sin, self.y + x * self.sin + y * self.cos)
    }
}

fn read_pool<'a>(node: Node<'a>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let id = table.need("id").and_then(Node::id);
    let name = table.need("name").and_then(Node::name);
    let category =
        table.need("category").and_then(|node| builder.category_named(node, node.name()?));
    let capacity =
        table.need("capacity").and_then(|node| node.count(1..=limits::POOL_CAPACITY_MAX));
    table.finish();
    let (Some(id), Some(name), Some(category), Some(capacity)) = (id, name, category, capacity)
    else {
        return;
    };
    let pool = ImportedPool { id: id.to_owned(), name: name.to_owned(), category, capacity };
    builder.pool(node, pool);
}

fn measures(table: &mut Table<'_>, default: Measures) -> Measures {
    Measures {
        pitch: number(table, "pitch", default.pitch),
        aisle: number(table, "aisle", default.aisle),
        depth: number(table, "depth", default.depth),
        curve: number(table, "curve", default.curve),
    }
}

/// A measure in units of the plan; the default if it is absent or has been refused.
fn number(table: &mut Table<'_>, key: &'static str, default: f64) -> f64 {
    table.get(key).and_then(|node| node.number(COORDINATE_MAX)).unwrap_or(default)
}
