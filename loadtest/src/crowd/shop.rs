//! A person in the shop: looks, thinks, chooses, changes their mind, grabs again.

use std::sync::Arc;

use super::choice;
use super::fate::Fate;
use super::hold::{Chosen, Wish};
use super::queue::Entry;
use super::tally::Standing;
use super::visitor::Visitor;
use super::wire::{Performance, Seats};
use crate::history::{Source, Unit};
use crate::measure::Operation;
use crate::scenario::Chooses;
use crate::web::ask::Ask;
use crate::web::browser::Browser;

/// A bot lets go this long before its time is up, in microseconds, or a tenth of it if that is
/// shorter.
const LETS_GO_US: u64 = 2_000_000;
/// Signs of life in the span after which a silent pass ends: two of them may fail.
const SIGNS_PER_IDLE_SPAN: u64 = 3;

/// A person with a pass, and what they hold with it.
pub(super) struct Shopper {
    pub(super) entry: Entry,
    /// Units they still want in one hold: fewer after a refusal that says so.
    pub(super) wants: u32,
    pub(super) basket: Option<InHand>,
}

/// A live basket, as far as its visitor knows.
pub(super) struct InHand {
    pub(super) id: String,
    /// The ids of its holds, the last one taken last.
    pub(super) holds: Vec<u64>,
    /// What the last hold took.
    pub(super) units: Vec<Unit>,
    /// When its time is up, on the run's clock.
    pub(super) expires_us: Option<u64>,
}

impl Visitor {
    /// From the door of the shop to the way out.
    ///
    /// # Errors
    /// How their evening ended, as `Ok`: most endings come early.
    pub(super) async fn go_shopping(&mut self, entry: Entry) -> Result<Fate, Fate> {
        self.standing.at(Standing::Active);
        let most = self.crowd.basket_units_max(&self.browser.clone()).await.unwrap_or(u32::MAX);
        let wanted = self.person.shopping.wants.max(1);
        // Bots take all they may.
        let wants =
            if self.person.shopping.grabs_again > 0 && most < u32::MAX { most } else { wanted };
        let mut shopper = Shopper { entry, wants: wants.min(most), basket: None };
        let fate = self.shop(&mut shopper).await;
        if let Err(Fate::RefusedAll | Fate::SoldOut | Fate::RanOut) = fate {
            self.leave(&shopper, self.crowd.clock.now_us()).await;
        }
        fate
    }

    async fn shop(&mut self, shopper: &mut Shopper) -> Result<Fate, Fate> {
        let entered_us = shopper.entry.entered_us;
        self.browse(shopper, entered_us).await;
        let mut held_us = self.choose(shopper, entered_us).await?;
        if self.person.shopping.changes_mind {
            let released_us = self.release_last(shopper, held_us).await?;
            held_us = self.choose(shopper, released_us).await?;
        }
        for _ in 0..self.person.shopping.grabs_again {
            held_us = self.grab_again(shopper, held_us).await?;
        }
        self.part(shopper, held_us).await
    }

    /// Loads the shop's pages, one after the other, through the gate.
    async fn browse(&mut self, shopper: &Shopper, from_us: u64) {
        let Some(gate) = self.crowd.ground.gate.clone() else { return };
        let browser = Browser::new(&gate, self.person.who);
        let mut from_us = from_us;
        for page in &self.person.shopping.browses {
            let ask = Ask::get(Operation::Shop, page).accept("text/html");
            let ask = ask.cookie(shopper.entry.cookie.as_deref());
            // A page that does not come is measured, and the next one is tried.
            let answer = self.crowd.ask(&browser, &ask, from_us).await;
            from_us = answer.map_or_else(|silence| silence.ended_us, |answer| answer.told_us);
        }
    }

    /// Looks, thinks and asks until something is held; when that was.
    async fn choose(&mut self, shopper: &mut Shopper, from_us: u64) -> Result<u64, Fate> {
        let mut from_us = from_us;
        for _ in 0..self.person.shopping.tries.max(1) {
            let (wish, looked_us) = self.look(shopper, from_us).await?;
            let asks_us = looked_us + self.draw(self.person.shopping.thinks);
            self.think(shopper, looked_us, asks_us).await;
            from_us = asks_us;
            let Some(wish) = wish else { continue };
            match self.hold(shopper, &wish, asks_us).await? {
                Chosen::Held(held_us) => return Ok(held_us),
                Chosen::Refused(refused_us) => from_us = refused_us,
            }
        }
        Err(Fate::RefusedAll)
    }

