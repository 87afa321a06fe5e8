//! The commit thread: one durable write after the other, and what happens when a write fails.
//!
//! A failed sync ends the process: nobody knows what is on disk. A full or read-only disk stops
//! selling; the journal is opened again until it can be written, and what it then holds is the
//! truth.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};

use super::ask::Declined;
use super::commit::{Committer, decline};
use super::decider::Batch;
use super::health::HealthState;
use super::limits::{HEALTH_MS, REOPEN_MS};
use super::recovery::{Recovered, recover};
use crate::journal::fault::JournalFault;

/// Called once when the journal failed in a way that only a new process can mend.
pub type Fatal = Arc<dyn Fn(&JournalFault) + Send + Sync>;

/// Runs until the writer is gone or the journal failed for good.
pub(super) fn run(
    mut committer: Committer,
    batches: &Receiver<Batch>,
    recovered: &Sender<Recovered>,
    fatal: &Fatal,
) {
    let mut term = 0;
    loop {
        let outcome = match batches.recv_timeout(Duration::from_millis(HEALTH_MS)) {
            Ok(batch) if batch.term != term => {
                decline(batch, Declined::Down);
                continue;
            }
            Ok(batch) => committer.commit(batch),
            Err(RecvTimeoutError::Timeout) => committer.journal().health(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Err(fault) = outcome else { continue };
        term += 1;
        let mended = match fault.resumes() {
            true => reopen(&mut committer, batches, &fault, term),
            false => Err(fault),
        };
        match mended {
            Ok(Some(state)) => {
                committer.meter().healthy(true);
                committer.published().health.set(HealthState::Well);
                tracing::info!(sequence = state.head.sequence, "the journal can be written again");
                if recovered.send(state).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(fault) => return fail(&committer, batches, &fault, fatal),
        }
    }
}

/// Opens the journal again until that works; `None` if the writer went away meanwhile.
fn reopen(
    committer: &mut Committer,
    batches: &Receiver<Batch>,
    fault: &JournalFault,
    term: u64,
) -> Result<Option<Recovered>, JournalFault> {
    tracing::error!(%fault, "selling stops until the journal can be written");
    set_down(committer, fault);
    loop {
        match batches.recv_timeout(Duration::from_millis(REOPEN_MS)) {
            Ok(batch) => decline(batch, Declined::Down),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
        match committer.journal().reopen().and_then(|_| committer.journal().health()) {
            Ok(()) => return catch_up(committer, term).map(Some),
            Err(fault) if fault.resumes() => set_down(committer, &fault),
            Err(fault) => return Err(fault),
        }
    }
}

/// Rebuilds the sale from the journal and shows readers what they had not seen of it.
fn catch_up(committer: &mut Committer, term: u64) -> Result<Recovered, JournalFault> {
    let history = committer.journal().history();
    let (sale, head) = recover(&*history)?.expect("a journal that was written to holds its sale");
    let mut late = Vec::new();
    history.read_from(committer.published().sequence() + 1, &mut |record| {
        late.push(record);
        ControlFlow::Continue(())
    })?;
    committer.show_late(&late, &sale);
    Ok(Recovered { sale, head, term })
}

fn set_down(committer: &Committer, fault: &JournalFault) {
    committer.meter().healthy(false);
    let state = HealthState::Down { cause: describe(fault), outward: fault.outward() };
    committer.published().health.set(state);
}

/// The journal failed for good: nothing is acknowledged any more, and the process is told to end.
fn fail(committer: &Committer, batches: &Receiver<Batch>, fault: &JournalFault, fatal: &Fatal) {
    tracing::error!(fault = describe(fault), "the journal failed for good");
    set_down(committer, fault);
    fatal(fault);
    while let Ok(batch) = batches.recv() {
        decline(batch, Declined::Down);
    }
}

/// A fault with what caused it.
pub(super) fn describe(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
