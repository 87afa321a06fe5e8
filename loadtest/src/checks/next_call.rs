//! How long a freed slot stays empty while somebody waits.
//!
//! Looks only at stretches between two readings of the board or of the ops overview that both show
//! every slot filled: what was freed in between was filled in between. A stretch counts if as many
//! visitors were seen to leave in it as were seen to be called, so that nothing came free unseen;
//! if nobody of the staff changed anything in it and the harness did not harm the server; and if
//! all along somebody surely waited and was present, and more was left to buy than there are slots.
//! In it, each leave is matched with the next call, first with first. Somebody who misses a claim
//! and somebody who is called for the second time, both unseen in one stretch, would go unnoticed.
//!
//! `at_most` counts from asking to leave to the latest instant at which the call can have come,
//! `at_least` from the answer to the earliest: the remaining claim window that was shown tells when
//! somebody was called, less what the longest window that anybody was shown is short of the sale's.
//! Where the pace holds a call back, that time counts. Figures only, for nothing is promised in
//! milliseconds.

use std::ops::Range;

use super::order::{kills, present};
use super::report::Report;
use super::turns::{State, Turn, claim_span_us};
use super::{Evidence, Finding};
use crate::history::{Board, Told, What, Who};

/// Matches leaves with calls.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report =
        Report::measuring("next-call", "From leaving to the next call, while all slots are taken.");
    let leaves = leaves(&evidence.turns);
    let calls = calls(&evidence.turns);
    let quiet = Quiet::of(evidence);
    let doubtful = Doubtful::of(&leaves, &calls);
    let (mut most, mut least) = (Vec::new(), Vec::new());
    for stretch in stretches(evidence.history, &doubtful) {
        if !quiet.all_along(&stretch) {
            continue;
        }
        if let Some(matched) = matched(within(&leaves, &stretch), within(&calls, &stretch)) {
            for (left, called) in matched {
                most.push(called.1 - left.0);
                least.push(called.0.saturating_sub(left.1));
            }
        }
    }
    report.looked(most.len() as u64);
    report.spans("slots_filled_within_at_most", &mut most);
    report.spans("slots_filled_within_at_least", &mut least);
    report.done()
}

/// Something happened between these two instants.
type Between = (u64, u64);

/// When whoever had a slot left, in order.
fn leaves(turns: &[Turn]) -> Vec<Between> {
    let held = |turn: &&Turn| {
        turn.sights.iter().any(|sight| matches!(sight.state, State::Called | State::Active))
    };
    sorted(turns.iter().filter(held).filter_map(|turn| turn.left).collect())
}

/// When somebody was called, in order.
fn calls(turns: &[Turn]) -> Vec<Between> {
    let span_us = claim_span_us(turns);
    sorted(turns.iter().filter_map(|turn| turn.called_about(span_us)).collect())
}

fn sorted(mut all: Vec<Between>) -> Vec<Between> {
    all.sort_unstable();
    all
}

/// Those that surely happened in a stretch: of which no bound is outside.
fn within<'a>(all: &'a [Between], stretch: &Range<u64>) -> &'a [Between] {
    let from = all.partition_point(|(from_us, _)| *from_us < stretch.start);
    let until = all.partition_point(|(from_us, _)| *from_us < stretch.end);
    &all[from..until]
}

/// Each leave with its call; `None` if they do not explain one another.
fn matched<'a>(
    leaves: &'a [Between],
    calls: &'a [Between],
) -> Option<impl Iterator<Item = (Between, Between)> + 'a> {
    let pairs = || leaves.iter().copied().zip(calls.iter().copied());
    let explained = leaves.len() == calls.len() && pairs().all(|(left, called)| called.1 >= left.0);
    explained.then(pairs)
}

/// Times at which a leave or a call may or may not have happened already.
struct Doubtful(Vec<Between>);

impl Doubtful {
    /// Disjoint, in order.
    fn of(leaves: &[Between], calls: &[Between]) -> Self {
        Self(union(leaves.iter().chain(calls).copied().collect()))
    }

    fn touches(&self, (from_us, until_us): Between) -> bool {
        let next = self.0.partition_point(|(_, end_us)| *end_us < from_us);
        self.0.get(next).is_some_and(|(start_us, _)| *start_us <= until_us)
    }
}

/// From one reading that surely shows every slot taken to the next.
///
/// A reading during which somebody may have left or been called is no bound of a stretch; one that
/// shows that nobody need be called, ends it.
fn stretches(history: &[Told], doubtful: &Doubtful) -> Vec<Range<u64>> {
    let mut readings: Vec<(Between, &Board)> = (history.iter())
        .filter_map(|told| match &told.what {
            What::Board(board) | What::Desk(board) => Some(((told.asked_us, told.told_us?), board)),
            _ => None,
        })
        .collect();
    readings.sort_by_key(|((_, told_us), _)| *told_us);
    let mut stretches = Vec::new();
    let mut before: Option<(u64, u64)> = None;
    for ((asked_us, told_us), board) in readings {
        let taken = board.called.saturating_add(board.active);
        let wanted = board.waiting > 0 && board.counts.available > board.cap;
        if !wanted || before.is_some_and(|(_, cap)| cap != board.cap) {
            before = None;
        } else if taken == board.cap && !doubtful.touches((asked_us, told_us)) {
            if let Some((from_us, _)) = before
                && from_us < asked_us
            {
                stretches.push(from_us..asked_us);
            }
            before = Some((told_us, board.cap));
        }
    }
    stretches
}

/// When a call was surely to be expected, as far as people go.
struct Quiet {
    /// When staff changed something or the harness harmed the server; in order.
    disturbed: Vec<Between>,
    /// When somebody surely waited and was present; in order.
    present: Vec<Between>,
}

impl Quiet {
    fn of(evidence: &Evidence<'_>) -> Self {
        let disturbs = |told: &&Told| {
            told.who == Who::Staff && !matches!(told.what, What::Board(_) | What::Desk(_))
        };
        let disturbed = evidence.history.iter().filter(disturbs);
        let disturbed =
            disturbed.map(|told| (told.asked_us, told.told_us.unwrap_or(u64::MAX))).collect();
        let kills = kills(evidence.history);
        let present = evidence.turns.iter().flat_map(|turn| present(turn, &kills));
        let present = present.map(|present| (present.from_us, present.until_us)).collect();
        Self { disturbed: union(disturbed), present: union(present) }
    }

    fn all_along(&self, stretch: &Range<u64>) -> bool {
        let next = self.disturbed.partition_point(|(_, until_us)| *until_us < stretch.start);
        let disturbed =
            self.disturbed.get(next).is_some_and(|(from_us, _)| *from_us <= stretch.end);
        let last = self.present.partition_point(|(from_us, _)| *from_us <= stretch.start);
        let present = self.present[..last].last();
        !disturbed && present.is_some_and(|(_, until_us)| *until_us >= stretch.end)
    }
}

/// The same times, disjoint and in order.
fn union(mut times: Vec<Between>) -> Vec<Between> {
    times.sort_unstable();
    let mut union: Vec<Between> = Vec::new();
    for (from_us, until_us) in times {
        match union.last_mut().filter(|(_, end_us)| from_us <= *end_us) {
            Some((_, end_us)) => *end_us = until_us.max(*end_us),
            None => union.push((from_us, until_us)),
        }
    }
    union
}
