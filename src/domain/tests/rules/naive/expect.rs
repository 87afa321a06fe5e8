//! What a command must lead to.

use super::{Basket, Naive, Place, Stage};
use stanchion_domain::change::Change;
use stanchion_domain::command::{Command, Ops, OpsAction, Units};
use stanchion_domain::id::{BasketId, RequestKey};
use stanchion_domain::refusal::Refusal;
use stanchion_domain::sale::Outcome;
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::sale::operations::Phase;

use super::report::MIRRORED;
use super::view::Unit;

/// The name of a refusal's code, or whether the outcome is new.
pub type Verdict = Result<bool, &'static str>;

const NEW: Verdict = Ok(true);
const AGAIN: Verdict = Ok(false);

impl Naive {
    /// Compares what the sale decided with what the rules say.
    pub fn judge(
        &self,
        now: u64,
        request: Option<RequestKey>,
        command: &Command,
        decided: &Result<Outcome, Refusal>,
    ) {
        let verdict = match decided {
            Ok(Outcome::New(_)) => NEW,
            Ok(Outcome::Again(_) | Outcome::Repeated { .. }) => AGAIN,
            Err(refusal) => Err(refusal.code.name()),
        };
        let known = request.and_then(|request| Some((request, self.answers.get(&request.key)?)));
        if let Some((request, (_, body, change))) = known {
            if request.body == *body {
                assert_eq!(*decided, Ok(Outcome::Again(change.clone())), "one key, one answer");
            } else {
                assert_eq!(verdict, Err("key_reused"));
            }
            return;
        }
        if self.is_the_venues(command) {
            return assert_eq!(verdict, MIRRORED, "{command:?}");
        }
        if let Command::Report(reports) = command {
            return self.judge_reports(reports, decided);
        }
        if let Command::Hold(hold) = command {
            return self.judge_hold(now, hold, decided);
        }
        assert_eq!(verdict, self.expect(now, command), "{command:?}");
        if let Ok(Outcome::New(Change::CheckedOut { basket, deadline_at })) = decided {
            let kept = &self.baskets[&basket.0];
            let policy = &self.definition.policy;
            let wished = now + policy.checkout_span.0;
            let limit = kept.opened + policy.basket_span_max.0;
            assert_eq!(deadline_at.0, wished.min(limit).max(kept.deadline));
        }
        if let (Command::Confirm { basket, payment }, Ok(Outcome::New(change))) = (command, decided)
        {
            let kept = &self.baskets[&basket.0];
            let (basket, payment) = (*basket, payment.clone());
            let wanted = if kept.live() || self.taken_again(kept).is_some() {
                Change::Confirmed { basket, payment, late: !kept.live() }
            } else {
                Change::PaymentLost { basket, payment }
            };
            assert_eq!(*change, wanted, "all of it is sold, or nothing");
        }
        if let (Command::Confirm { basket, .. }, AGAIN) = (command, verdict) {
            let answer = self.paid(*basket).expect("it was decided");
            let wanted = match request {
                None => Outcome::Again(answer),
                Some(_) => Outcome::Repeated {
                    record: Change::PaymentRepeated { basket: *basket },
                    answer,
                },
            };
            assert_eq!(*decided, Ok(wanted), "the first answer, under this key, too");
        }
    }

    /// What was answered to the payment of a basket.
    pub fn paid(&self, basket: BasketId) -> Option<Change> {
        match self.baskets[&basket.0].stage.clone() {
            Stage::Sold { payment, late } => Some(Change::Confirmed { basket, payment, late }),
            Stage::Lost(payment) => Some(Change::PaymentLost { basket, payment }),
            _ => None,
        }
    }

    fn expect(&self, now: u64, command: &Command) -> Verdict {
        match command {
            Command::Claim { number } => match self.places.get(&number.0) {
                Some(Place::Active { .. }) => AGAIN,
                Some(Place::Called { until }) if now <= *until => NEW,
                Some(Place::Called { .. }) => Err("expired"),
                _ => Err("no_pass"),
            },
            Command::Leave { number } | Command::Move { number, .. } => {
                match self.places.get(&number.0) {
                    None | Some(Place::Gone) => Err("gone"),
                    Some(_) => NEW,
                }
            }
            Command::Release { pass, basket, hold } => {
                let basket = self.live(pass.0, *basket)?;
                match hold {
                    None => NEW,
                    Some(_) if basket.stage == Stage::Paying => Err("wrong_state"),
                    Some(hold) if basket.holds.contains_key(&hold.0) => NEW,
                    Some(_) => Err("not_found"),
                }
            }
            Command::CheckOut { pass, basket } => {
                let basket = self.live(pass.0, *basket)?;
                match basket.stage {
                    Stage::Paying => Err("wrong_state"),
                    _ if now > basket.deadline => Err("expired"),
                    _ => NEW,
                }
            }
            Command::Confirm { basket, payment } => self.expect_confirm(*basket, payment),
            Command::Ops(ops) => self.expect_ops(ops).map(|()| true),
            Command::Hold(_) | Command::Report(_) => unreachable!("judged apart"),
        }
    }

