//! What staff did, as far as it excuses what is otherwise forbidden.
//!
//! Taking an order back frees sold seats, restoring frees withheld ones, ending a pass ends its
//! basket. A change that these checks do not know, or one whose outcome is unknown, may have done
//! anything from then on.

use crate::history::{Told, What, Who};

/// Changes that free no unit, end no pass and set no cap.
const HARMLESS: [&str; 15] = [
    "open",
    "close",
    "pause_calling",
    "resume_calling",
    "set_pace",
    "post_notice",
    "withdraw_notice",
    "redirect",
    "end_redirect",
    "freeze_time",
    "resume_time",
    "add_time",
    "withhold",
    "set_trigger",
    "remove_trigger",
];

/// A cap that staff set.
#[derive(Clone, Copy, Debug)]
pub(super) struct CapSet {
    /// In force from here at the earliest.
    pub(super) asked_us: u64,
    /// In force from here at the latest; the end of time if that is not known.
    pub(super) told_us: u64,
    /// The cap.
    pub(super) cap: u64,
}

/// The first instants from which staff may have interfered; the end of time if never.
pub(super) struct Staff {
    /// An order may have been taken back.
    pub(super) undo_us: u64,
    /// Units may have come on sale that were neither available nor in baskets.
    pub(super) restore_us: u64,
    /// A pass may have been ended, with its basket.
    pub(super) end_us: u64,
    /// Anything: capacities and caps too.
    pub(super) anything_us: u64,
    /// Caps, in the order in which they were asked for.
    pub(super) caps: Vec<CapSet>,
}

impl Staff {
    /// Reads them out of a history in order of asking.
    pub(super) fn of(history: &[Told]) -> Self {
        let never = u64::MAX;
        let mut staff = Self {
            undo_us: never,
            restore_us: never,
            end_us: never,
            anything_us: never,
            caps: Vec::new(),
        };
        for told in history {
            staff.add(told);
        }
        staff.undo_us = staff.undo_us.min(staff.anything_us);
        staff.restore_us = staff.restore_us.min(staff.undo_us);
        staff.end_us = staff.end_us.min(staff.anything_us);
        staff
    }

    fn add(&mut self, told: &Told) {
        let at_us = told.asked_us;
        let (action, cap) = match &told.what {
            What::Changed { action, cap, .. } => (action.as_str(), *cap),
            What::Tried(_) if told.who == Who::Staff => ("", None),
            _ => return,
        };
        if let Some(cap) = cap {
            let told_us = told.told_us.unwrap_or(u64::MAX);
            self.caps.push(CapSet { asked_us: at_us, told_us, cap: u64::from(cap) });
        }
        match action {
            "set_cap" if cap.is_some() => {}
            known if HARMLESS.contains(&known) => {}
            "cancel_order" => self.undo_us = self.undo_us.min(at_us),
            "restore" => self.restore_us = self.restore_us.min(at_us),
            "end_pass" => self.end_us = self.end_us.min(at_us),
            _ => self.anything_us = self.anything_us.min(at_us),
        }
    }

    /// The highest cap that may have been in force between two instants; absent if unknown.
    pub(super) fn cap_max(&self, first: Option<u32>, from_us: u64, until_us: u64) -> Option<u64> {
        if self.anything_us <= until_us {
            return None;
        }
        // The newest cap that was surely in force at the beginning: those surely before it are not.
        let sure = self.caps.iter().filter(|set| set.told_us <= from_us);
        let sure_us = sure.map(|set| set.asked_us).max();
        let may = |set: &&CapSet| {
            set.asked_us <= until_us && sure_us.is_none_or(|sure_us| set.told_us > sure_us)
        };
        let set = self.caps.iter().filter(may).map(|set| set.cap).max();
        if sure_us.is_some() {
            set
        } else {
            first.map(|first| u64::from(first).max(set.unwrap_or(0)))
        }
    }
}
