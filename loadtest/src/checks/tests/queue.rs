//! The queue: caps, positions, the order of calling.

use super::*;

fn joined(number: u64, times: (u64, u64)) -> Told {
    by(number as u32, times, What::Joined { number })
}

fn looked(number: u64, times: (u64, u64), what: What) -> Told {
    by(number as u32, times, what)
}

#[test]
fn a_position_may_only_rise_where_the_order_is_not_known() {
    let two = |first: (u64, u64), second: (u64, u64)| {
        vec![
            looked(1, first, place(1, "waiting", Some(5))),
            looked(1, second, place(1, "returning", Some(7))),
        ]
    };
    broken("position", two((10, 20), (20, 30)));
    kept("position", two((10, 20), (19, 30)));
    kept("position", two((20, 30), (10, 15)));
    let other = looked(2, (40, 50), place(2, "waiting", Some(9)));
    kept("position", vec![two((10, 20), (20, 30)).remove(0), other]);
}

/// So many are called and come to the shop, one each 100 ms, and stay.
fn shoppers(count: u64) -> Vec<Told> {
    let one = |number: u64| {
        let at_ms = number * 100;
        vec![
            joined(number, (1, 2)),
            looked(number, (at_ms, at_ms + 1), called(number, 60_000)),
            looked(number, (at_ms + 2, at_ms + 3), What::Claimed { number }),
            looked(number, (5_000, 5_001), place(number, "active", None)),
        ]
    };
    (1..=count).flat_map(one).collect()
}

#[test]
fn more_passes_than_the_cap_ever_was_are_too_many() {
    let verdict = |count| found_under(3, "cap", shoppers(count)).verdict;
    assert_eq!(verdict(3), Verdict::Kept);
    assert_eq!(verdict(4), Verdict::Broken);
}

#[test]
fn a_lowered_cap_sends_nobody_away_and_lets_nobody_in() {
    let lowered = |at_ms| told(Who::Staff, (at_ms, at_ms + 1), changed("set_cap", Some(1)));
    let verdict = |at_ms| {
        let mut history = shoppers(3);
        // The last was seen to wait until just before they were called.
        history.push(looked(3, (290, 291), place(3, "waiting", Some(0))));
        history.push(lowered(at_ms));
        found_under(3, "cap", history).verdict
    };
    assert_eq!(verdict(400), Verdict::Kept);
    assert_eq!(verdict(295), Verdict::Kept, "they may have been called just before");
    assert_eq!(verdict(150), Verdict::Broken);
}

#[test]
fn a_board_above_its_cap_may_come_from_a_lowered_one_while_it_does_not_rise() {
    let read = |version, cap, active| {
        let board = Board { cap, active, ..board(version, counts(1, 0, 0, 0)) };
        told(Who::Observer, (version * 10, version * 10 + 1), What::Board(board))
    };
    let lowered = told(Who::Staff, (15, 16), changed("set_cap", Some(2)));
    let verdict = |history: Vec<Told>| found_under(5, "cap", history).verdict;
    let honest = vec![read(1, 5, 3), lowered.clone(), read(2, 2, 5), read(3, 2, 4)];
    assert_eq!(verdict(honest), Verdict::Kept);
    let rises = vec![read(1, 5, 3), lowered, read(2, 2, 4), read(3, 2, 5)];
    assert_eq!(verdict(rises), Verdict::Broken);
    assert_eq!(verdict(vec![read(1, 5, 5), read(2, 5, 6)]), Verdict::Broken);
}

#[test]
fn somebody_present_is_not_overtaken() {
    let overtaken = |seen_ms, still: &str| {
        vec![
            joined(1, (1, 2)),
            joined(2, (3, 4)),
            looked(1, (seen_ms, seen_ms + 1), place(1, "waiting", Some(0))),
            looked(2, (9_000, 9_001), place(2, "waiting", Some(1))),
            looked(2, (9_100, 9_101), called(2, 60_000)),
            looked(1, (9_200, 9_201), place(1, still, Some(0))),
        ]
    };
    broken("order", overtaken(8_900, "waiting"));
    // They may have been away, and were passed over.
    kept("order", overtaken(8_900, "returning"));
    // They had not asked for a while.
    kept("order", overtaken(3_000, "waiting"));
    // The server was killed, and had forgotten who was there.
    let kill = vec![fault(8_950, Fault::Killed), fault(8_960, Fault::Started)];
    kept("order", [overtaken(8_900, "waiting"), kill].concat());
}

#[test]
fn tau_is_one_in_order_and_minus_one_backwards() {
    let nights = |call: fn(u64) -> u64| {
        let one = |number: u64| {
            let at_ms = call(number);
            let look = looked(number, (at_ms, at_ms + 1), place(number, "active", None));
            [joined(number, (1, 2)), look]
        };
        let finding = found("order", (1..=10).flat_map(one).collect());
        finding
            .figures
            .iter()
            .find(|figure| figure.name == "calls_in_order_of_joining_all")
            .expect("a tau")
            .value
    };
    assert_eq!(nights(|number| 100 * number), 1.0);
    assert_eq!(nights(|number| 100 * (20 - number)), -1.0);
}
