//! The writer's line against a vector of states, and the readers' places against both.

use proptest::prelude::*;
use stanchion_domain::id::Number;
use stanchion_domain::limits::NUMBERS_PER_SUM;
use stanchion_domain::queue::calling::{Called, Choice, Present};
use stanchion_domain::queue::line::Line;
use stanchion_domain::queue::places::Places;
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::time::{SaleTime, Span};
use std::sync::Arc;

const CLAIM_SPAN: Span = Span(1_000);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Waiting,
    Passed,
    Called,
    Spent,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    state: State,
    misses: u32,
    not_before: u64,
}

/// One entry for each reserved number, searched from end to end for everything.
#[derive(Default)]
struct Model {
    places: Vec<Place>,
    front: usize,
    marked: usize,
}

impl Model {
    fn reserve(&mut self, until: usize) {
        let waiting = Place { state: State::Waiting, misses: 0, not_before: 0 };
        self.places.resize(until, waiting);
    }

    /// Numbers of a range that are in the queue and present, by whether they missed a claim.
    fn here(&self, range: std::ops::Range<usize>, here: &[bool], missed: bool) -> Vec<usize> {
        let in_queue = |at: &usize| match self.places[*at].state {
            State::Waiting | State::Passed => here[*at],
            State::Called | State::Spent => false,
        };
        range.filter(in_queue).filter(|at| (self.places[*at].misses > 0) == missed).collect()
    }

    fn choose(&self, choice: Choice, here: &[bool]) -> Option<Called> {
        let issued = choice.issued as usize;
        let due = |at: &usize| self.places[*at].not_before <= choice.now.0;
        let mut numbers: Vec<usize> =
            self.here(0..self.places.len(), here, true).into_iter().filter(due).collect();
        numbers.extend(self.here(0..self.front, here, false));
        let line = self.here(self.front..issued, here, false);
        numbers.extend(&line);
        let full = numbers.len() >= choice.free;
        numbers.truncate(choice.free);
        let last = line.iter().rfind(|at| numbers.contains(at));
        let mut front = match last {
            _ if !full => issued,
            Some(last) => last + 1,
            None => self.front,
        };
        let keeps = |at: &usize| self.places[*at].state == State::Waiting && !here[*at];
        if !choice.passing {
            front = (self.front..front).find(keeps).unwrap_or(front);
        }
        let changes = choice.free > 0 && (front > self.front || !numbers.is_empty());
        let numbers = numbers.into_iter().map(|at| Number(at as u32)).collect();
        changes.then_some(Called { numbers, front: front as u32 })
    }

    fn call(&mut self, called: &Called) {
        for number in &called.numbers {
            self.places[number.at()].state = State::Called;
            self.marked = self.marked.max(number.at() + 1);
        }
        self.pass_over(self.front, called.front as usize);
        self.front = called.front as usize;
        self.marked = self.marked.max(self.front);
    }

    fn pass_over(&mut self, from: usize, until: usize) {
        for place in &mut self.places[from..until] {
            if place.state == State::Waiting {
                place.state = State::Passed;
            }
        }
    }

    fn miss(&mut self, at: usize, now: u64) {
        let place = &mut self.places[at];
        place.state = State::Passed;
        place.not_before = now + CLAIM_SPAN.0 * u64::from(place.misses);
        place.misses += 1;
    }

    fn spend(&mut self, at: usize) {
        self.places[at].state = State::Spent;
        self.places[at].misses = 0;
        self.marked = self.marked.max(at + 1);
    }

    fn restore(&mut self, at: usize) {
        self.places[at].state = State::Passed;
    }

    fn restart(&mut self) {
        self.pass_over(self.marked, self.places.len());
        self.marked = self.places.len();
    }

    fn standing(&self, at: usize) -> Standing {
        let ahead = self.places[..at].iter().filter(|place| place.state == State::Waiting);
        let position = ahead.count() as u32;
        match self.places[at].state {
            State::Waiting => Standing::Waiting { position },
            State::Passed => Standing::Returning { position },
            State::Called => Standing::Called,
            State::Spent => Standing::Spent,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Reserve(u32),
    Join(u32),
    Mark,
    Call { free: usize, passing: bool, away: u64 },
    Miss(usize),
    Spend(usize),
    Restore(usize),
    Pass(u64),
    Resume,
    Recover,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1u32..700).prop_map(Step::Reserve),
        4 => (1u32..200).prop_map(Step::Join),
        1 => Just(Step::Mark),
        8 => (0usize..40, any::<bool>(), any::<u64>())
            .prop_map(|(free, passing, away)| Step::Call { free, passing, away }),
        4 => any::<usize>().prop_map(Step::Miss),
        4 => any::<usize>().prop_map(Step::Spend),
        2 => any::<usize>().prop_map(Step::Restore),
        2 => (0u64..3_000).prop_map(Step::Pass),
        1 => Just(Step::Resume),
        1 => Just(Step::Recover),
    ]
}

/// Who is here; and of a group, whether anybody is, or that nobody knows.
struct Crowd<'a> {
    here: &'a [bool],
    vague: bool,
}

impl Present for Crowd<'_> {
    fn present(&self, number: Number) -> bool {
        self.here[number.at()]
    }

    fn anybody_near(&self, number: Number) -> bool {
        let group =
            self.here.chunks(NUMBERS_PER_SUM as usize).nth(number.at() / NUMBERS_PER_SUM as usize);
        self.vague || group.is_some_and(|group| group.contains(&true))
    }
}

