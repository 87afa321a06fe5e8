//! The only place that reads time and entropy.
//!
//! Owns the monotonic clock, the wall clock, RFC 3339, random ids and keys. Decides nothing: who
//! needs the time for a decision gets it passed in. Never turns wall time into a span.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use stanchion_domain::time::WallTime;

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Monotonic milliseconds since the first reading in this process, plus one: zero is never read,
/// so that zero can mean "not yet" where it is kept in an atomic.
pub fn monotonic_ms() -> u64 {
    u64::try_from(BEGUN.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
}

/// Monotonic milliseconds that may lag by one turn of the kernel's clock, 1 to 10 ms: for deadlines
/// of seconds that are noted several times in every request. Zero is never read. Not to be compared
/// with [`monotonic_ms`].
pub fn coarse_ms() -> u64 {
    use rustix::time::{ClockId, clock_gettime};
    let read = clock_gettime(ClockId::MonotonicCoarse);
    let seconds = u64::try_from(read.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(read.tv_nsec).unwrap_or_default();
    seconds * 1_000 + nanoseconds / 1_000_000 + 1
}

/// An instant to measure a short span from, for metrics only.
pub fn instant() -> Instant {
    Instant::now()
}

/// What reads the time: the machine's clocks, or, in tests, two numbers moved by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Hand>>);

/// The two numbers of a clock moved by hand.
#[derive(Debug, Default)]
pub struct Hand {
    monotonic_ms: AtomicU64,
    wall_ms: AtomicI64,
}

impl Clock {
    /// The machine's clocks.
    pub fn machine() -> Self {
        Self(None)
    }

    /// A clock that stands still until its [`Hand`] moves it.
    pub fn by_hand(hand: Arc<Hand>) -> Self {
        Self(Some(hand))
    }

    /// Monotonic milliseconds from an arbitrary origin. Never persisted.
    pub fn monotonic_ms(&self) -> u64 {
        match &self.0 {
            None => monotonic_ms(),
            // Relaxed: a lone number, nothing is published with it.
            Some(hand) => hand.monotonic_ms.load(Ordering::Relaxed),
        }
    }

    /// Wall time. May jump; only shown to people, and used to open a sale.
    pub fn wall(&self) -> WallTime {
        match &self.0 {
            None => wall_of(SystemTime::now()),
            Some(hand) => WallTime(hand.wall_ms.load(Ordering::Relaxed)),
        }
    }
}

impl Hand {
    /// Moves both clocks forward.
    pub fn pass_ms(&self, ms: u32) {
        self.monotonic_ms.fetch_add(u64::from(ms), Ordering::Relaxed);
        self.wall_ms.fetch_add(i64::from(ms), Ordering::Relaxed);
    }

    /// Sets wall time, leaving the monotonic clock alone, as an operator or NTP might.
    pub fn set_wall(&self, wall: WallTime) {
        self.wall_ms.store(wall.0, Ordering::Relaxed);
    }
}

fn wall_of(time: SystemTime) -> WallTime {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => WallTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        Err(before) => WallTime(
            i64::try_from(before.duration().as_millis()).map_or(i64::MIN, i64::wrapping_neg),
        ),
    }
}

/// RFC 3339 in UTC with milliseconds, `2026-11-21T18:00:00.000Z`; `None` outside the years that can
/// be written (-9999 to 9999).
pub fn rfc3339(wall: WallTime) -> Option<String> {
    let timestamp = Timestamp::from_millisecond(wall.0).ok()?;
    Some(format!("{timestamp:.3}"))
}

/// Reads an RFC 3339 instant with its offset; `None` if it is not one.
pub fn from_rfc3339(text: &str) -> Option<WallTime> {
    text.parse::<Timestamp>().ok().map(|timestamp| WallTime(timestamp.as_millisecond()))
}

/// 128 random bits, for ids that nobody may guess: from a generator of this thread that the
/// operating system seeds again and again, since a call into it costs more than the rest of a join.
pub fn random_id() -> u128 {
    rand::random()
}

/// 64 random bits, from where [`random_id`] has them.
pub fn random_mark() -> u64 {
    rand::random()
}

/// Random bytes from the operating system, for keys.
///
/// # Panics
/// If the operating system has no entropy: nothing safe could be signed or named.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_is_written_and_read_as_rfc_3339_to_the_millisecond() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_432_918_800_123, "2015-05-29T17:00:00.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(WallTime(ms)).as_deref(), Some(text));
            assert_eq!(from_rfc3339(text), Some(WallTime(ms)));
        }
        assert_eq!(
            from_rfc3339("2015-05-29T19:00:00.123+02:00"),
            Some(WallTime(1_432_918_800_123))
        );
        assert_eq!(rfc3339(WallTime(i64::MAX)), None);
        assert_eq!(from_rfc3339("2015-05-29 19:00"), None);
    }

    #[test]
    fn a_clock_moved_by_hand_shows_what_it_was_set_to() {
        let hand = Arc::new(Hand::default());
        let clock = Clock::by_hand(Arc::clone(&hand));
        hand.pass_ms(1_500);
        hand.set_wall(WallTime(-7));
        assert_eq!((clock.monotonic_ms(), clock.wall()), (1_500, WallTime(-7)));
    }

    #[test]
    fn the_monotonic_clock_is_never_zero_and_never_goes_back() {
        let first = monotonic_ms();
        assert!(first > 0);
        assert!(monotonic_ms() >= first);
    }

    #[test]
    fn two_random_ids_differ() {
        assert_ne!(random_id(), random_id());
    }
}
