//! What a crowd counts while it lives.
//!
//! All orderings are relaxed: these are lone numbers to look at, nothing is published with them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Codes told apart; more are counted together, since they come from outside.
const CODES_MAX: usize = 64;

/// The counts of one crowd, of this run and of those that it goes on with.
#[derive(Debug, Default)]
pub struct Tally {
    /// Places given.
    pub joined: Count,
    /// Waiting in the queue now.
    pub waiting: Count,
    /// In the shop now.
    pub shopping: Count,
    /// Polls of a place.
    pub polls: Count,
    /// Calls seen.
    pub called: Count,
    /// Calls claimed.
    pub claimed: Count,
    /// Holds acknowledged.
    pub holds: Count,
    /// Holds given back.
    pub released: Count,
    /// Orders acknowledged.
    pub orders: Count,
    /// Went home without an order.
    pub without_order: Count,
    /// Shown positions that rose, queue numbers that changed, and places that ended while their
    /// visitors waited. Must stay 0.
    pub lost_positions: Count,
    /// Questions put again, because nobody answered or the server asked for it.
    pub retries: Count,
    /// Answers that never came, or that the interface does not promise.
    pub errors: Count,
    /// One, once everybody has gone home of their own accord.
    pub gone: Count,
    refused: Mutex<BTreeMap<String, u64>>,
}

/// A number that many add to.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

/// One more for as long as it lives.
pub(super) struct Counted<'a>(&'a Count);

impl Tally {
    /// Counts a refusal.
    pub fn refuse(&self, code: &str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refused.contains_key(code) || refused.len() < CODES_MAX;
        *refused.entry(if known { code } else { "others" }.to_owned()).or_default() += 1;
    }

    /// Refusals by code.
    pub fn refused(&self) -> BTreeMap<String, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Count {
    /// Adds so many.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// One more until the answer is dropped.
    pub(super) fn enter(&self) -> Counted<'_> {
        self.add(1);
        Counted(self)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let before = self.0.0.fetch_sub(1, Ordering::Relaxed);
        debug_assert!(before > 0, "who leaves has entered");
    }
}
