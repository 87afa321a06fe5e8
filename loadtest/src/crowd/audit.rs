//! After the run: looks again at everything that the crowd was promised.
//!
//! Reads every basket that was touched and every place that still stands, and writes what it sees
//! into the history, for the checks to compare. Measures nothing: the evening is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::task::JoinSet;

use super::ledger::Kept;
use super::visitor::Pauses;
use super::wire::{Basket, Place};
use super::{Crowd, Over};
use crate::history::What;
use crate::measure::Operation;
use crate::web::ask::{Answer, Ask};
use crate::web::browser::Browser;

/// Questions at once.
const LANES: u32 = 16;
/// How long one question is insisted on; after that, its lane ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Audit {
    /// Baskets and places there were to look at.
    pub wanted: u64,
    /// Of these, shown by the server, or not known to it any more.
    pub answered: u64,
}

/// Something to look at.
enum Look {
    Place(Kept),
    Basket(String, Kept),
}

/// Looks at everything; gives up when the server has been away for a while.
pub async fn run(over: &Over) -> Audit {
    let crowd = &over.crowd;
    let places = crowd.ledger.places().into_iter().map(Look::Place);
    let baskets = crowd.ledger.baskets().into_iter().map(|(id, kept)| Look::Basket(id, kept));
    let looks: Vec<_> = baskets.chain(places).collect();
    let wanted = looks.len().try_into().unwrap_or(u64::MAX);
    let looks = Arc::new(Mutex::new(looks.into_iter()));
    let answered = Arc::new(AtomicU64::new(0));
    // Nobody reads this notebook.
    let web = Arc::new(crowd.ground.web.noted_in(Arc::default()));
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let (crowd, looks, answered) = (crowd.clone(), looks.clone(), answered.clone());
        let browser = Browser::new(&web, lane);
        lanes.spawn(async move {
            let next = || looks.lock().unwrap_or_else(PoisonError::into_inner).next();
            while let Some(look) = next() {
                if crowd.look_again(&browser, look).await.is_none() {
                    return;
                }
                // Relaxed: read when all lanes have ended.
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    lanes.join_all().await;
    Audit { wanted, answered: answered.load(Ordering::Relaxed) }
}

impl Crowd {
    /// `None` if nobody answers.
    async fn look_again(&self, browser: &Browser, look: Look) -> Option<()> {
        match look {
            Look::Place(Kept { who, token }) => {
                let ask = Ask::get(Operation::Poll, self.path("places/me")).bearer(&token);
                let answer = self.once_more(browser, &ask, who).await?;
                if let Some(place) = answer.read::<Place>().filter(|_| answer.well()) {
                    self.saw(who, &answer, What::Saw(place.shown()));
                }
            }
            Look::Basket(id, Kept { who, token }) => {
                let bearer = self.ground.api_key.as_deref().unwrap_or(&token);
                let ask = Ask::get(Operation::Basket, self.path(&format!("baskets/{id}")));
                let answer = self.once_more(browser, &ask.bearer(bearer), who).await?;
                let seen = answer.read::<Basket>().filter(|_| answer.well());
                let (state, units) = match seen {
                    Some(seen) => (seen.state.clone(), seen.units()),
                    None if answer.status == StatusCode::NOT_FOUND => {
                        ("not_found".to_owned(), Vec::new())
                    }
                    None => return Some(()),
                };
                self.saw(who, &answer, What::BasketSeen { basket: id, state, units });
            }
        }
        Some(())
    }

    async fn once_more(&self, browser: &Browser, ask: &Ask, who: u32) -> Option<Answer> {
        let pauses = Pauses::new(u64::from(who)).within(PATIENCE);
        self.insist(browser, ask, (who, self.clock.now_us()), pauses, None).await
    }

    fn saw(&self, who: u32, answer: &Answer, what: What) {
        self.told(who, (answer.asked_us, Some(answer.told_us)), what);
    }
}
