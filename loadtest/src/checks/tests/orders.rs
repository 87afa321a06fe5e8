//! Orders: lost, refused, paid twice.

use super::*;

fn a() -> [Unit; 1] {
    [seat("A-1")]
}

#[test]
fn an_order_is_confirmed_whenever_it_is_looked_at_later() {
    let look = |state, units: &[Unit]| {
        vec![by(1, (10, 20), ordered("b1", &a())), by(1, (30, 40), seen("b1", state, units))]
    };
    kept("acknowledged", look("confirmed", &a()));
    for (state, units) in [
        ("released", &a()[..]),
        ("not_found", &[]),
        ("confirmed", &[]),
        ("confirmed", &[seat("B")]),
    ] {
        broken("acknowledged", look(state, units));
    }
    let crossing =
        vec![by(1, (10, 20), ordered("b1", &a())), by(1, (15, 40), seen("b1", "paying", &a()))];
    kept("acknowledged", crossing);
}

#[test]
fn what_is_held_is_in_the_basket_until_something_may_have_taken_it_out() {
    let look = |asked_ms| {
        vec![
            by(1, (10, 20), held("b1", 1, &a())),
            by(1, (21, 22), what_held("b1", 1, ("2", 60_000), &[seat("A-2")])),
            by(1, (asked_ms, asked_ms + 10), seen("b1", "open", &[seat("A-2")])),
        ]
    };
    broken("acknowledged", look(30));
    let hold = |times| {
        by(1, times, What::Released { basket: "b1".to_owned(), hold: Some("1".to_owned()) })
    };
    kept("acknowledged", [look(30), vec![hold((35, 50))]].concat());
    let still = vec![
        by(1, (10, 20), held("b1", 1, &a())),
        hold((30, 40)),
        by(1, (50, 60), seen("b1", "open", &a())),
    ];
    broken("acknowledged", still);
    let alive = vec![
        by(1, (10, 20), held("b1", 1, &a())),
        by(1, (30, 40), released("b1")),
        by(1, (50, 60), seen("b1", "open", &a())),
    ];
    broken("acknowledged", alive);
}

#[test]
fn the_board_never_counts_fewer_sold_than_before_or_than_were_acknowledged_long_ago() {
    let read = |at_ms, version, sold| {
        let board = board(version, counts(9, 0, 0, sold));
        told(Who::Observer, (at_ms, at_ms + 1), What::Board(board))
    };
    let sold = by(1, (10, 20), ordered("b1", &a()));
    kept("acknowledged", vec![sold.clone(), read(1_000, 1, 0)]);
    broken("acknowledged", vec![sold.clone(), read(10_000, 1, 0)]);
    let overview = What::Desk(board(0, counts(9, 0, 0, 0)));
    let overview = told(Who::Observer, (10_000, 10_001), overview);
    broken("acknowledged", vec![sold.clone(), overview]);
    // A stream's head that was read long after it was written.
    let late = Told { asked_us: 0, ..read(10_000, 1, 0) };
    kept("acknowledged", vec![late, sold.clone()]);
    broken("acknowledged", vec![read(10, 7, 3), read(50, 8, 2)]);
    // An older board that came by another way.
    kept("acknowledged", vec![read(10, 8, 3), read(50, 7, 2)]);
    // It stood still meanwhile.
    let still = vec![fault(500, Fault::Stopped), fault(9_500, Fault::Continued)];
    kept("acknowledged", [vec![sold, read(10_000, 1, 0)], still].concat());
}

#[test]
fn a_queue_number_is_one_visitors_for_good() {
    let joined = |visitor, number| by(visitor, (10, 20), What::Joined { number });
    kept("acknowledged", vec![joined(1, 1), joined(2, 2), joined(1, 1)]);
    broken("acknowledged", vec![joined(1, 1), joined(2, 1)]);
    broken("acknowledged", vec![joined(1, 1), by(1, (30, 40), place(5, "waiting", None))]);
    // A second place of which the answer was lost.
    let attempt = crate::history::Attempt::Other { number: None };
    let second =
        vec![joined(1, 1), lost(1, 25, attempt), by(1, (30, 40), place(5, "waiting", None))];
    kept("acknowledged", second);
}

#[test]
fn one_key_has_one_outcome() {
    let twice = |second: What| vec![by(1, (10, 20), ordered("b1", &a())), by(1, (30, 40), second)];
    kept("retry", twice(ordered("b1", &a())));
    broken("retry", twice(What::Ordered(order("b2", "key-b1", &a()))));
    broken("retry", twice(What::Ordered(order("b1", "key-b1", &[seat("A-2")]))));
    let refused =
        |code: &str| What::OrderRefused { basket: "b1".to_owned(), code: code.to_owned() };
    broken("retry", twice(refused("seat_lost")));
    kept("retry", twice(refused("wrong_state")));
    // Nobody was told of an order, and there is one.
    let found = |state: &str, code: &str| {
        let seen = by(1, (50, 60), seen("b1", state, &a()));
        let known = by(2, (1, 2), ordered("b2", &[seat("A-2")]));
        vec![known, by(1, (30, 40), refused(code)), seen]
    };
    broken("retry", found("confirmed", "seat_lost"));
    kept("retry", found("payment_lost", "seat_lost"));
    kept("retry", found("confirmed", "wrong_state"));
}
