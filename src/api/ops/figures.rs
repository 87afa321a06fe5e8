//! The figures that operators watch: as they are now, and over the night.
//!
//! Read from what is published, like everything here. The points of the night are in memory: after
//! a restart the curves begin anew.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::time::Now;
use tokio_util::sync::CancellationToken;

use crate::api::state::{OpenSale, State};
use crate::api::wire::time::Moment;
use crate::clock;

/// Between two points of a curve: a screen shows some hundreds of them.
pub const POINT_MS: u64 = 5_000;
/// Points that are kept: six hours, 260 KiB a sale.
const POINTS_MAX: usize = 4_320;
/// Upper ends of the ages of baskets, in seconds; one more is for all that are older.
pub const AGES_S: [u64; 5] = [60, 120, 300, 600, 900];

/// A sale in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// When it opens, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// Whether calling was stopped.
    pub calling_paused: bool,
    /// Everyone in the queue is sent elsewhere.
    pub redirected: bool,
    /// Sale time was stopped by an operator.
    pub frozen: bool,
    /// Sale time runs.
    pub time_running: bool,
    /// What sale time says.
    pub sale_time_ms: u64,
    /// Why nothing can be written, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Length so far of the write under way.
    pub writing_ms: u64,
    /// Requests that wait for the writer.
    pub backlog: u64,
    /// Number of the newest durable record.
    pub sequence: u64,
    /// Number of the newest ops change.
    pub revision: u64,
    /// Visitors called in the last minute, once there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
    /// Of those who wait, the share seen recently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present_percent: Option<u8>,
    /// Most visitors called in a minute.
    pub pace_per_minute: u32,
    /// All units.
    pub capacity: u64,
    /// Kept off public sale.
    pub withheld: u64,
    /// What the curves are drawn of.
    #[serde(flatten)]
    pub point: Point,
}

/// One point of the curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// Queue numbers given so far.
    pub joined: u32,
    /// Places that wait.
    pub waiting: u32,
    /// Called, not yet claimed.
    pub called: u32,
    /// In the shop.
    pub active: u32,
    /// Most called or active at once.
    pub cap: u32,
    /// Anybody with a pass may hold them.
    pub available: u64,
    /// In open baskets, or on the card page.
    pub in_baskets: u64,
    /// In orders.
    pub sold: u64,
}

/// The points of the night so far.
#[derive(Debug, Default)]
pub struct Night(Mutex<VecDeque<Point>>);

impl Figures {
    /// The figures of a sale as they are now.
    pub fn of(sale: &OpenSale) -> Self {
        let (desk, published) = (sale.desk(), sale.engine.published());
        let operations = &desk.operations;
        let board = published.board.current();
        let estimate = board.head.estimate();
        let at_ms = clock::monotonic_ms();
        let cause = published.health.cause(at_ms);
        Self {
            phase: operations.phase.name(),
            opens_at: desk.definition.opens_at.map(Moment),
            calling_paused: operations.calling_paused,
            redirected: operations.redirect.is_some(),
            frozen: operations.frozen,
            time_running: !operations.frozen && cause.is_none(),
            sale_time_ms: published.now().sale.0,
            cause,
            writing_ms: published.health.writing.for_ms(at_ms),
            backlog: sale.engine.backlog() as u64,
            sequence: published.sequence(),
            revision: operations.revision,
            calls_per_minute: estimate.map(|estimate| estimate.calls_per_minute),
            present_percent: estimate.map(|estimate| estimate.present_percent),
            pace_per_minute: operations.pace_per_minute,
            capacity: board.head.counts().capacity,
            withheld: board.head.counts().withheld,
            point: Point::of(sale),
        }
    }
}

impl Point {
    fn of(sale: &OpenSale) -> Self {
        let published = sale.engine.published();
        let board = published.board.current();
        let (queue, counts) = (board.head.picture().queue, board.head.counts());
        Self {
            at_s: published.now().wall.0.div_euclid(1_000),
            joined: published.places.issued(),
            waiting: queue.waiting,
            called: queue.called,
            active: queue.active,
            cap: queue.cap,
            available: counts.available,
            in_baskets: counts.held + counts.paying,
            sold: counts.sold,
        }
    }
}

impl Night {
    /// The points, oldest first.
    pub fn points(&self) -> Vec<Point> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// What grew by how much in the last minute that is known; `None` before there was one.
    pub fn per_minute(&self, of: impl Fn(&Point) -> u64) -> Option<u64> {
        let points = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = points.back()?;
        let before = points.iter().rev().find(|point| newest.at_s - point.at_s >= 60)?;
        let span_s = u64::try_from(newest.at_s - before.at_s).ok()?;
        Some(of(newest).saturating_sub(of(before)) * 60 / span_s)
    }

    fn add(&self, point: Point) {
        let mut points = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A wall clock that was set back would draw the curve over itself.
        while points.back().is_some_and(|newest| newest.at_s >= point.at_s) {
            points.pop_back();
        }
        points.push_back(point);
        if points.len() > POINTS_MAX {
            points.pop_front();
        }
    }
}

/// How many live baskets are how old, by [`AGES_S`]; the last are older.
pub fn ages(sale: &OpenSale) -> [u64; AGES_S.len() + 1] {
    let published = sale.engine.published();
    let now: Now = published.now();
    let mut ages = [0; AGES_S.len() + 1];
    for basket in published.baskets(Basket::live) {
        let age_s = now.sale.since(basket.opened_at).0 / 1_000;
        let at = AGES_S.partition_point(|end_s| *end_s <= age_s);
        if let Some(count) = ages.get_mut(at) {
            *count += 1;
        }
    }
    ages
}

/// Adds a point to the night of each sale now and then, until told to stop.
pub async fn keep_nights(state: std::sync::Arc<State>, stop: CancellationToken) {
    let mut turn = tokio::time::interval(Duration::from_millis(POINT_MS));
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(turn.tick()).await.is_some() {
        state.sales().values().for_each(|sale| sale.night.add(Point::of(sale)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_s: i64, sold: u64) -> Point {
        let (joined, waiting, called, active, cap) = (0, 0, 0, 0, 0);
        Point { at_s, joined, waiting, called, active, cap, available: 0, in_baskets: 0, sold }
    }

    #[test]
    fn a_night_keeps_its_newest_points_in_order_whatever_the_wall_clock_does() {
        let night = Night::default();
        for at_s in 0..POINTS_MAX as i64 + 10 {
            night.add(point(at_s, 0));
        }
        assert_eq!(night.points().len(), POINTS_MAX);
        night.add(point(100, 0));
        let points = night.points();
        assert_eq!((points.len(), points.last().map(|last| last.at_s)), (91, Some(100)));
    }

    #[test]
    fn what_grew_is_told_by_the_minute_once_there_was_one() {
        let night = Night::default();
        for at_s in 0..12 {
            night.add(point(at_s * 5, 2 * at_s as u64));
            assert_eq!(night.per_minute(|point| point.sold), None);
        }
        night.add(point(60, 24));
        assert_eq!(night.per_minute(|point| point.sold), Some(24));
        night.add(point(180, 84));
        assert_eq!(night.per_minute(|point| point.sold), Some(30));
    }
}
