//! What a shop front keeps at hand for everybody: limits, seat plans, what is left.
//!
//! Everybody asks for themselves what is left, by what changed since the picture that is at hand,
//! as the interface tells shops to. Limits and plans, which any cache may keep, are read once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Crowd;
use super::wire::{Performance, Performances, Plan, Sale};
use crate::measure::Operation;
use crate::web::ask::{Answer, Ask};
use crate::web::browser::Browser;

/// What is at hand.
#[derive(Default)]
pub(super) struct Catalogue {
    basket_units_max: tokio::sync::OnceCell<u32>,
    plans: tokio::sync::Mutex<BTreeMap<String, Arc<Plan>>>,
    left: Mutex<Left>,
}

/// What is left, as far as anybody was told.
#[derive(Clone, Default)]
struct Left {
    version: Option<u64>,
    performances: Arc<Vec<Arc<Performance>>>,
}

impl Crowd {
    /// Most units of one basket; `None` if the server does not say.
    pub(super) async fn basket_units_max(&self, browser: &Browser) -> Option<u32> {
        let read = async || {
            let ask = Ask::get(Operation::Performances, format!("/v1/sales/{}", self.ground.sale));
            let answer = self.ask(browser, &ask, self.clock.now_us()).await.ok().ok_or(())?;
            Ok(answer.read::<Sale>().ok_or(())?.limits.basket_units_max)
        };
        let most: Result<_, ()> = self.catalogue.basket_units_max.get_or_try_init(read).await;
        most.ok().copied()
    }

    /// A seat plan; `None` if the server does not have it now.
    pub(super) async fn plan(&self, browser: &Browser, id: &str) -> Option<Arc<Plan>> {
        let mut plans = self.catalogue.plans.lock().await;
        if let Some(plan) = plans.get(id) {
            return Some(plan.clone());
        }
        let ask = Ask::get(Operation::Seats, self.path(&format!("plans/{id}")));
        let answer = self.ask(browser, &ask, self.clock.now_us()).await.ok()?;
        let plan = Arc::new(answer.read::<Plan>()?);
        plans.insert(id.to_owned(), plan.clone());
        Some(plan)
    }

    /// The question what is left.
    pub(super) fn ask_what_is_left(&self) -> Ask {
        let path = match self.catalogue.left().version {
            Some(version) => self.path(&format!("performances?since={version}")),
            None => self.path("performances"),
        };
        Ask::get(Operation::Performances, path)
    }

    /// What is left after this answer; `None` if it makes no sense.
    pub(super) fn what_is_left(&self, answer: &Answer) -> Option<Arc<Vec<Arc<Performance>>>> {
        let told = answer.read::<Performances>()?;
        let mut left = self.catalogue.left();
        left.learn(told);
        Some(left.performances.clone())
    }
}

impl Catalogue {
    fn left(&self) -> MutexGuard<'_, Left> {
        // A holder never leaves it half changed.
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Left {
    /// Takes up an answer; they do not come in the order of their versions.
    fn learn(&mut self, told: Performances) {
        if told.since.is_none() {
            if self.version.is_none_or(|version| version <= told.version) {
                self.version = Some(told.version);
                self.performances = Arc::new(told.performances.into_iter().map(Arc::new).collect());
            }
            return;
        }
        let performances = Arc::make_mut(&mut self.performances);
        for new in told.performances {
            match performances.iter_mut().find(|known| known.id == new.id) {
                Some(known) if known.version <= new.version => *known = Arc::new(new),
                Some(_) => {}
                None => performances.push(Arc::new(new)),
            }
        }
        self.version = self.version.max(Some(told.version));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(version: u64, since: Option<u64>, left: &[(&str, u64, u64)]) -> Performances {
        let performance = |(id, version, available): &(&str, u64, u64)| {
            let counts = json!({"capacity": 9, "available": available, "held": 0, "paying": 0,
                "sold": 0, "withheld": 0});
            json!({"id": id, "version": version, "status": "on_sale", "counts": counts})
        };
        let performances: Vec<_> = left.iter().map(performance).collect();
        let told = json!({"version": version, "since": since, "performances": performances});
        serde_json::from_value(told).expect("an answer")
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_bring_back_what_was() {
        let mut left = Left::default();
        left.learn(told(3, None, &[("a", 3, 9), ("b", 1, 9)]));
        left.learn(told(5, Some(3), &[("a", 5, 7)]));
        left.learn(told(4, Some(3), &[("a", 4, 8), ("b", 4, 6)]));
        left.learn(told(3, None, &[("a", 3, 9), ("b", 1, 9)]));
        let shown = left.performances.iter().map(|one| (one.id.as_str(), one.counts.available));
        assert_eq!(shown.collect::<Vec<_>>(), [("a", 7), ("b", 6)]);
        assert_eq!(left.version, Some(5));
    }
}
