//! Taking seats and units, giving them back, and looking at the basket.

use serde_json::{Value, json};

use super::fate::Fate;
use super::shop::{InHand, Shopper};
use super::tally::Standing;
use super::visitor::Visitor;
use super::wire::{Basket, Problem};
use crate::history::{Attempt, What};
use crate::measure::Operation;
use crate::web::ask::{Answer, Ask};

/// What somebody asks to hold, all of one performance.
pub(super) struct Wish {
    pub(super) performance: String,
    /// The seats, if they were named.
    pub(super) seats: Vec<String>,
    /// The items of the request.
    pub(super) items: Vec<Value>,
}

/// What came of a choice, and when.
pub(super) enum Chosen {
    Held(u64),
    Refused(u64),
}

impl Visitor {
    /// Asks to hold, in the basket if there is one.
    pub(super) async fn hold(
        &mut self,
        shopper: &mut Shopper,
        wish: &Wish,
        at_us: u64,
    ) -> Result<Chosen, Fate> {
        let path = match &shopper.basket {
            Some(basket) => self.crowd.path(&format!("baskets/{}/holds", basket.id)),
            None => self.crowd.path("baskets"),
        };
        let ask = Ask::post(Operation::Hold, path).bearer(&shopper.entry.token);
        let ask = ask.key(self.fresh_key()).json(&json!({ "items": wish.items }));
        let (performance, seats) = (wish.performance.clone(), wish.seats.clone());
        let attempt = Some(Attempt::Hold { performance, seats });
        let answer = self.insist(&ask, at_us, attempt).await?;
        if answer.well() {
            return self.took(shopper, &answer);
        }
        self.not_taken(shopper, wish, &answer).await
    }

    /// The basket holds more than before.
    fn took(&mut self, shopper: &mut Shopper, answer: &Answer) -> Result<Chosen, Fate> {
        let basket = answer.read::<Basket>().ok_or(Fate::Misled)?;
        let known = shopper.basket.as_ref().map_or(&[][..], |basket| &basket.holds[..]);
        let hold = basket.holds.iter().rev().find(|hold| !known.contains(&hold.id));
        let hold = hold.ok_or(Fate::Misled)?;
        self.crowd.ledger.basket(&basket.id, self.person.who, &shopper.entry.token);
        self.told(
            answer,
            What::Held {
                number: shopper.entry.number,
                basket: basket.id.clone(),
                hold: hold.id.to_string(),
                units: hold.units(),
                expires_in_ms: basket.expires_in_ms,
            },
        );
        let holds = known.iter().copied().chain([hold.id]).collect();
        shopper.basket = Some(InHand {
            holds,
            units: hold.units(),
            expires_us: expires_us(&basket, answer),
            id: basket.id,
        });
        self.standing.at(Standing::Holding);
        Ok(Chosen::Held(answer.told_us))
    }

    /// Nothing was taken: they know better what to ask for next.
    async fn not_taken(
        &mut self,
        shopper: &mut Shopper,
        wish: &Wish,
        answer: &Answer,
    ) -> Result<Chosen, Fate> {
        let problem = answer.read::<Problem>().filter(|problem| !problem.code.is_empty());
        let problem = problem.ok_or(Fate::Misled)?;
        let (performance, code) = (wish.performance.clone(), problem.code.clone());
        self.told(answer, What::HoldRefused { performance, code });
        match problem.code.as_str() {
            "no_pass" | "token_invalid" => return Err(self.turned_away(shopper, answer)),
            "limit_reached" => {
                let most = problem.most.and_then(|most| u32::try_from(most).ok());
                let fewer = shopper.wants.saturating_sub(1);
                shopper.wants = most.unwrap_or(fewer).min(fewer).max(1);
            }
            "no_block" => shopper.wants = shopper.wants.saturating_sub(1).max(1),
            "expired" | "wrong_state" => self.empty_handed(shopper),
            "basket_open" => {
                let id = problem.basket.ok_or(Fate::Misled)?;
                let (holds, units) = (Vec::new(), Vec::new());
                shopper.basket = Some(InHand { id, holds, units, expires_us: None });
            }
            _ => {}
        }
        Ok(Chosen::Refused(answer.told_us))
    }

