//! A visitor in the queue: joins, polls as told or too often, naps, gives up, is called; or goes
//! home once everything is sold.
//!
//! Owns the place token and what was last shown, and counts it if a shown position rises.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use super::Crowd;
use super::memory::Remembered;
use super::temper::Temper;
use crate::command_line::demo::web::{Ask, Patience, Reply, fresh_key};
use crate::command_line::demo::wire::Problem;
use crate::command_line::demo::wire::board::Head;
use crate::command_line::demo::wire::place::{Pass, Place, PlaceState};

/// How often one question is put: with pauses of up to 5 s, about eight minutes of outage.
const TRIES_MAX: u32 = 100;
/// From one poll to the next, where the server does not say.
const POLL_SPAN: Duration = Duration::from_secs(1);
/// A poll is never sooner than this, whatever the server says.
const POLL_SPAN_MIN: Duration = Duration::from_millis(50);
/// How far apart a person's refreshes are who cannot wait.
const REFRESH_SPAN: Duration = Duration::from_secs(8);
/// How long a lid stays closed, and how long a called visitor is away.
const AWAY_SPAN: Duration = Duration::from_secs(300);
/// Over how long those who were here before a restart are back: they reload when the page does.
const BACK_SPAN: Duration = Duration::from_secs(1);
/// Refreshes of one visitor: even these people tire.
const REFRESHES_MAX: u32 = 50;

/// One visitor.
pub(super) struct Visitor {
    pub(super) crowd: Arc<Crowd>,
    /// Which of the crowd.
    pub(super) number: u32,
    pub(super) temper: Temper,
    pub(super) random: StdRng,
    /// Whether they have an order.
    pub(super) bought: bool,
}

/// A visitor's evening is over. Whatever was amiss has been counted.
pub(super) struct Gone;

/// A place in the queue, and what was last shown of it.
struct Standing {
    token: String,
    number: u64,
    shown: Option<u64>,
}

impl Visitor {
    /// The whole evening of a visitor, or what is left of it.
    pub(super) async fn live(mut self, before: Remembered) {
        self.bought = before.bought;
        // Either end is one.
        let (Ok(()) | Err(Gone)) = self.evening(before.place).await;
        self.crowd.tally.without_order.add(u64::from(!self.bought));
        self.crowd.memory.gone(self.number);
    }

    async fn evening(&mut self, place: Option<String>) -> Result<(), Gone> {
        let crowd = Arc::clone(&self.crowd);
        match place {
            None => sleep(self.temper.arrives_after).await,
            Some(_) => sleep(BACK_SPAN.mul_f64(self.random.random_range(0.0..1.0))).await,
        }
        let waiting = crowd.tally.waiting.enter();
        let pass = self.queue(place).await?;
        drop(waiting);
        let _shopping = crowd.tally.shopping.enter();
        self.shop(pass).await
    }

    /// Waits for the call and claims it.
    async fn queue(&mut self, place: Option<String>) -> Result<Pass, Gone> {
        let (mut standing, mut place) = match place {
            None => self.join().await?,
            Some(token) => self.come_back(token).await?,
        };
        let gives_up = self.temper.waits_at_most.map(|span| Instant::now() + self.human(span));
        let mut refreshes = 0;
        // Whoever looks all the time and was not called has not lost their place by themselves.
        let mut faultless = !self.temper.naps && !self.temper.misses_the_call;
        let mut waited = false;
        loop {
            match place.state {
                PlaceState::Waiting | PlaceState::Returning => {
                    waited = true;
                    let tired = gives_up.is_some_and(|at| at <= Instant::now());
                    if tired || (!place.calling && self.sold_out().await?) {
                        return Err(self.give_up(&standing).await);
                    }
                }
                PlaceState::Called if std::mem::take(&mut self.temper.misses_the_call) => {
                    self.crowd.tally.called.add(1);
                    sleep(self.human(AWAY_SPAN)).await;
                }
                PlaceState::Called | PlaceState::Active => {
                    faultless = false;
                    if let Some(pass) = self.claim(&standing).await? {
                        return Ok(pass);
                    }
                }
                PlaceState::Ended => {
                    self.crowd.tally.lost_positions.add(u64::from(waited && faultless));
                    return Err(Gone);
                }
            }
            let refresh = self.temper.refreshes && refreshes < REFRESHES_MAX;
            refreshes += u32::from(refresh);
            sleep(self.pause(&place, refresh)).await;
            place = self.look(&standing, refresh).await?;
            self.compare(&mut standing, &place);
        }
    }

    async fn join(&mut self) -> Result<(Standing, Place), Gone> {
        let reply = self.ask(&Ask::post(self.crowd.path("places"))).await?;
        let place: Place = self.read(&reply)?;
        let Some(token) = place.token.clone() else { return Err(self.astonished()) };
        self.crowd.memory.joined(self.number, &token);
        self.crowd.ledger.given(place.number, self.number);
        self.crowd.tally.joined.add(1);
        let mut standing = Standing { token, number: place.number, shown: None };
        self.compare(&mut standing, &place);
        Ok((standing, place))
    }

