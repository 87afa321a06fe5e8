//! What a visitor in the queue is told about their standing, and when to ask again.
//!
//! Pure arithmetic: a position, the policy and what was observed come in. Nothing here reads a
//! clock or a sale. A poll that comes later than told costs the visitor nothing.

use stanchion_domain::time::Span;

use crate::board::wire::Estimate;

/// Ask again soonest after this: at the very front.
const POLL_MS_MIN: u64 = 2_000;
/// Each visitor ahead adds this: from 2,800 ahead on, polls come as late as presence allows.
const POLL_MS_PER_POSITION: u64 = 10;
/// A visitor is present if seen within the presence span; three polls in it, so two may fail.
const POLLS_PER_PRESENCE: u64 = 3;
/// Polls are spread over the last quarter of the wait until the next one.
const JITTER_QUARTERS: u64 = 4;
/// The wait is shown from 0.7 to 1.5 times the estimate: what varies is how many ahead are present.
const WAIT_TENTHS: (u64, u64) = (7, 15);
/// Waits below this are shown to 10 s, longer ones to the minute.
const WAIT_FINE_MS: u64 = 300_000;

/// A coarse answer to "how many are ahead": at least `from`, fewer than `to`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    /// The fewest.
    pub from: u32,
    /// One more than the most.
    pub to: u32,
}

/// An estimated wait, as a range in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// At best.
    pub from_ms: u64,
    /// At worst.
    pub to_ms: u64,
}

/// What there is for everybody who comes before a visitor, and for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stock {
    /// Units that can be had; `None` if nobody knows.
    pub left: Option<u64>,
    /// Visitors who were called or are in the shop, and hold nothing yet.
    pub wanting: u32,
    /// Whether no more are called than what is left can serve.
    pub coupled: bool,
}

/// When to ask again. `id` is the place's random id, so that a crowd that joined together does not
/// come back together.
pub fn poll_after_ms(position: u32, presence_span: Span, id: u64) -> u64 {
    let latest = (presence_span.0 / POLLS_PER_PRESENCE).max(1);
    let wanted = POLL_MS_MIN + u64::from(position) * POLL_MS_PER_POSITION;
    let after = wanted.min(latest);
    after - id % (after / JITTER_QUARTERS).max(1)
}

/// The band of a position: 0 to 10, 20, 50, 100, and so on by ones, twos and fives.
pub fn band(position: u32) -> Band {
    let (mut from, mut step) = (0, 10_u32);
    loop {
        for factor in [1, 2, 5] {
            let Some(to) = step.checked_mul(factor) else {
                return Band { from, to: u32::MAX };
            };
            if position < to {
                return Band { from, to };
            }
            from = to;
        }
        step = step.saturating_mul(10);
    }
}

/// How much of the way is done, in thousandths. `joined_at`: the position when the visitor joined.
pub fn progress_permille(position: u32, joined_at: u64) -> u32 {
    let left = u64::from(position).min(joined_at);
    let done = (joined_at - left) * 1_000 / joined_at.max(1);
    if joined_at == 0 { 1_000 } else { u32::try_from(done).unwrap_or(1_000) }
}

/// The wait of whoever has so many ahead; `None` if nobody knows, or if it may be for nothing:
/// everybody who was called and holds nothing yet, or is ahead and here, and whoever asks, is
/// taken to want one unit. So none is told either while calling is held back by what is left.
pub fn wait(position: u32, estimate: Estimate, stock: Stock) -> Option<Wait> {
    let Estimate { present_percent, calls_per_minute } = estimate;
    let here = (u64::from(position) * u64::from(present_percent)).div_ceil(100);
    let wanted = u64::from(stock.wanting) + here + 1;
    let enough = stock.left.map_or(!stock.coupled, |left| left >= wanted);
    if calls_per_minute == 0 || !enough {
        return None;
    }
    let ahead = u64::from(position) + 1;
    let estimate_ms = ahead * u64::from(present_percent) * 600 / u64::from(calls_per_minute);
    let (from_tenths, to_tenths) = WAIT_TENTHS;
    Some(Wait {
        from_ms: rounded(estimate_ms * from_tenths / 10, 0),
        to_ms: rounded(estimate_ms * to_tenths / 10, 1),
    })
}

