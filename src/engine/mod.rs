//! One writer per sale: decides in batches, records, publishes, answers.
//!
//! ```text
//! request ─► backlog ─► writer (decides) ─► committer (journal, then readers, then answers)
//!                          ▲ ticks                └─► published: places, passes, baskets, board
//! ```
//!
//! Knows no HTTP and no JSON. Joining, polling and reading never come here: they read
//! [`Published`], which shows only what is durable.

pub mod ask;
pub mod committer;
pub mod desk;
pub mod estimate;
pub mod health;
pub mod limits;
pub mod moved;
pub mod published;
pub mod shop;
pub mod standby;
pub mod takeover;
pub mod tally;
pub mod vigil;
mod backlog;
mod commit;
mod decider;
mod follower;
mod handed;
mod mailbox;
mod meter;
mod opening;
mod picture;
mod presence;
mod recovery;
mod snapshots;
mod timing;
mod touched;
mod writer;
#[cfg(test)]
mod tests;

pub use touched::PassView;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam::channel::Sender;
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::{Number, RequestKey};
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::sale::definition::Definition;
use tokio::sync::oneshot;

use ask::{Answer, Asked, Declined};
use backlog::Backlog;
use committer::Fatal;
use opening::Opened;
use published::Published;
use snapshots::{Rhythm, Snapshots};

use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::{Journal, record};
use crate::metrics::Metrics;

/// A running sale, shared by everybody who serves its visitors.
#[derive(Clone)]
pub struct Engine {
    backlog: Arc<Backlog>,
    published: Arc<Published>,
    /// Set once and for all when the sale is handed over or stops: nothing new is taken.
    closed: Arc<AtomicBool>,
}

/// What a sale is served with.
pub struct Parts {
    /// Where its changes are kept.
    pub journal: Box<dyn Journal>,
    /// What creates it, if the journal is empty; from then on the journal is the truth.
    pub definition: Option<Arc<Definition>>,
    /// What tells the time.
    pub clock: Clock,
    /// Where it is counted.
    pub registry: Arc<Metrics>,
    /// Called once if the journal fails for good: the process should end then.
    pub fatal: Fatal,
}

/// The threads of a running sale.
pub struct Threads {
    threads: Vec<JoinHandle<()>>,
    stop: Sender<()>,
    closed: Arc<AtomicBool>,
}

impl Engine {
    /// Opens the sale that a journal holds, or creates it from its definition, and serves it;
    /// `None` if there is neither. Numbers are reserved when it returns.
    ///
    /// # Faults
    /// Those of reading and writing the journal.
    pub fn start(parts: Parts) -> Result<Option<(Self, Threads)>, JournalFault> {
        Self::start_with(parts, Rhythm::default())
    }

    fn start_with(parts: Parts, rhythm: Rhythm) -> Result<Option<(Self, Threads)>, JournalFault> {
        let (registry, clock) = (parts.registry.clone(), parts.clock.clone());
        let opened = opening::open(parts)?;
        Ok(opened.map(|opened| Self::run(opened, &registry, clock, rhythm)))
    }

    /// Starts the threads of a sale that is ready to be served.
    fn run(opened: Opened, registry: &Metrics, clock: Clock, rhythm: Rhythm) -> (Self, Threads) {
        let Opened { engine, writer, commits, history, stop, stopped } = opened;
        let id = engine.published.desk().definition.id.clone();
        let published = engine.published.clone();
        let metrics = registry.sale(&id);
        let snapshots = Snapshots { history, published, rhythm, stop: stopped, metrics, clock };
        let threads = vec![
            spawn(&id, "writer", move || writer.run()),
            spawn(&id, "committer", move || commits.run()),
            spawn(&id, "snapshots", move || snapshots.run()),
        ];
        let closed = engine.closed.clone();
        (engine, Threads { threads, stop, closed })
    }

    /// Asks for one thing and waits until its outcome is durable.
    ///
    /// # Errors
    /// [`Declined`], by rule or because the sale cannot be written now.
    pub async fn ask(&self, command: Command, key: Option<RequestKey>) -> Answer {
        let holds = matches!(command, Command::Hold(_));
        let answer = self.put(command, key)?.await.unwrap_or(Err(Declined::Stopping));
        if let (true, Err(Declined::Refused(refusal))) = (holds, &answer) {
            self.published.tally.hold_refused(&refusal.code);
        }
        answer
    }

    /// Puts a request into the backlog. If the receiver is told nothing, the outcome is unknown.
    fn put(
        &self,
        command: Command,
        key: Option<RequestKey>,
    ) -> Result<oneshot::Receiver<Answer>, Declined> {
        if self.is_closed() {
            return Err(Declined::Stopping);
        }
        if !self.published.health.well() {
            return Err(Declined::Down);
        }
        if let Command::Ops(Ops { action: OpsAction::Redefine(definition), .. }) = &command
            && record::check_definition(definition).is_err()
        {
            let most = record::DEFINITION_BYTES_MAX as u64;
            let code = Code::LimitReached { limit: "definition_bytes", most };
            return Err(Declined::Refused(Refusal::whole(code)));
        }
        let (answer, answered) = oneshot::channel();
        self.backlog.put(Asked { command, key, answer })?;
        Ok(answered)
    }

    /// Gives a new visitor the next queue number; `None` while no reserved one is left, and once
    /// the sale is handed over. A number given in the same moment is honoured all the same: whoever
    /// writes next sets all aside that were reserved before.
    pub fn join(&self) -> Option<Number> {
        if self.is_closed() {
            return None;
        }
        self.published.places.join(self.published.now().sale)
    }

    /// What is durable, for every reader.
    pub fn published(&self) -> &Arc<Published> {
        &self.published
    }

    /// Relaxed: nothing is published with it.
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Requests that wait for the writer.
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }
}

impl Threads {
    /// Stops: waits until what was asked so far is durable, a last mark is left and the journal is
    /// closed; with it any lease is given up. Who asks later is told that the server is stopping.
    pub fn join(self) {
        self.closed.store(true, Ordering::Relaxed);
        drop(self.stop);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the sale had panicked");
            }
        }
    }
}

/// Starts a thread of the sale. A panic in it is a bug of ours: the process stops at once and
/// recovers from its journal, rather than go on with half a sale.
fn spawn(sale: &str, part: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = std::thread::Builder::new().name(format!("{part}-{sale}"));
    let run = || {
        let _guard = AbortOnPanic;
        run();
    };
    thread.spawn(run).expect("a thread can be started")
}

struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}
