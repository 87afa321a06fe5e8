//! What choosing needs to know of a plan, computed once: distances, runs, and masks of seats.
//!
//! Depends on the plan and on the price zones of its categories, not on any seat's state, so that
//! performances with the same plan and zones share one layout. All integers: every machine chooses
//! the same seats.

use crate::bits::Bits;
use crate::id::{SectionIndex, ZoneIndex};
use crate::plan::{Point, Seat, SeatFlags, SeatPlan};
use crate::sale::definition::PriceZone;
use std::ops::Range;

/// A plan under given price zones, made ready for [`Layout::choose`].
///
/// 16 bytes and 5 bits per seat, and 32 bytes per run: under 3 MB for the largest plan with runs of
/// ten and more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The nearest to its focal point first, so that a search may stop early.
    pub(super) runs: Vec<Run>,
    /// At `i`: the distances of all seats before `i`, added up. One longer than the seats.
    pub(super) distance_sums: Vec<u64>,
    /// At `i`: how many of the seats before `i` are accessible. One longer than the seats.
    pub(super) accessible_sums: Vec<u64>,
    /// Seats whose next seat is their neighbour: same row, no break between.
    pub(super) joined: Bits,
    /// Joined seats whose next seat is in the same price zone.
    pub(super) joined_in_zone: Bits,
    /// Seats that are neither accessible nor companion seats.
    pub(super) ordinary: Bits,
    /// Accessible seats.
    pub(super) accessible: Bits,
    /// Seats without a restricted view.
    pub(super) clear: Bits,
}

/// Seats of one row side by side, without a break, of one price zone; at least one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Run {
    pub(super) seats: Range<u32>,
    pub(super) zone: ZoneIndex,
    pub(super) section: SectionIndex,
    /// The smallest distance of its seats: no block of the run has a smaller mean.
    pub(super) nearest: u64,
}

impl Layout {
    /// Prepares a plan whose category `c` is sold in `zones[zone_of_category[c]]`.
    ///
    /// A seat's distance is measured to the focal point of its zone if that has one, else of its
    /// section, else of the plan, else to the middle of the front edge: half-way between the
    /// leftmost and the rightmost seat, level with the topmost one, since plans are drawn with the
    /// stage at the top. In hundredths of the plan's unit, rounded down.
    ///
    /// # Panics
    /// If a category has no zone; the definition's importer has proved that each has.
    pub fn new(plan: &SeatPlan, zone_of_category: &[ZoneIndex], zones: &[PriceZone]) -> Self {
        let zone_of = |seat: &Seat| zone_of_category[usize::from(seat.category)];
        let focal_default = plan.focal_point.unwrap_or_else(|| front_centre(&plan.seats));
        let distances: Vec<u64> = plan
            .seats
            .iter()
            .map(|seat| {
                let section = &plan.sections[plan.rows[seat.row.at()].section.at()];
                let focal_zone = zones[zone_of(seat).at()].focal_point;
                distance(seat.at, focal_zone.or(section.focal_point).unwrap_or(focal_default))
            })
            .collect();

        let joined = joined(plan);
        let joined_in_zone = mask(plan, |at, seat| {
            joined.contains(at) && zone_of(seat) == zone_of(&plan.seats[at as usize + 1])
        });
        let flagged = |flag: fn(SeatFlags) -> bool| mask(plan, |_, seat| flag(seat.flags));
        Self {
            runs: runs(plan, &joined_in_zone, &distances, zone_of),
            distance_sums: sums_before(distances.iter().copied()),
            accessible_sums: sums_before(plan.seats.iter().map(|s| u64::from(s.flags.accessible))),
            joined,
            joined_in_zone,
            ordinary: flagged(|flags| !flags.accessible && !flags.companion),
            accessible: flagged(|flags| flags.accessible),
            clear: flagged(|flags| !flags.restricted_view),
        }
    }

    /// Seats of the plan.
    pub fn seats(&self) -> u32 {
        self.joined.len()
    }
}

/// The middle of the front edge, as [`Layout::new`] explains.
pub(super) fn front_centre(seats: &[Seat]) -> Point {
    let xs = || seats.iter().map(|seat| seat.at.x);
    let (Some(left), Some(right)) = (xs().min(), xs().max()) else { return Point::default() };
    let top = seats.iter().map(|seat| seat.at.y).min().unwrap_or_default();
    Point { x: left.midpoint(right), y: top }
}

/// Straight-line distance, rounded down. A difference of two `i32` squared fits 64 bits, the sum of
/// two such squares does not.
pub(super) fn distance(from: Point, to: Point) -> u64 {
    let square = |a: i32, b: i32| u128::from(a.abs_diff(b)).pow(2);
    let root = (square(from.x, to.x) + square(from.y, to.y)).isqrt();
    u64::try_from(root).expect("the diagonal of a 32-bit square has 33 bits")
}

fn joined(plan: &SeatPlan) -> Bits {
    let mut joined = Bits::empty(plan.seats.len() as u32);
    for row in plan.rows.iter().filter(|row| !row.seats.is_empty()) {
        joined.insert_range(row.seats.start, row.seats.end - 1);
        row.breaks.iter().for_each(|seat| _ = joined.remove(seat.0));
    }
    joined
}

fn runs(
    plan: &SeatPlan,
    joined_in_zone: &Bits,
    distances: &[u64],
    zone_of: impl Fn(&Seat) -> ZoneIndex,
) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (last, seat) in (0..).zip(&plan.seats) {
        if joined_in_zone.contains(last) {
            continue;
        }
        let seats = start..last + 1;
        let nearest = distances[start as usize..=last as usize].iter().copied().min();
        runs.push(Run {
            seats,
            zone: zone_of(seat),
            section: plan.rows[seat.row.at()].section,
            nearest: nearest.expect("a run ends with a seat"),
        });
        start = last + 1;
    }
    runs.sort_by_key(|run| (run.nearest, run.seats.start));
    runs
}

fn mask(plan: &SeatPlan, wanted: impl Fn(u32, &Seat) -> bool) -> Bits {
    let mut mask = Bits::empty(plan.seats.len() as u32);
    for (at, seat) in (0..).zip(&plan.seats) {
        if wanted(at, seat) {
            mask.insert(at);
        }
    }
    mask
}

fn sums_before(values: impl Iterator<Item = u64>) -> Vec<u64> {
    let running = values.scan(0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    std::iter::once(0).chain(running).collect()
}