/// Down to a whole step, or up to the next if `up` is 1.
fn rounded(ms: u64, up: u64) -> u64 {
    let step = if ms < WAIT_FINE_MS { 10_000 } else { 60_000 };
    (ms / step + up) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENCE: Span = Span(90_000);
    const PLENTY: Stock = Stock { left: Some(u64::MAX), wanting: 0, coupled: true };

    #[test]
    fn the_front_asks_soon_and_the_back_late_but_never_later_than_a_third_of_presence() {
        assert!(poll_after_ms(0, PRESENCE, 7) <= POLL_MS_MIN);
        let back = poll_after_ms(1_000_000, PRESENCE, 0);
        assert_eq!(back, 30_000);
        for (position, id) in [(0, 0), (1, 3), (5_000, u64::MAX), (u32::MAX, 12_345)] {
            let after = poll_after_ms(position, PRESENCE, id);
            assert!((1_500..=30_000).contains(&after), "{position} {id}: {after}");
        }
        assert!(poll_after_ms(9, Span(0), 5) > 0);
    }

    #[test]
    fn a_crowd_that_joined_together_is_spread_by_its_random_ids() {
        let (first, last) = (0..1_000_u64).fold((u64::MAX, 0), |(first, last), id| {
            let after = poll_after_ms(50_000, PRESENCE, id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            (first.min(after), last.max(after))
        });
        assert!(last - first > 7_000, "{first} to {last}");
    }

    #[test]
    fn a_band_holds_its_position_and_falls_with_it() {
        for (position, from, to) in [
            (0, 0, 10),
            (9, 0, 10),
            (10, 10, 20),
            (49, 20, 50),
            (50, 50, 100),
            (1_500, 1_000, 2_000),
        ] {
            assert_eq!(band(position), Band { from, to }, "{position}");
        }
        assert!(band(u32::MAX).from < u32::MAX);
    }

    #[test]
    fn progress_runs_from_nothing_to_all_and_never_beyond() {
        assert_eq!(progress_permille(400, 400), 0);
        assert_eq!(progress_permille(100, 400), 750);
        assert_eq!(progress_permille(0, 400), 1_000);
        assert_eq!(progress_permille(0, 0), 1_000);
        assert_eq!(progress_permille(500, 400), 0);
    }

    #[test]
    fn a_wait_is_a_range_around_present_people_over_calls_and_absent_when_unknown() {
        let estimate = Estimate { present_percent: 50, calls_per_minute: 100 };
        let shown = wait(1_999, estimate, PLENTY).expect("known");
        // 2,000 to be called, half of them here, 100 a minute: ten minutes.
        assert_eq!(shown, Wait { from_ms: 420_000, to_ms: 960_000 });
        let front = wait(0, estimate, PLENTY).expect("known");
        assert_eq!(front, Wait { from_ms: 0, to_ms: 10_000 });
        assert_eq!(wait(10, Estimate { calls_per_minute: 0, ..estimate }, PLENTY), None);
    }

    #[test]
    fn no_wait_is_told_that_may_be_for_nothing() {
        let estimate = Estimate { present_percent: 100, calls_per_minute: 240 };
        let told = |position, stock| wait(position, estimate, stock).is_some();
        for (position, left, wanting, told_of) in [
            (174, 32, 0, false),
            (31, 32, 0, true),
            (32, 32, 0, false),
            (0, 32, 31, true),
            // Calling follows what is left: it stands until somebody inside has chosen or gone.
            (0, 32, 32, false),
            (0, 0, 0, false),
        ] {
            let stock = Stock { left: Some(left), wanting, coupled: true };
            assert_eq!(told(position, stock), told_of, "{position} {left} {wanting}");
            assert_eq!(
                told(position, Stock { coupled: false, ..stock }),
                told_of,
                "calls for none"
            );
        }
        let half = Estimate { present_percent: 50, ..estimate };
        let few = Stock { left: Some(32), wanting: 0, coupled: true };
        assert!(wait(62, half, few).is_some());
        assert!(wait(63, half, few).is_none(), "31.5 are here, and whoever asks");
        assert!(!told(0, Stock { left: None, wanting: 0, coupled: true }));
        assert!(told(0, Stock { left: None, wanting: 0, coupled: false }));
    }
}
