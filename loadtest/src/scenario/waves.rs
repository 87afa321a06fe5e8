//! When everybody comes: instants of the run, from the arrivals of a scenario and its seed.
//!
//! Each person of a wave has a slice of it to themselves and comes at a drawn instant of it. So a
//! wave keeps its shape at every scale, and no two come in step with each other or with a tick.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::{Arrivals, Scenario, Shape};
use crate::history::clock::micros;

/// Sets the draws of arrivals apart from those of people, which have the streams from 0 on.
const STREAM: u64 = 1 << 63;

/// The instants at which people come, in microseconds of the run, sorted: the place in this list is
/// the person's number. Depends on the scenario alone, so that every worker gets the same; the
/// scenario is as it is played.
pub fn instants(scenario: &Scenario) -> Vec<u64> {
    scenario.assert_played();
    let mut instants = Vec::new();
    for (wave, stream) in scenario.arrivals.iter().zip(STREAM..) {
        let mut chance = ChaCha8Rng::seed_from_u64(scenario.seed);
        chance.set_stream(stream);
        let from_us = micros(wave.from) as f64;
        for after_us in wave.shape.instants(&mut || chance.random()) {
            instants.push((from_us + after_us) as u64);
        }
    }
    instants.sort_unstable();
    instants
}

/// How many come in all.
pub fn people(arrivals: &[Arrivals]) -> u64 {
    arrivals.iter().map(|wave| wave.shape.people()).fold(0, u64::saturating_add)
}

impl Shape {
    /// How many come.
    pub fn people(&self) -> u64 {
        match self {
            Self::Spike { people } | Self::Step { people, .. } => u64::from(*people),
            Self::Ramp { from_per_second, to_per_second, over } => {
                let mean = (from_per_second + to_per_second) / 2.0;
                (mean * over.as_secs_f64()).round() as u64
            }
            Self::Curve { counts, times, .. } => {
                let people = counts.iter().map(|count| u64::from(*count) * u64::from(*times));
                people.fold(0, u64::saturating_add)
            }
        }
    }

    /// The microseconds after the beginning at which each comes. `chance` draws from 0 to 1.
    fn instants(&self, chance: &mut dyn FnMut() -> f64) -> Vec<f64> {
        let people = self.people();
        let mut slices = |people: u64| -> Vec<f64> {
            (0..people).map(|at| (at as f64 + chance()) / people as f64).collect()
        };
        match self {
            Self::Spike { .. } => slices(people).into_iter().map(|_| 0.0).collect(),
            Self::Step { over, .. } => {
                let over_us = micros(*over) as f64;
                slices(people).into_iter().map(|share| share * over_us).collect()
            }
            Self::Ramp { from_per_second, to_per_second, over } => {
                let over_us = micros(*over) as f64;
                let ramp = (*from_per_second, *to_per_second);
                slices(people).into_iter().map(|share| ramp_at(ramp, share) * over_us).collect()
            }
            Self::Curve { counts, interval, times } => {
                let interval_us = micros(*interval) as f64;
                let intervals = counts.iter().enumerate().map(|(at, count)| {
                    let within = slices(u64::from(*count) * u64::from(*times));
                    within.into_iter().map(move |share| (at as f64 + share) * interval_us)
                });
                intervals.flatten().collect()
            }
        }
    }
}

/// The share of its span after which a ramp has let in this share of its people.
///
/// At rates from `a` to `b`, `at + (b - a)t²/2` have come by `t`, of `(a + b)/2`; this is solved
/// for `t` in the form that does not divide by `b - a`, which may be nothing.
fn ramp_at((from, to): (f64, f64), share: f64) -> f64 {
    let come = share * (from + to) / 2.0;
    let root = (from * from + 2.0 * (to - from) * come).max(0.0).sqrt();
    if come > 0.0 { (2.0 * come / (from + root)).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scenario::read::tests::small;

    const S: u64 = 1_000_000;

    fn coming(shapes: Vec<Shape>) -> Vec<u64> {
        let from = Duration::from_secs(10);
        let arrivals = shapes.into_iter().map(|shape| Arrivals { from, shape }).collect();
        instants(&Scenario { arrivals, ..small() })
    }

    fn within(instants: &[u64], from_s: u64, to_s: u64) -> usize {
        instants.iter().filter(|at| (from_s * S..to_s * S).contains(*at)).count()
    }

    #[test]
    fn a_spike_comes_at_once() {
        assert_eq!(coming(vec![Shape::Spike { people: 3 }]), [10 * S; 3]);
    }

    #[test]
    fn a_step_comes_evenly() {
        let over = Duration::from_secs(100);
        let instants = coming(vec![Shape::Step { people: 1_000, over }]);
        assert_eq!(instants.len(), 1_000);
        for second in 10..110 {
            assert_eq!(within(&instants, second, second + 1), 10, "second {second}");
        }
    }

    #[test]
    fn a_ramp_grows_and_falls_as_its_rates() {
        for (from, to) in [(0.0, 20.0), (20.0, 0.0), (10.0, 10.0), (5.0, 15.0)] {
            let over = Duration::from_secs(100);
            let shape = Shape::Ramp { from_per_second: from, to_per_second: to, over };
            let instants = coming(vec![shape]);
            assert_eq!(instants.len(), 1_000, "{from} to {to}");
            for second in (0..100).step_by(10) {
                let middle = (second as f64 + 5.0) / 100.0;
                let expected = 10.0 * (from + (to - from) * middle);
                let found = within(&instants, 10 + second, 20 + second) as f64;
                assert!((found - expected).abs() <= 2.0, "{from} to {to}, {second}: {found}");
            }
        }
    }

    #[test]
    fn a_ramp_from_nothing_to_nothing_is_nobody() {
        let over = Duration::from_secs(9);
        assert!(
            coming(vec![Shape::Ramp { from_per_second: 0.0, to_per_second: 0.0, over }]).is_empty()
        );
    }

    #[test]
    fn a_curve_is_kept_second_by_second_as_often_as_it_is_multiplied() {
        let counts = vec![7, 0, 18, 52];
        let interval = Duration::from_secs(1);
        let instants = coming(vec![Shape::Curve { counts: counts.clone(), interval, times: 100 }]);
        for (second, count) in (10..).zip(&counts) {
            assert_eq!(within(&instants, second, second + 1), *count as usize * 100);
        }
    }

    #[test]
    fn waves_add_up_in_order_of_time() {
        let over = Duration::from_secs(5);
        let both = coming(vec![Shape::Step { people: 50, over }, Shape::Step { people: 50, over }]);
        assert_eq!(both.len(), 100);
        assert!(both.is_sorted());
        assert!(both.iter().collect::<std::collections::BTreeSet<_>>().len() > 90, "not in step");
    }

    #[test]
    fn another_seed_is_another_crowd_of_the_same_shape() {
        let night = small();
        let other = Scenario { seed: night.seed + 1, ..night.clone() };
        assert_eq!(instants(&night), instants(&night));
        assert_ne!(instants(&night), instants(&other));
        assert_eq!(instants(&night).len(), instants(&other).len());
    }
}
