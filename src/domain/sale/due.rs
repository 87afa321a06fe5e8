//! What time brings: opening, expiry, missed claims, idleness, triggers, numbers, calling, marks.
//!
//! The writer asks for the next due change, applies it, and asks again until there is none; each
//! answer depends on the state alone, so the order is the same in every run.

use super::operations::Phase;
use super::{Presence, Sale};
use crate::board::status::Counts;
use crate::board::trigger::{Condition, Scope, Trigger};
use crate::change::Change;
use crate::id::Number;
use crate::limits;
use crate::queue::calling::{Choice, Present};
use crate::time::{Now, SaleTime, Span};

/// Present is who was seen within a span.
struct Lately<'a> {
    presence: &'a dyn Presence,
    now: SaleTime,
    span: Span,
}

impl Lately<'_> {
    fn lately(&self, seen_at: Option<SaleTime>) -> bool {
        seen_at.is_some_and(|seen_at| self.now.since(seen_at) <= self.span)
    }
}

impl Present for Lately<'_> {
    fn present(&self, number: Number) -> bool {
        self.lately(self.presence.seen_at(number))
    }

    fn anybody_near(&self, number: Number) -> bool {
        self.lately(self.presence.seen_near(number))
    }
}

impl Sale {
    /// The next change that is due, if any. Alters nothing that anybody can tell: it remembers who
    /// was heard of, so as to ask less the next time.
    pub fn due(&mut self, now: Now, presence: &dyn Presence) -> Option<Change> {
        self.due_opening(now)
            .or_else(|| self.due_expiry(now.sale))
            .or_else(|| self.due_missed(now.sale))
            .or_else(|| self.due_idle(now.sale, presence))
            .or_else(|| self.due_stale(now.sale))
            .or_else(|| self.due_trigger(now))
            .or_else(|| self.due_notice(now))
            .or_else(|| self.due_numbers(presence))
            .or_else(|| self.due_call(now.sale, presence))
            .or_else(|| self.due_mark(now.sale, presence))
    }

    fn due_opening(&self, now: Now) -> Option<Change> {
        let opens_at = self.definition.opens_at?;
        let due = self.operations.phase == Phase::Before && now.wall >= opens_at;
        due.then_some(Change::Opened)
    }

    fn due_expiry(&self, now: SaleTime) -> Option<Change> {
        let (deadline_at, slot) = self.baskets.live().next()?;
        let basket = self.baskets.get(slot).id;
        (now > deadline_at).then_some(Change::BasketExpired { basket })
    }

    fn due_missed(&self, now: SaleTime) -> Option<Change> {
        let missed = self.passes.overdue(now).take(limits::CALLED_PER_CHANGE_MAX);
        let numbers: Vec<_> = missed.collect();
        (!numbers.is_empty()).then_some(Change::ClaimsMissed { numbers })
    }

    fn due_idle(&mut self, now: SaleTime, presence: &dyn Presence) -> Option<Change> {
        let before = now.0.checked_sub(self.definition.policy.idle_span.0).map(SaleTime)?;
        if self.silent_from() >= before {
            return None;
        }
        let heard_at = |number| presence.seen_at(number).unwrap_or_default();
        let numbers = self.passes.silent(before, limits::CALLED_PER_CHANGE_MAX, heard_at);
        (!numbers.is_empty()).then_some(Change::IdledOut { numbers })
    }

    /// When silence begins to count: after an outage nobody idles out sooner than after a whole
    /// span, nor during the grace.
    pub fn silent_from(&self) -> SaleTime {
        let idle_span = self.definition.policy.idle_span;
        self.resumed_at.max(SaleTime(self.grace_until.0.saturating_sub(idle_span.0)))
    }

    /// The first trigger that is met and has not fired.
    fn due_trigger(&self, now: Now) -> Option<Change> {
        let mut waiting = self.operations.triggers.iter().filter(|(_, fired)| !fired);
        let (trigger, _) = waiting.find(|(trigger, _)| self.meets(trigger, now))?;
        Some(Change::TriggerFired { trigger: trigger.id.clone() })
    }

    fn meets(&self, trigger: &Trigger, now: Now) -> bool {
        if self.operations.phase == Phase::Before
            && !matches!(trigger.condition, Condition::TimeReached(_))
        {
            return false;
        }
        let timed = matches!(trigger.condition, Condition::TimeReached(_));
        (timed || self.is_fact(trigger.scope))
            && trigger.condition.met(&self.counts_of(trigger.scope), now.wall)
    }

