//! Looks at a sale and says what happened since the last look.
//!
//! What a process before this one had seen is where it goes on: nothing is told twice.

use std::collections::{HashMap, VecDeque};

use stanchion_domain::board::status::StatusKind;
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::sale::operations::Phase;

use super::memory::Memory;
use super::milestone::{Milestone, What};
use super::point::{Point, Totals};
use super::{Night, POINT_S, Times, lock};
use crate::api::state::OpenSale;
use crate::clock::Clock;

#[cfg(test)]
mod tests;

/// Readings that are kept: one with each point, a minute back.
const TIMES_MAX: usize = 60 / POINT_S as usize + 1;

/// What was seen at the last look.
pub(super) struct Watch {
    shared: bool,
    begun: bool,
    /// The newest point that is kept, if anybody may have come since.
    left: Option<Point>,
    /// What the night had come to when this process began to count.
    base: Totals,
    joined: Joined,
    phase: Option<Phase>,
    opened_at_s: Option<i64>,
    /// Monotonic time.
    down_since_ms: Option<u64>,
    stock: Stock,
    last_point_s: Option<i64>,
    times: VecDeque<Times>,
}

/// Who joined, as it was when this process began to count. A restart skips numbers, which nobody
/// has.
#[derive(Clone, Copy, Default)]
struct Joined {
    visitors: u32,
    /// Given or skipped by then.
    numbers: u32,
    /// An earlier process counted, and be it nobody.
    goes_on: bool,
}

/// Of what nothing was left.
#[derive(Default)]
struct Stock {
    /// As an earlier process saw them, by id; the whole sale has none.
    known: HashMap<Option<String>, bool>,
    sold_out: Vec<bool>,
    whole: Option<bool>,
    /// Of the performances, when they were last looked at.
    version: Option<u64>,
}

impl Watch {
    /// Goes on after what is kept.
    pub(super) fn after(kept: &Memory, shared: bool) -> Self {
        let newest = kept.points().next_back().copied().unwrap_or_default();
        let mut watch = Self {
            shared,
            begun: false,
            left: None,
            base: newest.totals,
            joined: Joined {
                visitors: newest.joined,
                numbers: newest.numbers,
                goes_on: kept.points().next_back().is_some(),
            },
            phase: kept.points().next_back().map(|point| match point.opened {
                true => Phase::Open,
                false => Phase::Before,
            }),
            opened_at_s: None,
            down_since_ms: None,
            stock: Stock::default(),
            last_point_s: None,
            times: VecDeque::new(),
        };
        for Milestone { at_s, what } in kept.milestones() {
            match what {
                What::Opened => {
                    (watch.phase, watch.opened_at_s) = (Some(Phase::Open), Some(*at_s));
                }
                What::Closed => watch.phase = Some(Phase::Closed),
                What::SoldOut { performance } => {
                    watch.stock.known.insert(performance.clone(), true);
                }
                What::BackOnSale { performance } => {
                    watch.stock.known.insert(performance.clone(), false);
                }
                What::Unserved { .. }
                | What::Started
                | What::TookOver
                | What::Down { .. }
                | What::Up { .. } => {}
            }
        }
        let closed = watch.phase == Some(Phase::Closed);
        let awaited = |point: &Point| !closed && (point.opened || point.joined > 0);
        watch.left = kept.points().next_back().copied().filter(awaited);
        watch
    }

    /// What happened since the last look, and a point if it is time for one.
    pub(super) fn look(
        &mut self,
        night: &Night,
        sale: &OpenSale,
        clock: &Clock,
    ) -> (Option<Point>, Vec<Milestone>) {
        let wall = clock.wall();
        let at_s = wall.0.div_euclid(1_000);
        let due = |last: i64| at_s < last || at_s - last >= POINT_S;
        let draws = self.last_point_s.is_none_or(due);
        let mut found = Vec::new();
        let mut unserved = None;
        if !std::mem::replace(&mut self.begun, true) {
            let epoch = sale.engine.published().epoch();
            let first = epoch <= 1;
            unserved = self.look_back(epoch, at_s);
            self.joined.go_on(Point::of(sale, wall).numbers);
            found.push(if self.shared && !first { What::TookOver } else { What::Started });
        }
        self.look_at_phase(sale, at_s, &mut found);
        let (health, at_ms) = (&sale.engine.published().health, clock.monotonic_ms());
        let hung_ms = health.writing.stuck_ms(at_ms).unwrap_or_default();
        let down = self.look_at_journal(health.cause(at_ms), hung_ms, at_ms);
        self.stock.look(sale, &mut found);
        let mut point = None;
        if draws {
            self.last_point_s = Some(at_s);
            self.look_at_waits(night, sale, at_s);
            let times = night.times_so_far(sale);
            let before = self.times.back().cloned().unwrap_or_default();
            let now = Point::of(sale, wall);
            point = Some(Point {
                joined: self.joined_by(now.numbers),
                totals: self.base.and(sale.engine.published().tally.read()),
                answer_us: times.answers.since(&before.answers).mean_us(),
                append_us: times.appends.since(&before.appends).mean_us(),
                after_gap: self.times.is_empty(),
                ..now
            });
            self.times.push_back(times);
            if self.times.len() > TIMES_MAX {
                self.times.pop_front();
            }
        }
        let late = |(ago_s, what): (i64, What)| Milestone { at_s: at_s - ago_s, what };
        let found = found.into_iter().map(|what| Milestone { at_s, what });
        let found = unserved.map(late).into_iter().chain(found).chain(down.map(late));
        (point, found.collect())
    }

