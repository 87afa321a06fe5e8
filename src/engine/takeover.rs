//! Takes over the sales of a process: one thread for each follows it until it can be written.
//!
//! Leases are taken in the order of the sales' ids, the same in every process, so that two of them
//! never wait for each other. No sale is begun before all leases are held: its time would run while
//! nobody can be served.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::limits::{FOLLOW_MS, FOLLOW_RETRY_MS};
use super::snapshots::Rhythm;
use super::standby::Standby;
use super::{AbortOnPanic, Engine, Threads};
use crate::journal::fault::JournalFault;

/// A sale that must not be served from its journal.
#[derive(Debug, Error)]
#[error("the journal of sale \"{sale}\"")]
pub struct Unfit {
    /// Which sale.
    pub sale: String,
    /// What is wrong.
    pub source: JournalFault,
}

/// Stands by for these sales until this process writes all of them, or until `stop`: then those are
/// returned that it writes already. Takes as long as that.
///
/// # Errors
/// [`Unfit`], as soon as it is known; no sale was begun then.
pub fn stand_by(
    mut standbys: Vec<Standby>,
    stop: &CancellationToken,
) -> Result<Vec<(Engine, Threads)>, Unfit> {
    standbys.sort_by(|one, next| one.vigil().sale.cmp(&next.vigil().sale));
    let turns = Turns(standbys.iter().map(|_| AtomicBool::new(false)).collect());
    let stop = stop.child_token();
    thread::scope(|scope| {
        let (turns, stop) = (&turns, &stop);
        let spawn = |(at, standby): (usize, Standby)| {
            let name = format!("standby-{}", standby.vigil().sale);
            let run = move || {
                let _guard = AbortOnPanic;
                Watch { standby, at, turns, stop }.run()
            };
            let thread = thread::Builder::new().name(name).spawn_scoped(scope, run);
            thread.expect("a thread can be started")
        };
        let threads: Vec<_> = standbys.into_iter().enumerate().map(spawn).collect();
        let ended = threads.into_iter().map(|one| one.join().expect("a panic ends the process"));
        ended.filter_map(Result::transpose).collect()
    })
}

/// Whether each sale is held or written, in the order of their ids.
struct Turns(Vec<AtomicBool>);

/// One thread.
struct Watch<'t> {
    standby: Standby,
    at: usize,
    turns: &'t Turns,
    stop: &'t CancellationToken,
}

impl Watch<'_> {
    /// Runs until the sale is written or it is time to stop, for all if the sale is unfit.
    fn run(mut self) -> Result<Option<(Engine, Threads)>, Unfit> {
        while !self.stop.is_cancelled() {
            let step = self.step();
            if let Ok(Some(served)) = step {
                return Ok(Some(served));
            }
            self.turns.set(self.at, self.standby.holds());
            if let Err(source) = step {
                if self.standby.unfit(&source) {
                    self.stop.cancel();
                    return Err(Unfit { sale: self.standby.vigil().sale.clone(), source });
                }
                // Noted where operators look.
                thread::sleep(Duration::from_millis(FOLLOW_RETRY_MS));
            }
        }
        Ok(None)
    }

    fn step(&mut self) -> Result<Option<(Engine, Threads)>, JournalFault> {
        if !self.standby.holds() {
            // This waits.
            self.standby.follow(Duration::from_millis(FOLLOW_MS))?;
            if self.turns.come(self.at) {
                self.standby.take()?;
            } else {
                self.standby.wait_for_turn();
            }
        } else if self.turns.over() {
            let opened = self.standby.begin()?;
            let (registry, clock) = (self.standby.registry.clone(), self.standby.clock.clone());
            return Ok(Some(Engine::run(opened, &registry, clock, Rhythm::default())));
        } else {
            self.standby.keep()?;
            thread::sleep(Duration::from_millis(FOLLOW_MS));
        }
        Ok(None)
    }
}

// Relaxed throughout: flags that order nothing, looked at again and again.
impl Turns {
    fn set(&self, at: usize, taken: bool) {
        self.0[at].store(taken, Ordering::Relaxed);
    }

    /// Whether all sales before this one are taken.
    fn come(&self, at: usize) -> bool {
        self.0[..at].iter().all(|taken| taken.load(Ordering::Relaxed))
    }

    /// Whether all sales are taken.
    fn over(&self) -> bool {
        self.come(self.0.len())
    }
}
