//! Puts a seat plan together, seat by seat in the order of the file.
//!
//! Owns what all formats have in common: coordinates, categories, limits, ids that must be unique,
//! and that sections, rows and seats cover one another.

use std::collections::{HashMap, HashSet};

use stanchion_domain::id::{RowIndex, SeatIndex, SectionIndex};
use stanchion_domain::limits;
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};

use super::super::node::Node;
use super::super::problem::{quoted, some_of};
use super::ImportedPool;

/// The farthest coordinate, in units of the plan. In hundredths 10^9, so that the square of a
/// distance, 2 · (2 · 10^9)^2, stays below 2^63.
pub(super) const COORDINATE_MAX: i32 = 10_000_000;
/// Bytes of a seat's id: three names would be more than any address should carry.
pub(super) const SEAT_ID_BYTES_MAX: usize = limits::NAME_BYTES_MAX;
/// Sections of one plan; their index has 16 bits.
const SECTIONS_MAX: usize = 1 << 15;

/// A seat plan in the making.
#[derive(Default)]
pub(super) struct Builder<'a> {
    plan: SeatPlan,
    pools: Vec<ImportedPool>,
    category_of_key: HashMap<String, u16>,
    /// Where the file says what each seat is; rows that generate seats stand for theirs.
    seats_from: Vec<Node<'a>>,
    pools_from: Vec<Node<'a>>,
    /// Seats offered so far, whether they could be taken or not.
    offered: usize,
}

/// A seat as an importer found it.
pub(super) struct Draft {
    pub id: String,
    pub label: String,
    pub category: u16,
    pub x: f64,
    pub y: f64,
    pub flags: SeatFlags,
}

impl<'a> Builder<'a> {
    /// Names the plan.
    pub(super) fn name(&mut self, name: &str) {
        self.plan.name = name.to_owned();
    }

    /// Says where the best view of the whole plan is aimed at.
    pub(super) fn focal_point(&mut self, point: Option<Point>) {
        self.plan.focal_point = point;
    }

    /// Adds a category that seats refer to by `key`.
    pub(super) fn category(&mut self, from: Node<'a>, key: &str, name: &str) {
        let Ok(index) = u16::try_from(self.plan.categories.len()) else { return };
        if usize::from(index) == limits::ZONES_MAX {
            return from.refuse("is one category too many", "use at most 256");
        }
        if self.category_of_key.contains_key(key) {
            return from.refuse(format!("category {} comes twice", quoted(key)), "rename one");
        }
        self.category_of_key.insert(key.to_owned(), index);
        self.plan.categories.push(name.to_owned());
    }

    /// The category with that key; noted at `from` if there is none.
    pub(super) fn category_named(&self, from: Node<'a>, key: &str) -> Option<u16> {
        let found = self.category_of_key.get(key).copied();
        if found.is_none() {
            let mut known: Vec<&str> = self.category_of_key.keys().map(String::as_str).collect();
            known.sort_unstable();
            let remedy = format!("the categories are {}", some_of(known.into_iter()));
            from.refuse(format!("no category {}", quoted(key)), remedy);
        }
        found
    }

    /// Begins a section.
    pub(super) fn section(&mut self, from: Node<'a>, name: &str, focal_point: Option<Point>) {
        if self.plan.sections.len() == SECTIONS_MAX {
            return from.refuse("is one section too many", format!("use at most {SECTIONS_MAX}"));
        }
        let next = index(self.plan.rows.len());
        let section = Section { name: name.to_owned(), rows: next..next, focal_point };
        self.plan.sections.push(section);
    }

    /// Begins a row of the last section.
    pub(super) fn row(&mut self, label: &str) {
        let next = index(self.plan.seats.len());
        let section =
            SectionIndex(self.plan.sections.len().saturating_sub(1).try_into().unwrap_or(0));
        let row = Row { label: label.to_owned(), section, seats: next..next, breaks: Vec::new() };
        self.plan.rows.push(row);
        if let Some(section) = self.plan.sections.last_mut() {
            section.rows.end += 1;
        }
    }

    /// Whether more seats were offered than a plan may have; this has been noted.
    pub(super) fn full(&self) -> bool {
        self.offered > limits::SEATS_PER_PLAN_MAX
    }

    /// Adds the next seat of the last row.
    pub(super) fn seat(&mut self, from: Node<'a>, draft: Draft) {
        if self.full() {
            return;
        }
        self.offered += 1;
        if self.full() {
            let remedy = format!("use at most {}", limits::SEATS_PER_PLAN_MAX);
            return from.refuse("is one seat too many", remedy);
        }
        let Some(at) = point(from, draft.x, draft.y) else { return };
        if draft.id.len() > SEAT_ID_BYTES_MAX {
            let remedy = format!("use at most {SEAT_ID_BYTES_MAX} bytes");
            return from.refuse(format!("the id {} is too long", quoted(&draft.id)), remedy);
        }
        let row = RowIndex(index(self.plan.rows.len()).saturating_sub(1));
        let Draft { id, label, category, flags, .. } = draft;
        self.plan.seats.push(Seat { id, label, row, category, at, flags });
        self.seats_from.push(from);
        if let Some(row) = self.plan.rows.last_mut() {
            row.seats.end += 1;
        }
    }

    /// Interrupts the last row after its last seat.
    pub(super) fn interrupt(&mut self) {
        let Some(row) = self.plan.rows.last_mut() else { return };
        let last = row.seats.end.checked_sub(1).filter(|last| *last >= row.seats.start);
        if let Some(last) = last.map(SeatIndex).filter(|last| row.breaks.last() != Some(last)) {
            row.breaks.push(last);
        }
    }

