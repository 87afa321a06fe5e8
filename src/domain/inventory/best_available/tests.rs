//! What a wish is given, story by story, on plans drawn as text.

use super::layout::{Layout, distance, front_centre};
use super::{NoChoice, Wish};
use crate::bits::Bits;
use crate::id::{RowIndex, SeatIndex, SectionIndex, ZoneIndex};
use crate::limits;
use crate::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use crate::sale::definition::PriceZone;

/// A plan being drawn. Rows are one unit apart, and so are the seats of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    focal_point: Option<Point>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    seats: Vec<Seat>,
}

impl Draft {
    /// An empty plan.
    pub(super) fn aimed_at(focal_point: Option<Point>) -> Self {
        Self { focal_point, ..Self::default() }
    }

    /// Begins a section; the rows that follow are its own.
    pub(super) fn section(&mut self, focal_point: Option<Point>) {
        let row = self.rows.len() as u32;
        self.sections.push(Section { name: String::new(), rows: row..row, focal_point });
    }

    /// Adds a row: `a` accessible, `c` companion, `r` restricted view, `|` a break, all else
    /// ordinary. `category` is asked with the seat's place in the row.
    pub(super) fn row(&mut self, letters: &str, category: impl Fn(u16) -> u16) {
        let row_at = RowIndex(self.rows.len() as u32);
        let start = self.seats.len() as u32;
        let mut breaks = Vec::new();
        for letter in letters.chars() {
            let next = self.seats.len() as u32;
            if letter == '|' {
                breaks.push(SeatIndex(next - 1));
                continue;
            }
            let place = next - start;
            self.seats.push(Seat {
                id: next.to_string(),
                label: place.to_string(),
                row: row_at,
                category: category(place as u16),
                at: Point { x: place as i32, y: row_at.0 as i32 },
                flags: SeatFlags {
                    accessible: letter == 'a',
                    companion: letter == 'c',
                    restricted_view: letter == 'r',
                },
            });
        }
        let seats = start..self.seats.len() as u32;
        let section = SectionIndex(self.sections.len() as u16 - 1);
        self.rows.push(Row { label: row_at.0.to_string(), section, seats, breaks });
        self.sections.last_mut().expect("a row follows its section").rows.end += 1;
    }

    pub(super) fn plan(self) -> SeatPlan {
        let plan = SeatPlan {
            categories: vec![String::new(); 8],
            sections: self.sections,
            rows: self.rows,
            seats: self.seats,
            focal_point: self.focal_point,
            ..SeatPlan::default()
        };
        plan.check();
        plan
    }
}

/// The set of these seats.
pub(super) fn bits_of(len: u32, seats: impl Iterator<Item = u32>) -> Bits {
    let mut bits = Bits::empty(len);
    seats.for_each(|seat| _ = bits.insert(seat));
    bits
}

fn wish(seats: u32, accessible: u32) -> Wish {
    Wish { seats, accessible, zone: None, section: None }
}

/// Rows of one section and one zone; `.` is a seat that is not available. The stage is at the left
/// end of the first row.
fn drawn(rows: &[&str]) -> (SeatPlan, Bits) {
    let mut draft = Draft::aimed_at(Some(Point { x: 0, y: 0 }));
    draft.section(None);
    rows.iter().for_each(|row| draft.row(row, |_| 0));
    let letters: Vec<char> = rows.concat().chars().filter(|letter| *letter != '|').collect();
    let free = (0..).zip(&letters).filter(|(_, letter)| **letter != '.').map(|(seat, _)| seat);
    let available = bits_of(letters.len() as u32, free);
    (draft.plan(), available)
}

fn choose(rows: &[&str], wish: Wish) -> Result<Vec<u32>, NoChoice> {
    let (plan, available) = drawn(rows);
    let layout = Layout::new(&plan, &[ZoneIndex(0); 8], &[PriceZone::default()]);
    let seats = layout.choose(&available, &wish)?;
    Ok(seats.into_iter().map(|seat| seat.0).collect())
}

#[track_caller]
fn check(rows: &[&str], wish: Wish, wanted: &[u32]) {
    assert_eq!(choose(rows, wish).as_deref(), Ok(wanted), "{rows:?} {wish:?}");
}

