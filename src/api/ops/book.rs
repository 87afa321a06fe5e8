//! The book of what staff did, as far as it is about sales.
//!
//! What was changed of a sale is in its journal; from there it is copied into the book, in order
//! and each once: as it comes, and at the start what a crash kept from it. So it is there whoever
//! did it, by the console, by a key, or by a trigger.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::Audit;
use tokio_util::sync::CancellationToken;

use crate::api::call::Call;
use crate::api::ops::places::By;
use crate::api::state::{OpenSale, State};
use crate::api::wire::action::action_body;
use crate::clock;
use crate::staff::Staff;
use crate::staff::book::Entry;

/// Between two looks for changes.
const LOOK_MS: u64 = 500;

/// Keeps the book until told to stop. A rehearsal leaves nothing in it.
pub async fn keep_book(state: Arc<State>, stop: CancellationToken) {
    if state.rehearsal() {
        return;
    }
    let mut known = BTreeMap::new();
    let mut turn = tokio::time::interval(Duration::from_millis(LOOK_MS));
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(turn.tick()).await.is_some() {
        for (id, sale) in state.sales() {
            let newest = sale.desk().operations.revision;
            if known.insert(id.clone(), newest) != Some(newest) {
                copy(&state, sale).await;
            }
        }
    }
}

/// Notes what somebody did or looked at with a key, where no journal does; returns when it is
/// durable.
pub(super) async fn note(call: &Call, actor: &str, did: &'static str, about: &str) {
    let Some(staff) = call.state.console() else { return };
    let (actor, about) = (actor.to_owned(), about.to_owned());
    staff.work(move |staff| staff.note(&actor, did, &about)).await;
}

/// The same, without waiting for the disk: for an answer that is there at once.
pub(super) fn note_soon(call: &Call, by: By, did: &'static str, about: String) {
    let Some(staff) = call.state.console().cloned() else { return };
    let note = move |staff: &Staff| staff.note_why(&by.actor, did, &about, &by.reason);
    tokio::spawn(async move { staff.work(note).await });
}

/// Copies what the book does not have yet.
async fn copy(state: &State, sale: &OpenSale) {
    let Some(staff) = state.console() else { return };
    let (id, desk) = (sale.id.to_string(), Guard::into_inner(sale.desk()));
    let copied = move |staff: &Staff| {
        let audit = &desk.operations.audit;
        let newest = staff.book.revision(&id);
        if audit.back().map_or(0, |kept| kept.revision) < newest {
            tracing::error!(sale = id, newest, "the book has changes that the journal does not");
        }
        let new = audit.iter().filter(|entry| entry.revision > newest);
        staff.book.append(new.map(|entry| entry_of(&id, entry, &desk.definition)));
    };
    staff.work(copied).await;
}

fn entry_of(sale: &str, audit: &Audit, definition: &Definition) -> Entry {
    Entry {
        at: clock::rfc3339(audit.now.wall).unwrap_or_default(),
        actor: audit.actor.clone(),
        did: "change".to_owned(),
        sale: Some(sale.to_owned()),
        revision: Some(audit.revision),
        reason: audit.reason.clone(),
        action: serde_json::to_value(action_body(&audit.action, definition)).ok(),
        ..Entry::default()
    }
}
