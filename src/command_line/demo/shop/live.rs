//! What the scripts of the pages ask for: the seat map, its states, and the time of a basket.
//!
//! A script shows what is said here and decides nothing. It asks while its page is looked at only:
//! each of these questions is a sign of life, and keeps the pass of whoever is in the shop.

use serde_json::{Value, json};

use super::map;
use super::routes::{End, Routes};
use super::stanchion::Trouble;
use super::visit::Visit;
use crate::command_line::demo::wire::place::Pass;

/// Who does nothing is warned so long before their visit ends, or half of a shorter one.
const SOON_MS: u64 = 60_000;

impl Routes {
    /// The seat map of a performance, to be drawn once.
    pub(super) async fn map(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let token = visit.token()?;
        let pass = self.stanchion.pass(token).await?;
        let performance = self.stanchion.performance(id).await?;
        let Some(seating) = &performance.seating else { return Err(Trouble::of("not_found")) };
        let plan = self.stanchion.plan(&seating.plan).await?;
        let sale = self.stanchion.sale().await?;
        let basket = self.live_basket(token, pass.basket).await?;
        let drawing = map::draw(&plan, seating, &sale, basket.as_ref());
        Ok(End::Json(json!(drawing)))
    }

    /// The states of all seats, or those that changed since the version that the script has.
    pub(super) async fn seats(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let seats = self.stanchion.seat_news(visit.token()?, id, visit.since).await?;
        Ok(End::Json(json!(seats)))
    }

    /// What is left of a visit of which nothing more is heard. Of these questions the only one that
    /// is no sign of life.
    pub(super) async fn look_at_visit(&self, visit: &Visit) -> Result<End, Trouble> {
        let pass = self.stanchion.pass_silently(visit.token()?).await?;
        Ok(End::Json(time_left(&pass)))
    }

    /// A visitor who looks at a page without asking for another says that they are still there.
    pub(super) async fn stay(&self, visit: &Visit) -> Result<End, Trouble> {
        let pass = self.stanchion.pass(visit.token()?).await?;
        Ok(End::Json(time_left(&pass)))
    }

    /// What is left of a basket's time, and whether it runs.
    pub(super) async fn time_left(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let basket = self.stanchion.basket(visit.token()?, id).await?;
        Ok(End::Json(json!({
            "live": basket.live(), "left_ms": basket.expires_in_ms, "runs": basket.time_runs(),
        })))
    }

    /// What became of a basket: where a page goes whose basket is over.
    pub(super) async fn what_became(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let basket = self.stanchion.basket(visit.token()?, id).await?;
        match basket.state.as_str() {
            "expired" => Err(Trouble::of("expired")),
            "payment_lost" => Err(Trouble::of("seat_lost")),
            "confirmed" => Ok(End::SeeOther(format!("/orders/{id}"))),
            _ => Ok(End::SeeOther("/basket".to_owned())),
        }
    }
}

/// What is left of a visit of which nothing more is heard, and when to warn of its end.
pub(super) fn time_left(pass: &Pass) -> Value {
    let soon_ms = SOON_MS.min(pass.idle_span_ms / 2);
    json!({"left_ms": pass.idle_in_ms, "runs": pass.time_running, "soon_ms": soon_ms})
}
