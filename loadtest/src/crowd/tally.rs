//! Live counts of a crowd, for whoever shows progress.
//!
//! All are relaxed: each is a figure for people, and guards nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many people stand where, and how much they asked.
#[derive(Default)]
pub struct Tally {
    waiting: AtomicU64,
    called: AtomicU64,
    active: AtomicU64,
    holding: AtomicU64,
    gone: AtomicU64,
    ordered: AtomicU64,
    asked: AtomicU64,
}

/// Where a person stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Outside,
    Waiting,
    Called,
    Active,
    Holding,
}

/// A person who is counted where they stand; gone when dropped.
pub(super) struct Counted {
    tally: Arc<Tally>,
    standing: Standing,
}

impl Tally {
    /// How many are `waiting`, `called`, `active` (in the shop with nothing in their hands),
    /// `holding` (with a basket) or `gone`, and how many have `ordered`.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let counts = [
            ("waiting", &self.waiting),
            ("called", &self.called),
            ("active", &self.active),
            ("holding", &self.holding),
            ("gone", &self.gone),
            ("ordered", &self.ordered),
        ];
        counts.map(|(name, count)| (name.to_owned(), count.load(Ordering::Relaxed))).into()
    }

    pub(super) fn ordered(&self) {
        self.ordered.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Somebody asks.
    pub(super) fn asks(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self, standing: Standing) -> Option<&AtomicU64> {
        match standing {
            Standing::Outside => None,
            Standing::Waiting => Some(&self.waiting),
            Standing::Called => Some(&self.called),
            Standing::Active => Some(&self.active),
            Standing::Holding => Some(&self.holding),
        }
    }
}

impl Counted {
    pub(super) fn new(tally: &Arc<Tally>) -> Self {
        Self { tally: tally.clone(), standing: Standing::Outside }
    }

    /// They stand there now.
    pub(super) fn at(&mut self, standing: Standing) {
        if let Some(count) = self.tally.count(standing) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(count) = self.tally.count(self.standing) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
        self.standing = standing;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.at(Standing::Outside);
        self.tally.gone.fetch_add(1, Ordering::Relaxed);
    }
}
