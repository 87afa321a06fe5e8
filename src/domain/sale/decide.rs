//! Decides a command: a change, or a refusal that says why. Alters nothing.

use super::Sale;
use super::operations::Phase;
use super::ops::{at_most, require};
use crate::change::Change;
use crate::command::Command;
use crate::id::{BasketId, HoldId, Number, PlaceMark, RequestKey};
use crate::inventory::baskets::{Basket, BasketState, Closing};
use crate::limits::{MOVED_MAX, PAYMENT_BYTES_MAX};
use crate::queue::passes::PassState;
use crate::refusal::{Code, Refusal};
use crate::time::{Now, SaleTime};

/// What an accepted command leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// This change, to be recorded, applied and answered.
    New(Change),
    /// Nothing new: the same was asked and decided before, and this was the change.
    Again(Change),
    /// Nothing new but the key under which it was asked this time: `record` is to be recorded and
    /// applied, so that the key has this answer for good, and another body under it is refused.
    Repeated { record: Change, answer: Change },
}

impl Sale {
    /// Decides a command under an optional idempotency key.
    ///
    /// # Errors
    /// A [`Refusal`], which changed nothing.
    pub fn decide(
        &self,
        now: Now,
        request: Option<RequestKey>,
        command: &Command,
    ) -> Result<Outcome, Refusal> {
        if let Some(answer) = request.and_then(|request| self.answers.get(request.key)) {
            let same = Some(answer.body) == request.map(|request| request.body);
            return if same {
                Ok(Outcome::Again(answer.change.clone()))
            } else {
                Err(Refusal::whole(Code::KeyReused))
            };
        }
        self.require_own_seats(command)?;
        let change = match command {
            Command::Claim { number } => return self.decide_claim(now.sale, *number),
            Command::Leave { number } => self.decide_leave(*number),
            Command::Move { number, to } => self.decide_move(*number, *to),
            Command::Hold(hold) => self.decide_hold(now.sale, hold).map(Change::Held),
            Command::Release { pass, basket, hold } => self.decide_release(*pass, *basket, *hold),
            Command::CheckOut { pass, basket } => self.decide_check_out(now.sale, *pass, *basket),
            Command::Confirm { basket, payment } => {
                return self.decide_confirm(request.is_some(), *basket, payment);
            }
            Command::Report(reports) => return self.decide_reports(reports),
            Command::Ops(ops) => self.decide_ops(ops),
        };
        change.map(Outcome::New)
    }

    fn decide_claim(&self, now: SaleTime, number: Number) -> Result<Outcome, Refusal> {
        let pass = self.passes.get(number).ok_or(Refusal::whole(Code::NoPass))?;
        match pass.state {
            // No key is remembered for it: the number is all that is asked, so that no other body
            // can come, and a page that is loaded again and again should cost no record.
            PassState::Active => Ok(Outcome::Again(Change::Claimed { number })),
            PassState::Called { claim_until } if now > claim_until => {
                Err(Refusal::whole(Code::Expired))
            }
            PassState::Called { .. } => Ok(Outcome::New(Change::Claimed { number })),
        }
    }

    fn decide_leave(&self, number: Number) -> Result<Change, Refusal> {
        self.require_here(number)?;
        Ok(Change::Left { number })
    }

    fn decide_move(&self, number: Number, to: PlaceMark) -> Result<Change, Refusal> {
        self.require_here(number)?;
        let line = &self.line;
        let room = line.moved(number).is_some() || line.all_moved().len() < MOVED_MAX;
        require(room, at_most("moved_places", MOVED_MAX as u32)).map_err(Refusal::whole)?;
        Ok(Change::Moved { number, to })
    }

    /// Refuses for a number that neither is in the queue nor has a pass.
    fn require_here(&self, number: Number) -> Result<(), Refusal> {
        let has_pass = self.passes.get(number).is_some();
        let waits = self.line.standing(number).position().is_some();
        require(has_pass || waits, Code::Gone(number)).map_err(Refusal::whole)
    }

