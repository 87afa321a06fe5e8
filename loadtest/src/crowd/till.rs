//! The way out of the shop: the card page, the payment, or the door.
//!
//! The payment is confirmed with the API key over the shop's own connections, as the venue's shop
//! does once the card went through: with one key, until somebody says what came of it.

use rand::RngExt;
use serde_json::json;

use super::fate::Fate;
use super::hold::expires_us;
use super::shop::Shopper;
use super::tally::Standing;
use super::visitor::{Pauses, Visitor};
use super::wire::{Basket, Problem};
use crate::history::clock::micros;
use crate::history::{Attempt, Order, What};
use crate::measure::Operation;
use crate::scenario::Ending;
use crate::web::ask::Ask;

/// Who pays late pays so long after the time, in microseconds.
const LATE_US: u64 = 500_000;
/// How often they look whether they are late yet: the time may stand still for a while.
const LATE_LOOKS_MAX: u32 = 100;

impl Visitor {
    /// Parts from the shop with a basket, as planned.
    pub(super) async fn part(&mut self, shopper: &mut Shopper, at_us: u64) -> Result<Fate, Fate> {
        let (state, seen_us) = self.look_at_basket(shopper, at_us).await?;
        if state != "open" {
            return Err(Fate::RanOut);
        }
        match self.person.shopping.ending {
            Ending::WalksAway => return Ok(Fate::WalkedAway),
            Ending::Leaves => {
                let released_us = self.release_all(shopper, seen_us).await?;
                self.leave(shopper, released_us).await;
                return Ok(Fate::Left);
            }
            _ => {}
        }
        let card_us = self.check_out(shopper, seen_us).await?;
        let done_us = card_us + micros(self.person.shopping.pays_within);
        match self.person.shopping.ending {
            Ending::CancelsOnCard => {
                let released_us = self.release_all(shopper, done_us).await?;
                self.leave(shopper, released_us).await;
                Ok(Fate::CancelledOnCard)
            }
            Ending::WalksAwayFromCard => Ok(Fate::WalkedAwayFromCard),
            _ if self.crowd.ground.api_key.is_none() => Ok(Fate::WalkedAwayFromCard),
            Ending::PaysLate => {
                let late_us = self.let_lapse(shopper).await?;
                self.pay(shopper, late_us).await
            }
            _ => self.pay(shopper, done_us).await,
        }
    }

    /// Goes to the card page; when they are there.
    async fn check_out(&mut self, shopper: &mut Shopper, at_us: u64) -> Result<u64, Fate> {
        let Some(basket) = &mut shopper.basket else { return Err(Fate::RanOut) };
        let path = self.crowd.path(&format!("baskets/{}/checkout", basket.id));
        let ask = Ask::post(Operation::Checkout, path).bearer(&shopper.entry.token);
        let ask = ask.key(self.fresh_key());
        let answer = self.insist(&ask, at_us, None).await?;
        if !answer.well() {
            let gone = matches!(answer.status.as_u16(), 409 | 410);
            return Err(if gone { Fate::RanOut } else { self.turned_away(shopper, &answer) });
        }
        let seen = answer.read::<Basket>().ok_or(Fate::Misled)?;
        basket.expires_us = expires_us(&seen, &answer);
        let (basket, expires_in_ms) = (basket.id.clone(), seen.expires_in_ms);
        self.told(&answer, What::CheckedOut { basket, expires_in_ms });
        Ok(answer.told_us)
    }

    /// Stays on the card page until the time is surely up; when that is.
    async fn let_lapse(&mut self, shopper: &mut Shopper) -> Result<u64, Fate> {
        for _ in 0..LATE_LOOKS_MAX {
            let expires_us = shopper.basket.as_ref().and_then(|basket| basket.expires_us);
            let late_us = expires_us.unwrap_or(self.crowd.clock.now_us()) + LATE_US;
            let (state, seen_us) = self.look_at_basket(shopper, late_us).await?;
            if state != "open" && state != "paying" {
                return Ok(seen_us);
            }
        }
        Err(Fate::LostPatience)
    }

    async fn pay(&mut self, shopper: &mut Shopper, at_us: u64) -> Result<Fate, Fate> {
        let crowd = self.crowd.clone();
        let basket = shopper.basket.as_ref().map(|basket| basket.id.clone()).ok_or(Fate::RanOut)?;
        let (payment, key) = (format!("pay-{basket}"), self.fresh_key());
        let ask = Ask::post(Operation::Order, crowd.path(&format!("baskets/{basket}/confirm")));
        let ask = ask.bearer(crowd.ground.api_key.as_deref().unwrap_or_default());
        let ask = ask.key(&*key).json(&json!({ "payment": payment }));
        let attempt = Some(Attempt::Order { basket: basket.clone(), key: key.clone() });
        let pauses = Pauses::new(self.random.random());
        let from = (self.person.who, at_us);
        let answer = crowd.insist(&crowd.shop, &ask, from, pauses, attempt).await;
        let answer = answer.ok_or(Fate::OrderUnknown)?;
        self.empty_handed(shopper);
        let fate = if answer.well() {
            let order = answer.read::<Basket>().ok_or(Fate::Misled)?;
            let (units, late) = (order.units(), order.late.unwrap_or_default());
            self.told(&answer, What::Ordered(Order { basket, payment, key, units, late }));
            crowd.tally.ordered();
            if late { Fate::OrderedLate } else { Fate::Ordered }
        } else {
            let code = answer.read::<Problem>().unwrap_or_default().code;
            self.told(&answer, What::OrderRefused { basket, code });
            Fate::OrderRefused
        };
        self.leave(shopper, answer.told_us).await;
        Ok(fate)
    }

    /// Leaves the shop, so that somebody else is called. Whatever comes of it, they are gone.
    pub(super) async fn leave(&mut self, shopper: &Shopper, at_us: u64) {
        let number = shopper.entry.number;
        let ask = Ask::delete(Operation::Leave, self.crowd.path("passes/me"));
        let ask = ask.bearer(&shopper.entry.token).key(self.fresh_key());
        let attempt = Some(Attempt::Other { number: Some(number) });
        let Ok(answer) = self.insist(&ask, at_us, attempt).await else { return };
        let what = if answer.well() { What::Left { number } } else { What::Ended { number } };
        self.told(&answer, what);
        self.standing.at(Standing::Outside);
    }
}
