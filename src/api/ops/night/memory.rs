//! What is kept of a night, within bounds: the longer it is, the coarser its early curves.

use std::collections::VecDeque;

use super::POINT_S;
use super::milestone::Milestone;
use super::point::Point;

/// Points that are kept: six hours at full rate, 180 bytes each, 760 KiB a sale. From then on every
/// second one of those older than [`POINTS_FINE`] goes, again and again, so that the whole of a
/// night is there however long it is.
pub(super) const POINTS_MAX: usize = 4_320;
/// Points that stay as they are: the last hour.
const POINTS_FINE: usize = 720;
/// Things that happened: each of 16,384 performances sells out and comes back once, and 2,048 other
/// things. About 100 bytes each, 3.5 MB; beyond, the oldest are left out.
pub(super) const MILESTONES_MAX: usize = 2 * 16_384 + 2_048;
/// Two points further apart than this have a gap between them: three looks were missed.
const GAP_S: i64 = 3 * POINT_S;
/// What a rate is told by.
const MINUTE_S: i64 = 60;

/// What is kept of a night.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memory {
    points: VecDeque<Point>,
    milestones: VecDeque<Milestone>,
    left_out: u64,
}

impl Memory {
    /// The points, oldest first.
    pub(super) fn points(&self) -> impl DoubleEndedIterator<Item = &Point> + ExactSizeIterator {
        self.points.iter()
    }

    /// What happened, oldest first.
    pub(super) fn milestones(
        &self,
    ) -> impl DoubleEndedIterator<Item = &Milestone> + ExactSizeIterator {
        self.milestones.iter()
    }

    /// How much of what happened was left out.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Notes what happened.
    pub(super) fn note(&mut self, milestone: Milestone) {
        self.milestones.push_back(milestone);
        while self.milestones.len() > MILESTONES_MAX {
            self.milestones.pop_front();
            self.left_out += 1;
        }
    }

    /// Adds a point, which says from then on whether it follows a gap.
    pub(super) fn add(&mut self, mut point: Point) -> Point {
        // A wall clock that was set back would draw the curve over itself.
        while self.points.back().is_some_and(|newest| newest.at_s >= point.at_s) {
            self.points.pop_back();
            point.after_gap = true;
        }
        if let Some(newest) = self.points.back() {
            point.after_gap |= point.at_s - newest.at_s > GAP_S;
        }
        self.add_as_is(point);
        point
    }

    /// Adds a point that has said so already.
    pub(super) fn add_as_is(&mut self, point: Point) {
        self.points.push_back(point);
        if self.points.len() > POINTS_MAX {
            self.thin();
        }
    }

    /// Takes every second point out of all but the newest. A gap stays one.
    fn thin(&mut self) {
        let older = self.points.len().saturating_sub(POINTS_FINE);
        let mut kept = VecDeque::with_capacity(POINTS_MAX);
        let mut gap = false;
        for (at, mut point) in std::mem::take(&mut self.points).into_iter().enumerate() {
            if at < older && !at.is_multiple_of(2) {
                gap |= point.after_gap;
                continue;
            }
            point.after_gap |= std::mem::take(&mut gap);
            kept.push_back(point);
        }
        self.points = kept;
    }

    /// What grew by how much in the last minute that is known; `None` before there was one.
    pub(super) fn per_minute(&self, of: impl Fn(&Point) -> u64) -> Option<u64> {
        let newest = self.points.back()?;
        let mut before = None;
        let mut whole = true;
        for point in self.points.iter().rev() {
            if newest.at_s - point.at_s >= MINUTE_S {
                before = Some(point).filter(|_| whole);
                break;
            }
            whole &= !point.after_gap;
        }
        let before = before?;
        let span_s = u64::try_from(newest.at_s - before.at_s).ok()?;
        Some(of(newest).saturating_sub(of(before)) * 60 / span_s)
    }

    /// The first moment at which this number is known to be given; `None` if it was given since the
    /// newest point. Nobody who has it has waited for less than since then.
    pub(super) fn given_at_s(&self, number: u32) -> Option<i64> {
        let at = self.points.partition_point(|point| point.numbers < number);
        self.points.get(at).map(|point| point.at_s)
    }
}