    /// Whether the counts that a trigger watches are known: those of our own seats always are.
    pub fn is_fact(&self, scope: Scope) -> bool {
        if !self.definition.mirrored() {
            return true;
        }
        match scope {
            Scope::Sale => self.reports.known().fact,
            Scope::Performance(performance) => {
                let zones = &self.stock.performance(performance).zones;
                let zones = zones.iter().map(|(zone, _)| *zone);
                self.reports.known_of_all(performance, zones).fact
            }
            Scope::Zone(zone) => self.reports.zone_is_fact(zone),
        }
    }

    /// After the triggers: words that follow others at the same instant replace them.
    fn due_notice(&self, now: Now) -> Option<Change> {
        let until = self.operations.notice_until?;
        (now.wall >= until).then_some(Change::NoticeEnded)
    }

    /// The counts that a trigger watches.
    pub fn counts_of(&self, scope: Scope) -> Counts {
        match scope {
            Scope::Sale => self.stock.total(),
            Scope::Performance(performance) => self.stock.performance(performance).total(),
            Scope::Zone(zone) => self.stock.zone(zone),
        }
    }

    /// Numbers are reserved durably well ahead of use, so that joining never waits for the disk.
    fn due_numbers(&self, presence: &dyn Presence) -> Option<Change> {
        let reserved = self.line.reserved();
        let ahead = reserved.saturating_sub(presence.issued());
        let due = ahead < limits::NUMBERS_AHEAD_MIN && reserved < limits::NUMBERS_MAX;
        let blocks = reserved / limits::NUMBERS_PER_BLOCK + 1;
        due.then(|| Change::Reserved { until: blocks * limits::NUMBERS_PER_BLOCK })
    }

    /// Calls as many as the cap, the pace and, if operators say so, what is left allow; and nobody
    /// while the shop cannot serve them: their time would run out before a closed door.
    fn due_call(&self, now: SaleTime, presence: &dyn Presence) -> Option<Change> {
        let free = self.free_slots(now);
        if free == 0 || !presence.shop_serves() {
            return None;
        }
        let policy = &self.definition.policy;
        let present = Lately { presence, now, span: policy.presence_span };
        let choice = Choice {
            free: free.min(limits::CALLED_PER_CHANGE_MAX),
            issued: presence.issued(),
            passing: now >= self.grace_until,
            now,
        };
        let called = self.line.choose(choice, &present)?;
        let claim_until = now.after(policy.claim_span);
        Some(Change::Called { numbers: called.numbers, front: called.front, claim_until })
    }

    /// How many may be called now.
    fn free_slots(&self, now: SaleTime) -> usize {
        if !self.operations.calling() {
            return 0;
        }
        let by_cap = self.operations.cap.saturating_sub(self.passes.len());
        if by_cap == 0 {
            return 0;
        }
        let by_pace = self.pace.allowance(now, self.operations.pace_per_minute);
        let mut free = by_cap.min(by_pace);
        if self.operations.call_for_what_is_left {
            let left = self.available_as_fact();
            free = free.min(room_for_what_is_left(left, self.passes.without_basket()));
        }
        free as usize
    }

    /// Units that can be had, as far as that is known: what is stale may be gone.
    pub fn available_as_fact(&self) -> u64 {
        match self.definition.mirrored() {
            true => self.reports.fresh_available(),
            false => self.stock.total().available,
        }
    }

    /// Sale time is journaled at least once a second while anything depends on it.
    fn due_mark(&self, now: SaleTime, presence: &dyn Presence) -> Option<Change> {
        let issued = presence.issued();
        let quiet = self.passes.is_empty() && issued == self.line.issued();
        let span = limits::CLOCK_MARK_SPAN_MS * if quiet { 60 } else { 1 };
        let due = now.since(self.marked_at).0 >= span;
        due.then_some(Change::Marked { issued })
    }
}

/// How many more shoppers so many available units can serve, beside those who were called and may
/// still want something.
pub fn room_for_what_is_left(available: u64, wanting: u32) -> u32 {
    u32::try_from(available.saturating_sub(u64::from(wanting))).unwrap_or(u32::MAX)
}
