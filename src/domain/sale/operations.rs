//! What operators set and see: phase, cap, pace, notice, redirect, triggers, and who did what.

use crate::board::trigger::{Notice, Trigger};
use crate::command::OpsAction;
use crate::limits::AUDIT_KEPT_MAX;
use crate::sale::definition::Definition;
use crate::time::{Now, WallTime};
use std::collections::VecDeque;

/// The operators' side of a sale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operations {
    /// Whether the sale is open.
    pub phase: Phase,
    /// Whether calling was stopped by hand or by a trigger.
    pub calling_paused: bool,
    /// Whether sale time was stopped by hand.
    pub frozen: bool,
    /// Most passes called or active at once.
    pub cap: u32,
    /// Most calls a minute.
    pub pace_per_minute: u32,
    /// Whether no more shoppers are called than what is left can serve.
    pub call_for_what_is_left: bool,
    /// Words for everyone.
    pub notice: Option<Notice>,
    /// When they are taken away again, if that was said. It belongs to these words: what is posted
    /// after them has its own end or none, so that no end takes away somebody else's words.
    pub notice_until: Option<WallTime>,
    /// Where everyone in the queue is sent.
    pub redirect: Option<String>,
    /// Triggers that are set, with whether they have fired.
    pub triggers: Vec<(Trigger, bool)>,
    /// Number of the newest ops change; every ops change names the one it was made against.
    pub revision: u64,
    /// The newest ops changes; the journal keeps all.
    pub audit: VecDeque<Audit>,
}

/// Who acts when nobody does, as the audit log names it.
pub const ACTOR_TRIGGER: &str = "trigger";
/// Who takes away a notice whose end has come, as the audit log names it.
pub const ACTOR_TIME: &str = "time";

/// How far a sale has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Visitors join and wait for the opening.
    Before,
    /// Visitors are called.
    Open,
    /// Nobody is called and nothing more is held; live baskets may be paid.
    Closed,
}

/// One ops change, as the audit log shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audit {
    /// The revision it made.
    pub revision: u64,
    /// When.
    pub now: Now,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What.
    pub action: OpsAction,
}

impl Phase {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl Operations {
    /// As the definition sets them.
    pub fn new(definition: &Definition) -> Self {
        Self {
            phase: Phase::Before,
            calling_paused: false,
            frozen: false,
            cap: definition.policy.cap,
            pace_per_minute: definition.policy.pace_per_minute,
            call_for_what_is_left: definition.policy.call_for_what_is_left,
            notice: None,
            notice_until: None,
            redirect: None,
            triggers: definition.triggers.iter().cloned().map(|trigger| (trigger, false)).collect(),
            revision: 0,
            audit: VecDeque::new(),
        }
    }

    /// Whether visitors are called now, as far as operators say: a cap or a pace of zero lets
    /// nobody in.
    pub fn calling(&self) -> bool {
        let lets_in = self.cap > 0 && self.pace_per_minute > 0;
        self.phase == Phase::Open && !self.calling_paused && !self.frozen && lets_in
    }

    /// Writes an ops change into the log and counts the revision.
    pub fn log(&mut self, now: Now, actor: &str, reason: &str, action: &OpsAction) {
        self.revision += 1;
        self.audit.push_back(Audit {
            revision: self.revision,
            now,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
            action: action.clone(),
        });
        while self.audit.len() > AUDIT_KEPT_MAX {
            self.audit.pop_front();
        }
        assert!(self.revision >= self.audit.len() as u64, "every entry has a revision");
    }

    /// Shows other words, or none.
    pub fn show(&mut self, notice: Option<Notice>, until: Option<WallTime>) {
        assert!(notice.is_some() || until.is_none(), "nothing shown has no end");
        (self.notice, self.notice_until) = (notice, until);
    }

    /// Sets a trigger, or replaces the one of the same id; it has not fired then.
    pub fn set_trigger(&mut self, trigger: Trigger) {
        match self.triggers.iter_mut().find(|(kept, _)| kept.id == trigger.id) {
            Some(kept) => *kept = (trigger, false),
            None => self.triggers.push((trigger, false)),
        }
    }
}
