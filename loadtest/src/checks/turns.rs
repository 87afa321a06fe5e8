//! The turn of every queue number: how its place was seen, when it was called, when it surely
//! filled a slot of the cap.

use std::collections::HashMap;

use super::attempts::Attempts;
use super::baskets::LAG_US;
use super::staff::Staff;
use crate::history::{Told, What, Who};

/// What a sight of a place says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Joined for the first time: it had not been called when that was asked.
    Joined,
    Waiting,
    Returning,
    Called,
    Active,
    Ended,
    /// Nothing that we know.
    Unknown,
}

/// One sight of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// True at an instant between this and the next.
    pub(super) asked_us: u64,
    pub(super) told_us: u64,
    pub(super) state: State,
    pub(super) position: Option<u64>,
    /// In milliseconds.
    pub(super) wait_ms: Option<(u64, u64)>,
    pub(super) claim_in_us: Option<u64>,
}

/// A time in which a pass surely filled a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Life {
    /// It was called no earlier.
    pub(super) called_us: u64,
    /// It surely lived from here to the next.
    pub(super) from_us: u64,
    pub(super) until_us: u64,
}

/// All about one queue number.
pub(super) struct Turn {
    pub(super) number: u64,
    pub(super) who: Who,
    /// In order of asking.
    pub(super) sights: Vec<Sight>,
    /// It may have been given up from here on.
    pub(super) leave_us: u64,
    /// The first request to leave that was answered well.
    pub(super) left: Option<(u64, u64)>,
}

/// The turns of all numbers, by number.
pub(super) fn turns(history: &[Told], attempts: &Attempts<'_>, staff: &Staff) -> Vec<Turn> {
    let mut turns: HashMap<u64, Turn> = HashMap::new();
    for told in history {
        let Some(number) = number_of(&told.what) else { continue };
        let turn = turns.entry(number).or_insert_with(|| {
            let leave_us = staff.end_us.min(attempts.other(told.who, number));
            Turn { number, who: told.who, sights: Vec::new(), leave_us, left: None }
        });
        turn.add(told, attempts);
    }
    let mut turns: Vec<_> = turns.into_values().collect();
    for turn in &mut turns {
        turn.sights.sort_by_key(|sight| sight.asked_us);
    }
    turns.sort_unstable_by_key(|turn| turn.number);
    turns
}

/// The longest claim window that anybody was shown: the sale's, or a little less.
pub(super) fn claim_span_us(turns: &[Turn]) -> Option<u64> {
    turns.iter().flat_map(|turn| &turn.sights).filter_map(|sight| sight.claim_in_us).max()
}

fn number_of(what: &What) -> Option<u64> {
    match what {
        What::Joined { number }
        | What::Claimed { number }
        | What::Held { number, .. }
        | What::Left { number }
        | What::Ended { number } => Some(*number),
        What::Saw(place) => Some(place.number),
        _ => None,
    }
}

impl Turn {
    fn add(&mut self, told: &Told, attempts: &Attempts<'_>) {
        let (asked_us, Some(told_us)) = (told.asked_us, told.told_us) else { return };
        // What is answered again may have been done at the first try.
        let began_us = asked_us.min(attempts.other(told.who, self.number));
        let bare = |asked_us, state| Sight {
            asked_us,
            told_us,
            state,
            position: None,
            wait_ms: None,
            claim_in_us: None,
        };
        let sight = match &told.what {
            // Whoever asks again is shown the same number, and may have been called meanwhile.
            What::Joined { .. } if !self.sights.is_empty() => return,
            What::Joined { .. } => bare(began_us, State::Joined),
            What::Claimed { .. } => bare(began_us, State::Active),
            What::Held { units, .. } => {
                let performances = units.iter().map(|unit| unit.performance.as_str());
                let tried = performances.map(|performance| attempts.any(told.who, performance));
                bare(tried.min().unwrap_or(asked_us).min(asked_us), State::Active)
            }
            What::Ended { .. } => bare(asked_us, State::Ended),
            What::Left { .. } => {
                self.leave_us = self.leave_us.min(asked_us);
                self.left.get_or_insert((began_us, told_us));
                return;
            }
            What::Saw(place) => Sight {
                position: place.position,
                wait_ms: place.wait_ms,
                claim_in_us: place.claim_in_ms.map(|ms| ms.saturating_mul(1_000)),
                ..bare(asked_us, state_of(&place.state))
            },
            _ => return,
        };
        self.sights.push(sight);
    }

