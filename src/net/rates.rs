//! How often one source may do something: join, or present what is not genuine.
//!
//! Sources are spread over a fixed number of buckets by a seeded hash, so that a flood of addresses
//! cannot make the map grow; two sources in one bucket share an allowance.

use std::hash::BuildHasher;
use std::num::NonZeroU32;
use std::time::Duration;

use dashmap::DashMap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::InMemoryState;
use governor::{Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use super::limits::{RATE_BUCKETS, RATE_SWEEP_MS};
use super::source::Source;

type Seed = std::hash::RandomState;
type Buckets<C> =
    RateLimiter<u64, DashMap<u64, InMemoryState>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// What one source may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowance {
    /// At once.
    pub burst: NonZeroU32,
    /// In a minute, after that.
    pub per_minute: NonZeroU32,
}

/// Who did it too often may try again after so many seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryAfter {
    /// At least 1.
    pub seconds: u64,
}

/// One rate limit over all sources.
#[derive(Debug)]
pub struct Rates<C: Clock = DefaultClock> {
    buckets: Buckets<C>,
    clock: C,
    seed: Seed,
}

impl Rates {
    /// A limit that counts from now on.
    pub fn new(allowance: Allowance) -> Self {
        Self::with_clock(allowance, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(allowance: Allowance, clock: C) -> Self {
        let quota = Quota::per_minute(allowance.per_minute).allow_burst(allowance.burst);
        let buckets = RateLimiter::dashmap_with_clock(quota, clock.clone());
        Self { buckets, clock, seed: Seed::new() }
    }

    /// Counts one deed of this source.
    ///
    /// # Errors
    /// When to come back, if it did that too often; the deed is then not counted.
    pub fn check(&self, source: Source) -> Result<(), RetryAfter> {
        let bucket = self.seed.hash_one(source) % RATE_BUCKETS;
        self.buckets.check_key(&bucket).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            RetryAfter { seconds: wait.as_secs() + 1 }
        })
    }

    /// Forgets the sources whose allowance is whole again.
    pub fn sweep(&self) {
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
    }

    /// Sweeps now and then, until told to stop.
    pub async fn keep_swept(&self, stop: CancellationToken) {
        let mut turn = tokio::time::interval(Duration::from_millis(RATE_SWEEP_MS));
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(turn.tick()).await.is_some() {
            self.sweep();
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn allowance(burst: u32, per_minute: u32) -> Allowance {
        let some = |count| NonZeroU32::new(count).expect("not zero");
        Allowance { burst: some(burst), per_minute: some(per_minute) }
    }

    #[test]
    fn who_did_it_too_often_is_told_when_to_come_back_and_may_then() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(allowance(3, 6), clock.clone());
        let (one, other) = (Source::V4(1), Source::V4(2));
        for _ in 0..3 {
            assert_eq!(rates.check(one), Ok(()));
        }
        let refused = rates.check(one).expect_err("a fourth");
        assert!((10..=11).contains(&refused.seconds), "{refused:?}");
        assert_eq!(rates.check(other), Ok(()));
        clock.advance(Duration::from_secs(refused.seconds));
        assert_eq!(rates.check(one), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_fills_the_buckets_at_most_and_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(allowance(1_000, 60_000), clock.clone());
        for address in 0..600_000 {
            let _ = rates.check(Source::V6(address));
        }
        assert!(u64::try_from(rates.buckets.len()).expect("small") <= RATE_BUCKETS);
        clock.advance(Duration::from_secs(60));
        rates.sweep();
        assert_eq!(rates.buckets.len(), 0);
    }
}
