//! What was answered under each idempotency key.
//!
//! Only accepted requests are remembered: a refusal changed nothing, so asking again decides anew.
//! The change is the answer, so a replayed journal gives every retry the same one.

use crate::change::Change;
use crate::id::RequestKey;
use crate::limits::ANSWERS_MAX;
use crate::map::Map;
use crate::time::SaleTime;
use std::collections::VecDeque;

/// The accepted requests of the last day of sale time.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    by_key: Map<u128, Answer>,
    oldest_first: VecDeque<(SaleTime, u128)>,
}

/// What was decided under one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Hash of what was asked.
    pub body: u64,
    /// When it was decided.
    pub at: SaleTime,
    /// What was decided.
    pub change: Change,
}

impl Answers {
    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// What was answered under a key.
    pub fn get(&self, key: u128) -> Option<&Answer> {
        self.by_key.get(&key)
    }

    /// Remembers an answer.
    pub fn remember(&mut self, request: RequestKey, at: SaleTime, change: Change) {
        let answer = Answer { body: request.body, at, change };
        assert!(self.by_key.insert(request.key, answer).is_none(), "a key has one effect");
        debug_assert!(self.oldest_first.back().is_none_or(|(last, _)| *last <= at));
        self.oldest_first.push_back((at, request.key));
        if self.oldest_first.len() > ANSWERS_MAX {
            let (_, oldest) = self.oldest_first.pop_front().expect("it is over its limit");
            self.by_key.remove(&oldest);
        }
    }

    /// Forgets what was answered before `before`.
    pub fn forget(&mut self, before: SaleTime) {
        while self.oldest_first.front().is_some_and(|(at, _)| *at < before) {
            let (_, key) = self.oldest_first.pop_front().expect("it has a front");
            self.by_key.remove(&key);
        }
        assert_eq!(self.by_key.len(), self.oldest_first.len(), "every key has its turn to go");
    }

    /// All keys with their answers, oldest first, for an image of the sale.
    pub fn iter(&self) -> impl Iterator<Item = (u128, &Answer)> {
        self.oldest_first.iter().map(|(_, key)| (*key, &self.by_key[key]))
    }
}
