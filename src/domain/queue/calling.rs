//! Who is called next.
//!
//! Decides on a [`Line`] and alters nothing: what it decides is recorded, and applied from there.
//! It does not know cap, pace or what is left to buy, only how many may be called; nor who was seen
//! when, only whom its caller holds to be present. Nobody is called who is not. Whole groups of
//! numbers of which nobody is present are passed by without a look at each.

use super::line::Line;
use crate::id::Number;
use crate::limits::{CALLED_PER_CHANGE_MAX, NUMBERS_PER_SUM};
use crate::time::SaleTime;
use std::ops::Range;

/// Whom calling holds to be present.
pub trait Present {
    /// Whether this visitor is.
    fn present(&self, number: Number) -> bool;

    /// Whether anybody of the [`NUMBERS_PER_SUM`] numbers around this one may be; true where that
    /// is not known.
    fn anybody_near(&self, _number: Number) -> bool {
        true
    }
}

impl<F: Fn(Number) -> bool> Present for F {
    fn present(&self, number: Number) -> bool {
        self(number)
    }
}

/// What [`Line::choose`] is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// How many may be called: what cap, pace and what is left to buy allow.
    pub free: usize,
    /// Numbers below this one were issued.
    pub issued: u32,
    /// Whether the absent are passed over. Not during the grace after an outage: then they keep
    /// their place, and calling goes on behind them.
    pub passing: bool,
    /// When.
    pub now: SaleTime,
}

/// Who is called, in this order, and how far calling has come with them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    /// Empty if calling only passed over absent visitors.
    pub numbers: Vec<Number>,
    /// Everybody below who still waits is passed over.
    pub front: u32,
}

impl Line {
    /// Decides who is called: first who missed a claim and is here again, then who was passed over
    /// and is here again, then the line from the front on; each in number order. `None` if nothing
    /// would change.
    pub fn choose(&self, choice: Choice, present: &dyn Present) -> Option<Called> {
        assert!(self.front <= choice.issued, "calling never came further than the counter");
        assert!(choice.issued <= self.reserved, "only reserved numbers were issued");
        let room = choice.free.min(CALLED_PER_CHANGE_MAX);
        if room == 0 {
            return None;
        }
        let mut numbers: Vec<Number> = self.returning(choice, present).take(room).collect();
        let front = self.choose_from_front(choice, room, present, &mut numbers);
        (front > self.front || !numbers.is_empty()).then_some(Called { numbers, front })
    }

    /// Who is called before the line goes on: those who missed a claim and stood back long enough,
    /// then those passed over. Presence is asked first, since most of them are away.
    fn returning(&self, choice: Choice, present: &dyn Present) -> impl Iterator<Item = Number> {
        let near = |group: &Range<u32>| present.anybody_near(Number(group.start));
        let missed = groups(0..choice.issued)
            .filter(near)
            .flat_map(|group| self.missed.range(Number(group.start)..Number(group.end)))
            .filter(move |(_, missed)| missed.not_before <= choice.now)
            .map(|(number, _)| *number)
            .filter(|number| self.passed.contains(number.0) && present.present(*number));
        let passed = groups(0..self.front)
            .filter(near)
            .flat_map(|group| self.passed.iter_range(group.start, group.end))
            .map(Number)
            .filter(|number| present.present(*number) && !self.missed.contains_key(number));
        missed.chain(passed)
    }

    /// Fills `numbers` up to `room` from the front on, and says where the front is then.
    fn choose_from_front(
        &self,
        choice: Choice,
        room: usize,
        present: &dyn Present,
        numbers: &mut Vec<Number>,
    ) -> u32 {
        let mut front = self.front;
        // The first absent visitor who keeps their place: the front goes no further.
        let mut kept = None;
        for group in groups(self.front..choice.issued) {
            if numbers.len() == room {
                return kept.unwrap_or(front);
            }
            if !present.anybody_near(Number(group.start)) {
                if !choice.passing && kept.is_none() {
                    kept = self.waiting.iter_range(group.start, group.end).next();
                }
                continue;
            }
            for number in self.waiting_or_passed(group) {
                if numbers.len() == room {
                    return kept.unwrap_or(front);
                }
                let number = Number(number);
                if !present.present(number) {
                    if !choice.passing && self.waiting.contains(number.0) {
                        kept.get_or_insert(number.0);
                    }
                } else if !self.missed.contains_key(&number) {
                    numbers.push(number);
                    front = number.0 + 1;
                }
            }
        }
        if numbers.len() < room {
            // Nobody is left to call: whoever comes back is next.
            front = choice.issued;
        }
        kept.unwrap_or(front)
    }

    /// The numbers of a group that wait or were passed over, ascending; skips what is neither.
    fn waiting_or_passed(&self, group: Range<u32>) -> impl Iterator<Item = u32> {
        let first = group.start / 64;
        let words = self.waiting.words().iter().zip(self.passed.words());
        (first..group.end.div_ceil(64))
            .zip(words.skip(first as usize))
            .map(|(at, (waiting, passed))| (at * 64, waiting | passed))
            .flat_map(|(base, word)| ones(word).map(move |bit| base + bit))
            .filter(move |number| group.contains(number))
    }
}

/// A range of numbers, split where one group ends and the next begins.
fn groups(numbers: Range<u32>) -> impl Iterator<Item = Range<u32>> {
    let Range { start, end } = numbers;
    let firsts = (start / NUMBERS_PER_SUM * NUMBERS_PER_SUM..end).step_by(NUMBERS_PER_SUM as usize);
    firsts.map(move |first| first.max(start)..(first + NUMBERS_PER_SUM).min(end))
}

/// The bits set in a word, ascending.
fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}
