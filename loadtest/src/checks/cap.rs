//! The cap is never exceeded.
//!
//! Sees, from what visitors were told: more passes that surely lived at one instant than the
//! highest cap that may have been in force since the last of them was surely not yet called; and
//! from the boards: called and active above the cap that the same board shows, unless they were
//! already so many on the board before, as lowering the cap sends nobody away. Cannot see passes
//! whose visitors say nothing between two sights, nor anything after a staff change of unknown
//! outcome.

use std::collections::BTreeMap;

use super::report::{Report, at, name};
use super::staff::{CapSet, Staff};
use super::turns::{Life, Turn};
use super::{Evidence, Finding};
use crate::history::{Board, Told, What};

/// Looks for more passes than the cap allows.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report =
        Report::new("cap", "Called and active visitors together never exceed the cap.");
    let staff = &evidence.staff;
    let boards = boards(evidence.history);
    let first = evidence.cap.or_else(|| first_cap(&boards, staff));
    passes(&mut report, &evidence.turns, staff, first);
    let lived = boards
        .first()
        .map(|(told_us, board)| (*told_us, board.called.saturating_add(board.active)));
    desks(&mut report, evidence.history, (staff, first), lived);
    shown(&mut report, boards, staff, first);
    report.done()
}

/// The ops overview has no version, and so no order among boards: only the highest cap that was
/// ever in force bounds it, and what already lived when the first board was read.
fn desks(
    report: &mut Report,
    history: &[Told],
    (staff, first): (&Staff, Option<u32>),
    lived: Option<(u64, u64)>,
) {
    let Some((since_us, lived)) = lived else { return };
    for told in history.iter().filter(|told| told.asked_us >= since_us) {
        let (What::Desk(desk), Some(told_us)) = (&told.what, told.told_us) else { continue };
        let Some(cap) = staff.cap_max(first, 0, told_us) else { continue };
        report.looked(1);
        if desk.called.saturating_add(desk.active) > cap.max(lived) {
            report.broke(told_us, || {
                let (called, active) = (desk.called, desk.active);
                format!(
                    "{}: the ops overview shows {called} called and {active} active; the cap was \
                     never above {cap}",
                    at(told_us),
                )
            });
        }
    }
}

type Shown<'a> = (u64, &'a Board);

fn boards(history: &[Told]) -> Vec<Shown<'_>> {
    let mut boards: Vec<_> = (history.iter())
        .filter_map(|told| match (&told.what, told.told_us) {
            (What::Board(board), Some(told_us)) => Some((told_us, board)),
            _ => None,
        })
        .collect();
    boards.sort_by_key(|(_, board)| board.version);
    boards
}

/// The cap of a board that was read before staff changed it.
fn first_cap(boards: &[Shown<'_>], staff: &Staff) -> Option<u32> {
    let (told_us, board) = boards.first()?;
    let untouched = staff.caps.first().is_none_or(|set| set.asked_us >= *told_us);
    u32::try_from(board.cap).ok().filter(|_| untouched)
}

fn passes(report: &mut Report, turns: &[Turn], staff: &Staff, first: Option<u32>) {
    let mut lives: Vec<(Life, &Turn)> = turns
        .iter()
        .flat_map(|turn| turn.lives().into_iter().map(move |life| (life, turn)))
        .collect();
    lives.sort_by_key(|(life, _)| life.from_us);
    // What ends, by when; and since when the newest of the living may have been called.
    let mut ends: BTreeMap<(u64, usize), u64> = BTreeMap::new();
    let mut called: BTreeMap<u64, u32> = BTreeMap::new();
    for (id, (life, turn)) in lives.iter().enumerate() {
        while let Some(entry) = ends.first_entry().filter(|entry| entry.key().0 <= life.from_us) {
            forget(&mut called, entry.remove());
        }
        ends.insert((life.until_us, id), life.called_us);
        *called.entry(life.called_us).or_default() += 1;
        let newest_us = called.last_key_value().map_or(0, |(called_us, _)| *called_us);
        let Some(cap) = staff.cap_max(first, newest_us, life.from_us) else { continue };
        report.looked(1);
        let living = ends.len() as u64;
        if living > cap {
            report.broke(life.from_us, || {
                format!(
                    "{}: {living} passes lived when {} had theirs (number {}), under a cap of {cap}",
                    at(life.from_us),
                    name(turn.who),
                    turn.number,
                )
            });
        }
    }
}

fn forget(called: &mut BTreeMap<u64, u32>, called_us: u64) {
    if let Some(count) = called.get_mut(&called_us) {
        *count -= 1;
        if *count == 0 {
            called.remove(&called_us);
        }
    }
}

/// The caps in the order in which they came into force, each with when it was asked for.
struct Caps(Vec<(u64, u64)>);

impl Caps {
    fn of(staff: &Staff, first: u32) -> Self {
        let set = staff.caps.iter().map(|CapSet { asked_us, cap, .. }| (*asked_us, *cap));
        Self(std::iter::once((0, u64::from(first))).chain(set).collect())
    }

    /// The first of them, from one on, that a board with this cap can show.
    fn earliest(&self, from: usize, cap: u64) -> Option<usize> {
        (from..self.0.len()).find(|at| self.0[*at].1 == cap)
    }

    /// The last of them that a board with this cap can show, told at this time.
    fn latest(&self, cap: u64, told_us: u64) -> Option<usize> {
        self.0.iter().rposition(|(asked_us, set)| *set == cap && *asked_us <= told_us)
    }
}

fn shown(report: &mut Report, boards: Vec<Shown<'_>>, staff: &Staff, first: Option<u32>) {
    let Some(first) = first else { return };
    // The order of changes is known only if each was answered before the next was asked.
    if staff.caps.windows(2).any(|pair| pair[0].told_us > pair[1].asked_us) {
        return;
    }
    let caps = Caps::of(staff, first);
    // The board before, as the place of its cap and how many lived.
    let mut before: Option<(usize, u64)> = None;
    for (told_us, board) in boards {
        if staff.anything_us <= told_us {
            return;
        }
        let living = board.called.saturating_add(board.active);
        let from = before.map_or(0, |(place, _)| place);
        let places = caps.earliest(from, board.cap).zip(caps.latest(board.cap, told_us));
        let Some((earliest, latest)) = places else {
            before = None;
            continue;
        };
        if let Some((_, lived)) = before {
            report.looked(1);
            let since = from..=latest.max(from);
            let cap = since.map(|place| caps.0[place].1).max().unwrap_or(board.cap);
            if living > lived.max(cap) {
                report.broke(told_us, || {
                    format!(
                        "{}: board {} shows {} called and {} active under a cap of {}",
                        at(told_us),
                        board.version,
                        board.called,
                        board.active,
                        board.cap,
                    )
                });
            }
        }
        before = Some((earliest, living));
    }
}
