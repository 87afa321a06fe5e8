//! A visitor in the shop: looks, holds, changes their mind, pays, or walks away.
//!
//! Owns the pass token while the visitor has one. The payment is confirmed with the API key, as the
//! venue's shop would once the card went through.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::choice;
use super::temper::Ending;
use super::visitor::{Gone, Visitor};
use crate::command_line::demo::web::{Ask, Reply, fresh_key};
use crate::command_line::demo::wire::basket::Basket;
use crate::command_line::demo::wire::board::{Performance, Performances};
use crate::command_line::demo::wire::place::Pass;
use crate::command_line::demo::wire::plan::{Plan, Seats};

/// Choices of one visitor before they have had enough.
const CHOICES_MAX: u32 = 12;
/// How long a visitor waits for seats in other baskets to come back.
const RETURN_SPAN: Duration = Duration::from_secs(20);

/// A visitor's pass and what they hold with it.
struct Shopping {
    token: String,
    basket: Option<Basket>,
    /// Seats they still want in one hold: fewer after a refusal that says so.
    units: u32,
}

/// What became of a choice.
enum Chosen {
    /// It is in the basket.
    Held,
    /// Somebody was faster, or not so many are left: choose again.
    Again,
    /// There is nothing for this visitor.
    Nothing,
}

impl Visitor {
    /// From the door of the shop to the way out.
    pub(super) async fn shop(&mut self, pass: Pass) -> Result<(), Gone> {
        let Some(token) = pass.token else { return Err(self.astonished()) };
        if self.bought {
            return self.leave(&token).await;
        }
        if let Some(id) = pass.basket {
            // They were here before, and go on with what they have.
            let path = self.crowd.path(&format!("baskets/{id}"));
            let reply = self.ask(&Ask::get(path).bearer(&token)).await?;
            let basket = self.read(&reply)?;
            return self.part(&token, basket).await;
        }
        let mut shopping = Shopping { token, basket: None, units: self.temper.seats };
        self.choose(&mut shopping).await?;
        if self.temper.changes_mind {
            self.change_mind(&mut shopping).await?;
            self.choose(&mut shopping).await?;
        }
        if self.temper.adds_more && shopping.basket.is_some() {
            shopping.units = 1;
            self.choose(&mut shopping).await?;
        }
        match shopping.basket.take() {
            Some(basket) if basket.units > 0 => self.part(&shopping.token, basket).await,
            _ => self.give_up_shopping(&shopping.token).await,
        }
    }

    /// Looks and chooses until something is held, or there is nothing to be had.
    async fn choose(&mut self, shopping: &mut Shopping) -> Result<(), Gone> {
        for _ in 0..CHOICES_MAX {
            self.think(self.temper.looks).await;
            self.keep_alive(&shopping.token).await?;
            let reply = self.ask(&Ask::get(self.crowd.path("performances"))).await?;
            let list: Performances = self.read(&reply)?;
            if choice::scarce(&list.performances) {
                self.temper.take_what_is_left();
            }
            let chosen = match choice::performance(&list.performances, &mut self.random) {
                Some(performance) => self.hold(shopping, performance).await?,
                None if choice::sold_out(&list.performances) => Chosen::Nothing,
                None => {
                    self.think(RETURN_SPAN).await;
                    Chosen::Again
                }
            };
            match chosen {
                Chosen::Again => {}
                Chosen::Held | Chosen::Nothing => return Ok(()),
            }
        }
        Ok(())
    }

    async fn hold(
        &mut self,
        shopping: &mut Shopping,
        performance: &Performance,
    ) -> Result<Chosen, Gone> {
        let items = self.items(shopping, performance).await?;
        let path = match &shopping.basket {
            Some(basket) => self.crowd.path(&format!("baskets/{}/holds", basket.id)),
            None => self.crowd.path("baskets"),
        };
        let ask = Ask::post(path).bearer(&shopping.token).key(&fresh_key());
        let reply = self.ask(&ask.json(&json!({"items": items}))).await?;
        self.chosen(shopping, &reply)
    }

    fn chosen(&mut self, shopping: &mut Shopping, reply: &Reply) -> Result<Chosen, Gone> {
        let Some(problem) = self.declined(reply) else {
            shopping.basket = Some(self.read(reply)?);
            self.crowd.tally.holds.add(1);
            return Ok(Chosen::Held);
        };
        match problem.code.as_str() {
            "unavailable" | "in_baskets" | "sold_out" => Ok(Chosen::Again),
            "no_block" | "limit_reached" if shopping.units > 1 => {
                shopping.units -= 1;
                Ok(Chosen::Again)
            }
            "no_block" | "limit_reached" | "mirrored" | "not_open" => Ok(Chosen::Nothing),
            // Expired, the pass gone, the basket in a state of which this visitor knows nothing.
            _ => Err(Gone),
        }
    }

