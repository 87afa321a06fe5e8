//! Every call that a shop makes, in the order of a visit. The file to read first.
//!
//! The rules of the interface, each of which is kept here:
//!
//! - **Pass token.** A visitor comes with one, as a cookie. The shop forwards it as a bearer token
//!   and never looks inside. 401 and 403 mean that the visit is over: show the way to the queue.
//! - **API key.** Two calls are made with the shop's own: confirming a payment, and reading an
//!   order. It never goes to a browser, and what a browser says about a payment is worth nothing.
//! - **Idempotency key.** Whatever changes something carries one. It is made when the page with the
//!   button is made, not when the button is pressed: so a double click, a reload of the answer, a
//!   retry after a time-out or a 503 all ask the same question, which is done once. Another wish
//!   is another key; the same key with another body is refused (`key_reused`).
//! - **Refusals.** 409, 410 and 422 come with a stable `code`; `words.rs` says each in a sentence
//!   to the buyer, with a way on. They are no faults: in a rush most holds end so.
//! - **Faults.** No answer, 503 and 429 are asked again with the same key, never sooner than
//!   `Retry-After` says. What was answered before stays true meanwhile.
//! - **Time.** Deadlines are the server's and stand still while it cannot serve. Show
//!   `expires_in_ms`; where `expires_at` is absent, time does not run.
//! - **Late payment.** Confirm whatever the deadline says: if all seats are still free they are
//!   sold (`late`), else the answer is `seat_lost`, nothing is sold, and you return the money.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::command_line::demo::web::{Ask, Patience, Web, WebFault};
use crate::command_line::demo::wire::Problem;
use crate::command_line::demo::wire::basket::Basket;
use crate::command_line::demo::wire::board::{Performance, Performances, Sale};
use crate::command_line::demo::wire::place::Pass;
use crate::command_line::demo::wire::plan::{Plan, SeatNews, Seats};

/// A visitor waits for the page: three tries take about half a second, then they decide.
const PATIENCE: Patience = Patience { tries: 3, seed: 0 };

/// The public interface of one sale.
pub(super) struct Stanchion {
    web: Web,
    root: String,
    api_key: String,
}

/// Why there is no answer to show.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The rules said no.
    Declined(Problem),
    /// The world failed. Trying again with the same key is safe.
    Fault(WebFault),
}

/// Who asks for what, once.
pub(super) struct Wish<'a> {
    /// The visitor's pass token.
    pub(super) pass: &'a str,
    /// The idempotency key from the form.
    pub(super) key: &'a str,
}

impl Trouble {
    /// What the shop itself declines, by the code that the interface has for it.
    pub(super) fn of(code: &str) -> Self {
        Self::Declined(Problem { code: code.to_owned(), ..Problem::default() })
    }
}

impl Stanchion {
    pub(super) fn new(web: Web, sale: &str, api_key: String) -> Self {
        Self { web, root: format!("/v1/sales/{sale}"), api_key }
    }

    /// Names and prices.
    pub(super) async fn sale(&self) -> Result<Sale, Trouble> {
        self.ask(Ask::get(self.root.clone())).await
    }

    /// What is left of each performance. For everybody.
    pub(super) async fn performances(&self) -> Result<Vec<Performance>, Trouble> {
        let list: Performances = self.ask(self.get("performances")).await?;
        Ok(list.performances)
    }

    /// What is left of one performance.
    pub(super) async fn performance(&self, id: &str) -> Result<Performance, Trouble> {
        self.ask(self.get(&format!("performances/{id}"))).await
    }

    /// The fixed layout of the seats. It never changes in a sale: a busy shop keeps it.
    pub(super) async fn plan(&self, id: &str) -> Result<Plan, Trouble> {
        self.ask(self.get(&format!("plans/{id}"))).await
    }

    /// The state of each seat now. A moment later somebody may have taken one: only a hold counts.
    pub(super) async fn seats(&self, pass: &str, performance: &str) -> Result<Seats, Trouble> {
        self.ask(self.get(&format!("performances/{performance}/seats")).bearer(pass)).await
    }

    /// The same for a page that follows them: all seats at first, then what changed since the
    /// version it has. Any answer may be all seats again, after a restart for example.
    pub(super) async fn seat_news(
        &self,
        pass: &str,
        performance: &str,
        since: Option<u64>,
    ) -> Result<SeatNews, Trouble> {
        let since = since.map_or_else(String::new, |version| format!("?since={version}"));
        self.ask(self.get(&format!("performances/{performance}/seats{since}")).bearer(pass)).await
    }

