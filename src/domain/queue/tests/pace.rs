//! The pace: no more than allowed, and no less.

use proptest::prelude::*;

use crate::queue::pace::Pace;
use crate::time::SaleTime;

#[test]
fn after_silence_one_second_of_calls_is_allowed_at_once() {
    let mut pace = Pace::default();
    let now = SaleTime(3_600_000);
    assert_eq!(pace.allowance(now, 600), 10);
    pace.took(now, 10, 600);
    assert_eq!(pace.allowance(now, 600), 0);
    assert_eq!(pace.allowance(SaleTime(3_600_099), 600), 0);
    assert_eq!(pace.allowance(SaleTime(3_600_100), 600), 1);
    assert_eq!(pace.allowance(SaleTime(3_605_000), 600), 10);
}

#[test]
fn a_pace_slower_than_one_a_second_allows_one_at_a_time() {
    let mut pace = Pace::default();
    assert_eq!(pace.allowance(SaleTime(0), 7), 1);
    pace.took(SaleTime(0), 1, 7);
    assert_eq!(pace.allowance(SaleTime(8_571), 7), 0);
    assert_eq!(pace.allowance(SaleTime(8_572), 7), 1);
    assert_eq!(pace.allowance(SaleTime(99_000), 7), 1);
}

#[test]
fn a_pace_of_zero_allows_nobody() {
    assert_eq!(Pace::default().allowance(SaleTime(9_000), 0), 0);
}

#[test]
fn a_changed_pace_applies_at_once() {
    let mut faster = Pace::default();
    faster.took(SaleTime(0), 1, 1);
    assert_eq!(faster.allowance(SaleTime(1_000), 1), 0);
    assert_eq!(faster.allowance(SaleTime(1_000), 600), 10);

    let mut slower = Pace::default();
    slower.took(SaleTime(0), 1_000, 60_000);
    assert_eq!(slower.allowance(SaleTime(1_000), 60), 1);
    slower.took(SaleTime(1_000), 1, 60);
    assert_eq!(slower.allowance(SaleTime(1_900), 60), 0);
    assert_eq!(slower.allowance(SaleTime(2_000), 60), 1);
}

proptest! {
    #[test]
    fn no_window_sees_more_than_the_pace_and_one_burst(
        per_minute in 1u32..200_000,
        steps in prop::collection::vec((0u64..3_000, 1u32..100), 1..80),
    ) {
        let mut pace = Pace::default();
        let mut calls: Vec<(u64, u32)> = Vec::new();
        let mut now = 0;
        for (passed_ms, share) in steps {
            now += passed_ms;
            let taken = (pace.allowance(SaleTime(now), per_minute) * share).div_ceil(100);
            pace.took(SaleTime(now), taken, per_minute);
            calls.push((now, taken));
        }
        for (at, (from, _)) in calls.iter().enumerate() {
            let mut sum = 0;
            for (until, taken) in &calls[at..] {
                sum += u64::from(*taken);
                let calls_in = |ms: u64| ms * u64::from(per_minute) / 60_000;
                let window_ms = until - from;
                let most = calls_in(window_ms + 1_000).max(calls_in(window_ms) + 1);
                prop_assert!(sum <= most, "{sum} calls in {window_ms} ms, at most {most}");
            }
        }
    }

    #[test]
    fn who_always_takes_what_is_allowed_reaches_the_pace(per_minute in 1u32..6_000_000) {
        let mut pace = Pace::default();
        let mut sum = 0;
        for tick in 0..1_200 {
            let now = SaleTime(tick * 100);
            let allowed = pace.allowance(now, per_minute);
            pace.took(now, allowed, per_minute);
            sum += u64::from(allowed);
        }
        // Two minutes, less the last tick, less rounding to a microsecond in each tick.
        let least = u64::from(per_minute) * 119_890 / 60_000;
        prop_assert!(sum >= least, "{sum} calls, at least {least}");
    }
}