    /// The live basket of a visitor in the shop.
    pub fn live(&self, pass: u32, id: BasketId) -> Result<&Basket, &'static str> {
        if !self.is_active(pass) {
            return Err("no_pass");
        }
        let basket = self.baskets.get(&id.0).filter(|basket| basket.pass == pass);
        let basket = basket.ok_or("not_found")?;
        match basket.stage {
            Stage::Open | Stage::Paying => Ok(basket),
            Stage::Expired { .. } | Stage::Lost(_) => Err("expired"),
            _ => Err("wrong_state"),
        }
    }

    fn expect_confirm(&self, basket: BasketId, payment: &str) -> Verdict {
        if payment.is_empty() || payment.len() > 128 {
            return Err("invalid");
        }
        let basket = self.baskets.get(&basket.0).ok_or("not_found")?;
        match &basket.stage {
            Stage::Paying => NEW,
            Stage::Sold { payment: paid, .. } | Stage::Lost(paid) if paid == payment => AGAIN,
            Stage::Released { payable, .. } | Stage::Expired { payable, .. } => {
                if *payable {
                    NEW
                } else {
                    Err("expired")
                }
            }
            _ => Err("wrong_state"),
        }
    }

    fn expect_ops(&self, ops: &Ops) -> Result<(), &'static str> {
        let allowed = |good: bool, code| if good { Ok(()) } else { Err(code) };
        let state = |good| allowed(good, "wrong_state");
        if ops.revision != self.revision {
            return Err("stale_revision");
        }
        match &ops.action {
            OpsAction::Open => state(self.phase == Phase::Before),
            OpsAction::Close => state(self.phase != Phase::Closed),
            OpsAction::PauseCalling => state(!self.paused),
            OpsAction::ResumeCalling => state(self.paused),
            OpsAction::SetCap(cap) => allowed(*cap <= 100_000, "limit_reached"),
            OpsAction::SetPace(pace) => allowed(*pace <= 6_000_000, "limit_reached"),
            OpsAction::CallForWhatIsLeft(on) => state(self.for_what_is_left != *on),
            OpsAction::WithdrawNotice => state(self.notice),
            OpsAction::EndRedirect => state(self.redirect),
            OpsAction::FreezeTime => state(!self.frozen),
            OpsAction::ResumeTime => state(self.frozen),
            OpsAction::Withhold { what, .. } => {
                allowed(self.all_units(what, |unit| unit == Unit::Free), "unavailable")
            }
            OpsAction::Restore { what } => {
                state(self.all_units(what, |unit| matches!(unit, Unit::Kept(_))))
            }
            OpsAction::RemoveTrigger(id) => allowed(self.triggers.contains_key(id), "not_found"),
            OpsAction::EndPass(number) => {
                let place = self.places.get(&number.0);
                let passes = matches!(place, Some(Place::Called { .. } | Place::Active { .. }));
                allowed(passes, "not_found")
            }
            OpsAction::CancelOrder(order) => {
                let basket = self.baskets.get(&order.0).ok_or("not_found")?;
                state(matches!(basket.stage, Stage::Sold { .. }))
            }
            OpsAction::ExtendBasket { basket, .. } => {
                state(self.baskets.get(&basket.0).ok_or("not_found")?.live())
            }
            OpsAction::RestorePlace(number) => match self.places.get(&number.0) {
                None => Err("not_found"),
                Some(place) => state(*place == Place::Gone),
            },
            _ => Ok(()),
        }
    }

    /// Whether every named seat is in a wanted state, or enough units of the pool are.
    fn all_units(&self, what: &Units, wanted: impl Fn(Unit) -> bool) -> bool {
        match what {
            Units::Seats { performance, seats } => {
                seats.iter().all(|seat| wanted(self.seat(performance.0, seat.0)))
            }
            Units::Pool { performance, pool, units } => {
                let (counts, _) = self.pool(performance.0, pool.0);
                let free = if wanted(Unit::Free) { counts.available } else { 0 };
                let kept = if wanted(Unit::Kept(Withheld::House)) { counts.withheld } else { 0 };
                free + kept >= u64::from(*units)
            }
        }
    }
}