    /// The visitor's pass and its live basket. Asking with a pass token is a sign of life: who is
    /// silent for the sale's `idle_span` and has no live basket leaves, and the next is called.
    pub(super) async fn pass(&self, pass: &str) -> Result<Pass, Trouble> {
        self.ask(self.get("passes/me").bearer(pass)).await
    }

    /// The same, which is no sign of life: to say when the visit ends.
    pub(super) async fn pass_silently(&self, pass: &str) -> Result<Pass, Trouble> {
        self.ask(self.get("passes/me?silent").bearer(pass)).await
    }

    /// The visitor's basket, also when it is over: its state says how.
    pub(super) async fn basket(&self, pass: &str, id: &str) -> Result<Basket, Trouble> {
        self.ask(self.get(&format!("baskets/{id}")).bearer(pass)).await
    }

    /// Holds all of the items or none, in the visitor's basket or in a new one. A visitor has one
    /// live basket; its deadline is that of the first hold, and adding to it does not move it.
    pub(super) async fn hold(
        &self,
        wish: &Wish<'_>,
        basket: Option<&str>,
        items: &[Value],
    ) -> Result<Basket, Trouble> {
        let body = json!({"items": items});
        if let Some(basket) = basket {
            return self.ask(wish.put(self.post(&holds(basket))).json(&body)).await;
        }
        match self.ask(wish.put(self.post("baskets")).json(&body)).await {
            // Another tab was first: the visitor has one basket.
            Err(Trouble::Declined(Problem { basket: Some(open), .. })) => {
                self.ask(wish.put(self.post(&holds(&open))).json(&body)).await
            }
            answer => answer,
        }
    }

    /// Gives one hold back.
    pub(super) async fn release(
        &self,
        wish: &Wish<'_>,
        basket: &str,
        hold: &str,
    ) -> Result<Basket, Trouble> {
        let path = format!("{}/baskets/{basket}/holds/{hold}", self.root);
        self.ask(wish.put(Ask::delete(path))).await
    }

    /// Begins paying: prices and seats stay as they are, the deadline is extended once.
    pub(super) async fn check_out(&self, wish: &Wish<'_>, basket: &str) -> Result<Basket, Trouble> {
        self.ask(wish.put(self.post(&format!("baskets/{basket}/checkout")))).await
    }

    /// Gives the whole basket back.
    pub(super) async fn cancel(&self, wish: &Wish<'_>, basket: &str) -> Result<(), Trouble> {
        self.done(wish.put(Ask::delete(format!("{}/baskets/{basket}", self.root)))).await
    }

    /// Says that the money is there, from server to server. `payment` is the payment provider's
    /// reference: the same payment told of again gets its first answer, under any key. Also after
    /// the deadline: then the same seats are taken again (`late`), or the answer is `seat_lost`.
    pub(super) async fn confirm(
        &self,
        key: &str,
        basket: &str,
        payment: &str,
    ) -> Result<Basket, Trouble> {
        let ask = self.post(&format!("baskets/{basket}/confirm")).bearer(&self.api_key).key(key);
        self.ask(ask.json(&json!({"payment": payment}))).await
    }

    /// A basket or an order, for the shop itself.
    pub(super) async fn order(&self, id: &str) -> Result<Basket, Trouble> {
        self.ask(self.get(&format!("baskets/{id}")).bearer(&self.api_key)).await
    }

    /// Ends the visit: whoever is next in the queue is called.
    pub(super) async fn leave(&self, wish: &Wish<'_>) -> Result<(), Trouble> {
        self.done(wish.put(Ask::delete(format!("{}/passes/me", self.root)))).await
    }

    fn get(&self, path: &str) -> Ask {
        Ask::get(format!("{}/{path}", self.root))
    }

    fn post(&self, path: &str) -> Ask {
        Ask::post(format!("{}/{path}", self.root))
    }

    async fn ask<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Trouble> {
        let reply = self.web.insist(&ask, PATIENCE).await.map_err(Trouble::Fault)?;
        match reply.problem() {
            Some(problem) => Err(Trouble::Declined(problem)),
            None => reply.read().map_err(Trouble::Fault),
        }
    }

    async fn done(&self, ask: Ask) -> Result<(), Trouble> {
        let reply = self.web.insist(&ask, PATIENCE).await.map_err(Trouble::Fault)?;
        reply.problem().map_or(Ok(()), |problem| Err(Trouble::Declined(problem)))
    }
}

impl Wish<'_> {
    fn put(&self, ask: Ask) -> Ask {
        ask.bearer(self.pass).key(self.key)
    }
}

fn holds(basket: &str) -> String {
    format!("baskets/{basket}/holds")
}
