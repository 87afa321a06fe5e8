//! A change in two steps: what it will do is said first, and it is done when that is confirmed.
//!
//! The revision that somebody looked at goes with it. If another change came between, that is told,
//! and the first step is taken again.

use serde::Serialize;
use serde_json::{Value, json};
use stanchion_domain::command::{Command, Ops};
use stanchion_domain::sale::operations::Audit;

use super::controls::words;
use crate::api::ops::change::duty_of;
use crate::api::problem::Problem;
use crate::api::queue::ask;
use crate::api::state::OpenSale;
use crate::clock;
use crate::staff::Who;

/// The question of the first step, as `sure.html` shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sure {
    /// What will be done.
    pub(super) told: String,
    /// What others changed meanwhile.
    pub(super) between: Option<String>,
    /// The newest revision that is told of.
    pub(super) revision: u64,
    /// What the form of the second step carries along.
    pub(super) fields: Vec<(String, String)>,
    /// Why.
    pub(super) reason: String,
    /// What is typed to confirm it, if anything.
    pub(super) typed: Option<&'static str>,
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum Undone {
    /// Others were faster.
    Meanwhile(Meanwhile),
    /// It cannot be.
    Refused(Problem),
    /// The role does not allow it.
    Role,
}

/// What others changed after somebody looked.
#[derive(Clone, Debug)]
pub(super) struct Meanwhile {
    /// In words.
    pub(super) told: String,
    /// The newest revision that is told of.
    pub(super) revision: u64,
}

impl Meanwhile {
    fn since(sale: &OpenSale, revision: u64) -> Self {
        let desk = sale.desk();
        let later = desk.operations.audit.iter().filter(|entry| entry.revision > revision);
        let told = later.map(|entry| format!("{} {}", entry.actor, words::done(&entry.action)));
        Self { told: told.collect::<Vec<_>>().join("; "), revision: desk.operations.revision }
    }
}

impl Undone {
    /// What is wrong, as a sentence; or what others changed.
    pub(super) fn told(self) -> Result<Meanwhile, String> {
        match self {
            Self::Meanwhile(meanwhile) => Ok(meanwhile),
            Self::Refused(problem) => Err(words::problem(&problem)),
            Self::Role => Err("Your role does not allow this.".to_owned()),
        }
    }
}

/// Takes the second step.
pub(super) async fn make(sale: &OpenSale, who: &Who, ops: Ops) -> Result<(), Undone> {
    if !who.role.may(duty_of(&ops.action)) {
        return Err(Undone::Role);
    }
    let revision = ops.revision;
    match ask(sale, Command::Ops(ops), None).await {
        Ok(_) => Ok(()),
        Err(problem) if problem.code() == "stale_revision" => {
            Err(Undone::Meanwhile(Meanwhile::since(sale, revision)))
        }
        Err(problem) => Err(Undone::Refused(problem)),
    }
}

/// A change that was made, as a line of a list.
pub(super) fn row(entry: &Audit) -> Value {
    json!({
        "revision": entry.revision,
        "at": clock::rfc3339(entry.now.wall),
        "actor": entry.actor,
        "did": words::done(&entry.action),
        "reason": entry.reason,
    })
}