    /// How many had joined when so many numbers were given.
    pub(super) fn joined_by(&self, numbers: u32) -> u32 {
        self.joined.visitors + numbers.saturating_sub(self.joined.numbers)
    }

    /// What had been measured a minute ago.
    pub(super) fn times_before(&self) -> Times {
        self.times.front().cloned().unwrap_or_default()
    }

    /// For how long nobody served before this process did, and how many seconds ago that began.
    /// `None` if another process served since the newest point: it was there, and not here.
    fn look_back(&mut self, epoch: u32, at_s: i64) -> Option<(i64, What)> {
        let left = self.left.take().filter(|left| epoch <= left.epoch + 1)?;
        let ago_s = at_s - left.at_s;
        let for_ms = u64::try_from(ago_s.saturating_mul(1_000)).ok()?;
        // Nobody knows what was between two points.
        (ago_s > POINT_S).then_some((ago_s, What::Unserved { for_ms }))
    }

    fn look_at_phase(&mut self, sale: &OpenSale, at_s: i64, found: &mut Vec<What>) {
        let phase = sale.desk().operations.phase;
        // A sale that was never looked at before has not changed.
        let before = self.phase.replace(phase).unwrap_or(phase);
        if before == phase {
            return;
        }
        match phase {
            Phase::Before => {}
            Phase::Open => {
                self.opened_at_s = Some(at_s);
                found.push(What::Opened);
            }
            Phase::Closed => found.push(What::Closed),
        }
    }

    /// What became of writing, and how many seconds ago. A write that hangs is told late, and
    /// nothing was written since it began.
    fn look_at_journal(
        &mut self,
        cause: Option<String>,
        hung_ms: u64,
        at_ms: u64,
    ) -> Option<(i64, What)> {
        match (cause, self.down_since_ms) {
            (Some(cause), None) => {
                self.down_since_ms = Some(at_ms.saturating_sub(hung_ms));
                let ago_s = i64::try_from(hung_ms / 1_000).unwrap_or_default();
                Some((ago_s, What::Down { cause }))
            }
            (None, Some(since_ms)) => {
                self.down_since_ms = None;
                Some((0, What::Up { after_ms: at_ms.saturating_sub(since_ms) }))
            }
            _ => None,
        }
    }

    /// How long the longest wait was: from when the number was given, or from the opening if that
    /// was later, until it was called.
    fn look_at_waits(&mut self, night: &Night, sale: &OpenSale, at_s: i64) {
        let Some(number) = sale.engine.published().tally.take_longest_waiting() else { return };
        let given_at_s = lock(&night.memory).given_at_s(number.0).unwrap_or(at_s);
        let from_s = self.opened_at_s.map_or(given_at_s, |opened| opened.max(given_at_s));
        let wait_s = u64::try_from(at_s - from_s).unwrap_or_default();
        self.base.longest_wait_s = self.base.longest_wait_s.max(wait_s);
    }
}

impl Joined {
    /// Goes on after a restart. Who joined between the newest point and a crash is not told from
    /// the numbers that it skipped, and not counted.
    fn go_on(&mut self, numbers: u32) {
        if self.goes_on {
            self.numbers = numbers;
        }
    }
}

impl Stock {
    fn look(&mut self, sale: &OpenSale, found: &mut Vec<What>) {
        let board = sale.engine.published().board.current();
        if self.version.replace(board.performances.version) == Some(board.performances.version) {
            return;
        }
        let desk = sale.desk();
        let performances = (0..).map(PerformanceIndex).zip(&desk.definition.performances);
        for (at, performance) in performances {
            let Some(picture) = board.performances.picture(at) else { break };
            let kind = picture.total.status.kind();
            let now = kind == Some(StatusKind::SoldOut);
            let id = || Some(performance.id.clone());
            match self.sold_out.get_mut(at.at()) {
                // What nobody knows has not changed.
                Some(before) if *before == now || kind.is_none() => {}
                Some(before) => {
                    *before = now;
                    found.push(told(now, id()));
                }
                None => {
                    let before = self.known.remove(&id());
                    if kind.is_some() && before.is_some_and(|before| before != now) {
                        found.push(told(now, id()));
                    }
                    self.sold_out.push(if kind.is_some() { now } else { before == Some(true) });
                }
            }
        }
        let Some(kind) = board.head.picture().status.kind() else { return };
        let now = kind == StatusKind::SoldOut;
        let before = self.whole.replace(now).or_else(|| self.known.remove(&None));
        if before.is_some_and(|before| before != now) {
            found.push(told(now, None));
        }
    }
}

fn told(sold_out: bool, performance: Option<String>) -> What {
    match sold_out {
        true => What::SoldOut { performance },
        false => What::BackOnSale { performance },
    }
}
