//! The same night with fewer people, or more: each wave keeps its proportion and its shape.

use super::{Scenario, Shape};

impl Scenario {
    /// The same night with so many people in all. Rates and counts are what changes; the venue, its
    /// cap and everybody's spans stay.
    pub fn with_people(mut self, people: u32) -> Self {
        let now: Vec<u64> = self.arrivals.iter().map(|wave| wave.shape.people()).collect();
        let wanted = apportioned(&now, u64::from(people));
        for ((wave, now), wanted) in self.arrivals.iter_mut().zip(now).zip(wanted) {
            wave.shape.scale(now, wanted);
        }
        self
    }
}

impl Shape {
    /// From `now` people to `wanted`, which are 0 if these are.
    fn scale(&mut self, now: u64, wanted: u64) {
        let ratio = if now == 0 { 0.0 } else { wanted as f64 / now as f64 };
        match self {
            Self::Spike { people } | Self::Step { people, .. } => *people = clamped(wanted),
            Self::Ramp { from_per_second, to_per_second, over } => {
                // Rounding had its part in `now`: scale what was rounded.
                let exact = (*from_per_second + *to_per_second) / 2.0 * over.as_secs_f64();
                let ratio = if exact > 0.0 { wanted as f64 / exact } else { 0.0 };
                *from_per_second *= ratio;
                *to_per_second *= ratio;
            }
            Self::Curve { counts, times, .. } => {
                let mut before = 0_u64;
                let mut given = 0_u64;
                for count in counts {
                    before += u64::from(*count) * u64::from(*times);
                    // Rounded sums, so that the counts add up.
                    let until = (before as f64 * ratio).round() as u64;
                    *count = clamped(until - given);
                    given = until;
                }
                *times = 1;
            }
        }
    }
}

/// Shares of a whole in proportion to these weights: rounded down, and what is left goes to those
/// who lost most by that.
fn apportioned(weights: &[u64], whole: u64) -> Vec<u64> {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: u64| u128::from(weight) * u128::from(whole);
    let mut shares: Vec<u64> = weights
        .iter()
        .map(|weight| u64::try_from(exact(*weight) / total).unwrap_or(u64::MAX))
        .collect();
    let mut losers: Vec<usize> = (0..weights.len()).collect();
    losers.sort_by_key(|at| std::cmp::Reverse(exact(weights[*at]) % total));
    let left = whole - shares.iter().sum::<u64>();
    for at in losers.into_iter().take(left as usize) {
        shares[at] += 1;
    }
    shares
}

fn clamped(people: u64) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::scenario::Arrivals;
    use crate::scenario::read::tests::small;
    use crate::scenario::waves::people;

    fn shape() -> impl Strategy<Value = Shape> {
        let over = || (1..100_000_u64).prop_map(Duration::from_millis);
        prop_oneof![
            (0..5_000_u32).prop_map(|people| Shape::Spike { people }),
            (0..5_000_u32, over()).prop_map(|(people, over)| Shape::Step { people, over }),
            (0.0..99.0, 0.0..99.0, over()).prop_map(|(from_per_second, to_per_second, over)| {
                Shape::Ramp { from_per_second, to_per_second, over }
            }),
            (proptest::collection::vec(0..500_u32, 1..40), 1..20_u32).prop_map(
                |(counts, times)| {
                    Shape::Curve { counts, interval: Duration::from_secs(1), times }
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn so_many_come_as_were_wanted(
            shapes in proptest::collection::vec(shape(), 1..6),
            wanted in 1..1_000_000_u32,
            pace in 0.1..1_000.0,
        ) {
            let from = Duration::from_secs(1);
            let arrivals = shapes.into_iter().map(|shape| Arrivals { from, shape }).collect();
            let night = Scenario { arrivals, pace_of_life: pace, ..small() };
            prop_assume!(people(&night.arrivals) > 0);
            let scaled = night.with_people(wanted);
            prop_assert_eq!(people(&scaled.arrivals), u64::from(wanted));
            prop_assert_eq!(people(&scaled.as_played().arrivals), u64::from(wanted));
        }
    }

    #[test]
    fn a_curve_keeps_its_shape_when_it_is_scaled() {
        let counts = vec![10, 20, 0, 40];
        let mut curve = Shape::Curve { counts, interval: Duration::from_secs(1), times: 10 };
        curve.scale(700, 70);
        let Shape::Curve { counts, times, .. } = curve else { unreachable!("it is a curve") };
        assert_eq!((counts, times), (vec![10, 20, 0, 40], 1));
    }

    #[test]
    fn waves_keep_their_proportions() {
        assert_eq!(apportioned(&[1, 1, 1], 10), [4, 3, 3]);
        assert_eq!(apportioned(&[900, 100], 100), [90, 10]);
        assert_eq!(apportioned(&[0, 5], 3), [0, 3]);
        assert_eq!(apportioned(&[0, 0], 3), [0, 0]);
    }
}
