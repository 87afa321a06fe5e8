//! Whether a change was right, and what is true after it.

use super::{Basket, Naive, Place, Stage};
use crate::support::Seen;
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{BasketId, Number};
use stanchion_domain::sale::Presence;
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::sale::operations::Phase;
use stanchion_domain::time::Now;
use std::collections::BTreeMap;

const DAY_MS: u64 = 24 * 3_600 * 1_000;

impl Naive {
    /// Checks that time or a command brought this change rightly, and makes it true.
    pub fn follow(&mut self, decided: &Decided, seen: &Seen) {
        let now = decided.now.sale.0;
        if let Some(request) = decided.request {
            let answer = match &decided.change {
                Change::PaymentRepeated { basket } => self.paid(*basket).expect("it was decided"),
                change => change.clone(),
            };
            let answer = (now, request.body, answer);
            assert!(self.answers.insert(request.key, answer).is_none(), "one key, one effect");
        }
        match &decided.change {
            Change::Created(_) => panic!("a sale is created once"),
            Change::Started => self.restart(now, seen.issued),
            Change::Resumed => self.resume(now),
            Change::Marked { issued } => self.mark(*issued, now),
            Change::Reserved { until } => assert!(*until > seen.issued),
            Change::Opened => self.open(decided.now),
            Change::Called { .. } => self.call(&decided.change, now, seen),
            Change::ClaimsMissed { numbers } => {
                numbers.iter().for_each(|number| self.miss(*number, now));
            }
            Change::Claimed { number } => {
                self.places.insert(number.0, Place::Active { quiet_from: now });
            }
            Change::Left { number } => self.leave(number.0, now),
            Change::IdledOut { numbers } => {
                for number in numbers {
                    assert!(self.idle(number.0, now, seen), "{number:?} idles out in silence only");
                    self.leave(number.0, now);
                }
            }
            Change::Held(held) => self.hold(held, now),
            Change::Released { basket, hold } => self.release(*basket, hold.0, now),
            Change::BasketReleased { basket } => self.close(basket.0, now, false),
            Change::BasketExpired { basket } => {
                assert!(now > self.baskets[&basket.0].deadline, "a basket expires after its time");
                self.close(basket.0, now, true);
            }
            Change::CheckedOut { basket, deadline_at } => {
                let basket = self.basket(*basket);
                assert!(deadline_at.0 >= basket.deadline, "checkout shortens nothing");
                (basket.stage, basket.deadline) = (Stage::Paying, deadline_at.0);
            }
            Change::Confirmed { basket, payment, late } => {
                self.confirm(*basket, payment, *late, now);
            }
            Change::PaymentLost { basket, payment } => {
                self.basket(*basket).stage = Stage::Lost(payment.clone());
            }
            Change::PaymentRepeated { .. } => {}
            Change::Moved { number, to } => {
                self.moved.insert(number.0, *to);
                self.known = self.known.max(number.0 + 1);
            }
            Change::Operated { action, .. } => self.operate(action, now),
            Change::TriggerFired { trigger } => self.fire(trigger, decided.now),
            Change::Reported { newer, same } => self.take_reports(newer, same, decided.now),
            Change::WentStale { zones } => self.go_stale(zones, now),
            Change::NoticeEnded => {
                let until = self.notice_until.expect("these words have an end");
                assert!(self.notice && decided.now.wall.0 >= until, "not before their end");
                self.operate(&OpsAction::WithdrawNotice, now);
            }
        }
    }

    fn restart(&mut self, now: u64, issued: u32) {
        for (_, place) in self.places.range_mut(self.known..) {
            if *place == Place::Waiting {
                *place = Place::Passed;
            }
        }
        self.known = self.known.max(issued);
        self.resume(now);
    }

    fn resume(&mut self, now: u64) {
        let policy = &self.definition.policy;
        let (basket, claim) = (now + policy.grace_basket_span.0, now + policy.claim_span.0);
        self.grace_until = now + policy.grace_span.0;
        self.resumed_at = now;
        self.doubt();
        self.put_off(0, basket, claim);
    }

    fn put_off(&mut self, span: u64, basket_floor: u64, claim_floor: u64) {
        for basket in self.baskets.values_mut().filter(|basket| basket.live()) {
            basket.deadline = (basket.deadline + span).max(basket_floor);
        }
        for place in self.places.values_mut() {
            if let Place::Called { until } = place {
                *until = (*until + span).max(claim_floor);
            }
        }
    }

