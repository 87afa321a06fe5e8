//! What the crowd has left behind: places that still stand, baskets that were touched.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Everything that is looked at again when the run is over.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    places: BTreeMap<u64, Kept>,
    baskets: BTreeMap<String, Kept>,
}

/// Whose it is, and the token that shows it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) who: u32,
    pub(super) token: String,
}

impl Ledger {
    /// Somebody has a place.
    pub(super) fn place(&self, number: u64, who: u32, token: &str) {
        self.entries().places.insert(number, Kept { who, token: token.to_owned() });
    }

    /// The place has ended, or led to a pass.
    pub(super) fn left(&self, number: u64) {
        self.entries().places.remove(&number);
    }

    /// Somebody has or had a basket.
    pub(super) fn basket(&self, id: &str, who: u32, token: &str) {
        let kept = || Kept { who, token: token.to_owned() };
        self.entries().baskets.entry(id.to_owned()).or_insert_with(kept);
    }

    /// The places that still stand, by number.
    pub(super) fn places(&self) -> Vec<Kept> {
        self.entries().places.values().cloned().collect()
    }

    /// All baskets, by id.
    pub(super) fn baskets(&self) -> Vec<(String, Kept)> {
        self.entries().baskets.iter().map(|(id, kept)| (id.clone(), kept.clone())).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // A holder never leaves them half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