    /// It was called for the first time between these two; `None` if it was never seen called.
    pub(super) fn first_call(&self) -> Option<(u64, u64)> {
        let until_us = self.live().map(|sight| sight.told_us).min()?;
        let before = self.sights.iter().filter(|sight| {
            matches!(sight.state, State::Joined | State::Waiting) && sight.asked_us <= until_us
        });
        let from_us = before.map(|sight| sight.asked_us).max()?;
        Some((from_us, until_us))
    }

    /// The same as close as what was left of the claim window tells.
    pub(super) fn called_about(&self, claim_span_us: Option<u64>) -> Option<(u64, u64)> {
        let (from_us, until_us) = self.first_call()?;
        let first = self.live().min_by_key(|sight| sight.told_us)?;
        let used = claim_span_us.zip(first.claim_in_us).map(|(all_us, left_us)| all_us - left_us);
        let Some(used_us) = used else { return Some((from_us, until_us)) };
        let low_us = first.asked_us.saturating_sub(used_us).clamp(from_us, until_us);
        let high_us = first.told_us.saturating_sub(used_us).clamp(from_us, until_us);
        Some((low_us, high_us))
    }

    /// Whether it was ever seen passed over.
    pub(super) fn was_away(&self) -> bool {
        self.sights.iter().any(|sight| sight.state == State::Returning)
    }

    fn live(&self) -> impl Iterator<Item = &Sight> {
        self.sights.iter().filter(|sight| matches!(sight.state, State::Called | State::Active))
    }

    /// When it surely filled a slot; disjoint. Who is active stays so until they are gone for good;
    /// who is called, until the claim window may be over or they asked for anything.
    pub(super) fn lives(&self) -> Vec<Life> {
        let active = || self.sights.iter().filter(|sight| sight.state == State::Active);
        let mut spans = Vec::new();
        let first = active().min_by_key(|sight| sight.told_us);
        let last_us = active().map(|sight| sight.asked_us).max();
        let claimed = first.zip(last_us);
        if let Some((first, last_us)) = claimed {
            spans.push((first.told_us, last_us));
        }
        for sight in self.sights.iter().filter(|sight| sight.state == State::Called) {
            let window_us = sight.claim_in_us.unwrap_or(0).saturating_sub(LAG_US);
            let window_us = sight.asked_us.saturating_add(window_us);
            let until_us = match claimed {
                Some((first, last_us)) if first.told_us <= window_us => last_us,
                Some((first, _)) => window_us.min(self.leave_us).min(first.asked_us),
                None => window_us.min(self.leave_us),
            };
            spans.push((sight.told_us, until_us));
        }
        spans.retain(|(from_us, until_us)| from_us < until_us);
        spans.sort_unstable();
        let mut lives: Vec<Life> = Vec::new();
        for (from_us, until_us) in spans {
            match lives.last_mut().filter(|life| from_us <= life.until_us) {
                Some(life) => life.until_us = life.until_us.max(until_us),
                None => lives.push(Life { called_us: 0, from_us, until_us }),
            }
        }
        for life in &mut lives {
            life.called_us = self.not_called_us(*life);
        }
        lives
    }

    /// Up to here it surely had not been called for this life.
    fn not_called_us(&self, life: Life) -> u64 {
        let out = self.sights.iter().filter(|sight| {
            matches!(sight.state, State::Joined | State::Waiting | State::Returning)
                && sight.told_us <= life.until_us
                && sight.asked_us < life.from_us
        });
        out.map(|sight| sight.asked_us).max().unwrap_or(0)
    }
}

fn state_of(state: &str) -> State {
    match state {
        "waiting" => State::Waiting,
        "returning" => State::Returning,
        "called" => State::Called,
        "active" => State::Active,
        "ended" => State::Ended,
        _ => State::Unknown,
    }
}
