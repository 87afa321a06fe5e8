//! The night of one sale: its curves, and what happened. Bounded, and kept across restarts.
//!
//! `point` is one moment of the curves, `milestone` one thing that happened, `memory` holds both
//! within their bounds, `watch` looks at the sale and finds them, `file` keeps them, `curves` makes
//! of them what is drawn. Owns no state of the sale: it reads what is published.

pub mod curves;
pub mod milestone;
pub mod point;
mod file;
mod memory;
mod watch;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use file::NightFile;
use memory::Memory;
use milestone::Milestone;
use point::Point;
use watch::Watch;

use crate::api::state::{OpenSale, State};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::metrics::spread::Spread;

/// Between two points of a curve: a screen shows some hundreds of them.
pub const POINT_S: i64 = 5;
/// Between two looks: an outage lasts half a second at least, as a journal is tried again.
const LOOK_MS: u64 = 500;

/// What a night is made from.
pub struct Parts {
    /// The folder of its sale; `None`: nothing outlives the process.
    pub folder: Option<PathBuf>,
    /// What is measured of the server.
    pub metrics: Arc<Metrics>,
    /// Another process can write the sale.
    pub shared: bool,
}

/// The night of one sale.
pub struct Night {
    memory: Mutex<Memory>,
    watch: Mutex<Watch>,
    file: Option<NightFile>,
    metrics: Arc<Metrics>,
}

/// How long answers and appends took in the last minute, or since there was something to see.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// Answers to visitors and shops, of the whole server.
    pub answers: Spread,
    /// Durable writes of this sale.
    pub appends: Spread,
}

impl Night {
    /// Goes on with what is kept of a night, or begins.
    pub fn open(parts: Parts) -> Self {
        let file = parts.folder.map(NightFile::new);
        let memory = file.as_ref().map(NightFile::load).unwrap_or_default();
        let watch = Watch::after(&memory, parts.shared);
        let (memory, watch) = (Mutex::new(memory), Mutex::new(watch));
        Self { memory, watch, file, metrics: parts.metrics }
    }

    /// Looks at the sale: notes what happened, and adds a point if it is time for one.
    pub fn look(&self, sale: &OpenSale, clock: &Clock) {
        let mut watch = lock(&self.watch);
        let (point, milestones) = watch.look(self, sale, clock);
        let mut memory = lock(&self.memory);
        for milestone in milestones {
            self.keep(|| file::milestone_line(&milestone));
            memory.note(milestone);
        }
        if let Some(point) = point {
            let point = memory.add(point);
            self.keep(|| file::point_line(&point));
        }
    }

    /// The points, oldest first.
    pub fn points(&self) -> Vec<Point> {
        lock(&self.memory).points().copied().collect()
    }

    /// What happened, oldest first, and how much of it had to be left out.
    pub fn milestones(&self) -> (Vec<Milestone>, u64) {
        let memory = lock(&self.memory);
        (memory.milestones().cloned().collect(), memory.left_out())
    }

    /// What grew by how much in the last minute that is known; `None` before there was one.
    pub fn per_minute(&self, of: impl Fn(&Point) -> u64) -> Option<u64> {
        lock(&self.memory).per_minute(of)
    }

    /// How many had joined when so many numbers were given.
    pub fn joined_by(&self, numbers: u32) -> u32 {
        lock(&self.watch).joined_by(numbers)
    }

    /// How long things took in the last minute.
    pub fn times(&self, sale: &OpenSale) -> Times {
        let now = self.times_so_far(sale);
        let before = lock(&self.watch).times_before();
        Times {
            answers: now.answers.since(&before.answers),
            appends: now.appends.since(&before.appends),
        }
    }

    fn times_so_far(&self, sale: &OpenSale) -> Times {
        Times { answers: self.metrics.http.of_visitors(), appends: sale.metrics.appends() }
    }

    fn keep(&self, line: impl FnOnce() -> String) {
        if let Some(file) = &self.file {
            file.put(line());
        }
    }

    /// Writes what is new into its file, if it has one. Waits for the disk.
    pub fn write(&self) {
        let Some(file) = &self.file else { return };
        // Lines are put under this lock: what is taken and what is in memory belong together.
        let work = file.take(&lock(&self.memory));
        if let Some(work) = work {
            file.write(work);
        }
    }
}

/// Looks at each sale now and then, and writes its night, until told to stop.
pub async fn keep_nights(state: Arc<State>, stop: CancellationToken) {
    let clock = Clock::machine();
    let mut turn = tokio::time::interval(Duration::from_millis(LOOK_MS));
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(turn.tick()).await.is_some() {
        for sale in state.sales().values() {
            sale.night.look(sale, &clock);
            if sale.night.file.as_ref().is_some_and(NightFile::due) {
                // Not waited for: a disk that hangs holds up no look.
                let sale = sale.clone();
                tokio::task::spawn_blocking(move || sale.night.write());
            }
        }
    }
}

/// What is kept under these locks is whole between any two lines.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