    fn mark(&mut self, issued: u32, now: u64) {
        self.known = self.known.max(issued);
        self.answers.retain(|_, (at, ..)| *at + DAY_MS >= now);
        self.baskets.retain(|_, basket| match basket.stage {
            Stage::Released { at, payable: true } | Stage::Expired { at, payable: true } => {
                at + DAY_MS >= now
            }
            Stage::Cancelled { at } => at + DAY_MS >= now,
            _ => true,
        });
    }

    fn open(&mut self, now: Now) {
        assert_eq!(self.phase, Phase::Before);
        assert!(self.definition.opens_at.is_none_or(|at| now.wall >= at), "not before its time");
        self.phase = Phase::Open;
    }

    fn miss(&mut self, Number(number): Number, now: u64) {
        let Place::Called { until } = self.places[&number] else { panic!("{number} was called") };
        assert!(now > until, "{number} had time until {until}");
        let times = self.missed.get(&number).map_or(0, |missed| missed.0) + 1;
        let back_at = now + (times - 1) * self.definition.policy.claim_span.0;
        self.missed.insert(number, (times, back_at));
        self.places.insert(number, Place::Passed);
    }

    /// Whether a visitor in the shop has been silent, without a basket, too long.
    pub fn idle(&self, number: u32, now: u64, seen: &Seen) -> bool {
        let Place::Active { quiet_from } = self.places[&number] else { return false };
        let seen_at = seen.seen_at(Number(number)).map_or(0, |at| at.0);
        let from = quiet_from.max(seen_at).max(self.resumed_at);
        let silent = now > from + self.definition.policy.idle_span.0;
        silent && self.live_basket_of(number).is_none() && now >= self.grace_until
    }

    fn leave(&mut self, number: u32, now: u64) {
        if let Some(basket) = self.live_basket_of(number) {
            self.close(basket, now, false);
        }
        self.places.insert(number, Place::Gone);
        self.missed.remove(&number);
        self.moved.remove(&number);
        self.known = self.known.max(number + 1);
    }

    fn hold(&mut self, held: &Held, now: u64) {
        let basket = self.baskets.entry(held.basket.0).or_insert(Basket {
            pass: held.pass.0,
            stage: Stage::Open,
            opened: now,
            deadline: held.deadline_at.0,
            holds: BTreeMap::new(),
            hold_next: 1,
        });
        assert_eq!((basket.deadline, basket.hold_next), (held.deadline_at.0, held.hold.0));
        basket.hold_next += 1;
        basket.holds.insert(held.hold.0, held.lines.to_vec());
        held.lines.iter().for_each(|line| self.take_from_house(line));
    }

    fn take_from_house(&mut self, line: &Line) {
        if !line.house {
            return;
        }
        match line.what {
            Taken::Seat(seat) => {
                let kept = self.kept_seats.remove(&(line.performance.0, seat.0));
                assert_eq!(kept, Some(Withheld::House), "only the house's own");
            }
            Taken::Pool(pool, units) => {
                let kept = self.kept_units.get_mut(&(line.performance.0, pool.0)).expect("a house");
                kept.0 = kept.0.checked_sub(units).expect("the house has that many");
            }
        }
    }

    fn give_to_house(&mut self, line: &Line) {
        if !line.house {
            return;
        }
        match line.what {
            Taken::Seat(seat) => {
                self.kept_seats.insert((line.performance.0, seat.0), Withheld::House);
            }
            Taken::Pool(pool, units) => {
                self.kept_units.entry((line.performance.0, pool.0)).or_default().0 += units;
            }
        }
    }

    fn release(&mut self, basket: BasketId, hold: u32, now: u64) {
        if self.baskets[&basket.0].holds.len() == 1 {
            return self.close(basket.0, now, false);
        }
        let lines = self.basket(basket).holds.remove(&hold).expect("the hold is there");
        lines.iter().for_each(|line| self.give_to_house(line));
    }

    fn close(&mut self, basket: u128, at: u64, expired: bool) {
        let kept = self.baskets.get_mut(&basket).expect("a known basket");
        assert!(kept.live());
        let payable = kept.stage == Stage::Paying;
        kept.stage =
            if expired { Stage::Expired { at, payable } } else { Stage::Released { at, payable } };
        let (pass, lines): (_, Vec<_>) = (kept.pass, kept.lines().copied().collect());
        lines.iter().for_each(|line| self.give_to_house(line));
        if !expired {
            self.places.insert(pass, Place::Active { quiet_from: at });
        }
    }

