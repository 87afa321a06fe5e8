//! Makes a change true. Asks no rule: what was decided is a fact, in the first run and in replay.
//! A change that contradicts the state is a bug and stops the process.

use super::operations::Phase;
use super::{Layouts, Sale};
use crate::change::{Change, Decided, Held, Line};
use crate::command::OpsAction;
use crate::id::{BasketId, HoldId, Number};
use crate::inventory::baskets::{BasketState, Closing, Slot};
use crate::inventory::seats::SeatState;
use crate::inventory::stock::origin;
use crate::limits::{BASKET_KEPT_SPAN_MS, REQUEST_KEY_SPAN_MS};
use crate::sale::definition::Definition;
use crate::sale::operations::{ACTOR_TIME, ACTOR_TRIGGER};
use crate::time::{Now, SaleTime, Span};
use std::sync::Arc;

impl Sale {
    /// Makes a change true.
    ///
    /// # Panics
    /// If the change contradicts the state.
    pub fn apply(&mut self, decided: &Decided) {
        let now = decided.now.sale;
        assert!(now >= self.now, "sale time never goes back");
        self.now = now;
        if let Some(request) = decided.request {
            self.answers.remember(request, now, self.answer(&decided.change));
        }
        match &decided.change {
            Change::Created(_) => panic!("a sale is created once, by its first change"),
            Change::Started => self.start(now),
            Change::Resumed => self.resume(now),
            Change::Marked { issued } => self.mark(*issued, now),
            Change::Reserved { until } => self.line.reserve(*until),
            Change::Opened => self.open(),
            Change::Called { numbers, front, claim_until } => {
                self.call(numbers, *front, *claim_until);
            }
            Change::ClaimsMissed { numbers } => self.miss(numbers),
            Change::Claimed { number } => self.passes.claim(*number, now),
            Change::Left { number } => self.leave(*number),
            Change::IdledOut { numbers } => numbers.iter().for_each(|number| self.leave(*number)),
            Change::Held(held) => self.hold(held),
            Change::Released { basket, hold } => self.release(*basket, *hold),
            Change::BasketReleased { basket } => self.close(*basket, Closing::Released),
            Change::BasketExpired { basket } => self.close(*basket, Closing::Expired),
            Change::CheckedOut { basket, deadline_at } => self.check_out(*basket, *deadline_at),
            Change::Confirmed { basket, payment, late } => self.confirm(*basket, payment, *late),
            Change::PaymentLost { basket, payment } => {
                let slot = self.slot(*basket);
                self.baskets.lose(slot, payment);
            }
            Change::Operated { actor, reason, action } => {
                self.operations.log(decided.now, actor, reason, action);
                self.operate(action);
            }
            Change::TriggerFired { trigger } => self.fire(trigger, decided.now),
            Change::NoticeEnded => self.end_notice(decided.now),
            Change::PaymentRepeated { .. } => {}
            Change::Moved { number, to } => self.line.move_to(*number, *to),
            Change::Reported { newer, same } => self.take_reports(newer, same, decided.now),
            Change::WentStale { zones } => self.go_stale(zones),
        }
    }

    /// What is answered to a request that led to this change.
    fn answer(&self, change: &Change) -> Change {
        match change {
            Change::PaymentRepeated { basket } => {
                self.paid(*basket).expect("a payment that came again was decided before")
            }
            change => change.clone(),
        }
    }

    fn start(&mut self, now: SaleTime) {
        self.line.restart();
        self.resume(now);
    }

    fn resume(&mut self, now: SaleTime) {
        let policy = &self.definition.policy;
        let floor = now.after(policy.grace_basket_span);
        self.baskets.extend(Span(0), floor);
        self.passes.extend(Span(0), now.after(policy.claim_span));
        self.grace_until = now.after(policy.grace_span);
        self.resumed_at = now;
        self.doubt_reports();
    }

    fn mark(&mut self, issued: u32, now: SaleTime) {
        self.line.mark(issued);
        self.marked_at = now;
        self.answers.forget(SaleTime(now.0.saturating_sub(REQUEST_KEY_SPAN_MS)));
        self.baskets.forget_closed(SaleTime(now.0.saturating_sub(BASKET_KEPT_SPAN_MS)));
    }

    fn open(&mut self) {
        assert_eq!(self.operations.phase, Phase::Before, "a sale opens once");
        self.operations.phase = Phase::Open;
    }

