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
pub mod estimate;
pub mod health;
pub mod limits;
pub mod published;
mod commit;
mod decider;
mod meter;
mod presence;
mod recovery;
mod snapshots;
mod touched;
mod writer;

pub use touched::PassView;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam::channel::{self, Sender, TrySendError};
use stanchion_domain::change::Change;
use stanchion_domain::command::Command;
use stanchion_domain::id::{Number, RequestKey};
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Now;
use tokio::sync::oneshot;

use ask::{Answer, Asked, Declined};
use commit::{Committer, Shown};
use committer::Fatal;
use decider::Decider;
use meter::Meter;
use published::Published;
use writer::{Wires, Writer};

use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::{Head, Journal};
use crate::metrics::Metrics;

/// A running sale, shared by everybody who serves its visitors.
#[derive(Clone)]
pub struct Engine {
    backlog: Sender<Asked>,
    published: Arc<Published>,
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
    _stop_snapshots: Sender<()>,
}

impl Engine {
    /// Opens the sale that a journal holds, or creates it from its definition, and serves it;
    /// `None` if there is neither.
    ///
    /// # Faults
    /// Those of reading and writing the journal.
    pub fn start(parts: Parts) -> Result<Option<(Self, Threads)>, JournalFault> {
        let Parts { mut journal, definition, clock, registry, fatal } = parts;
        let history = journal.history();
        let recovered = recovery::recover(&*history)?;
        let Some((sale, head)) = begin(&mut *journal, recovered, definition, &clock)? else {
            return Ok(None);
        };
        let now = Now { sale: sale.now(), wall: clock.wall() };
        let places = Publisher::restore(sale.line());
        let published = Arc::new(Published::new(&sale, places.places(), head, now));
        let id = sale.definition().id.clone();
        let meter = Meter::new(registry.sale(&id));
        let shown = Shown { places, published: published.clone(), meter };
        let committer = Committer::new(journal, &sale, shown, clock.clone());
        let (backlog, requests) = channel::bounded(limits::BACKLOG_MAX);
        let (batches, handed) = channel::bounded(0);
        let (tell_recovered, recovered) = channel::bounded(1);
        let wires = Wires {
            backlog: requests,
            batches,
            recovered,
            published: published.clone(),
            writing_since_ms: committer.writing_since_ms(),
            clock,
        };
        let writer = Writer::new(Decider::new(sale, head, 0), wires);
        let (stop_snapshots, stopped) = channel::bounded(0);
        let shown = published.clone();
        let threads = vec![
            spawn(&id, "writer", move || writer.run()),
            spawn(&id, "committer", move || {
                committer::run(committer, &handed, &tell_recovered, &fatal);
            }),
            spawn(&id, "snapshots", move || snapshots::run(&*history, &shown, &stopped)),
        ];
        let engine = Self { backlog, published };
        Ok(Some((engine, Threads { threads, _stop_snapshots: stop_snapshots })))
    }

    /// Asks for one thing and waits until its outcome is durable.
    ///
    /// # Errors
    /// [`Declined`], by rule or because the sale cannot be written now.
    pub async fn ask(&self, command: Command, key: Option<RequestKey>) -> Answer {
        if !self.published.health.well() {
            return Err(Declined::Down);
        }
        let (answer, answered) = oneshot::channel();
        match self.backlog.try_send(Asked { command, key, answer }) {
            Ok(()) => answered.await.unwrap_or(Err(Declined::Stopping)),
            Err(TrySendError::Full(_)) => Err(Declined::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Declined::Stopping),
        }
    }

    /// Gives a new visitor the next queue number; `None` while no reserved one is left.
    pub fn join(&self) -> Option<Number> {
        self.published.places.join(self.published.now().sale)
    }

    /// What is durable, for every reader.
    pub fn published(&self) -> &Arc<Published> {
        &self.published
    }

    /// Requests that wait for the writer.
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }
}

impl Threads {
    /// Waits until what was asked is durable and the journal is closed. Every [`Engine`] must have
    /// been dropped.
    pub fn join(self) {
        drop(self._stop_snapshots);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the sale had panicked");
            }
        }
    }
}

/// Records what a start changes: the sale, if it is new, and that serving begins.
fn begin(
    journal: &mut dyn Journal,
    recovered: Option<(Sale, Head)>,
    definition: Option<Arc<Definition>>,
    clock: &Clock,
) -> Result<Option<(Sale, Head)>, JournalFault> {
    let mut first = Vec::new();
    let (mut sale, mut head) = match (recovered, definition) {
        (Some(found), _) => found,
        (None, None) => return Ok(None),
        (None, Some(definition)) => {
            first.push(Change::Created(definition.clone()));
            (Sale::new(definition), Head::default())
        }
    };
    head.epoch += 1;
    first.push(Change::Started);
    let now = Now { sale: sale.now(), wall: clock.wall() };
    let mut records = Vec::new();
    for change in first {
        head.sequence += 1;
        let decided = stanchion_domain::change::Decided { now, request: None, change };
        if !matches!(decided.change, Change::Created(_)) {
            sale.apply(&decided);
        }
        let Head { sequence, epoch } = head;
        records.push(crate::journal::Record { sequence, epoch, decided });
    }
    journal.append(&records)?;
    Ok(Some((sale, head)))
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
