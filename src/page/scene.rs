//! What the page says to one visitor, in one word: the meaning that everything else follows from.
//!
//! Pure: the same place in the same sale is the same scene. Each scene has words in every language.

use stanchion_domain::sale::operations::Phase;

use crate::api::wire::place::{PlaceBody, PlaceState};

/// What the page is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scene {
    /// Not in the queue, and may join.
    Welcome,
    /// In the queue before the opening.
    Early,
    /// In the queue.
    Waiting,
    /// In the queue, and nobody is ahead.
    Next,
    /// Was away when called; calling has to come back first.
    Returning,
    /// Was away when called, and is next.
    ReturningNext,
    /// Saw the call and did not go in.
    Missed,
    /// It is the visitor's turn.
    Called,
    /// In the shop.
    Inside,
    /// Gave up or left just now.
    Left,
    /// The place has ended.
    Ended,
    /// The place is on another device now.
    Moved,
    /// Everyone is sent elsewhere.
    Redirected,
    /// The sale is over.
    Closed,
}

/// What a scene follows from.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The visitor's place, if they have one.
    pub place: Option<&'a PlaceBody>,
    /// How far the sale has come.
    pub phase: Phase,
    /// Whether everyone in the queue is sent elsewhere.
    pub redirected: bool,
    /// Whether the visitor's place is on another device now.
    pub moved: bool,
    /// Whether the visitor gave up or left just now.
    pub left: bool,
    /// Whether the page that asks said that it is the visitor's turn, or that they missed it.
    pub was_called: bool,
    /// Whether calling has come as far as the visitor's number. Who returns before it has was never
    /// passed over: they joined shortly before a restart, or were let back in.
    pub reached: bool,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Welcome,
        Self::Early,
        Self::Waiting,
        Self::Next,
        Self::Returning,
        Self::ReturningNext,
        Self::Missed,
        Self::Called,
        Self::Inside,
        Self::Left,
        Self::Ended,
        Self::Moved,
        Self::Redirected,
        Self::Closed,
    ];

    /// The scene of a visitor.
    pub fn of(seen: Seen<'_>) -> Self {
        match seen.place.map(|place| place.state) {
            Some(PlaceState::Called) => Self::Called,
            Some(PlaceState::Active) => Self::Inside,
            _ if seen.phase == Phase::Closed => Self::Closed,
            _ if seen.redirected => Self::Redirected,
            None if seen.moved => Self::Moved,
            None if seen.left => Self::Left,
            None => Self::Welcome,
            Some(PlaceState::Ended) if seen.left => Self::Left,
            Some(PlaceState::Ended) => Self::Ended,
            Some(PlaceState::Waiting) => Self::waiting(seen),
            Some(PlaceState::Returning) if seen.was_called => Self::Missed,
            Some(PlaceState::Returning) if !seen.reached => Self::waiting(seen),
            Some(PlaceState::Returning) if seen.nobody_ahead() => Self::ReturningNext,
            Some(PlaceState::Returning) => Self::Returning,
        }
    }

    fn waiting(seen: Seen<'_>) -> Self {
        match seen.phase {
            Phase::Before => Self::Early,
            _ if seen.nobody_ahead() => Self::Next,
            _ => Self::Waiting,
        }
    }

    /// Its name: that of its message, too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Early => "early",
            Self::Waiting => "waiting",
            Self::Next => "next",
            Self::Returning => "returning",
            Self::ReturningNext => "returning-next",
            Self::Missed => "missed",
            Self::Called => "called",
            Self::Inside => "inside",
            Self::Left => "left",
            Self::Ended => "ended",
            Self::Moved => "moved",
            Self::Redirected => "redirected",
            Self::Closed => "closed",
        }
    }

    /// Whether the visitor waits for their turn.
    pub fn waits(self) -> bool {
        use Scene::{Early, Missed, Next, Returning, ReturningNext, Waiting};
        matches!(self, Early | Waiting | Next | Returning | ReturningNext | Missed)
    }

    /// Whether a place may come here from another device.
    pub fn arrives(self) -> bool {
        self.joins() || self == Self::Moved
    }

    /// Whether joining is offered.
    pub fn joins(self) -> bool {
        matches!(self, Self::Welcome | Self::Left | Self::Ended)
    }
}