    async fn items(
        &mut self,
        shopping: &Shopping,
        performance: &Performance,
    ) -> Result<Vec<Value>, Gone> {
        let units = shopping.units;
        let accessible = self.temper.accessible;
        let points = self.temper.points_at_seats && !accessible;
        if let (true, Some(seating)) = (points, &performance.seating) {
            let plan = self.plan(&seating.plan).await?;
            let path = self.crowd.path(&format!("performances/{}/seats", performance.id));
            let reply = self.ask(&Ask::get(path).bearer(&shopping.token)).await?;
            let seats: Seats = self.read(&reply)?;
            let wanted = usize::try_from(units).expect("a handful");
            if let Some(ids) = choice::pointed_at((&plan, &seats), wanted, &mut self.random) {
                let item = |seat| json!({"performance": performance.id, "seat": seat});
                return Ok(ids.into_iter().map(item).collect());
            }
        }
        Ok(choice::best(performance, (units, accessible), &mut self.random))
    }

    /// The layout. It never changes while it is in use, so the crowd reads it once.
    async fn plan(&mut self, id: &str) -> Result<Arc<Plan>, Gone> {
        if let Some((known, plan)) = self.crowd.plan.get()
            && known == id
        {
            return Ok(Arc::clone(plan));
        }
        let reply = self.ask(&Ask::get(self.crowd.path(&format!("plans/{id}")))).await?;
        let plan = Arc::new(self.read(&reply)?);
        // If another visitor was first, that one stays.
        let _ = self.crowd.plan.set((id.to_owned(), Arc::clone(&plan)));
        Ok(plan)
    }

    /// Gives the newest hold back.
    async fn change_mind(&mut self, shopping: &mut Shopping) -> Result<(), Gone> {
        let Some(basket) = &shopping.basket else { return Ok(()) };
        let Some(hold) = basket.holds.last() else { return Ok(()) };
        let path = self.crowd.path(&format!("baskets/{}/holds/{}", basket.id, hold.id));
        self.think(self.temper.looks).await;
        let ask = Ask::delete(path).bearer(&shopping.token).key(&fresh_key());
        let reply = self.ask(&ask).await?;
        let basket: Basket = self.read(&reply)?;
        self.crowd.tally.released.add(1);
        // The last hold takes its basket with it.
        shopping.basket = (basket.state == "open").then_some(basket);
        Ok(())
    }

    /// Parts from the shop with a basket, in this visitor's way.
    async fn part(&mut self, token: &str, basket: Basket) -> Result<(), Gone> {
        match self.temper.ending {
            Ending::WalksAway => return Err(Gone),
            Ending::Leaves => return self.give_up_shopping(token).await,
            Ending::Buys | Ending::WalksAwayFromCard | Ending::CancelsOnCard => {}
        }
        let basket_path = self.crowd.path(&format!("baskets/{}", basket.id));
        if basket.state != "paying" {
            let ask = Ask::post(format!("{basket_path}/checkout")).bearer(token).key(&fresh_key());
            let reply = self.ask(&ask).await?;
            self.read::<Basket>(&reply)?;
        }
        self.think(self.temper.pays_within).await;
        match self.temper.ending {
            Ending::WalksAwayFromCard => Err(Gone),
            Ending::CancelsOnCard => {
                let ask = Ask::delete(basket_path).bearer(token).key(&fresh_key());
                self.ask(&ask).await?;
                self.give_up_shopping(token).await
            }
            _ => self.pay(token, &basket_path).await,
        }
    }

    /// Pays, and leaves, so that somebody else is called; some forget to.
    async fn pay(&mut self, token: &str, basket_path: &str) -> Result<(), Gone> {
        let payment = format!("demo-{}", fresh_key());
        let ask = Ask::post(format!("{basket_path}/confirm"))
            .bearer(&self.crowd.settings.api_key)
            .key(&fresh_key())
            .json(&json!({"payment": payment}));
        let reply = self.ask(&ask).await?;
        let order: Basket = self.read(&reply)?;
        self.bought = true;
        self.crowd.memory.bought(self.number, &order);
        self.crowd.ledger.acknowledge(order);
        self.crowd.tally.orders.add(1);
        if self.temper.forgets_to_leave {
            return Ok(());
        }
        self.leave(token).await
    }

    /// What every page of a shop does.
    async fn keep_alive(&mut self, token: &str) -> Result<(), Gone> {
        let reply = self.ask(&Ask::get(self.crowd.path("passes/me")).bearer(token)).await?;
        self.read::<Pass>(&reply).map(|_| ())
    }

    async fn leave(&mut self, token: &str) -> Result<(), Gone> {
        let ask = Ask::delete(self.crowd.path("passes/me")).bearer(token).key(&fresh_key());
        self.ask(&ask).await.map(|_| ())
    }

    /// Leaves without an order.
    async fn give_up_shopping(&mut self, token: &str) -> Result<(), Gone> {
        self.leave(token).await?;
        Err(Gone)
    }
}