#[test]
fn no_single_seat_is_left_behind_while_another_block_is_free() {
    check(&["ooo", "oooo"], wish(2, 0), &[3, 4]);
    check(&["ooooo.oo"], wish(4, 0), &[0, 1, 2, 3]);
    check(&[".ooo.oo"], wish(2, 0), &[5, 6]);
}

#[test]
fn the_last_two_seats_are_sold_even_if_that_leaves_one() {
    check(&["ooo"], wish(2, 0), &[0, 1]);
    check(&["..ooo|.o."], wish(2, 0), &[2, 3]);
    check(&["oo"], wish(1, 0), &[0]);
}

#[test]
fn a_wish_for_one_takes_a_single_seat_before_it_makes_another() {
    check(&["oo.o"], wish(1, 0), &[3]);
    check(&["oo", "oo", "o"], wish(1, 0), &[4]);
    check(&["ooo.o"], wish(1, 0), &[0]);
}

#[test]
fn a_seat_that_was_single_before_counts_against_nobody() {
    check(&["o.oo"], wish(2, 0), &[2, 3]);
    check(&["oaoo", "....oo"], wish(2, 0), &[2, 3]);
}

#[test]
fn accessible_and_companion_seats_are_never_given_unasked() {
    check(&["aco", "..o"], wish(1, 0), &[2]);
    assert_eq!(choose(&["aca"], wish(1, 0)), Err(NoChoice::Fewer { available: 0 }));
    assert_eq!(choose(&["oaoco"], wish(2, 0)), Err(NoChoice::NoBlock));
}

#[test]
fn accessible_and_companion_seats_are_no_company_for_a_single_seat() {
    check(&["oooa", "oo"], wish(2, 0), &[4, 5]);
    check(&["oooc", "oo"], wish(2, 0), &[4, 5]);
}

#[test]
fn an_accessible_wish_takes_no_more_accessible_seats_than_it_needs() {
    check(&["aaco"], wish(2, 1), &[1, 2]);
    check(&["aaco"], wish(2, 2), &[0, 1]);
    check(&["aa", "oa"], wish(2, 1), &[2, 3]);
    check(&["aac|"], wish(3, 1), &[0, 1, 2]);
}

#[test]
fn an_accessible_wish_is_told_how_many_accessible_seats_are_left() {
    assert_eq!(choose(&["aooo"], wish(2, 2)), Err(NoChoice::Fewer { available: 1 }));
    assert_eq!(choose(&["aco"], wish(4, 1)), Err(NoChoice::Fewer { available: 3 }));
    assert_eq!(choose(&["a|co"], wish(2, 1)), Err(NoChoice::NoBlock));
}

#[test]
fn a_break_and_the_end_of_a_row_are_respected() {
    check(&["o|oo"], wish(2, 0), &[1, 2]);
    check(&["o", "oo"], wish(2, 0), &[1, 2]);
    check(&["oo|ooo", "oo"], wish(3, 0), &[2, 3, 4]);
    assert_eq!(choose(&["oo|oo", "oo"], wish(3, 0)), Err(NoChoice::NoBlock));
}

#[test]
fn a_clear_view_goes_before_a_tidy_row_and_a_restricted_one_before_a_refusal() {
    check(&["rr", "oooo"], wish(2, 0), &[2, 3]);
    check(&["rr", "ooo"], wish(2, 0), &[2, 3]);
    check(&["rrr", "o.rr"], wish(2, 0), &[5, 6]);
    check(&["rrr"], wish(2, 0), &[0, 1]);
}

#[test]
fn the_smallest_mean_distance_wins_and_of_equals_the_lowest_seat() {
    check(&["..oo", "oooo"], wish(2, 0), &[4, 5]);
    let (mut plan, available) = drawn(&["oooooo"]);
    plan.focal_point = None;
    let layout = Layout::new(&plan, &[ZoneIndex(0); 8], &[PriceZone::default()]);
    assert_eq!(front_centre(&plan.seats), Point { x: 2, y: 0 });
    assert_eq!(layout.choose(&available, &wish(2, 0)), Ok(vec![SeatIndex(2), SeatIndex(3)]));
    plan.seats.iter_mut().for_each(|seat| seat.at = Point::default());
    let layout = Layout::new(&plan, &[ZoneIndex(0); 8], &[PriceZone::default()]);
    assert_eq!(layout.choose(&available, &wish(2, 0)), Ok(vec![SeatIndex(0), SeatIndex(1)]));
}

