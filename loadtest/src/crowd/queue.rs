//! A person in the queue: joins, waits in one tab or many, takes their turn.

use std::sync::Arc;

use rand::RngExt;
use tokio::task::JoinSet;

use super::fate::Fate;
use super::screen;
use super::tally::Standing;
use super::visitor::Visitor;
use super::watch::{Stand, Watch, Watched};
use super::wire::{Pass, Place, Problem};
use crate::history::clock::micros;
use crate::history::{Attempt, What};
use crate::measure::Operation;
use crate::web::ask::Ask;
use crate::web::browser::Browser;

/// The turn of a person, and when they knew.
pub(super) struct Turn {
    pub(super) stand: Stand,
    pub(super) told_us: u64,
}

/// A person's right to be in the shop.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) token: String,
    /// The cookie that a browser would keep.
    pub(super) cookie: Option<String>,
    /// A silent pass ends after this, in microseconds.
    pub(super) idle_us: Option<u64>,
    /// When they were let in.
    pub(super) entered_us: u64,
}

impl Visitor {
    /// Joins with every account, and waits until the first of them is called.
    ///
    /// # Errors
    /// How their evening ended instead.
    pub(super) async fn wait_for_turn(&mut self, joins_us: u64) -> Result<Turn, Fate> {
        let mut stands = Vec::new();
        for account in 0..self.person.ring.max(1) {
            let browser = match account {
                0 => self.browser.clone(),
                _ => Arc::new(Browser::new(&self.crowd.ground.web, self.person.who + account)),
            };
            stands.push(self.join(browser, joins_us).await?);
        }
        let mut tabs = JoinSet::new();
        if self.person.streams {
            let (crowd, browser) = (self.crowd.clone(), self.browser.clone());
            let screen = (self.person.who, self.random.random());
            tabs.spawn(async move { screen::follow(&crowd, &browser, screen).await });
        }
        let joined_us = self.crowd.clock.now_us();
        let turn = self.wait(&stands, tabs, joined_us).await?;
        if self.person.no_show {
            return Err(Fate::NoShow);
        }
        self.standing.at(Standing::Called);
        self.browser = turn.stand.browser.clone();
        Ok(turn)
    }

    /// Waits in all tabs of all accounts until one of them has news.
    async fn wait(
        &mut self,
        stands: &[Stand],
        mut tabs: JoinSet<Watched>,
        joined_us: u64,
    ) -> Result<Turn, Fate> {
        let mut own = None;
        for stand in stands {
            for _ in 0..self.person.tabs.max(1) {
                let watch = self.watch(stand, joined_us);
                match own {
                    None => own = Some(watch),
                    Some(_) => drop(tabs.spawn(watch.run())),
                }
            }
        }
        let own = own.expect("everybody has a tab").run();
        let watched = tokio::select! {
            biased;
            watched = own => watched,
            Some(Ok(watched)) = tabs.join_next() => watched,
        };
        match watched {
            Watched::Called(stand, told_us) => Ok(Turn { stand, told_us }),
            Watched::Enough(at_us) => Err(self.give_up(stands, at_us).await),
            Watched::SentAway => Err(Fate::SentAway),
            Watched::Misled => Err(Fate::Misled),
            Watched::Ended => {
                stands.iter().for_each(|stand| self.crowd.ledger.left(stand.number));
                Err(Fate::Ended)
            }
        }
    }

    fn watch(&mut self, stand: &Stand, joined_us: u64) -> Watch {
        Watch {
            crowd: self.crowd.clone(),
            who: self.person.who,
            looks: self.person.looks,
            stand: stand.clone(),
            asleep_us: self.person.sleeps.map(|(after, span)| {
                let from_us = joined_us + micros(after);
                (from_us, from_us + micros(span))
            }),
            gives_up_us: self.person.gives_up_after.map(|after| joined_us + micros(after)),
            seed: self.random.random(),
        }
    }

    async fn join(&mut self, browser: Arc<Browser>, joins_us: u64) -> Result<Stand, Fate> {
        let ask = Ask::post(Operation::Join, self.crowd.path("places"));
        let attempt = Some(Attempt::Other { number: None });
        let own = std::mem::replace(&mut self.browser, browser.clone());
        let answer = self.insist(&ask, joins_us, attempt).await;
        self.browser = own;
        let answer = answer?;
        if !answer.well() {
            let problem = answer.read::<Problem>().unwrap_or_default();
            return Err(if problem.code == "not_open" { Fate::TooLate } else { Fate::Misled });
        }
        let place = answer.read::<Place>().ok_or(Fate::Misled)?;
        let (number, token) = (place.number, place.token.clone().ok_or(Fate::Misled)?);
        self.told(&answer, What::Joined { number });
        self.told(&answer, What::Saw(place.shown()));
        self.crowd.ledger.place(number, self.person.who, &token);
        let look_us = answer.told_us + place.poll_after_ms.unwrap_or_default() * 1_000;
        Ok(Stand { number, token, cookie: answer.cookie, look_us, browser })
    }

    /// Half of those who give up say so; the others close the window.
    async fn give_up(&mut self, stands: &[Stand], at_us: u64) -> Fate {
        if self.random.random() {
            return Fate::GaveUp;
        }
        for stand in stands {
            let number = stand.number;
            let ask = Ask::delete(Operation::Leave, self.crowd.path("places/me"));
            let ask = ask.bearer(&stand.token).key(self.fresh_key());
            let attempt = Some(Attempt::Other { number: Some(number) });
            let Ok(answer) = self.insist(&ask, at_us, attempt).await else { continue };
            if answer.well() {
                self.crowd.ledger.left(number);
                self.told(&answer, What::Left { number });
            }
        }
        Fate::GaveUp
    }

    /// Takes the turn. Who comes too late waits again.
    ///
    /// # Errors
    /// How their evening ended instead.
    pub(super) async fn claim(&mut self, mut turn: Turn) -> Result<Entry, Fate> {
        loop {
            let (number, stand) = (turn.stand.number, turn.stand.clone());
            let ask = Ask::post(Operation::Claim, self.crowd.path("passes"));
            let ask = ask.bearer(&stand.token).key(self.fresh_key());
            let attempt = Some(Attempt::Other { number: Some(number) });
            let answer = self.insist(&ask, turn.told_us, attempt).await?;
            if answer.well() {
                let pass = answer.read::<Pass>().ok_or(Fate::Misled)?;
                self.told(&answer, What::Claimed { number: pass.pass });
                self.crowd.ledger.left(number);
                return Ok(Entry {
                    number: pass.pass,
                    token: pass.token.ok_or(Fate::Misled)?,
                    cookie: answer.cookie,
                    idle_us: pass.idle_span_ms.map(|ms| ms.saturating_mul(1_000)),
                    entered_us: answer.told_us,
                });
            }
            match answer.read::<Problem>().unwrap_or_default().code.as_str() {
                "not_called" => {}
                "gone" => {
                    self.crowd.ledger.left(number);
                    self.told(&answer, What::Ended { number });
                    return Err(Fate::Ended);
                }
                _ => return Err(Fate::Misled),
            }
            self.standing.at(Standing::Waiting);
            let stand = Stand { look_us: answer.told_us, ..stand };
            turn = self.wait(&[stand], JoinSet::new(), answer.told_us).await?;
            self.standing.at(Standing::Called);
        }
    }
}