impl Seen<'_> {
    /// As far as the visitor may know.
    fn nobody_ahead(&self) -> bool {
        self.place.is_some_and(|place| place.position == Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACHED: Seen<'_> = Seen {
        place: None,
        phase: Phase::Open,
        redirected: false,
        moved: false,
        left: false,
        was_called: false,
        reached: true,
    };

    fn scene(state: Option<PlaceState>, position: u32, phase: Phase, redirected: bool) -> Scene {
        let position = Some(position);
        let place = state.map(|state| PlaceBody { state, position, ..PlaceBody::default() });
        let place = place.as_ref();
        Scene::of(Seen { place, phase, redirected, ..REACHED })
    }

    #[test]
    fn every_standing_has_a_scene_of_its_own() {
        use Phase::{Before, Closed, Open};
        use PlaceState::{Active, Called, Ended, Returning, Waiting};
        for (state, position, phase, redirected, wanted) in [
            (None, 0, Before, false, Scene::Welcome),
            (None, 0, Open, true, Scene::Redirected),
            (Some(Waiting), 7, Before, false, Scene::Early),
            (Some(Waiting), 7, Open, false, Scene::Waiting),
            (Some(Waiting), 0, Open, false, Scene::Next),
            (Some(Waiting), 7, Open, true, Scene::Redirected),
            (Some(Waiting), 7, Closed, true, Scene::Closed),
            (Some(Returning), 7, Open, false, Scene::Returning),
            (Some(Returning), 0, Open, false, Scene::ReturningNext),
            (Some(Called), 0, Open, true, Scene::Called),
            (Some(Active), 0, Closed, true, Scene::Inside),
            (Some(Ended), 0, Open, false, Scene::Ended),
            (None, 0, Closed, false, Scene::Closed),
        ] {
            let found = scene(state, position, phase, redirected);
            assert_eq!(found, wanted, "{state:?} {position} {phase:?} {redirected}");
        }
    }

    #[test]
    fn who_saw_the_call_and_stayed_missed_it_and_who_leaves_is_thanked() {
        let returning = PlaceBody { state: PlaceState::Returning, ..PlaceBody::default() };
        let seen = Seen { place: Some(&returning), was_called: true, ..REACHED };
        assert_eq!(Scene::of(seen), Scene::Missed);
        assert_eq!(Scene::of(Seen { place: None, left: true, ..seen }), Scene::Left);
        assert_eq!(Scene::of(Seen { place: None, moved: true, ..seen }), Scene::Moved);
    }

    #[test]
    fn a_hidden_position_never_says_who_is_next() {
        let hidden = PlaceBody { state: PlaceState::Waiting, ..PlaceBody::default() };
        assert_eq!(Scene::of(Seen { place: Some(&hidden), ..REACHED }), Scene::Waiting);
    }

    #[test]
    fn nobody_is_told_of_a_turn_that_has_not_come() {
        let mut place = PlaceBody { state: PlaceState::Returning, ..PlaceBody::default() };
        for (position, phase, wanted) in [
            (0, Phase::Before, Scene::Early),
            (7, Phase::Before, Scene::Early),
            (0, Phase::Open, Scene::Next),
            (7, Phase::Open, Scene::Waiting),
        ] {
            place.position = Some(position);
            let seen = Seen { place: Some(&place), phase, reached: false, ..REACHED };
            assert_eq!(Scene::of(seen), wanted, "{position} {phase:?}");
            // Not even during the grace after an outage, when calling stays behind the absent.
            assert_eq!(Scene::of(Seen { was_called: true, ..seen }), Scene::Missed);
        }
    }
}
