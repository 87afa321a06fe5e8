//! Which tokens are believed of places that moved to another device.
//!
//! Changed by the commit thread alone, before whoever moved is answered. Nearly every place never
//! moves, and a sale of which none did costs a poll one look at a flag.

use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::DashMap;
use stanchion_domain::id::{Number, PlaceMark};
use stanchion_domain::sale::Sale;

use super::published::Mixed;

/// The marks of the places that moved.
#[derive(Default)]
pub struct Moved {
    any: AtomicBool,
    marks: DashMap<Number, PlaceMark, Mixed>,
}

impl Moved {
    /// Whether a token with this mark still stands for its place: it never moved, or to there.
    pub fn believes(&self, number: Number, mark: PlaceMark) -> bool {
        // Acquire, from the Release in `put`: who sees the flag sees the mark.
        !self.any.load(Ordering::Acquire)
            || self.marks.get(&number).is_none_or(|moved| *moved == mark)
    }

    /// Which tokens are believed of a place that moved.
    pub fn mark(&self, number: Number) -> Option<PlaceMark> {
        self.marks.get(&number).map(|mark| *mark)
    }

    /// Which place moved to there. Looks at every one: for who comes back after a crash.
    pub fn whose(&self, mark: PlaceMark) -> Option<Number> {
        self.marks.iter().find(|entry| *entry.value() == mark).map(|entry| *entry.key())
    }

    /// A place moved.
    pub(super) fn put(&self, number: Number, mark: PlaceMark) {
        self.marks.insert(number, mark);
        self.any.store(true, Ordering::Release);
    }

    /// A place has ended, wherever it was.
    pub(super) fn forget(&self, number: Number) {
        // Relaxed: this thread alone stores it.
        if self.any.load(Ordering::Relaxed) {
            self.marks.remove(&number);
        }
    }

    /// Shows what a recovered sale holds.
    pub(super) fn refresh(&self, sale: &Sale) {
        let moved = sale.line().all_moved();
        moved.iter().for_each(|(number, mark)| self.put(*number, *mark));
        self.marks.retain(|number, _| moved.contains_key(number));
    }
}
