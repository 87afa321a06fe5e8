//! The crowd: who somebody is, drawn from the seed and their number alone.
//!
//! So workers can draw their shares apart, and one who comes is the same in every run. Everything
//! is drawn for everybody, in one order, whether it is needed or not: a scenario with another share
//! of sleepers has otherwise the same people.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::person::{Person, Shopping};
use super::{Chance, Scenario};
use crate::history::clock::micros;

/// Draws a person by their number and the instant at which they come, in microseconds of the run.
///
/// The scenario is as it is played, and says as read that somebody is of some kind.
pub fn draw(scenario: &Scenario, who: u32, arrives_us: u64) -> Person {
    scenario.assert_played();
    let mut draws = Draws::of(scenario.seed, who);
    let seed = draws.chance.random();
    let kind = draws.weighted(scenario.kinds.iter().map(|kind| kind.share));
    let (waits, shops) = (&scenario.kinds[kind].waits, &scenario.kinds[kind].shops);
    let asleep = draws.span(waits.sleeps_after);
    Person {
        who,
        kind,
        arrives_us,
        seed,
        loads_page: waits.loads_page,
        looks: waits.looks,
        tabs: waits.tabs,
        streams: waits.streams,
        sleeps: draws.happens_for(waits.sleeps).map(|span| (asleep, span)),
        gives_up_after: draws.happens_for(waits.gives_up),
        no_show: draws.happens(waits.no_show),
        ring: waits.ring,
        ghost: waits.ghosts,
        shopping: Shopping {
            wants: 1 + draws.weighted(shops.wants.iter().copied()) as u32,
            chooses: shops.chooses,
            thinks: shops.thinks,
            tries: shops.tries,
            changes_mind: draws.happens(shops.changes_mind),
            ending: shops.ending[draws.weighted(shops.ending.iter().map(|(_, weight)| *weight))].0,
            pays_within: draws.span(shops.pays_within),
            grabs_again: shops.grabs_again,
            browses: shops.browses.clone(),
        },
    }
}

/// The chances of one person. Each draw takes one number, so that none shifts the others.
struct Draws {
    chance: ChaCha8Rng,
}

impl Draws {
    fn of(seed: u64, who: u32) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(u64::from(who));
        Self { chance }
    }

    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        self.chance.random()
    }

    fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    fn span(&mut self, (least, most): (Duration, Duration)) -> Duration {
        let wide = micros(most.saturating_sub(least)) as f64;
        least + Duration::from_micros((self.share() * wide) as u64)
    }

    fn happens_for(&mut self, chance: Chance) -> Option<Duration> {
        let happens = self.happens(chance.share);
        let span = self.span((chance.at_least, chance.at_most));
        happens.then_some(span)
    }

    /// A subscript, by weight. At least one weight is more than 0.
    fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        assert!(total > 0, "somebody has a weight");
        let mut left = (self.share() * total as f64) as u64;
        for (at, weight) in weights.enumerate() {
            if left < u64::from(weight) {
                return at;
            }
            left -= u64::from(weight);
        }
        unreachable!("a share is below 1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read::tests::{busy, small};

    /// As many as the shares are measured with; a share of 0.3 then varies by 0.005.
    const MANY: u32 = 10_000;

    fn crowd(scenario: &Scenario) -> Vec<Person> {
        (0..MANY).map(|who| draw(scenario, who, 0)).collect()
    }

    fn share(crowd: &[Person], of: impl Fn(&Person) -> bool) -> f64 {
        crowd.iter().filter(|person| of(person)).count() as f64 / crowd.len() as f64
    }

    #[track_caller]
    fn check_share(crowd: &[Person], expected: f64, of: impl Fn(&Person) -> bool) {
        let found = share(crowd, of);
        assert!((found - expected).abs() < 0.02, "{found} instead of {expected}");
    }

    #[test]
    fn the_same_seed_is_the_same_crowd_in_whatever_order_it_is_drawn() {
        let night = busy();
        let crowd = crowd(&night);
        for who in (0..MANY).rev().step_by(7) {
            assert_eq!(draw(&night, who, 0), crowd[who as usize]);
        }
        let other = Scenario { seed: night.seed + 1, ..night };
        assert!(crowd.iter().all(|person| draw(&other, person.who, 0).seed != person.seed));
    }

    #[test]
    fn shares_come_out_as_the_scenario_says() {
        let night = busy();
        let crowd = crowd(&night);
        for (at, expected) in [0.6, 0.3, 0.1].into_iter().enumerate() {
            check_share(&crowd, expected, |person| person.kind == at);
        }
        let first: Vec<Person> = crowd.into_iter().filter(|person| person.kind == 0).collect();
        check_share(&first, 0.25, |person| person.sleeps.is_some());
        check_share(&first, 0.1, |person| person.gives_up_after.is_some());
        check_share(&first, 0.05, |person| person.no_show);
        check_share(&first, 0.4, |person| person.shopping.changes_mind);
        for (wants, expected) in [(1, 0.2), (2, 0.5), (3, 0.0), (4, 0.3)] {
            check_share(&first, expected, |person| person.shopping.wants == wants);
        }
        check_share(&first, 0.75, |person| person.shopping.ending == super::super::Ending::Buys);
    }

    #[test]
    fn spans_are_drawn_evenly_between_their_ends() {
        let night = busy();
        let crowd: Vec<_> = crowd(&night).into_iter().filter(|person| person.kind == 0).collect();
        let (least, most) = night.kinds[0].shops.pays_within;
        let middle = (least + most) / 2;
        assert!(
            crowd.iter().all(|person| { (least..=most).contains(&person.shopping.pays_within) })
        );
        check_share(&crowd, 0.5, |person| person.shopping.pays_within < middle);
    }

    #[test]
    fn a_faster_life_has_the_same_people_in_less_time() {
        let slow = busy();
        let fast = Scenario { pace_of_life: 10.0, ..slow.clone() }.as_played();
        for who in 0..100 {
            let (slow, fast) = (draw(&slow, who, 0), draw(&fast, who, 0));
            assert_eq!((slow.kind, slow.seed, slow.no_show), (fast.kind, fast.seed, fast.no_show));
            let tenth = slow.shopping.pays_within / 10;
            assert!(tenth.abs_diff(fast.shopping.pays_within) < Duration::from_micros(2));
            if let (Some((_, slow)), Some((_, fast))) = (slow.sleeps, fast.sleeps) {
                assert!((slow / 10).abs_diff(fast) < Duration::from_micros(2));
            }
        }
    }

    #[test]
    fn one_more_sleeper_changes_nobody_else() {
        let mut night = busy();
        let before = crowd(&night);
        night.kinds[0].waits.sleeps.share = 1.0;
        for (before, after) in before.iter().zip(crowd(&night)) {
            assert_eq!(before.shopping, after.shopping);
            assert_eq!(before.gives_up_after, after.gives_up_after);
        }
    }

    #[test]
    #[should_panic(expected = "as it is played")]
    fn a_crowd_is_not_drawn_at_a_pace_that_was_forgotten() {
        draw(&Scenario { pace_of_life: 20.0, ..small() }, 0, 0);
    }
}
