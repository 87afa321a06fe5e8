//! One tab in the queue: looks at one place until something comes of it.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::Crowd;
use super::visitor::Pauses;
use super::wire::Place;
use crate::history::clock::micros;
use crate::history::{self, What};
use crate::measure::{Ended, Operation};
use crate::scenario::Looks;
use crate::web::ask::{Answer, Ask};
use crate::web::browser::Browser;

/// When nobody said when to ask again.
const LOOK_US: u64 = 5_000_000;
/// Looks that a tab is behind at most when it asks at an interval of its own and the answers take
/// longer: browsers have six connections to one server.
const BEHIND_MAX: u64 = 6;

/// A place that was joined, and what proves it.
#[derive(Clone)]
pub(super) struct Stand {
    pub(super) number: u64,
    pub(super) token: String,
    /// The cookie that a browser would keep.
    pub(super) cookie: Option<String>,
    /// When to look first.
    pub(super) look_us: u64,
    /// The browser that joined.
    pub(super) browser: Arc<Browser>,
}

/// One tab.
pub(super) struct Watch {
    pub(super) crowd: Arc<Crowd>,
    pub(super) who: u32,
    pub(super) looks: Looks,
    pub(super) stand: Stand,
    /// The phone sleeps from and until.
    pub(super) asleep_us: Option<(u64, u64)>,
    /// They give up then.
    pub(super) gives_up_us: Option<u64>,
    pub(super) seed: u64,
}

/// What came of waiting.
pub(super) enum Watched {
    /// It is their turn: they were told so then.
    Called(Stand, u64),
    /// They had waited long enough then.
    Enough(u64),
    /// They were told to go elsewhere.
    SentAway,
    /// The place is over.
    Ended,
    /// They were told what the interface does not promise.
    Misled,
}

impl Watch {
    /// Looks until something comes of it.
    pub(super) async fn run(self) -> Watched {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut pauses = Pauses::new(random.random());
        let mut shown = Shown::default();
        let mut look_us = self.stand.look_us;
        loop {
            look_us = self.awake_us(look_us);
            if let Some(enough_us) = self.gives_up_us.filter(|enough_us| look_us >= *enough_us) {
                self.crowd.until(enough_us).await;
                return Watched::Enough(enough_us);
            }
            let answer = match self.look(look_us).await {
                Looked::Told(answer) => answer,
                Looked::PutOff(after_us) => {
                    look_us = after_us + pauses.next_us(None);
                    continue;
                }
                Looked::Refused => return Watched::Misled,
            };
            pauses = Pauses::new(random.random());
            let Some(place) = answer.read::<Place>() else { return Watched::Misled };
            self.note(&answer, &place, &mut shown);
            match place.state.as_str() {
                "called" | "active" => return Watched::Called(self.stand, answer.told_us),
                "ended" => return Watched::Ended,
                _ if place.redirect.is_some() => return Watched::SentAway,
                _ => {}
            }
            look_us = self.next_us(look_us, &answer, &place);
        }
    }

    /// When they look if they meant to then: not while the phone sleeps.
    fn awake_us(&self, look_us: u64) -> u64 {
        match self.asleep_us {
            Some((from_us, until_us)) if (from_us..until_us).contains(&look_us) => until_us,
            _ => look_us,
        }
    }

    async fn look(&self, look_us: u64) -> Looked {
        let mut asked_us = look_us;
        if let Looks::Refreshes(_) = self.looks {
            let page = Ask::get(Operation::Page, format!("/{}", self.crowd.ground.sale));
            let page = page.accept("text/html").cookie(self.stand.cookie.as_deref());
            match self.crowd.ask(&self.stand.browser, &page, look_us).await {
                // The page asks by itself as soon as it is there.
                Ok(answer) if answer.well() => asked_us = answer.told_us,
                Ok(answer) => return Looked::put_off(&answer),
                Err(silence) => return Looked::PutOff(silence.ended_us),
            }
        }
        let me = Ask::get(Operation::Poll, self.crowd.path("places/me")).bearer(&self.stand.token);
        match self.crowd.ask(&self.stand.browser, &me, asked_us).await {
            Ok(answer) if answer.well() => Looked::Told(answer),
            Ok(answer) if answer.ended() == Ended::Refused => Looked::Refused,
            Ok(answer) => Looked::put_off(&answer),
            Err(silence) => Looked::PutOff(silence.ended_us),
        }
    }

    /// Writes down what they saw, if it is new to this tab; and before that when it was last as
    /// before, for that says until when they surely waited.
    fn note(&self, answer: &Answer, place: &Place, shown: &mut Shown) {
        let now = place.shown();
        let times = (answer.asked_us, Some(answer.told_us));
        let known = shown.written.as_ref().is_some_and(|before| {
            let same_wait = before.wait_ms == now.wait_ms;
            before.state == now.state && before.position == now.position && same_wait
        });
        if known {
            shown.again = Some((times, now));
            return;
        }
        if let Some((times, before)) = shown.again.take() {
            self.crowd.told(self.who, times, What::Saw(before));
        }
        self.crowd.told(self.who, times, What::Saw(now.clone()));
        shown.written = Some(now);
    }

    /// When they look next: as told, or as they are used to.
    fn next_us(&self, looked_us: u64, answer: &Answer, place: &Place) -> u64 {
        match self.looks {
            Looks::AsTold => {
                let after_us = place.poll_after_ms.map(|ms| ms.saturating_mul(1_000));
                answer.told_us.saturating_add(after_us.unwrap_or(LOOK_US))
            }
            Looks::Every(span) | Looks::Refreshes(span) => {
                let span_us = micros(span).max(1);
                let behind_us = span_us.saturating_mul(BEHIND_MAX);
                (looked_us + span_us).max(answer.told_us.saturating_sub(behind_us))
            }
        }
    }
}

/// What a tab has shown so far.
#[derive(Default)]
struct Shown {
    /// As it was written down last.
    written: Option<history::Place>,
    /// The newest look that showed the same again.
    again: Option<((u64, Option<u64>), history::Place)>,
}

/// What came of one look.
enum Looked {
    Told(Answer),
    /// Nothing yet; not before this instant again.
    PutOff(u64),
    Refused,
}

impl Looked {
    fn put_off(answer: &Answer) -> Self {
        let after_us = answer.retry_after.map_or(0, micros);
        Self::PutOff(answer.told_us.saturating_add(after_us))
    }
}
