//! The seat map as a script draws it: the plan's coordinates, prices in words, nothing live.
//!
//! A plan may have one section above another, as a circle hangs over the stalls. On a map nobody
//! may cover anybody, so that such a section is drawn behind what it would cover.

use serde::Serialize;

use super::pages::money;
use crate::command_line::demo::wire::basket::Basket;
use crate::command_line::demo::wire::board::{Sale, Seating};
use crate::command_line::demo::wire::plan::{Plan, Point, Seat};

/// From a seat to its neighbour, where a plan has no neighbours to measure.
const PITCH_DEFAULT: f64 = 1.0;
/// Between two sections that would cover each other, in pitches: room for a name.
const GAP_PITCHES: f64 = 4.0;
/// Around everything, in pitches.
const MARGIN_PITCHES: f64 = 2.0;

/// Everything a script needs to draw a performance's seats once.
#[derive(Serialize)]
pub(super) struct Drawing {
    /// From the left, from the top, width and height of everything.
    view: [f64; 4],
    /// From a seat to its neighbour.
    pitch: f64,
    /// What everybody looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_point: Option<Point>,
    zones: Vec<DrawnZone>,
    sections: Vec<DrawnSection>,
    /// In the order of the plan, which is that of the states.
    seats: Vec<DrawnSeat>,
}

/// A price zone, for the legend.
#[derive(Serialize)]
struct DrawnZone {
    name: String,
    price: String,
}

/// A section and where its name stands.
#[derive(Serialize)]
struct DrawnSection {
    name: String,
    /// Absent for a section without seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Point>,
}

/// One seat.
#[derive(Serialize)]
struct DrawnSeat {
    id: String,
    label: String,
    row: String,
    section: usize,
    /// Subscript of its zone.
    zone: usize,
    at: Point,
    accessible: bool,
    restricted_view: bool,
    /// In the visitor's basket already.
    yours: bool,
}

/// Draws a plan with the prices of a performance, and marks the seats of a basket.
pub(super) fn draw(
    plan: &Plan,
    seating: &Seating,
    sale: &Sale,
    basket: Option<&Basket>,
) -> Drawing {
    let pitch = pitch(plan);
    let (sections, shifts) = sections(plan, pitch);
    let yours: Vec<_> = basket.into_iter().flat_map(Basket::seats).collect();
    let seat = |seat: &Seat| DrawnSeat {
        id: seat.id.clone(),
        label: seat.label.clone(),
        row: plan.rows.get(seat.row).map(|row| row.label.clone()).unwrap_or_default(),
        section: seat.section,
        zone: zone(seating, sale, seat),
        at: moved(seat, &shifts),
        accessible: seat.accessible,
        restricted_view: seat.restricted_view,
        yours: yours.contains(&seat.id.as_str()),
    };
    let seats: Vec<_> = plan.seats.iter().map(seat).collect();
    let points = seats.iter().map(|seat| seat.at).chain(plan.focal_point);
    let frame = points.fold(Frame::EMPTY, Frame::with).wider(pitch * MARGIN_PITCHES);
    let zones = sale.zones.iter().map(|zone| DrawnZone {
        name: zone.name.clone(),
        // The price that is taken when none is named.
        price: zone
            .prices
            .first()
            .map_or_else(String::new, |price| money(price.amount_minor, &sale.currency)),
    });
    Drawing {
        view: [frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top],
        pitch,
        focal_point: plan.focal_point,
        zones: zones.collect(),
        sections,
        seats,
    }
}

fn zone(seating: &Seating, sale: &Sale, seat: &Seat) -> usize {
    let id = seating.zone_of_category.get(seat.category);
    sale.zones.iter().position(|zone| Some(&zone.id) == id).unwrap_or_default()
}

