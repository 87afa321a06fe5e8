//! Somebody who is in the shop and holds something, of which the deadline runs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::clients::{Basket, Crowd, Place, Visitor};

/// A visitor with a basket.
pub(crate) struct Shopper {
    pub(crate) visitor: Visitor,
    pub(crate) place: Place,
    pub(crate) pass: String,
    pub(crate) basket: Basket,
}

impl Shopper {
    /// Joins, waits for the turn, takes it, and holds a seat of the first performance.
    pub(crate) async fn enter(crowd: &Arc<Crowd>, seed: u64, seat: &str) -> Self {
        Self::enter_for(crowd, seed, json!({ "performance": "p1", "seat": seat })).await
    }

    /// The same for standing room, of which there is enough however many others buy.
    pub(crate) async fn enter_to_stand(crowd: &Arc<Crowd>, seed: u64) -> Self {
        let stands = json!({ "performance": "p1", "pool": "standing", "units": 1 });
        Self::enter_for(crowd, seed, stands).await
    }

    async fn enter_for(crowd: &Arc<Crowd>, seed: u64, item: Value) -> Self {
        let mut visitor = Visitor::new(crowd, seed);
        let place = visitor.join().await.expect("a place");
        let pass = visitor.enter(&place).await.expect("no fault").expect("a pass");
        let mut basket = None;
        visitor.hold_these(&pass, &mut basket, &[item]).await.expect("held");
        Self { visitor, place, pass, basket: basket.expect("held") }
    }

    /// Milliseconds that are left of the basket, which must be open still.
    pub(crate) async fn left_ms(&self) -> u64 {
        let seen = self.visitor.read(&self.pass, &self.basket.id).await.expect("it is there");
        assert_eq!(seen.text("state"), "open", "{seen:?}");
        seen.body["expires_in_ms"].as_u64().expect("it is live")
    }

    /// How the visitor stands.
    pub(crate) async fn stands(&self) -> String {
        self.visitor.place(&self.place).await.expect("a place").text("state")
    }

    /// Pays for the basket.
    pub(crate) async fn pay(mut self) {
        self.visitor.pay(&self.pass, self.basket).await.expect("it was still theirs");
    }
}