    /// Gives back what was taken last; when that was.
    pub(super) async fn release_last(
        &mut self,
        shopper: &mut Shopper,
        at_us: u64,
    ) -> Result<u64, Fate> {
        let last = shopper.basket.as_ref().and_then(|basket| basket.holds.last().copied());
        self.release(shopper, last, at_us).await
    }

    /// Gives everything back; when that was.
    pub(super) async fn release_all(
        &mut self,
        shopper: &mut Shopper,
        at_us: u64,
    ) -> Result<u64, Fate> {
        self.release(shopper, None, at_us).await
    }

    async fn release(
        &mut self,
        shopper: &mut Shopper,
        hold: Option<u64>,
        at_us: u64,
    ) -> Result<u64, Fate> {
        let Some(basket) = shopper.basket.as_ref().map(|basket| basket.id.clone()) else {
            return Ok(at_us);
        };
        let path = match hold {
            Some(hold) => self.crowd.path(&format!("baskets/{basket}/holds/{hold}")),
            None => self.crowd.path(&format!("baskets/{basket}")),
        };
        let ask = Ask::delete(Operation::Release, path).bearer(&shopper.entry.token);
        let ask = ask.key(self.fresh_key());
        let hold_id = hold.map(|hold| hold.to_string());
        let attempt = Attempt::Release { basket: basket.clone(), hold: hold_id.clone() };
        let answer = self.insist(&ask, at_us, Some(attempt)).await?;
        if answer.well() {
            self.told(&answer, What::Released { basket, hold: hold_id });
        } else if answer.status == http::StatusCode::FORBIDDEN {
            return Err(self.turned_away(shopper, &answer));
        }
        match (&mut shopper.basket, hold) {
            (Some(basket), Some(hold)) if answer.well() => basket.holds.retain(|id| *id != hold),
            // Given back, or out of time.
            _ => self.empty_handed(shopper),
        }
        Ok(answer.told_us)
    }

    /// Looks at the basket; its state, and when.
    pub(super) async fn look_at_basket(
        &mut self,
        shopper: &mut Shopper,
        at_us: u64,
    ) -> Result<(String, u64), Fate> {
        let Some(basket) = &mut shopper.basket else { return Err(Fate::RanOut) };
        let path = self.crowd.path(&format!("baskets/{}", basket.id));
        let ask = Ask::get(Operation::Basket, path).bearer(&shopper.entry.token);
        let answer = self.insist(&ask, at_us, None).await?;
        let seen = answer.read::<Basket>().filter(|_| answer.well()).ok_or(Fate::Misled)?;
        let (id, state) = (seen.id.clone(), seen.state.clone());
        basket.expires_us = expires_us(&seen, &answer);
        self.told(
            &answer,
            What::BasketSeen { basket: id, state: state.clone(), units: seen.units() },
        );
        Ok((state, answer.told_us))
    }

    /// What they had is gone.
    pub(super) fn empty_handed(&mut self, shopper: &mut Shopper) {
        shopper.basket = None;
        self.standing.at(Standing::Active);
    }

    /// Their pass is over, or so they were told.
    pub(super) fn turned_away(&self, shopper: &Shopper, answer: &Answer) -> Fate {
        match answer.read::<Problem>().unwrap_or_default().code.as_str() {
            "no_pass" => {
                self.told(answer, What::Ended { number: shopper.entry.number });
                Fate::Ended
            }
            _ => Fate::Misled,
        }
    }
}

/// When the basket's time is up, on the run's clock.
pub(super) fn expires_us(basket: &Basket, answer: &Answer) -> Option<u64> {
    let left_us = basket.expires_in_ms?.saturating_mul(1_000);
    Some(answer.told_us.saturating_add(left_us))
}
