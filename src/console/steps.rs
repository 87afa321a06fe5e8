//! A change in two steps: what it will do is said first, and it is done when that is confirmed.
//!
//! The revision that somebody looked at goes with it. If another change of the same thing came
//! between, that is told, and the first step is taken again.

use serde::Serialize;
use serde_json::{Value, json};
use stanchion_domain::command::{Command, Ops};
use stanchion_domain::sale::operations::Audit;

use super::concern::disagree;
use super::controls::words;
use crate::api::ops::change::duty_of;
use crate::api::problem::Problem;
use crate::api::queue::ask;
use crate::api::state::OpenSale;
use crate::clock;
use crate::staff::Who;

/// A change is asked for again while others change other things.
const TRIES_MAX: u32 = 5;

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
    /// What was changed after the revision that a change names, if it is about the same; otherwise
    /// the revision that it can name as well.
    fn since(sale: &OpenSale, asked: &Ops) -> Result<u64, Self> {
        let desk = sale.desk();
        let (audit, revision) = (&desk.operations.audit, desk.operations.revision);
        let later: Vec<_> = audit.iter().filter(|entry| entry.revision > asked.revision).collect();
        let all_known = later.len() as u64 == revision.saturating_sub(asked.revision);
        if all_known && !later.iter().any(|entry| disagree(&entry.action, &asked.action)) {
            return Ok(revision);
        }
        let told =
            later.iter().map(|entry| format!("{} {}", entry.actor, words::done(&entry.action)));
        Err(Self { told: told.collect::<Vec<_>>().join("; "), revision })
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

/// Takes the second step: the revision that it made.
pub(super) async fn make(sale: &OpenSale, who: &Who, ops: Ops) -> Result<u64, Undone> {
    if !who.role.may(duty_of(&ops.action)) {
        return Err(Undone::Role);
    }
    let mut ops = ops;
    for _ in 0..TRIES_MAX {
        match ask(sale, Command::Ops(ops.clone()), None).await {
            Ok(_) => return Ok(ops.revision + 1),
            Err(problem) if problem.code() == "stale_revision" => {
                ops.revision = Meanwhile::since(sale, &ops).map_err(Undone::Meanwhile)?;
            }
            Err(problem) => return Err(Undone::Refused(problem)),
        }
    }
    Err(Undone::Refused(Problem::new("busy")))
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
