//! The notebook of one worker: everybody writes into it what they measured and what they were told.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Exchange;
use super::figures::Measured;
use crate::history::Told;
use crate::history::clock::micros;
use crate::scenario::Phase;

/// What a worker has to report.
#[derive(Default)]
pub struct Notebook {
    /// When each phase begins, in microseconds of the run.
    phases_us: Vec<u64>,
    measured: Mutex<Measured>,
    told: Mutex<Vec<Told>>,
}

impl Notebook {
    /// For a run with these phases.
    pub fn new(phases: &[Phase]) -> Self {
        let from = |phase: &Phase| micros(phase.from.max(Duration::ZERO));
        Self { phases_us: phases.iter().map(from).collect(), ..Self::default() }
    }

    /// Writes down one exchange.
    pub fn measured(&self, exchange: Exchange) {
        let begun = self.phases_us.partition_point(|from_us| *from_us <= exchange.intended_us);
        lock(&self.measured).add(begun.saturating_sub(1), &exchange);
    }

    /// Writes down what somebody was told.
    pub fn told(&self, told: Told) {
        lock(&self.told).push(told);
    }

    /// Takes what was told since the last time.
    pub fn take_told(&self) -> Vec<Told> {
        std::mem::take(&mut lock(&self.told))
    }

    /// Writes down that somebody who meant to do something at an instant woke up so late.
    pub fn woke(&self, late_us: u64) {
        lock(&self.measured).lateness.add(late_us);
    }

    /// How late the harness was in asking, at 99 of 100, in milliseconds.
    pub fn lateness_p99_ms(&self) -> f64 {
        lock(&self.measured).lateness.quantile_ms(0.99)
    }

    /// What was measured so far.
    pub fn figures(&self) -> Measured {
        lock(&self.measured).clone()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