#[test]
fn labels_and_ids_never_matter() {
    let (mut plan, _) = drawn(&["oooo|oo", "ooooooo"]);
    let plain = Layout::new(&plan, &[ZoneIndex(0); 8], &[PriceZone::default()]);
    for (at, seat) in plan.seats.iter_mut().enumerate() {
        seat.label = (at * 2 % 7).to_string();
        seat.id = format!("odd-{}", 100 - at);
    }
    assert_eq!(plain, Layout::new(&plan, &[ZoneIndex(0); 8], &[PriceZone::default()]));
}

#[test]
fn the_focal_point_of_the_zone_goes_before_the_section_s_and_that_before_the_plan_s() {
    let (mut plan, available) = drawn(&["oooooo"]);
    let mut zones = [PriceZone::default()];
    let mut first = |plan: &SeatPlan, zone| {
        zones[0].focal_point = zone;
        let layout = Layout::new(plan, &[ZoneIndex(0); 8], &zones);
        layout.choose(&available, &wish(2, 0)).map(|seats| seats[0].0)
    };
    assert_eq!(first(&plan, None), Ok(0));
    plan.sections[0].focal_point = Some(Point { x: 5, y: 0 });
    assert_eq!(first(&plan, None), Ok(4));
    assert_eq!(first(&plan, Some(Point { x: 2, y: 0 })), Ok(2));
}

#[test]
fn a_block_has_one_price_table_and_stays_in_the_zone_and_section_named() {
    let mut draft = Draft::aimed_at(Some(Point { x: 2, y: 0 }));
    draft.section(None);
    draft.row("oooooo", |seat| u16::from(seat >= 3));
    draft.section(None);
    draft.row("oooooo", |_| 0);
    let plan = draft.plan();
    let zones = [PriceZone::default(), PriceZone::default()];
    let layout = Layout::new(&plan, &[ZoneIndex(0), ZoneIndex(1)], &zones);
    let available = bits_of(12, 0..12);
    let first = |seats, zone: Option<u16>, section: Option<u16>| {
        let (zone, section) = (zone.map(ZoneIndex), section.map(SectionIndex));
        let wish = Wish { seats, accessible: 0, zone, section };
        layout.choose(&available, &wish).map(|seats| seats[0].0)
    };
    assert_eq!(first(2, Some(0), Some(0)), Ok(0), "the third has company at another price");
    assert_eq!(first(4, None, None), Ok(6), "no block over two prices");
    assert_eq!(first(2, Some(1), None), Ok(4), "and so has the fourth");
    assert_eq!(first(2, Some(0), Some(1)), Ok(8));
    assert_eq!(first(4, Some(0), Some(0)), Err(NoChoice::Fewer { available: 3 }));
    assert_eq!(first(1, Some(1), Some(1)), Err(NoChoice::Fewer { available: 0 }));
}

#[test]
fn the_farthest_points_have_a_distance() {
    let corner = |at| Point { x: at, y: at };
    assert_eq!(distance(corner(i32::MIN), corner(i32::MAX)), 6_074_000_998);
    assert_eq!(distance(Point { x: 3, y: 0 }, Point { x: 0, y: 4 }), 5);
    assert_eq!(distance(corner(1), corner(0)), 1);
}

#[test]
fn a_plan_without_seats_has_nothing_to_choose() {
    assert_eq!(choose(&[], wish(1, 0)), Err(NoChoice::Fewer { available: 0 }));
    assert_eq!(choose(&["", ""], wish(3, 1)), Err(NoChoice::Fewer { available: 0 }));
}

#[test]
#[should_panic(expected = "BEST_AVAILABLE_MAX")]
fn a_wish_above_the_limit_is_the_caller_s_mistake() {
    _ = choose(&["oo"], wish(limits::BEST_AVAILABLE_MAX + 1, 0));
}
