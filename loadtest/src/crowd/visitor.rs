//! A person while they are here: what they carry, how they ask, how long they insist.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::Crowd;
use super::fate::Fate;
use super::tally::{Counted, Standing};
use crate::history::clock::micros;
use crate::history::{Attempt, What};
use crate::measure::{Ended, Operation};
use crate::scenario::person::Person;
use crate::web::ask::{Answer, Ask};
use crate::web::browser::{Browser, Silence};

/// How long somebody asks for the same thing: longer than the five-minute outage of 2015.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// The first pause after an answer that helps nobody; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// The longest pause, unless the server asks for a longer one.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A ghost that was thrown out is back after this.
const GHOST_PAUSE: Duration = Duration::from_secs(1);

/// A person who has arrived.
pub(super) struct Visitor {
    pub(super) crowd: Arc<Crowd>,
    pub(super) person: Person,
    pub(super) browser: Arc<Browser>,
    pub(super) random: ChaCha8Rng,
    pub(super) standing: Counted,
    /// Keys used so far.
    keys: u64,
}

/// Something was asked that changes something: until it is known what came of it, it may have
/// happened. Says so when dropped.
struct Pending<'a> {
    crowd: &'a Crowd,
    who: u32,
    asked_us: Option<u64>,
    attempt: Option<Attempt>,
}

impl Visitor {
    pub(super) fn new(crowd: &Arc<Crowd>, person: Person) -> Self {
        Self {
            browser: Arc::new(Browser::new(&crowd.ground.web, person.who)),
            random: ChaCha8Rng::seed_from_u64(person.seed),
            standing: Counted::new(&crowd.tally),
            crowd: crowd.clone(),
            person,
            keys: 0,
        }
    }

    /// From arriving to the end of their evening.
    pub(super) async fn live(mut self) -> Fate {
        if self.person.ghost {
            return self.haunt().await;
        }
        self.standing.at(Standing::Waiting);
        let fate = Box::pin(self.visit()).await;
        fate.unwrap_or_else(|fate| fate)
    }

    async fn visit(&mut self) -> Result<Fate, Fate> {
        let arrived_us = self.person.arrives_us;
        let joined_us = if self.person.loads_page {
            let page = Ask::get(Operation::Page, format!("/{}", self.crowd.ground.sale));
            let page = page.accept("text/html");
            self.insist(&page, arrived_us, None).await?.told_us
        } else {
            arrived_us
        };
        let turn = Box::pin(self.wait_for_turn(joined_us)).await?;
        let pass = self.claim(turn).await?;
        Box::pin(self.go_shopping(pass)).await
    }

    /// Connects and never asks; comes back when thrown out.
    async fn haunt(&self) -> Fate {
        let mut from_us = self.person.arrives_us;
        loop {
            self.crowd.until(from_us).await;
            // Being thrown out and not being let in are the same to a ghost.
            let _ = self.browser.linger(from_us).await;
            from_us = self.crowd.clock.now_us() + micros(GHOST_PAUSE);
        }
    }

    /// Writes down what they were told.
    pub(super) fn told(&self, answer: &Answer, what: What) {
        let times = (answer.asked_us, Some(answer.told_us));
        self.crowd.told(self.person.who, times, what);
    }

    /// A key that this person never used before. Keys of two people never meet: they are scoped to
    /// the pass.
    pub(super) fn fresh_key(&mut self) -> String {
        self.keys += 1;
        format!("v{}-{}", self.person.who, self.keys)
    }

    /// A span between two, drawn.
    pub(super) fn draw(&mut self, (least, most): (Duration, Duration)) -> u64 {
        let (least, most) = (micros(least), micros(most));
        if most > least { self.random.random_range(least..=most) } else { least }
    }

    /// Asks from the visitor's browser until there is an answer that asking again would not
    /// change. Its `asked_us` is when it was asked first. If none comes, `attempt` may have
    /// happened.
    ///
    /// # Errors
    /// `LostPatience`
    pub(super) async fn insist(
        &mut self,
        ask: &Ask,
        intended_us: u64,
        attempt: Option<Attempt>,
    ) -> Result<Answer, Fate> {
        let (crowd, who) = (self.crowd.clone(), self.person.who);
        let browser = self.browser.clone();
        let pauses = Pauses::new(self.random.random());
        let answer = crowd.insist(&browser, ask, (who, intended_us), pauses, attempt).await;
        answer.ok_or(Fate::LostPatience)
    }
}

impl Crowd {
    /// Asks once, at this instant.
    pub(super) async fn ask(
        &self,
        browser: &Browser,
        ask: &Ask,
        intended_us: u64,
    ) -> Result<Answer, Silence> {
        self.until(intended_us).await;
        self.tally.asks();
        browser.ask(ask, intended_us).await
    }

    /// Asks until there is an answer that asking again would not change, or patience ends.
    pub(super) async fn insist(
        &self,
        browser: &Browser,
        ask: &Ask,
        (who, first_us): (u32, u64),
        mut pauses: Pauses,
        attempt: Option<Attempt>,
    ) -> Option<Answer> {
        let mut pending = Pending { crowd: self, who, asked_us: None, attempt };
        let mut intended_us = first_us;
        while intended_us <= first_us.saturating_add(micros(pauses.patience)) {
            self.until(intended_us).await;
            let asked_us = *pending.asked_us.get_or_insert(self.clock.now_us());
            let (told_us, put_off) = match self.ask(browser, ask, intended_us).await {
                Ok(answer) if matches!(answer.ended(), Ended::Well | Ended::Refused) => {
                    pending.attempt = None;
                    return Some(Answer { asked_us, ..answer });
                }
                Ok(answer) => (answer.told_us, answer.retry_after),
                Err(silence) => (silence.ended_us, None),
            };
            intended_us = told_us + pauses.next_us(put_off);
        }
        None
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let (Some(asked_us), Some(attempt)) = (self.asked_us, self.attempt.take()) {
            self.crowd.told(self.who, (asked_us, None), What::Tried(attempt));
        }
    }
}

/// The pauses between asking and asking again, different for each, until patience ends.
pub(super) struct Pauses {
    patience: Duration,
    next: Duration,
    random: ChaCha8Rng,
}

impl Pauses {
    pub(super) fn new(seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self { patience: PATIENCE, next: PAUSE_FIRST, random }
    }

    /// The same, for as long as this.
    pub(super) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// From one to one and a half times the pause, never less than what was asked for.
    pub(super) fn next_us(&mut self, asked: Option<Duration>) -> u64 {
        let pause = self.next.max(asked.unwrap_or_default());
        self.next = (self.next * 2).min(PAUSE_MAX);
        micros(pause.mul_f64(self.random.random_range(1.0..1.5)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_are_never_shorter_than_asked() {
        let mut pauses = Pauses::new(1);
        let asked = Duration::from_secs(7);
        assert!((micros(PAUSE_FIRST)..micros(PAUSE_FIRST * 2)).contains(&pauses.next_us(None)));
        assert!((micros(asked)..micros(asked * 2)).contains(&pauses.next_us(Some(asked))));
        let last = (0..20).map(|_| pauses.next_us(None)).last().expect("twenty pauses");
        assert!((micros(PAUSE_MAX)..micros(PAUSE_MAX * 2)).contains(&last));
        let others: Vec<_> = (0..8).map(|seed| Pauses::new(seed).next_us(None)).collect();
        assert!(others.windows(2).any(|two| two[0] != two[1]), "a crowd is spread: {others:?}");
    }
}