/// The line, its model and the readers' places, given the same changes.
struct Trio {
    line: Line,
    model: Model,
    publisher: Publisher,
    places: Arc<Places>,
    now: u64,
    /// The position each number was last shown.
    shown: Vec<Option<u32>>,
}

impl Trio {
    fn new() -> Self {
        let publisher = Publisher::new();
        let places = publisher.places();
        let (line, model) = (Line::default(), Model::default());
        Self { line, model, publisher, places, now: 0, shown: Vec::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Reserve(more) => {
                let until = self.line.reserved() + more;
                self.line.reserve(until);
                self.model.reserve(until as usize);
                self.publisher.reserve(until);
            }
            Step::Join(visitors) => {
                for _ in 0..visitors {
                    self.places.join(SaleTime(self.now));
                }
            }
            Step::Mark => {
                self.line.mark(self.places.issued());
                self.model.marked = self.model.marked.max(self.places.issued() as usize);
            }
            Step::Call { free, passing, away } => self.call(free, passing, away),
            Step::Miss(pick) => self.miss(pick),
            Step::Spend(pick) => self.spend(pick),
            Step::Restore(pick) => self.restore(pick),
            Step::Pass(span) => self.now += span,
            Step::Resume => {
                self.publisher.resume(self.line.issued());
                self.line.restart();
                self.model.restart();
            }
            Step::Recover => {
                self.line.restart();
                self.model.restart();
                self.publisher = Publisher::restore(&self.line);
                self.places = self.publisher.places();
            }
        }
    }

    fn call(&mut self, free: usize, passing: bool, away: u64) {
        let issued = self.places.issued();
        let choice = Choice { free, issued, passing, now: SaleTime(self.now) };
        // A different half of the numbers each time, one in a hundred, or nobody, or everybody.
        let present = |number: Number| match away % 5 {
            0 => false,
            1 => true,
            2 => (u64::from(number.0) + away / 5).is_multiple_of(700),
            _ => (u64::from(number.0) + 1).wrapping_mul(away | 1) >> 33 & 1 == 1,
        };
        let here: Vec<bool> = (0..self.line.reserved()).map(|at| present(Number(at))).collect();
        let called = self.line.choose(choice, &Crowd { here: &here, vague: away & 16 == 0 });
        assert_eq!(called, self.model.choose(choice, &here));
        let Some(called) = called else { return };
        let front = self.line.front();
        self.line.call(&called.numbers, called.front);
        called.numbers.iter().for_each(|number| self.publisher.call(*number));
        self.publisher.pass_over(front..called.front);
        self.model.call(&called);
    }

    /// A number in one of these states, of those that were issued.
    fn pick(&self, pick: usize, states: &[State]) -> Option<Number> {
        let issued = self.places.issued() as usize;
        let fits = |at: &usize| states.contains(&self.model.places[*at].state);
        let fitting: Vec<usize> = (0..issued).filter(fits).collect();
        let at = fitting.get(pick.checked_rem(fitting.len())?)?;
        Some(Number(*at as u32))
    }

    fn miss(&mut self, pick: usize) {
        let Some(number) = self.pick(pick, &[State::Called]) else { return };
        self.line.miss(number, SaleTime(self.now), CLAIM_SPAN);
        self.publisher.miss(number);
        self.model.miss(number.at(), self.now);
    }

    fn spend(&mut self, pick: usize) {
        let states = [State::Called, State::Waiting, State::Passed];
        let Some(number) = self.pick(pick, &states) else { return };
        self.line.spend(number);
        self.publisher.spend(number);
        self.model.spend(number.at());
    }

    fn restore(&mut self, pick: usize) {
        let Some(number) = self.pick(pick, &[State::Spent]) else { return };
        self.line.bring_back(number);
        self.publisher.bring_back(number);
        self.model.restore(number.at());
    }

    fn check(&mut self) {
        self.line.check_invariants();
        // Before and after the sums are brought up to date: a position is shown at any time.
        self.check_positions_never_rise();
        self.publisher.rebuild_sums();
        self.check_positions_never_rise();
        let issued = self.places.issued();
        for number in (0..issued).map(Number) {
            let standing = self.model.standing(number.at());
            assert_eq!(self.line.standing(number), standing, "line, {number:?}");
            assert_eq!(self.places.standing(number), standing, "places, {number:?}");
        }
        assert_eq!(self.places.standing(Number(issued)), Standing::Unissued);
        assert_eq!(self.places.waiting(), self.line.waiting(issued));
        assert_eq!(self.line.issued(), self.model.marked as u32);
    }

    fn check_positions_never_rise(&mut self) {
        self.shown.resize(self.places.issued() as usize, None);
        for (at, shown) in self.shown.iter_mut().enumerate() {
            let position = self.places.standing(Number(at as u32)).position();
            if let (Some(before), Some(now)) = (*shown, position) {
                assert!(now <= before, "number {at} was shown {before}, now {now}");
            }
            *shown = position.or(*shown);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn line_places_and_model_agree_on_every_visitor(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut trio = Trio::new();
        for step in steps {
            trio.take(step);
            trio.check();
        }
    }
}
