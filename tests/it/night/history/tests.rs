//! The checker itself: it believes what can be true, and catches what cannot.

use super::*;

fn call(began: u64, ended: u64, did: Did) -> Call {
    Call { began, ended: Some(ended), did }
}

fn unknown(began: u64, did: Did) -> Call {
    Call { began, ended: None, did }
}

fn a() -> Basket {
    "a".to_owned()
}

fn b() -> Basket {
    "b".to_owned()
}

#[track_caller]
fn believed(calls: &[Call]) {
    assert_eq!(check(calls).map(|_| ()), Ok(()));
}

#[track_caller]
fn caught(calls: &[Call]) {
    assert!(check(calls).is_err(), "believed {calls:?}");
}

#[test]
fn one_visitor_after_the_other_is_believed() {
    believed(&[
        call(0, 1, Did::Hold(a())),
        call(2, 3, Did::MeetInBasket),
        call(4, 5, Did::Release(a())),
        call(6, 7, Did::Hold(b())),
        call(8, 9, Did::CheckOut(b())),
        call(10, 11, Did::Sell(b())),
        call(12, 13, Did::MeetSold),
        call(14, 15, Did::SeeSold),
    ]);
}

#[test]
fn calls_at_the_same_time_may_have_come_in_any_order() {
    believed(&[
        call(0, 10, Did::Hold(b())),
        call(1, 9, Did::Release(a())),
        call(0, 2, Did::Hold(a())),
        call(3, 8, Did::MeetInBasket),
    ]);
}

#[test]
fn a_seat_that_was_sold_twice_is_caught() {
    let sold = |at, basket: Basket| {
        [
            call(at, at + 1, Did::Hold(basket.clone())),
            call(at + 2, at + 3, Did::CheckOut(basket.clone())),
            call(at + 4, at + 5, Did::Sell(basket)),
        ]
    };
    believed(&sold(0, a()));
    caught(&[sold(0, a()), sold(10, b())].concat());
    // At the very same time, too.
    caught(&[sold(0, a()), sold(0, b())].concat());
}

#[test]
fn a_hold_that_another_got_at_the_same_time_is_caught() {
    let both = [call(0, 10, Did::Hold(a())), call(5, 15, Did::Hold(b()))];
    caught(&both);
    believed(&[&both[..], &[call(6, 12, Did::Release(a()))]].concat());
    caught(&[&both[..], &[call(16, 20, Did::Release(a()))]].concat());
}

#[test]
fn an_acknowledged_order_that_was_lost_is_caught() {
    let order =
        [call(0, 1, Did::Hold(a())), call(2, 3, Did::CheckOut(a())), call(4, 5, Did::Sell(a()))];
    caught(&[&order[..], &[call(10, 11, Did::SeeAvailable)]].concat());
    caught(&[&order[..], &[call(10, 11, Did::Hold(b()))]].concat());
}

#[test]
fn an_acknowledged_hold_that_was_lost_is_caught() {
    caught(&[call(0, 1, Did::Hold(a())), call(2, 3, Did::SeeAvailable)]);
    caught(&[call(0, 1, Did::Hold(a())), call(2, 3, Did::Hold(b()))]);
}

#[test]
fn a_refusal_without_a_reason_is_caught() {
    caught(&[call(0, 1, Did::MeetInBasket), call(2, 3, Did::Hold(a()))]);
    caught(&[call(0, 1, Did::Hold(a())), call(2, 3, Did::MeetSold)]);
    caught(&[
        call(0, 1, Did::Hold(a())),
        call(2, 3, Did::Release(a())),
        call(4, 5, Did::MeetInBasket),
    ]);
}

#[test]
fn a_seat_cannot_be_given_back_by_somebody_else_or_twice() {
    caught(&[call(0, 1, Did::Hold(a())), call(2, 3, Did::Release(b()))]);
    let twice = [call(0, 1, Did::Hold(a())), call(2, 3, Did::Release(a()))];
    caught(&[&twice[..], &[call(4, 5, Did::Release(a()))]].concat());
}

#[test]
fn a_late_payment_sells_only_what_is_free() {
    let closed =
        [call(0, 1, Did::Hold(a())), call(2, 3, Did::CheckOut(a())), call(1, 9, Did::Expire(a()))];
    believed(&[&closed[..], &[call(10, 11, Did::SellLate(a()))]].concat());
    let taken = [call(10, 11, Did::Hold(b())), call(12, 13, Did::SellLate(a()))];
    caught(&[&closed[..], &taken[..]].concat());
}

#[test]
fn an_unknown_outcome_may_have_happened_or_not_but_not_before_it_was_asked() {
    let lost = unknown(5, Did::Hold(a()));
    believed(&[lost.clone(), call(10, 11, Did::MeetInBasket)]);
    believed(&[lost.clone(), call(10, 11, Did::Hold(b()))]);
    believed(&[lost.clone(), call(10, 11, Did::SeeAvailable), call(20, 21, Did::MeetInBasket)]);
    caught(&[lost.clone(), call(1, 2, Did::MeetInBasket)]);
    caught(&[lost, call(6, 7, Did::MeetInBasket), call(8, 9, Did::SeeAvailable)]);
}

#[test]
fn a_long_history_of_a_wanted_seat_is_checked_in_few_states() {
    let mut calls = Vec::new();
    for round in 0..500_u64 {
        let (at, basket) = (round * 100, round.to_string());
        calls.push(call(at, at + 40, Did::Hold(basket.clone())));
        calls.extend((0..8).map(|spread| call(at + spread, at + 90 + spread, Did::MeetInBasket)));
        calls.push(call(at + 50, at + 95, Did::Release(basket)));
    }
    let states = check(&calls).expect("it is true");
    assert!(states < 20_000, "{states} states");
    calls.push(call(60_000, 60_001, Did::MeetSold));
    caught(&calls);
}