    /// Looks at what is left; what they would like of it, if anything, and when they saw it.
    async fn look(&mut self, shopper: &Shopper, from_us: u64) -> Result<(Option<Wish>, u64), Fate> {
        let ask = self.crowd.ask_what_is_left();
        let answer = self.insist(&ask, from_us, None).await?;
        let left = self.crowd.what_is_left(&answer).ok_or(Fate::Misled)?;
        if choice::sold_out(&left) {
            return Err(Fate::SoldOut);
        }
        let chooses = self.person.shopping.chooses;
        let Some(performance) = choice::performance(&left, chooses, &mut self.random).cloned()
        else {
            return Ok((None, answer.told_us));
        };
        if chooses == Chooses::Seats && performance.seating.is_some() {
            return self.point_at(shopper, &performance, answer.told_us).await;
        }
        let items = choice::best(&performance, shopper.wants, &mut self.random);
        let wish = Wish { performance: performance.id.clone(), seats: Vec::new(), items };
        Ok((Some(wish), answer.told_us))
    }

    /// Looks at the map and points at neighbours.
    async fn point_at(
        &mut self,
        shopper: &Shopper,
        performance: &Arc<Performance>,
        from_us: u64,
    ) -> Result<(Option<Wish>, u64), Fate> {
        let Some(seating) = &performance.seating else { return Ok((None, from_us)) };
        let (crowd, browser) = (self.crowd.clone(), self.browser.clone());
        let plan = crowd.plan(&browser, &seating.plan).await;
        let path = crowd.path(&format!("performances/{}/seats", performance.id));
        let ask = Ask::get(Operation::Seats, path).bearer(&shopper.entry.token);
        let answer = self.insist(&ask, from_us, None).await?;
        if !answer.well() {
            return Err(self.turned_away(shopper, &answer));
        }
        let seats = answer.read::<Seats>().ok_or(Fate::Misled)?;
        let Some(plan) = plan else { return Ok((None, answer.told_us)) };
        let units = shopper.wants;
        // Where not so many are side by side, a single one will do.
        let seats = choice::pointed_at((&plan, &seats), units, &mut self.random)
            .or_else(|| choice::pointed_at((&plan, &seats), 1, &mut self.random));
        let wish = seats.map(|seats| Wish {
            performance: performance.id.clone(),
            items: choice::named(&performance.id, &seats),
            seats,
        });
        Ok((wish, answer.told_us))
    }

    /// Does nothing until then but show, where there is no basket to show it, that they are there.
    async fn think(&mut self, shopper: &Shopper, from_us: u64, until_us: u64) {
        if let Some(idle_us) = shopper.entry.idle_us.filter(|_| shopper.basket.is_none()) {
            let every_us = (idle_us / SIGNS_PER_IDLE_SPAN).max(1);
            let mut sign_us = from_us + every_us;
            while sign_us < until_us {
                let ask = Ask::get(Operation::Pass, self.crowd.path("passes/me"));
                let ask = ask.bearer(&shopper.entry.token);
                // If the pass is over, the next thing they ask for says so.
                let _ = self.crowd.ask(&self.browser, &ask, sign_us).await;
                sign_us += every_us;
            }
        }
        self.crowd.until(until_us).await;
    }

    /// Gives all back shortly before the time is up, and takes the same again at once, or whatever
    /// is left.
    async fn grab_again(&mut self, shopper: &mut Shopper, held_us: u64) -> Result<u64, Fate> {
        let Some(basket) = &shopper.basket else { return Ok(held_us) };
        let units = basket.units.clone();
        let expires_us = basket.expires_us.unwrap_or(held_us);
        let early_us = LETS_GO_US.min(expires_us.saturating_sub(held_us) / 10);
        let released_us = self.release_all(shopper, expires_us - early_us).await?;
        let Some(first) = units.first() else { return self.choose(shopper, released_us).await };
        let seat = |unit: &Unit| match &unit.of {
            Source::Seat(seat) => Some(seat.clone()),
            Source::Pool { .. } => None,
        };
        let wish = Wish {
            performance: first.performance.clone(),
            seats: units.iter().filter_map(seat).collect(),
            items: choice::again(&units),
        };
        match self.hold(shopper, &wish, released_us).await? {
            Chosen::Held(held_us) => Ok(held_us),
            Chosen::Refused(refused_us) => self.choose(shopper, refused_us).await,
        }
    }
}