    /// Ends the last row. One without seats is a mistake, repaired by leaving it out.
    pub(super) fn end_row(&mut self, from: Node<'a>) {
        if !self.plan.rows.last().is_some_and(|row| row.seats.is_empty()) {
            return;
        }
        from.repair("a row without seats", "give it seats, or take it out", "it was left out");
        self.plan.rows.pop();
        if let Some(section) = self.plan.sections.last_mut() {
            section.rows.end -= 1;
        }
    }

    /// Adds a capacity without seats.
    pub(super) fn pool(&mut self, from: Node<'a>, pool: ImportedPool) {
        if self.pools.len() == limits::POOLS_PER_PERFORMANCE_MAX {
            return from.refuse("is one pool too many", "use at most 256");
        }
        if pool.id.len() > limits::ID_BYTES_MAX {
            let wrong = format!("the pool's id {} is too long", quoted(&pool.id));
            return from.refuse(wrong, format!("use at most {} bytes", limits::ID_BYTES_MAX));
        }
        if let Some(first) = self.pools.iter().position(|other| other.id == pool.id) {
            let other = self.pools_from.get(first).map(|node| node.path()).unwrap_or_default();
            let wrong = format!("the pool {} stands at {other} too", quoted(&pool.id));
            return from.refuse(wrong, "rename one");
        }
        self.pools.push(pool);
        self.pools_from.push(from);
    }

    /// The plan and its pools, once `root` has been found to have any, and every id to be unique.
    pub(super) fn finish(mut self, root: Node<'a>) -> (SeatPlan, Vec<ImportedPool>) {
        if self.plan.seats.is_empty() && self.pools.is_empty() {
            root.refuse("has neither seats nor pools", "export the plan with its seats");
        }
        self.make_ids_unique();
        (self.plan, self.pools)
    }

    /// Names every id that several seats have. Repaired, all but the first get a suffix that says
    /// the how manieth section, row and seat it is.
    fn make_ids_unique(&mut self) {
        let mut seats_of_id: HashMap<String, Vec<usize>> = HashMap::new();
        for (seat_at, seat) in self.plan.seats.iter().enumerate() {
            seats_of_id.entry(seat.id.clone()).or_default().push(seat_at);
        }
        let mut taken: HashSet<String> = seats_of_id.keys().cloned().collect();
        let mut repeated: Vec<_> = seats_of_id.into_iter().filter(|(_, at)| at.len() > 1).collect();
        repeated.sort_unstable_by_key(|(_, seats)| seats.first().copied());
        for (id, seats) in repeated {
            let renamed: Vec<(usize, String)> =
                seats.iter().skip(1).map(|seat| (*seat, self.id_from_place(&id, *seat))).collect();
            self.note_repeated(&id, &seats, &renamed);
            for (seat_at, new) in renamed {
                let fits = new.len() <= SEAT_ID_BYTES_MAX && taken.insert(new.clone());
                match (self.plan.seats.get_mut(seat_at), self.seats_from.get(seat_at)) {
                    (Some(seat), _) if fits => seat.id = new,
                    (_, Some(from)) => from.refuse(
                        format!("the id {} has no free replacement", quoted(&id)),
                        "give every seat an id of its own",
                    ),
                    _ => {}
                }
            }
        }
    }

    /// One finding for one id, at the first seat that repeats it.
    fn note_repeated(&self, id: &str, seats: &[usize], renamed: &[(usize, String)]) {
        const PLACES_MAX: usize = 8;
        let from = |seat: &usize| self.seats_from.get(*seat);
        let Some(node) = seats.get(1).and_then(from) else { return };
        let mut places: Vec<String> =
            seats.iter().take(PLACES_MAX).filter_map(from).map(|node| node.path()).collect();
        if let Some(more) = seats.len().checked_sub(PLACES_MAX).filter(|more| *more > 0) {
            places.push(format!("{more} more places"));
        }
        let wrong = format!("the id {} stands at {}", quoted(id), places.join(", "));
        let new = some_of(renamed.iter().map(|(_, new)| new.as_str()));
        let done = format!("all but the first became {new}");
        node.repair(wrong, "give every seat an id of its own", done);
    }

    fn id_from_place(&self, id: &str, seat_at: usize) -> String {
        let seat = SeatIndex(index(seat_at));
        let row = self.plan.row_of(seat);
        let section = self.plan.section_of(seat);
        let section_number = row.section.at() + 1;
        let row_number = self.plan.seat(seat).row.0 - section.rows.start + 1;
        let seat_number = seat.0 - row.seats.start + 1;
        format!("{id}~{section_number}.{row_number}.{seat_number}")
    }
}

/// A point in hundredths; noted at `from` if it is too far away.
pub(super) fn point(from: Node<'_>, x: f64, y: f64) -> Option<Point> {
    let most = f64::from(COORDINATE_MAX);
    if x.abs() <= most && y.abs() <= most {
        // Rounded and within 10^9, so the casts lose nothing.
        return Some(Point { x: (x * 100.0).round() as i32, y: (y * 100.0).round() as i32 });
    }
    let wrong = format!("stands at {x}, {y}");
    from.refuse(wrong, format!("coordinates go from -{COORDINATE_MAX} to {COORDINATE_MAX}"));
    None
}

/// Subscripts of a plan fit in 32 bits: a file of 16 MiB has fewer parts than that.
fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a file has fewer parts than 2^32")
}
