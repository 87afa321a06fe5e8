//! Times: what ends too early, and what outages excuse.

use super::*;

fn a() -> [Unit; 1] {
    [seat("A-1")]
}

/// A basket with twenty seconds, found in a state later.
fn found_later(at_ms: u64, state: &str) -> Vec<Told> {
    vec![
        by(1, (100, 110), what_held("b1", 1, ("1", 20_000), &a())),
        by(1, (at_ms, at_ms + 10), seen("b1", state, &a())),
    ]
}

#[test]
fn a_basket_does_not_expire_before_its_time() {
    broken("expiry", found_later(10_000, "expired"));
    kept("expiry", found_later(20_100, "expired"));
    // Within what a server's clock may lag.
    kept("expiry", found_later(18_500, "expired"));
}

#[test]
fn time_in_which_the_server_was_stopped_does_not_count() {
    let outage =
        |from_ms, until_ms| vec![fault(from_ms, Fault::Stopped), fault(until_ms, Fault::Continued)];
    let later = || found_later(25_000, "expired");
    kept("expiry", later());
    broken("expiry", [later(), outage(5_000, 15_000)].concat());
    // A short standstill may count.
    kept("expiry", [found_later(20_000, "expired"), outage(5_000, 6_900)].concat());
    // What was told after the basket was looked at is no reason to fail.
    let after = vec![by(1, (30_000, 30_010), what_held("b1", 1, ("2", 20_000), &a()))];
    kept("expiry", [found_later(15_000, "open"), after, outage(14_000, 31_000)].concat());
    let kill = vec![fault(5_000, Fault::Killed), fault(15_000, Fault::Started)];
    broken("expiry", [later(), kill].concat());
}

#[test]
fn the_time_until_somebody_took_over_does_not_count_and_the_standby_changes_nothing() {
    let takeover = |over_ms| {
        let faults =
            [(5_000, Fault::Killed), (over_ms, Fault::TakenOver), (16_000, Fault::StandsBy)];
        faults.map(|(at_ms, what)| fault(at_ms, what)).to_vec()
    };
    broken("expiry", [found_later(25_000, "expired"), takeover(15_000)].concat());
    kept("expiry", [found_later(25_000, "expired"), takeover(6_000)].concat());
}

#[test]
fn a_takeover_is_measured_and_nobody_to_take_over_is_a_broken_promise() {
    let faults = |over| vec![fault(5_000, Fault::Killed), fault(8_000, over)];
    let held = by(1, (6_000, 9_500), held("b1", 1, &a()));
    let before = by(2, (4_000, 4_900), what_held("b2", 2, ("2", 20_000), &[seat("A-2")]));
    let history = [faults(Fault::TakenOver), vec![held, before]].concat();
    let finding = found("takeover", history);
    assert_eq!(finding.verdict, Verdict::Measured, "{finding:#?}");
    let figures: Vec<_> =
        finding.figures.iter().map(|figure| (figure.name.as_str(), figure.value)).collect();
    let wanted = [("without_writer_at_most", 3_000.0), ("without_service_at_most", 4_500.0)];
    assert_eq!(figures, wanted);
    broken("takeover", faults(Fault::NobodyTookOver));
    assert_eq!(found("takeover", Vec::new()).verdict, Verdict::NotShown);
}

#[test]
fn a_basket_is_given_back_by_its_visitor_or_by_staff_only() {
    broken("expiry", found_later(10_000, "released"));
    let left = by(1, (9_000, 20_000), What::Left { number: 1 });
    kept("expiry", [found_later(10_000, "released"), vec![left]].concat());
    let ended = told(Who::Staff, (9_000, 9_010), changed("end_pass", None));
    kept("expiry", [found_later(10_000, "released"), vec![ended]].concat());
}

#[test]
fn what_is_left_of_a_baskets_time_falls_no_faster_than_time() {
    let checkout = |left_ms| {
        let what = What::CheckedOut { basket: "b1".to_owned(), expires_in_ms: Some(left_ms) };
        [found_later(5_000, "open"), vec![by(1, (5_200, 5_210), what)]].concat()
    };
    kept("expiry", checkout(14_000));
    kept("expiry", checkout(600_000));
    broken("expiry", checkout(5_000));
}

#[test]
fn a_turn_is_not_over_before_its_window_is() {
    let turn = |over_ms, state: &str| {
        vec![
            by(1, (100, 110), called(1, 20_000)),
            by(1, (over_ms, over_ms + 10), place(1, state, None)),
        ]
    };
    broken("expiry", turn(10_000, "returning"));
    broken("expiry", turn(10_000, "ended"));
    kept("expiry", turn(20_200, "returning"));
    // They took it, and idled out.
    let claimed = by(1, (200, 210), What::Claimed { number: 1 });
    kept("expiry", [turn(10_000, "ended"), vec![claimed]].concat());
    let left = by(1, (200, 210), What::Left { number: 1 });
    kept("expiry", [turn(10_000, "ended"), vec![left]].concat());
}