    fn decide_release(
        &self,
        pass: Number,
        basket: BasketId,
        hold: Option<HoldId>,
    ) -> Result<Change, Refusal> {
        let kept = self.live_basket(pass, basket)?;
        let Some(hold) = hold else {
            return Ok(Change::BasketReleased { basket });
        };
        if kept.state == BasketState::Paying {
            return Err(Refusal::whole(Code::WrongState { state: "paying" }));
        }
        if !kept.holds.iter().any(|kept| kept.id == hold) {
            return Err(Refusal::whole(Code::NotFound { what: "hold" }));
        }
        Ok(Change::Released { basket, hold })
    }

    fn decide_check_out(
        &self,
        now: SaleTime,
        pass: Number,
        basket: BasketId,
    ) -> Result<Change, Refusal> {
        let kept = self.live_basket(pass, basket)?;
        if kept.state == BasketState::Paying {
            return Err(Refusal::whole(Code::WrongState { state: "paying" }));
        }
        if now > kept.deadline_at {
            return Err(Refusal::whole(Code::Expired));
        }
        let policy = &self.definition.policy;
        let latest = kept.opened_at.after(policy.basket_span_max).max(kept.deadline_at);
        let deadline_at = now.after(policy.checkout_span).max(kept.deadline_at).min(latest);
        Ok(Change::CheckedOut { basket, deadline_at })
    }

    /// The payment was made. A basket that was closed meanwhile is taken again if every unit is
    /// free; else the payment is flagged for refund and nothing is sold.
    fn decide_confirm(
        &self,
        under_key: bool,
        basket: BasketId,
        payment: &str,
    ) -> Result<Outcome, Refusal> {
        if payment.is_empty() || payment.len() > PAYMENT_BYTES_MAX {
            return Err(Refusal::whole(Code::Invalid { what: "payment" }));
        }
        let payment = payment.to_owned();
        let kept = self.baskets.by_id(basket);
        let kept = kept.ok_or(Refusal::whole(Code::NotFound { what: "basket" }))?;
        match &kept.state {
            BasketState::Open => Err(Refusal::whole(Code::WrongState { state: "open" })),
            BasketState::Paying => {
                Ok(Outcome::New(Change::Confirmed { basket, payment, late: false }))
            }
            BasketState::Confirmed { payment: decided, .. }
            | BasketState::Lost { payment: decided }
                if *decided == payment =>
            {
                let answer = self.paid(basket).expect("its payment was decided");
                Ok(match under_key {
                    true => {
                        Outcome::Repeated { record: Change::PaymentRepeated { basket }, answer }
                    }
                    false => Outcome::Again(answer),
                })
            }
            BasketState::Confirmed { .. } => {
                Err(Refusal::whole(Code::WrongState { state: "confirmed" }))
            }
            BasketState::Lost { .. } => Err(Refusal::whole(Code::WrongState { state: "lost" })),
            BasketState::Closed { why: Closing::Cancelled, .. } => {
                Err(Refusal::whole(Code::WrongState { state: "cancelled" }))
            }
            BasketState::Closed { was_paying: false, .. } => Err(Refusal::whole(Code::Expired)),
            BasketState::Closed { .. } => Ok(Outcome::New(self.decide_late(kept, payment))),
        }
    }

    /// The live basket of this pass.
    pub(super) fn live_basket(&self, pass: Number, id: BasketId) -> Result<&Basket, Refusal> {
        if self.active_pass(pass).is_none() {
            return Err(Refusal::whole(Code::NoPass));
        }
        let basket = self.basket_of(pass, id);
        let basket = basket.ok_or(Refusal::whole(Code::NotFound { what: "basket" }))?;
        match basket.state {
            BasketState::Open | BasketState::Paying => Ok(basket),
            BasketState::Closed { why: Closing::Expired, .. } | BasketState::Lost { .. } => {
                Err(Refusal::whole(Code::Expired))
            }
            BasketState::Closed { .. } => {
                Err(Refusal::whole(Code::WrongState { state: "released" }))
            }
            BasketState::Confirmed { .. } => {
                Err(Refusal::whole(Code::WrongState { state: "confirmed" }))
            }
        }
    }

    /// Refuses what needs an open sale.
    pub(super) fn require_open(&self) -> Result<(), Refusal> {
        if self.operations.phase == Phase::Open {
            Ok(())
        } else {
            Err(Refusal::whole(Code::NotOpen))
        }
    }
}
