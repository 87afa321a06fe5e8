//! The fake's queue: numbers, positions, calls, claims.

use super::{Lie, Spans};

/// How a place stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Waiting,
    Returning,
    Called { until_ms: u64 },
    Active,
    Ended,
}

impl State {
    /// The server's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Returning => "returning",
            Self::Called { .. } => "called",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

#[derive(Debug)]
struct Place {
    state: State,
    seen_ms: u64,
    missed: bool,
    looks: u64,
}

/// Everybody, by number.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) cap: usize,
    lie: Lie,
    spans: Spans,
    places: Vec<Place>,
}

impl Queue {
    pub(crate) fn new(cap: usize, lie: Lie, spans: Spans) -> Self {
        Self { cap, lie, spans, places: Vec::new() }
    }

    pub(crate) fn join(&mut self, now_ms: u64) -> usize {
        let state = State::Waiting;
        self.places.push(Place { state, seen_ms: now_ms, missed: false, looks: 0 });
        self.places.len() - 1
    }

    /// How a place stands, and how many are ahead; whoever asks is present.
    pub(crate) fn look(&mut self, number: usize, now_ms: u64) -> Option<(State, Option<u64>)> {
        let waiting = |place: &&Place| place.state == State::Waiting;
        let ahead = self.places.iter().take(number).filter(waiting).count() as u64;
        let place = self.places.get_mut(number)?;
        place.seen_ms = now_ms;
        place.looks += 1;
        let ahead = if self.lie == Lie::PositionRises { ahead + place.looks } else { ahead };
        let in_line = matches!(place.state, State::Waiting | State::Returning);
        Some((place.state, in_line.then_some(ahead)))
    }

    pub(crate) fn state(&self, number: usize) -> Option<State> {
        self.places.get(number).map(|place| place.state)
    }

    /// Whether the turn was theirs, or is already.
    pub(crate) fn claim(&mut self, number: usize) -> bool {
        let called = matches!(self.state(number), Some(State::Called { .. } | State::Active));
        if called {
            self.places[number].state = State::Active;
        }
        called
    }

    pub(crate) fn leave(&mut self, number: usize) -> bool {
        let here = self.state(number).is_some_and(|state| state != State::Ended);
        if here {
            self.places[number].state = State::Ended;
        }
        here
    }

    /// A server that starts again has seen nobody.
    pub(crate) fn forget(&mut self) {
        self.places.iter_mut().for_each(|place| place.seen_ms = 0);
    }

    /// Misses claims, passes over who is away, and calls who is next.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        for place in &mut self.places {
            if let State::Called { until_ms } = place.state
                && now_ms > until_ms
            {
                (place.state, place.missed) = (State::Returning, true);
            }
        }
        let cap = if self.lie == Lie::CapExceeded { self.cap * 2 } else { self.cap };
        while self.called() + self.active() < cap {
            let Some(next) = self.next(now_ms) else { return };
            let until_ms = now_ms + self.spans.claim_ms;
            self.places[next].state = State::Called { until_ms };
        }
    }

    /// First who missed a claim, then who was passed over, then the line.
    fn next(&mut self, now_ms: u64) -> Option<usize> {
        let here = |place: &Place| {
            place.seen_ms > 0 && now_ms.saturating_sub(place.seen_ms) <= self.spans.presence_ms
        };
        let is = |place: &Place, state, missed| {
            place.state == state && place.missed == missed && here(place)
        };
        let first = |missed| self.places.iter().position(|one| is(one, State::Returning, missed));
        if let Some(returns) = first(true).or_else(|| first(false)) {
            return Some(returns);
        }
        let waits = |place: &Place| place.state == State::Waiting && here(place);
        if self.lie == Lie::CalledBackwards {
            return self.places.iter().rposition(waits);
        }
        let next = self.places.iter().position(waits)?;
        for place in &mut self.places[..next] {
            if place.state == State::Waiting {
                place.state = State::Returning;
            }
        }
        Some(next)
    }

    fn count(&self, is: impl Fn(State) -> bool) -> usize {
        self.places.iter().filter(|place| is(place.state)).count()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.count(|state| state == State::Waiting)
    }

    pub(crate) fn called(&self) -> usize {
        self.count(|state| matches!(state, State::Called { .. }))
    }

    pub(crate) fn active(&self) -> usize {
        self.count(|state| state == State::Active)
    }
}
