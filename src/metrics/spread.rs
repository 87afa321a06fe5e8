//! A histogram that was read: compared with an earlier reading, it says how long things took since.

use std::iter::Sum;

/// How many samples were how long. Spans are in microseconds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Spread {
    /// Upper bounds of the buckets, in seconds.
    pub(super) bounds: &'static [f64],
    /// One for each bound, and one for what is above all of them.
    pub(super) counts: Vec<u64>,
    /// Of all samples, in nanoseconds.
    pub(super) sum_ns: u64,
}

impl Spread {
    /// What was counted after an earlier reading of the same series.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = earlier.counts.iter().chain(std::iter::repeat(&0));
        let counts = self.counts.iter().zip(before).map(|(now, then)| now.saturating_sub(*then));
        let sum_ns = self.sum_ns.saturating_sub(earlier.sum_ns);
        Self { bounds: self.bounds, counts: counts.collect(), sum_ns }
    }

    /// Samples.
    pub fn samples(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The mean; `None` without a sample.
    pub fn mean_us(&self) -> Option<u64> {
        self.sum_ns.checked_div(self.samples()).map(|mean_ns| mean_ns / 1_000)
    }

    /// What so many of a hundred samples did not exceed, as far as the buckets tell: the bound of
    /// the one that holds the last of them. `None` without a sample, [`u64::MAX`] above all bounds.
    pub fn within_us(&self, percent: u64) -> Option<u64> {
        let wanted = (self.samples() * percent).div_ceil(100);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted && wanted > 0
        })?;
        Some(self.bounds.get(at).map_or(u64::MAX, |bound| (bound * 1e6).round() as u64))
    }
}

impl Sum for Spread {
    fn sum<I: Iterator<Item = Self>>(spreads: I) -> Self {
        let added = |mut all: Self, one: Self| {
            all.counts.iter_mut().zip(&one.counts).for_each(|(all, one)| *all += one);
            Self { sum_ns: all.sum_ns + one.sum_ns, ..all }
        };
        spreads.reduce(added).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(counts: &[u64], sum_ns: u64) -> Spread {
        Spread { bounds: &[0.001, 0.0025], counts: counts.to_vec(), sum_ns }
    }

    #[test]
    fn the_share_that_was_asked_for_is_within_the_bound_that_is_told() {
        for (counts, half, most) in [
            ([0, 0, 0], None, None),
            ([1, 0, 0], Some(1_000), Some(1_000)),
            ([50, 50, 0], Some(1_000), Some(2_500)),
            ([49, 51, 0], Some(2_500), Some(2_500)),
            ([99, 0, 1], Some(1_000), Some(1_000)),
            ([98, 0, 2], Some(1_000), Some(u64::MAX)),
        ] {
            let spread = spread(&counts, 0);
            assert_eq!((spread.within_us(50), spread.within_us(99)), (half, most), "{counts:?}");
        }
    }

    #[test]
    fn what_was_before_does_not_count_again() {
        let (before, now) = (spread(&[5, 1, 0], 9_000_000), spread(&[5, 1, 2], 19_000_000));
        let since = now.since(&before);
        assert_eq!((since.samples(), since.mean_us()), (2, Some(5_000)));
        assert_eq!(now.since(&Spread::default()), now);
        assert_eq!(before.since(&before).mean_us(), None);
        let both: Spread = [before, now].into_iter().sum();
        assert_eq!((both.counts.as_slice(), both.sum_ns), ([10, 2, 2].as_slice(), 28_000_000));
    }
}