    /// Goes on with the place that they had.
    async fn come_back(&mut self, token: String) -> Result<(Standing, Place), Gone> {
        let mut standing = Standing { token, number: 0, shown: None };
        let place = self.look(&standing, false).await?;
        standing.number = place.number;
        self.crowd.ledger.given(place.number, self.number);
        self.compare(&mut standing, &place);
        Ok((standing, place))
    }

    /// Polls; or loads the page again, which joins with the place that is there already.
    async fn look(&mut self, standing: &Standing, refresh: bool) -> Result<Place, Gone> {
        self.crowd.tally.polls.add(1);
        let ask = if refresh {
            Ask::post(self.crowd.path("places"))
        } else {
            Ask::get(self.crowd.path("places/me"))
        };
        let reply = self.ask(&ask.bearer(&standing.token)).await?;
        self.read(&reply)
    }

    /// Whether the page says that nothing can come back any more.
    async fn sold_out(&mut self) -> Result<bool, Gone> {
        let reply = self.ask(&Ask::get(self.crowd.path("board"))).await?;
        let head: Head = self.read(&reply)?;
        Ok(head.status == "sold_out")
    }

    async fn give_up(&mut self, standing: &Standing) -> Gone {
        let ask = Ask::delete(self.crowd.path("places/me")).bearer(&standing.token);
        match self.ask(&ask).await {
            Ok(_) | Err(Gone) => Gone,
        }
    }

    /// The pass; nothing if the call is over.
    async fn claim(&mut self, standing: &Standing) -> Result<Option<Pass>, Gone> {
        self.crowd.tally.called.add(1);
        let ask = Ask::post(self.crowd.path("passes")).bearer(&standing.token).key(&fresh_key());
        let reply = self.ask(&ask).await?;
        if self.declined(&reply).is_some_and(|problem| problem.code == "not_called") {
            return Ok(None);
        }
        let pass = self.read(&reply)?;
        self.crowd.tally.claimed.add(1);
        Ok(Some(pass))
    }

    /// Counts a number that changed and a position that rose.
    fn compare(&self, standing: &mut Standing, place: &Place) {
        let shown = place.position.or(place.band.map(|band| band.from));
        let rose = matches!((standing.shown, shown), (Some(before), Some(now)) if now > before);
        if rose || place.number != standing.number {
            self.crowd.tally.lost_positions.add(1);
        }
        // The newest one, also if it rose: it is counted once.
        standing.shown = shown.or(standing.shown);
    }

    fn pause(&mut self, place: &Place, refresh: bool) -> Duration {
        let told = place.poll_after_ms.map_or(POLL_SPAN, Duration::from_millis).max(POLL_SPAN_MIN);
        if std::mem::take(&mut self.temper.naps) {
            told + self.human(AWAY_SPAN)
        } else if refresh {
            told.min(self.human(REFRESH_SPAN)).max(POLL_SPAN_MIN)
        } else {
            told
        }
    }

    /// A person's span, at the crowd's pace of life.
    pub(super) fn human(&self, span: Duration) -> Duration {
        span.div_f64(self.crowd.settings.pace_of_life.max(0.01))
    }

    /// A person's span, more or less.
    pub(super) async fn think(&mut self, span: Duration) {
        let span = self.human(span).mul_f64(self.random.random_range(0.7..1.3));
        sleep(span).await;
    }

    /// Insists on an answer. None at all, or a fault of the server, ends the visitor's evening.
    pub(super) async fn ask(&mut self, ask: &Ask) -> Result<Reply, Gone> {
        let patience = Patience { tries: TRIES_MAX, seed: self.random.next_u64() };
        let reply = self.crowd.web.insist(ask, patience).await.map_err(|_| self.astonished())?;
        self.crowd.tally.retries.add(u64::from(reply.tries - 1));
        let lost = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
        if reply.status.is_server_error() || lost.contains(&reply.status) {
            return Err(self.astonished());
        }
        Ok(reply)
    }

    /// What an answer says; a refusal is counted and ends the visitor's evening.
    pub(super) fn read<T: DeserializeOwned>(&self, reply: &Reply) -> Result<T, Gone> {
        if self.declined(reply).is_some() {
            return Err(Gone);
        }
        reply.read().map_err(|_| self.astonished())
    }

    /// Counts a refusal.
    pub(super) fn declined(&self, reply: &Reply) -> Option<Problem> {
        let problem = reply.problem()?;
        self.crowd.tally.refuse(&problem.code);
        Some(problem)
    }

    /// Counts an answer that the interface does not promise.
    pub(super) fn astonished(&self) -> Gone {
        self.crowd.tally.errors.add(1);
        Gone
    }
}
