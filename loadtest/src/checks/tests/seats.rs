//! Seats: sold twice, held twice, given back.

use super::*;
use crate::history::Attempt;

fn a() -> [Unit; 1] {
    [seat("A-1")]
}

/// Two baskets take one seat; what is between them is told by each test.
fn one_after_the_other(between: Vec<Told>) -> Vec<Told> {
    let mut history =
        vec![by(1, (100, 110), held("b1", 1, &a())), by(2, (500, 510), held("b2", 2, &a()))];
    history.extend(between);
    history
}

#[test]
fn a_seat_in_two_orders_is_sold_twice() {
    let twice = || vec![by(1, (10, 20), ordered("b1", &a())), by(2, (30, 40), ordered("b2", &a()))];
    broken("seat-twice", twice());
    let undone = told(Who::Staff, (25, 26), changed("cancel_order", None));
    kept("seat-twice", [twice(), vec![undone]].concat());
    let again = vec![by(1, (10, 20), ordered("b1", &a())), by(1, (30, 40), ordered("b1", &a()))];
    kept("seat-twice", again);
}

#[test]
fn a_pool_holds_no_more_than_its_zone() {
    let zone = ("floor".to_owned(), counts(5, 0, 0, 0));
    let yard = Performance {
        id: "yard".to_owned(),
        status: "on_sale".to_owned(),
        counts: zone.1,
        zones: vec![zone],
    };
    let pool = told(Who::Observer, (0, 1), shown(1, yard));
    let holds = |second: (u64, u64)| {
        vec![
            pool.clone(),
            by(1, (100, 110), held("b1", 1, &[standing(3)])),
            by(1, (200, 210), released("b1")),
            by(2, second, held("b2", 2, &[standing(3)])),
        ]
    };
    broken("seat-twice", holds((120, 130)));
    // It may have been taken after the other was given back.
    kept("seat-twice", holds((120, 205)));
}

#[test]
fn a_seat_that_somebody_surely_has_cannot_be_taken() {
    broken("seat-history", one_after_the_other(Vec::new()));
}

#[test]
fn whatever_may_have_freed_a_seat_explains_that_it_is_taken_again() {
    let basket = "b1".to_owned();
    let frees = [
        by(1, (200, 210), released("b1")),
        // Still on the way when the other was given it.
        by(1, (505, 900), released("b1")),
        lost(1, 200, Attempt::Release { basket, hold: None }),
        by(1, (200, 210), What::Left { number: 1 }),
        lost(1, 200, Attempt::Other { number: Some(1) }),
        told(Who::Staff, (200, 210), changed("end_pass", None)),
        told(Who::Staff, (200, 210), changed("something_new", None)),
    ];
    for freed in frees {
        kept("seat-history", one_after_the_other(vec![freed]));
    }
}

#[test]
fn a_basket_frees_its_seat_when_its_time_may_be_up_and_not_before() {
    let expires = |left_ms| {
        vec![
            by(1, (100, 110), what_held("b1", 1, ("1", left_ms), &a())),
            by(2, (10_500, 10_510), held("b2", 2, &a())),
        ]
    };
    kept("seat-history", expires(10_000));
    broken("seat-history", expires(20_000));
}

#[test]
fn a_basket_that_was_seen_later_cannot_have_been_over() {
    let had = |state| {
        vec![
            by(1, (100, 110), what_held("b1", 1, ("1", 3_000), &a())),
            by(2, (20_000, 20_010), held("b2", 2, &a())),
            by(1, (30_000, 30_010), seen("b1", state, &a())),
        ]
    };
    broken("seat-history", had("paying"));
    kept("seat-history", had("expired"));
}

#[test]
fn a_seat_in_an_order_of_a_lost_answer_is_not_free() {
    let attempt = Attempt::Order { basket: "b1".to_owned(), key: "k".to_owned() };
    let lost_order = |state, units: &[Unit]| {
        vec![
            by(1, (100, 110), held("b1", 1, &a())),
            lost(1, 200, attempt.clone()),
            by(1, (300, 310), seen("b1", state, units)),
            by(2, (500, 510), held("b2", 2, &a())),
        ]
    };
    broken("seat-history", lost_order("confirmed", &a()));
    let given_back = by(1, (210, 220), released("b1"));
    kept("seat-history", [lost_order("released", &a()), vec![given_back]].concat());
}

#[test]
fn a_late_payment_takes_only_a_seat_that_is_free() {
    let late = |frees: bool| {
        let order = Order { late: true, ..order("b1", "k", &a()) };
        let mut history = vec![
            by(1, (100, 110), what_held("b1", 1, ("1", 3_000), &a())),
            by(2, (9_000, 9_010), held("b2", 2, &a())),
            by(1, (20_000, 20_010), What::Ordered(order)),
        ];
        if frees {
            history.push(by(2, (15_000, 15_010), released("b2")));
        }
        history
    };
    broken("seat-history", late(false));
    kept("seat-history", late(true));
}

#[test]
fn a_hold_of_which_the_answer_was_lost_may_have_been_made() {
    let seats = vec!["A-1".to_owned()];
    let attempt = Attempt::Hold { performance: "hall".to_owned(), seats };
    let again = vec![
        by(1, (100, 110), held("b1", 1, &a())),
        by(1, (200, 210), What::Released { basket: "b1".to_owned(), hold: Some("1".to_owned()) }),
        by(1, (500, 510), seen("b1", "open", &a())),
    ];
    broken("seat-history", again.clone());
    kept("seat-history", [again, vec![lost(1, 300, attempt)]].concat());
}

#[test]
fn many_sights_at_once_hide_no_lie_and_make_none() {
    let sights = |state: &'static str| {
        (0..200).map(move |who| by(who + 10, (1_000, 2_000), seen(&format!("b{who}"), state, &a())))
    };
    let turns = |who: u64| {
        let (basket, at_ms) = (format!("b{who}"), who * 4 + 1);
        let visitor = who as u32;
        [
            by(visitor, (at_ms, at_ms + 1), held(&basket, who, &a())),
            by(visitor, (at_ms + 2, at_ms + 3), released(&basket)),
        ]
    };
    let history: Vec<Told> = (0..200).flat_map(turns).chain(sights("released")).collect();
    kept("seat-history", history.clone());
    let two = [held("x", 900, &a()), held("y", 901, &a())];
    let lie = two.map(|what| by(9, (1_400, 1_600), what));
    broken("seat-history", [history, lie.to_vec()].concat());
}

#[test]
fn an_answered_checkout_may_be_the_echo_of_one_before_and_proves_no_life() {
    let stalls = told(Who::Observer, (0, 1), shown(1, hall("low", counts(1, 0, 0, 0))));
    let echo = What::CheckedOut { basket: "b1".to_owned(), expires_in_ms: None };
    let history = |echo: What| {
        vec![
            stalls.clone(),
            by(1, (100, 110), what_held("b1", 1, ("1", 3_000), &a())),
            by(2, (9_000, 9_010), held("b2", 2, &a())),
            by(1, (12_000, 12_010), echo),
        ]
    };
    kept("seat-twice", history(echo));
    broken("seat-twice", history(seen("b1", "paying", &a())));
}