    fn call(&mut self, numbers: &[Number], front: u32, claim_until: SaleTime) {
        let cap = self.operations.cap as usize;
        assert!(
            numbers.is_empty() || self.passes.len() as usize + numbers.len() <= cap,
            "the cap is a cap"
        );
        self.line.call(numbers, front);
        for number in numbers {
            self.passes.call(*number, self.now, claim_until);
        }
        self.pace.took(self.now, numbers.len() as u32, self.operations.pace_per_minute);
    }

    fn miss(&mut self, numbers: &[Number]) {
        for number in numbers {
            self.passes.end(*number);
            self.line.miss(*number, self.now, self.definition.policy.claim_span);
        }
    }

    /// Ends whatever a visitor has: a place that waits, or a pass with its basket.
    fn leave(&mut self, number: Number) {
        if let Some(pass) = self.passes.get(number).copied() {
            if let Some(slot) = pass.basket {
                self.close_slot(slot, Closing::Released);
            }
            self.passes.end(number);
        }
        self.line.spend(number);
    }

    fn hold(&mut self, held: &Held) {
        let first = self.baskets.find(held.basket).is_none();
        let slot = self.baskets.hold(held, self.now);
        for line in &*held.lines {
            self.stock.shift(line, origin(line), SeatState::Held(slot));
        }
        if first {
            self.passes.set_basket(held.pass, slot);
        }
    }

    fn release(&mut self, basket: BasketId, hold: HoldId) {
        let slot = self.slot(basket);
        let kept = self.baskets.get(slot);
        if kept.holds.len() == 1 {
            assert_eq!(kept.holds[0].id, hold, "the last hold is the one given back");
            return self.close_slot(slot, Closing::Released);
        }
        let hold = self.baskets.release(slot, hold);
        for line in &*hold.lines {
            self.stock.shift(line, SeatState::Held(slot), origin(line));
        }
    }

    fn close(&mut self, basket: BasketId, why: Closing) {
        self.close_slot(self.slot(basket), why);
    }

    fn close_slot(&mut self, slot: Slot, why: Closing) {
        let basket = self.baskets.get(slot);
        let pass = basket.pass;
        let from = match basket.state {
            BasketState::Open => SeatState::Held(slot),
            BasketState::Paying => SeatState::Paying(slot),
            _ => panic!("only a live basket is closed"),
        };
        self.shift_all(slot, |_| from, origin);
        self.baskets.close(slot, self.now, why);
        // That a basket ran out is no sign of life.
        let acted_at = (why != Closing::Expired).then_some(self.now);
        self.passes.clear_basket(pass, acted_at);
    }

    fn check_out(&mut self, basket: BasketId, deadline_at: SaleTime) {
        let slot = self.slot(basket);
        self.shift_all(slot, |_| SeatState::Held(slot), |_| SeatState::Paying(slot));
        self.baskets.check_out(slot, deadline_at);
    }

    fn confirm(&mut self, basket: BasketId, payment: &str, late: bool) {
        let slot = self.slot(basket);
        let live = self.baskets.get(slot).live();
        assert_ne!(live, late, "a payment is late when its basket is closed");
        if late {
            // The one answer that is worked out again: see `late` for why it is the same.
            let holds = self.taken_again(self.baskets.get(slot));
            self.baskets.take_again(slot, holds.expect("a late payment takes what is free"));
        }
        let paying = SeatState::Paying(slot);
        let from = |line: &Line| if late { origin(line) } else { paying };
        self.shift_all(slot, from, |_| SeatState::Sold(slot));
        self.baskets.confirm(slot, payment);
        let basket = self.baskets.get(slot);
        let (pass, units) = (basket.pass, basket.units());
        if live {
            self.passes.clear_basket(pass, Some(self.now));
        }
        self.passes.bought(pass, units);
    }

    fn cancel(&mut self, order: BasketId) {
        let slot = self.slot(order);
        self.shift_all(slot, |_| SeatState::Sold(slot), origin);
        self.baskets.close(slot, self.now, Closing::Cancelled);
        let order = self.baskets.get(slot);
        self.passes.gave_back(order.pass, order.units());
    }

    /// Moves every line of a basket.
    fn shift_all(
        &mut self,
        slot: Slot,
        from: impl Fn(&Line) -> SeatState,
        to: impl Fn(&Line) -> SeatState,
    ) {
        for line in self.baskets.get(slot).lines() {
            self.stock.shift(line, from(line), to(line));
        }
    }

