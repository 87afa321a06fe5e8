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
    oldest_first: VecDeque<(u128, Answer)>,
    /// How many came before the first that is remembered.
    forgotten: u64,
    /// Which one it was, of all that ever came: so that only small entries lie scattered.
    by_key: Map<u128, u64>,
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
        self.oldest_first.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.oldest_first.is_empty()
    }

    /// What was answered under a key.
    pub fn get(&self, key: u128) -> Option<&Answer> {
        let at = self.by_key.get(&key)? - self.forgotten;
        let (_, answer) = self.oldest_first.get(at as usize).expect("a known key is remembered");
        Some(answer)
    }

    /// Remembers an answer.
    pub fn remember(&mut self, request: RequestKey, at: SaleTime, change: Change) {
        let newest = self.oldest_first.back();
        debug_assert!(newest.is_none_or(|(_, newest)| newest.at <= at));
        let number = self.forgotten + self.len() as u64;
        assert!(self.by_key.insert(request.key, number).is_none(), "a key has one effect");
        self.oldest_first.push_back((request.key, Answer { body: request.body, at, change }));
        if self.len() > ANSWERS_MAX {
            self.forget_oldest();
        }
    }

    /// Forgets what was answered before `before`.
    pub fn forget(&mut self, before: SaleTime) {
        while self.oldest_first.front().is_some_and(|(_, answer)| answer.at < before) {
            self.forget_oldest();
        }
        assert_eq!(self.by_key.len(), self.len(), "every key has its turn to go");
    }

    fn forget_oldest(&mut self) {
        let (key, _) = self.oldest_first.pop_front().expect("there is one to forget");
        self.by_key.remove(&key);
        self.forgotten += 1;
    }

    /// All keys with their answers, oldest first, for an image of the sale.
    pub fn iter(&self) -> impl Iterator<Item = (u128, &Answer)> {
        self.oldest_first.iter().map(|(key, answer)| (*key, answer))
    }
}
