//! Opens a sale: recovers or creates it, joins its parts, and leaves it ready to be served.
//!
//! Starts no thread; [`Engine::start`](super::Engine::start) does, and a simulation does not.

use std::sync::Arc;

use crossbeam::channel::{self, Receiver, Sender};
use stanchion_domain::change::{Change, Decided};
use stanchion_domain::limits::NUMBER_FIRST;
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{Now, WallTime};

use super::commit::{Committer, Shown};
use super::committer::CommitLoop;
use super::decider::{Batch, Decider};
use super::limits;
use super::meter::Meter;
use super::presence::Seen;
use super::published::Published;
use super::recovery::recover;
use super::timing::Timing;
use super::writer::{Wires, Writer};
use super::{Engine, Parts};
use crate::journal::fault::JournalFault;
use crate::journal::{Head, History, Journal, Record, record};

/// A sale that is ready to be served.
pub(super) struct Opened {
    pub(super) engine: Engine,
    pub(super) writer: Writer,
    pub(super) commits: CommitLoop,
    /// From the writer to the commits.
    pub(super) batches: Receiver<Batch>,
    pub(super) history: Arc<dyn History>,
    /// Dropped when it is time to stop.
    pub(super) stop: Sender<()>,
    pub(super) stopped: Receiver<()>,
}

/// Opens the sale that a journal holds, or creates it from its definition; `None` if there is
/// neither. `batches_waiting`: how many batches may lie between writer and committer.
pub(super) fn open(parts: Parts, batches_waiting: usize) -> Result<Option<Opened>, JournalFault> {
    let Parts { mut journal, definition, clock, registry, fatal } = parts;
    let history = journal.history();
    let recovered = recover(&*history)?;
    let Some((sale, head)) = begin(&mut *journal, recovered, definition, clock.wall())? else {
        return Ok(None);
    };
    let now = Now { sale: sale.now(), wall: clock.wall() };
    let places = Publisher::restore(sale.line());
    let published = Arc::new(Published::new(&sale, places.places(), head, now));
    let metrics = registry.sale(&sale.definition().id);
    let meter = Meter::new(metrics.clone());
    let shown = Shown { places, published: published.clone(), meter };
    let mut committer = Committer::new(journal, &sale, shown, clock.clone());
    let mut decider = Decider::new(sale, head, 0);
    // Whoever comes first finds numbers reserved.
    decider.tick(now, &Seen(&published.places));
    committer.commit(decider.take(now))?;

    let (backlog, requests) = channel::bounded(limits::BACKLOG_MAX);
    let (batches, handed) = channel::bounded(batches_waiting);
    let (tell_recovered, recovered) = channel::unbounded();
    let (stop, stopped) = channel::bounded(0);
    let timing = Timing::new(decider.sale().now(), clock.clone(), committer.writing_since_ms());
    let wires = Wires {
        backlog: requests,
        batches,
        recovered,
        stop: stopped.clone(),
        published: published.clone(),
        metrics,
    };
    Ok(Some(Opened {
        engine: Engine { backlog, published },
        writer: Writer::new(decider, timing, wires),
        commits: CommitLoop::new(committer, tell_recovered, fatal, clock),
        batches: handed,
        history,
        stop,
        stopped,
    }))
}

/// Records what a start changes: the sale, if it is new, and that serving begins. The numbers below
/// the first are reserved before the start of a new sale, which sets them aside with all that were
/// reserved before a start; so nobody is given them.
fn begin(
    journal: &mut dyn Journal,
    recovered: Option<(Sale, Head)>,
    definition: Option<Arc<Definition>>,
    wall: WallTime,
) -> Result<Option<(Sale, Head)>, JournalFault> {
    let mut first = Vec::new();
    let (mut sale, mut head) = match (recovered, definition) {
        (Some(found), _) => found,
        (None, None) => return Ok(None),
        (None, Some(definition)) => {
            record::check_definition(&definition)?;
            first.push(Change::Created(definition.clone()));
            first.push(Change::Reserved { until: NUMBER_FIRST });
            (Sale::new(definition), Head::default())
        }
    };
    head.epoch += 1;
    first.push(Change::Started);
    let now = Now { sale: sale.now(), wall };
    let mut records = Vec::new();
    for change in first {
        head.sequence += 1;
        let decided = Decided { now, request: None, change };
        if !matches!(decided.change, Change::Created(_)) {
            sale.apply(&decided);
        }
        let Head { sequence, epoch } = head;
        records.push(Record { sequence, epoch, decided });
    }
    journal.append(&records)?;
    Ok(Some((sale, head)))
}