    fn operate(&mut self, action: &OpsAction) {
        let operations = &mut self.operations;
        match action {
            OpsAction::Open => self.open(),
            OpsAction::Close => operations.phase = Phase::Closed,
            OpsAction::PauseCalling => operations.calling_paused = true,
            OpsAction::ResumeCalling => operations.calling_paused = false,
            OpsAction::SetCap(cap) => operations.cap = *cap,
            OpsAction::SetPace(pace) => operations.pace_per_minute = *pace,
            OpsAction::CallForWhatIsLeft(on) => operations.call_for_what_is_left = *on,
            OpsAction::PostNotice(notice) => operations.show(Some(notice.clone()), None),
            OpsAction::PostNoticeUntil { notice, until } => {
                operations.show(Some(notice.clone()), Some(*until));
            }
            OpsAction::WithdrawNotice => operations.show(None, None),
            OpsAction::Redirect(url) => operations.redirect = Some(url.clone()),
            OpsAction::EndRedirect => operations.redirect = None,
            OpsAction::FreezeTime => {
                operations.frozen = true;
                self.doubt_reports();
            }
            OpsAction::ResumeTime => operations.frozen = false,
            OpsAction::AddTime(span) => {
                self.baskets.extend(*span, SaleTime(0));
                self.passes.extend(*span, SaleTime(0));
            }
            OpsAction::Withhold { what, kind } => {
                let lines = self.lines_of(what);
                for line in lines {
                    self.stock.shift(&line, SeatState::Available, SeatState::Withheld(*kind));
                }
            }
            OpsAction::Restore { what } => {
                for (line, kind) in self.withheld_lines_of(what) {
                    self.stock.shift(&line, SeatState::Withheld(kind), SeatState::Available);
                }
            }
            OpsAction::SetTrigger(trigger) => operations.set_trigger(trigger.clone()),
            OpsAction::RemoveTrigger(id) => operations.triggers.retain(|(kept, _)| kept.id != *id),
            OpsAction::EndPass(number) => self.leave(*number),
            OpsAction::CancelOrder(order) => self.cancel(*order),
            OpsAction::ExtendBasket { basket, span } => {
                self.baskets.extend_one(self.slot(*basket), *span);
            }
            OpsAction::RestorePlace(number) => self.line.bring_back(*number),
            OpsAction::Redefine(definition) => self.redefine(definition),
        }
    }

    /// Takes up a changed definition. What it says as before stays as operators have set it since.
    fn redefine(&mut self, definition: &Arc<Definition>) {
        definition.check();
        let old = std::mem::replace(&mut self.definition, definition.clone());
        if definition.policy.cap != old.policy.cap {
            self.operations.cap = definition.policy.cap;
        }
        if definition.policy.pace_per_minute != old.policy.pace_per_minute {
            self.operations.pace_per_minute = definition.policy.pace_per_minute;
        }
        let for_what_is_left = definition.policy.call_for_what_is_left;
        if for_what_is_left != old.policy.call_for_what_is_left {
            self.operations.call_for_what_is_left = for_what_is_left;
        }
        for trigger in definition.triggers.iter().filter(|new| !old.triggers.contains(new)) {
            self.operations.set_trigger(trigger.clone());
        }
        self.layouts = Layouts::new(definition);
        self.stock.extend(definition);
        self.reports.extend(definition);
    }

    /// Does the deeds of a trigger, each logged as an ops change of its own.
    fn fire(&mut self, id: &str, now: Now) {
        let triggers = &mut self.operations.triggers;
        let entry = triggers.iter_mut().find(|(trigger, _)| trigger.id == id);
        let (trigger, fired) = entry.expect("a fired trigger is set");
        assert!(!*fired, "a trigger fires once");
        *fired = true;
        for action in trigger.clone().deeds.into_iter().map(OpsAction::from) {
            self.operations.log(now, ACTOR_TRIGGER, id, &action);
            self.operate(&action);
        }
    }

    /// Takes the notice away, logged as an ops change.
    fn end_notice(&mut self, now: Now) {
        let until = self.operations.notice_until.expect("a notice that ends has an end");
        assert!(now.wall >= until, "a notice ends at its time");
        let action = OpsAction::WithdrawNotice;
        self.operations.log(now, ACTOR_TIME, "its end had come", &action);
        self.operate(&action);
    }

    fn slot(&self, basket: BasketId) -> Slot {
        self.baskets.find(basket).expect("a decided basket is kept")
    }
}