    fn confirm(&mut self, id: BasketId, payment: &str, late: bool, now: u64) {
        if late {
            let again = self.taken_again(&self.baskets[&id.0]);
            self.basket(id).holds = again.expect("all of it is free");
        }
        let basket = self.basket(id);
        assert_eq!(late, !basket.live(), "late means that it had been closed");
        basket.stage = Stage::Sold { payment: payment.to_owned(), late };
        let pass = basket.pass;
        let lines: Vec<_> = basket.lines().copied().collect();
        if late {
            lines.iter().for_each(|line| self.take_from_house(line));
        } else {
            self.places.insert(pass, Place::Active { quiet_from: now });
        }
    }

    fn cancel(&mut self, order: BasketId, at: u64) {
        let basket = self.basket(order);
        basket.stage = Stage::Cancelled { at };
        let lines: Vec<_> = basket.lines().copied().collect();
        lines.iter().for_each(|line| self.give_to_house(line));
    }

    fn basket(&mut self, id: BasketId) -> &mut Basket {
        self.baskets.get_mut(&id.0).expect("a known basket")
    }

    fn fire(&mut self, id: &str, now: Now) {
        let (trigger, fired) = self.triggers[id].clone();
        assert!(!fired && self.meets(&trigger, now.wall.0), "{id} fires once, when it is met");
        self.triggers.insert(id.to_owned(), (trigger.clone(), true));
        for deed in trigger.deeds {
            self.operate(&OpsAction::from(deed), now.sale.0);
        }
    }

    fn operate(&mut self, action: &OpsAction, now: u64) {
        self.revision += 1;
        match action {
            OpsAction::Open => self.phase = Phase::Open,
            OpsAction::Close => self.phase = Phase::Closed,
            OpsAction::PauseCalling => self.paused = true,
            OpsAction::ResumeCalling => self.paused = false,
            OpsAction::SetCap(cap) => self.cap = *cap as usize,
            OpsAction::SetPace(pace) => self.set_pace(*pace),
            OpsAction::CallForWhatIsLeft(on) => self.for_what_is_left = *on,
            OpsAction::PostNotice(_) => (self.notice, self.notice_until) = (true, None),
            OpsAction::PostNoticeUntil { until, .. } => {
                (self.notice, self.notice_until) = (true, Some(until.0));
            }
            OpsAction::WithdrawNotice => (self.notice, self.notice_until) = (false, None),
            OpsAction::Redirect(_) => self.redirect = true,
            OpsAction::EndRedirect => self.redirect = false,
            OpsAction::FreezeTime => {
                self.frozen = true;
                self.doubt();
            }
            OpsAction::ResumeTime => self.frozen = false,
            OpsAction::AddTime(span) => self.put_off(span.0, 0, 0),
            OpsAction::Withhold { what, kind } => self.withhold(what, *kind),
            OpsAction::Restore { what } => self.restore(what),
            OpsAction::SetTrigger(trigger) => {
                self.triggers.insert(trigger.id.clone(), (trigger.clone(), false));
            }
            OpsAction::RemoveTrigger(id) => _ = self.triggers.remove(id),
            OpsAction::EndPass(number) => self.leave(number.0, now),
            OpsAction::CancelOrder(order) => self.cancel(*order, now),
            OpsAction::ExtendBasket { basket, span } => self.basket(*basket).deadline += span.0,
            OpsAction::RestorePlace(number) => {
                self.places.insert(number.0, Place::Passed);
            }
            OpsAction::Redefine(definition) => self.define((**definition).clone()),
        }
    }

    fn withhold(&mut self, what: &Units, kind: Withheld) {
        match what {
            Units::Seats { performance, seats } => {
                for seat in seats {
                    self.kept_seats.insert((performance.0, seat.0), kind);
                }
            }
            Units::Pool { performance, pool, units } => {
                let kept = self.kept_units.entry((performance.0, pool.0)).or_default();
                *(if kind == Withheld::House { &mut kept.0 } else { &mut kept.1 }) += units;
            }
        }
    }

    /// Killed units of a pool come back before the house's own.
    fn restore(&mut self, what: &Units) {
        match what {
            Units::Seats { performance, seats } => {
                for seat in seats {
                    self.kept_seats.remove(&(performance.0, seat.0));
                }
            }
            Units::Pool { performance, pool, units } => {
                let kept = self.kept_units.get_mut(&(performance.0, pool.0)).expect("kept units");
                let killed = kept.1.min(*units);
                kept.1 -= killed;
                kept.0 -= units - killed;
            }
        }
    }
}
