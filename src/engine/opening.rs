//! Opens a sale: recovers or creates it, joins its parts, and leaves it ready to be served.
//!
//! Starts no thread; [`Engine::start`](super::Engine::start) does, and a simulation does not.

use std::sync::Arc;

use crossbeam::channel::{self, Receiver, Sender};
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::sale::Sale;
use stanchion_domain::time::Now;

use super::backlog::Backlog;
use super::commit::{Committer, Shown};
use super::committer::{self, CommitLoop, Fatal};
use super::decider::Decider;
use super::handed::Handed;
use super::meter::Meter;
use super::published::Published;
use super::recovery::{begin, recover};
use super::timing::Timing;
use super::writer::{Wires, Writer};
use super::{Engine, Parts};
use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::{Head, History, Journal};
use crate::metrics::Metrics;

/// A sale that is ready to be served.
pub(super) struct Opened {
    pub(super) engine: Engine,
    pub(super) writer: Writer,
    pub(super) commits: CommitLoop,
    pub(super) history: Arc<dyn History>,
    /// Dropped when it is time to stop.
    pub(super) stop: Sender<()>,
    pub(super) stopped: Receiver<()>,
}

/// Opens the sale that a journal holds, or creates it from its definition; `None` if there is
/// neither. A journal that can be read, and not written yet, gives a sale that is down and resumes.
pub(super) fn open(parts: Parts) -> Result<Option<Opened>, JournalFault> {
    let Parts { mut journal, definition, clock, registry, fatal } = parts;
    let recovered = recover(&*journal.history())?;
    let found = recovered.as_ref().map(|(_, head)| *head);
    let Some((sale, mut head, first)) = begin(recovered, definition, clock.wall())? else {
        return Ok(None);
    };
    let down = waits(journal.append(&first), found.is_some())?;
    if let Some(found) = found.filter(|_| down.is_some()) {
        // What the start changes is shown, and recorded when it can be: it is the same then.
        head = found;
    }
    join(Begun { journal, sale, head, down }, Around { clock, registry, fatal }).map(Some)
}

/// A sale whose first records of this process are in, or wait until they can be.
pub(super) struct Begun {
    pub(super) journal: Box<dyn Journal>,
    /// As the first records make it.
    pub(super) sale: Sale,
    /// The newest durable record.
    pub(super) head: Head,
    /// Why the first records are not in yet.
    pub(super) down: Option<JournalFault>,
}

/// What surrounds a sale.
pub(super) struct Around {
    pub(super) clock: Clock,
    pub(super) registry: Arc<Metrics>,
    pub(super) fatal: Fatal,
}

/// Joins the parts of a sale, and reserves numbers if it can be written.
///
/// # Faults
/// Those of writing that cannot be waited for.
pub(super) fn join(begun: Begun, around: Around) -> Result<Opened, JournalFault> {
    let Begun { journal, sale, head, mut down } = begun;
    let Around { clock, registry, fatal } = around;
    let (history, begun) = (journal.history(), down.is_none());
    let now = Now { sale: sale.now(), wall: clock.wall() };
    let places = Publisher::restore(sale.line());
    let published = Arc::new(Published::new(&sale, places.places(), head, now));
    let metrics = registry.sale(&sale.definition().id);
    metrics.role.writer.set(1.0);
    metrics.role.lag.set(0.0);
    let meter = Meter::new(metrics.clone(), published.tally.clone());
    let shown = Shown { places, published: published.clone(), meter };
    let mut committer = Committer::new(journal, &sale, shown, clock.clone());
    let mut decider = Decider::new(sale, head, 0);
    if begun {
        // Whoever comes first finds numbers reserved.
        decider.tick(now, &published.seen());
        down = waits(committer.commit(decider.take(now)), true)?;
    }

    let (backlog, handed) = (Arc::<Backlog>::default(), Arc::<Handed>::default());
    let (stop, stopped) = channel::bounded(0);
    let writing = published.health.writing.clone();
    let timing = Timing::new(decider.sale().now(), clock.clone(), writing);
    let wires = Wires {
        backlog: backlog.clone(),
        handed: handed.clone(),
        stop: stopped.clone(),
        published: published.clone(),
        metrics,
    };
    let commit_wires = committer::Wires { handed, backlog: backlog.clone() };
    let mut commits = CommitLoop::new(committer, commit_wires, fatal, clock);
    if let Some(fault) = down {
        commits.start_down(&fault, begun);
    }
    Ok(Opened {
        engine: Engine { backlog, published, closed: Arc::default() },
        writer: Writer::new(decider, timing, wires),
        commits,
        history,
        stop,
        stopped,
    })
}

/// A first write that failed in a way that may pass, where there is something to serve meanwhile.
fn waits(
    written: Result<(), JournalFault>,
    readable: bool,
) -> Result<Option<JournalFault>, JournalFault> {
    match written {
        Ok(()) => Ok(None),
        Err(fault) if fault.resumes() && readable => Ok(Some(fault)),
        Err(fault) => Err(fault),
    }
}
