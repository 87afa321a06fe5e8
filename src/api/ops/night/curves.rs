//! What is drawn of a night: one column of figures for each curve, at the same moments.
//!
//! Rates are of the minute before a moment. Where nothing is known, there is no figure, and a line
//! is interrupted.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::point::{Point, crowding_percent};

/// What a rate is told by.
const MINUTE_S: i64 = 60;

/// All curves, at the same moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The moments, in seconds since 1970, ascending.
    pub at_s: Vec<i64>,
    columns: Vec<Vec<Option<f64>>>,
}

/// A moment, and the one that its rates are told from.
struct Moment<'p> {
    point: &'p Point,
    before: Option<&'p Point>,
}

type Column = (&'static str, fn(&Moment<'_>) -> Option<f64>);

/// Every curve: its name, and how it is read.
const COLUMNS: [Column; 15] = [
    ("joined", |at| Some(f64::from(at.point.joined))),
    ("waiting", |at| Some(f64::from(at.point.waiting))),
    ("called", |at| Some(f64::from(at.point.called))),
    ("active", |at| Some(f64::from(at.point.active))),
    ("cap", |at| Some(f64::from(at.point.cap))),
    ("available", |at| Some(at.point.available as f64)),
    ("in_baskets", |at| Some(at.point.in_baskets as f64)),
    ("sold", |at| Some(at.point.sold as f64)),
    ("calls_per_minute", |at| at.per_minute(|point| point.totals.calls)),
    ("claims_per_minute", |at| at.per_minute(|point| point.totals.claims)),
    ("holds_per_minute", |at| at.per_minute(|point| point.totals.holds)),
    ("orders_per_minute", |at| at.per_minute(|point| point.totals.orders)),
    ("crowding_percent", |at| at.crowding()),
    ("answer_ms", |at| at.point.answer_us.map(milliseconds)),
    ("append_ms", |at| at.point.append_us.map(milliseconds)),
];

impl Curves {
    /// The curves of these points; of so many moments at most, and one in each gap.
    pub fn of(points: &[Point], most: usize) -> Self {
        let step = points.len().div_ceil(most.max(1)).max(1);
        let mut curves = Self { at_s: Vec::new(), columns: vec![Vec::new(); COLUMNS.len()] };
        let (mut before, mut whole_from, mut gap) = (0, 0, false);
        for (at, point) in points.iter().enumerate() {
            if point.after_gap {
                (whole_from, gap) = (at, at > 0);
            }
            // The newest point keeps its place: what comes next is compared with it.
            if !(points.len() - 1 - at).is_multiple_of(step) {
                continue;
            }
            if std::mem::take(&mut gap) {
                curves.interrupt(point.at_s - 1);
            }
            while points.get(before + 1).is_some_and(|next| point.at_s - next.at_s >= MINUTE_S) {
                before += 1;
            }
            let far = |before: &&Point| point.at_s - before.at_s >= MINUTE_S;
            let before = points.get(before).filter(|_| before >= whole_from).filter(far);
            curves.add(&Moment { point, before });
        }
        curves
    }

    /// One curve; empty if there is none of this name.
    pub fn column(&self, name: &str) -> &[Option<f64>] {
        let at = COLUMNS.iter().position(|(known, _)| *known == name);
        at.and_then(|at| self.columns.get(at)).map_or(&[], Vec::as_slice)
    }

    /// The names of all curves.
    pub fn names() -> impl Iterator<Item = &'static str> {
        COLUMNS.iter().map(|(name, _)| *name)
    }

    /// The highest figure of a curve and when it was; the first of several.
    pub fn highest(&self, name: &str) -> Option<(i64, f64)> {
        let known = self.at_s.iter().zip(self.column(name));
        let known = known.filter_map(|(at_s, figure)| Some((*at_s, (*figure)?)));
        known.reduce(|highest, next| if next.1 > highest.1 { next } else { highest })
    }

    fn add(&mut self, moment: &Moment<'_>) {
        self.at_s.push(moment.point.at_s);
        for (column, (_, read)) in self.columns.iter_mut().zip(COLUMNS) {
            column.push(read(moment));
        }
    }

    fn interrupt(&mut self, at_s: i64) {
        self.at_s.push(at_s);
        self.columns.iter_mut().for_each(|column| column.push(None));
    }
}

impl Serialize for Curves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COLUMNS.len() + 1))?;
        map.serialize_entry("at_s", &self.at_s)?;
        for ((name, _), column) in COLUMNS.iter().zip(&self.columns) {
            map.serialize_entry(name, column)?;
        }
        map.end()
    }
}

impl Moment<'_> {
    fn grown(&self, of: fn(&Point) -> u64) -> Option<u64> {
        Some(of(self.point).saturating_sub(of(self.before?)))
    }

    fn per_minute(&self, of: fn(&Point) -> u64) -> Option<f64> {
        let span_s = (self.point.at_s - self.before?.at_s) as f64;
        Some((self.grown(of)? as f64 * MINUTE_S as f64 / span_s).round())
    }

    fn crowding(&self) -> Option<f64> {
        let holds = self.grown(|point| point.totals.holds)?;
        let crowded = self.grown(|point| point.totals.crowded)?;
        crowding_percent(holds, crowded).map(|percent| percent as f64)
    }
}

/// To the hundredth.
fn milliseconds(us: u64) -> f64 {
    (us as f64 / 10.0).round() / 100.0
}