/// The distance of most neighbours: the median, so that a strange row changes nothing.
fn pitch(plan: &Plan) -> f64 {
    let pairs = plan.rows.iter().flat_map(|row| &row.runs).flat_map(|&(first, last)| {
        let seats = plan.seats.get(first..=last.max(first)).unwrap_or_default();
        seats.iter().zip(seats.iter().skip(1)).map(|(one, other)| one.at.distance(other.at))
    });
    let mut spans: Vec<_> = pairs.filter(|span| *span > 0.0).collect();
    spans.sort_by(f64::total_cmp);
    spans.get(spans.len() / 2).copied().unwrap_or(PITCH_DEFAULT)
}

/// Each section with its name's place, and how far behind its own place it is drawn.
fn sections(plan: &Plan, pitch: f64) -> (Vec<DrawnSection>, Vec<f64>) {
    let runs = runs(plan);
    let frame = |at: &usize| runs[*at].iter().copied().fold(Frame::EMPTY, Frame::and);
    // Whoever is in front stays in front.
    let mut order: Vec<_> = (0..runs.len()).collect();
    order.sort_by(|one, other| frame(one).top.total_cmp(&frame(other).top));
    let mut laid: Vec<Frame> = Vec::new();
    let mut shifts = vec![0.0; runs.len()];
    for at in order {
        // Each step goes behind a run that is further behind than the last, so this ends.
        while let Some(further) = further(&runs[at], shifts[at], &laid, pitch) {
            shifts[at] = further;
        }
        laid.extend(runs[at].iter().map(|run| run.lower(shifts[at])));
    }
    let drawn = plan.sections.iter().enumerate().map(|(at, section)| DrawnSection {
        name: section.name.clone(),
        at: frame(&at).lower(shifts[at]).middle_above(pitch),
    });
    (drawn.collect(), shifts)
}

/// What the neighbours of each section take up, run by run.
fn runs(plan: &Plan) -> Vec<Vec<Frame>> {
    let mut runs = vec![Vec::new(); plan.sections.len()];
    for row in &plan.rows {
        let Some(of_section) = runs.get_mut(row.section) else { continue };
        for &(first, last) in &row.runs {
            let seats = plan.seats.get(first..=last.max(first)).unwrap_or_default();
            of_section.push(seats.iter().map(|seat| seat.at).fold(Frame::EMPTY, Frame::with));
        }
    }
    runs
}

/// How far behind runs have to go if, so far behind, one of them covers what is laid.
fn further(runs: &[Frame], shift: f64, laid: &[Frame], pitch: f64) -> Option<f64> {
    runs.iter().find_map(|run| {
        let over = laid.iter().find(|other| run.lower(shift).covers(other, pitch))?;
        Some(over.bottom + pitch * GAP_PITCHES - run.top)
    })
}

fn moved(seat: &Seat, shifts: &[f64]) -> Point {
    let shift = shifts.get(seat.section).copied().unwrap_or_default();
    Point { x: seat.at.x, y: seat.at.y + shift }
}

/// What points take up.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Frame {
    const EMPTY: Self = Self {
        left: f64::INFINITY,
        top: f64::INFINITY,
        right: f64::NEG_INFINITY,
        bottom: f64::NEG_INFINITY,
    };

    fn with(self, point: Point) -> Self {
        Self {
            left: self.left.min(point.x),
            top: self.top.min(point.y),
            right: self.right.max(point.x),
            bottom: self.bottom.max(point.y),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn wider(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    fn lower(self, by: f64) -> Self {
        Self { top: self.top + by, bottom: self.bottom + by, ..self }
    }

    /// Where its name stands; `None` if there is nothing in it.
    fn middle_above(self, pitch: f64) -> Option<Point> {
        let middle = f64::midpoint(self.left, self.right);
        (self.left <= self.right).then_some(Point { x: middle, y: self.top - pitch * 1.2 })
    }

    /// Whether a seat of one would touch a seat of the other.
    fn covers(self, other: &Self, pitch: f64) -> bool {
        let across = self.left < other.right + pitch && other.left < self.right + pitch;
        across && self.top < other.bottom + pitch && other.top < self.bottom + pitch
    }
}

#[cfg(test)]
mod tests;
