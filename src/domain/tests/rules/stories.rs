//! What a reader of the rules would ask, told one by one. The naive model listens.

use crate::support::{definition, pool, shared};
use crate::world::World;
use stanchion_domain::board::trigger::{Condition, Deed, Scope, Trigger};
use stanchion_domain::change::{Change, Taken};
use stanchion_domain::command::{
    BestAvailable, Command, Hold, Item, Ops, OpsAction, Target, Units,
};
use stanchion_domain::id::{
    BasketId, Number, PerformanceIndex, PoolIndex, PriceIndex, RequestKey, SeatIndex, SectionIndex,
    ZoneIndex,
};
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::sale::Outcome;
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::time::{SaleTime, Span};
use std::sync::Arc;

const FRIDAY: PerformanceIndex = PerformanceIndex(0);
const SATURDAY: PerformanceIndex = PerformanceIndex(1);
const PRICE: PriceIndex = PriceIndex(0);

/// A sale with so many shoppers, numbered from 0.
fn shoppers(shoppers: u32) -> World {
    let mut world = World::opened();
    (0..shoppers).for_each(|_| world.join());
    world.settle();
    for number in (0..shoppers).map(Number) {
        world.ask(None, &Command::Claim { number }).expect("called");
    }
    world
}

fn hold(world: &mut World, pass: u32, id: u128, items: Vec<Item>) -> Result<Outcome, Refusal> {
    let live = world.naive.live_basket_of(pass) == Some(id);
    let id = BasketId(id);
    let basket = if live { Target::Live(id) } else { Target::New(id) };
    world.ask(None, &Command::Hold(Hold { pass: Number(pass), basket, items, entitled: false }))
}

fn seat(seat: u32) -> Item {
    Item::Seat { performance: SATURDAY, seat: SeatIndex(seat), price: PRICE }
}

fn floor(units: u32) -> Item {
    Item::Pool { performance: FRIDAY, pool: PoolIndex(0), price: PRICE, units }
}

fn best(zone: Option<u16>, section: Option<u16>) -> Item {
    Item::BestAvailable(BestAvailable {
        performance: SATURDAY,
        seats: 1,
        accessible: 0,
        zone: zone.map(ZoneIndex),
        section: section.map(SectionIndex),
        price: PRICE,
    })
}

fn check_out(world: &mut World, pass: u32, id: u128) {
    let (pass, basket) = (Number(pass), BasketId(id));
    world.ask(None, &Command::CheckOut { pass, basket }).expect("it is open");
}

fn pay(world: &mut World, id: u128) -> Result<Outcome, Refusal> {
    let (basket, payment) = (BasketId(id), format!("paid-{id}"));
    world.ask(None, &Command::Confirm { basket, payment })
}

fn code(answer: Result<Outcome, Refusal>) -> Code {
    answer.expect_err("it is refused").code
}

#[test]
fn who_was_silent_too_long_goes_with_their_basket_and_who_was_not_stays() {
    let mut world = shoppers(2);
    for (pass, id) in [(0, 1), (1, 2)] {
        hold(&mut world, pass, id, vec![seat(pass)]).expect("free");
        check_out(&mut world, pass, id);
    }
    world.pass(Span(30_000));
    world.see(Number(1));
    world.pass(Span(20_001));
    world.settle();
    assert_eq!(world.sale.passes().active(), 2, "the baskets ran out after 50 s, nobody is idle");
    world.pass(Span(10_000));
    world.settle();
    assert!(world.sale.passes().get(Number(0)).is_none(), "silent since they came, 60 s ago");
    world.pass(Span(29_999));
    world.settle();
    assert!(world.sale.passes().get(Number(1)).is_some(), "seen 60 s ago");
    world.pass(Span(1));
    world.settle();
    assert!(world.sale.passes().is_empty());
}

#[test]
fn a_shopper_whose_basket_is_paid_has_the_whole_idle_span() {
    let mut world = shoppers(1);
    hold(&mut world, 0, 1, vec![seat(0)]).expect("free");
    check_out(&mut world, 0, 1);
    world.pass(Span(50_000));
    world.settle();
    pay(&mut world, 1).expect("in time, at the very deadline");
    world.pass(Span(60_000));
    world.settle();
    assert_eq!(world.sale.passes().active(), 1, "60 s after the order, not after the last poll");
    world.pass(Span(1));
    world.settle();
    assert_eq!(world.sale.passes().active(), 0);
}

#[test]
fn an_order_that_was_taken_back_counts_against_no_limit() {
    let mut world = shoppers(1);
    hold(&mut world, 0, 1, vec![floor(4)]).expect("free");
    check_out(&mut world, 0, 1);
    pay(&mut world, 1).expect("paid");
    let refused = code(hold(&mut world, 0, 2, vec![floor(1), seat(0), seat(1)]));
    assert_eq!(refused, Code::LimitReached { limit: "visitor_units", most: 6 });
    world.operate(OpsAction::CancelOrder(BasketId(1)));
    hold(&mut world, 0, 2, vec![floor(1), seat(0), seat(1)]).expect("nothing is bought any more");
}

#[test]
fn who_is_let_in_again_has_bought_what_they_bought() {
    let mut world = shoppers(1);
    hold(&mut world, 0, 1, vec![floor(4)]).expect("free");
    check_out(&mut world, 0, 1);
    pay(&mut world, 1).expect("paid");
    let number = Number(0);
    world.ask(None, &Command::Leave { number }).expect("they go");
    world.operate(OpsAction::RestorePlace(number));
    world.see(number);
    world.settle();
    world.ask(None, &Command::Claim { number }).expect("they were called again");
    let refused = code(hold(&mut world, 0, 2, vec![floor(1), seat(0), seat(1)]));
    assert_eq!(refused, Code::LimitReached { limit: "visitor_units", most: 6 });
    world.operate(OpsAction::CancelOrder(BasketId(1)));
    hold(&mut world, 0, 2, vec![floor(1), seat(0), seat(1)]).expect("nothing is bought any more");
    world.restart(true);
    world.check();
}

#[test]
fn more_time_for_one_basket_is_for_that_one_alone() {
    let mut world = shoppers(2);
    hold(&mut world, 0, 1, vec![seat(0)]).expect("free");
    hold(&mut world, 1, 2, vec![seat(1)]).expect("free");
    let deadline = |world: &World, basket| {
        world.sale.baskets().by_id(BasketId(basket)).expect("it is kept").deadline_at
    };
    let before = deadline(&world, 1);
    assert_eq!(before, deadline(&world, 2));
    world.operate(OpsAction::ExtendBasket { basket: BasketId(1), span: Span(5_000) });
    assert_eq!((deadline(&world, 1), deadline(&world, 2)), (before.after(Span(5_000)), before));
}

#[test]
fn two_items_of_one_request_cannot_take_the_same_units() {
    let mut world = shoppers(2);
    hold(&mut world, 0, 1, vec![floor(4)]).expect("six are free");
    let refused = hold(&mut world, 1, 2, vec![floor(1), floor(2)]).expect_err("two are left");
    assert_eq!((refused.code, refused.item), (Code::NoBlock, Some(1)));
    assert_eq!(world.sale.stock().performance(FRIDAY).total().held, 4, "all or nothing");
    hold(&mut world, 1, 2, vec![floor(1), floor(1)]).expect("one and one are two");
}

#[test]
fn a_wish_is_refused_for_the_seats_it_looked_among_alone() {
    let mut world = shoppers(3);
    for (pass, id, first) in [(0, 1, 16), (1, 2, 20)] {
        hold(&mut world, pass, id, (first..first + 4).map(seat).collect()).expect("free");
        check_out(&mut world, pass, id);
    }
    let circle = |world: &mut World| code(hold(world, 2, 3, vec![best(None, Some(1))]));
    assert_eq!(circle(&mut world), Code::InBaskets { first_return_at: None });
    pay(&mut world, 1).expect("paid");
    pay(&mut world, 2).expect("paid");
    assert_eq!(circle(&mut world), Code::SoldOut, "the stalls and the balcony are free");
    assert_eq!(
        code(hold(&mut world, 2, 3, vec![best(Some(9), None)])),
        Code::NotFound { what: "zone" }
    );
    let refused = code(hold(&mut world, 2, 3, vec![best(None, Some(9))]));
    assert_eq!(refused, Code::NotFound { what: "section" });
}

#[test]
fn a_seat_in_a_basket_says_when_it_may_come_back() {
    let mut world = shoppers(2);
    hold(&mut world, 0, 1, vec![seat(0)]).expect("free");
    let first_return_at = Some(SaleTime(40_000));
    assert_eq!(code(hold(&mut world, 1, 2, vec![seat(0)])), Code::InBaskets { first_return_at });
}

#[test]
fn a_late_payment_takes_the_same_seats_or_none() {
    let mut world = shoppers(2);
    hold(&mut world, 0, 1, vec![seat(0), floor(3)]).expect("free");
    check_out(&mut world, 0, 1);
    world.pass(Span(50_001));
    world.see(Number(0));
    world.see(Number(1));
    world.settle();
    hold(&mut world, 1, 2, vec![floor(4)]).expect("they are free again");
    let lost = pay(&mut world, 1).expect("decided");
    assert!(matches!(lost, Outcome::New(Change::PaymentLost { .. })), "the floor is gone");
    assert_eq!(world.sale.stock().performance(SATURDAY).total().sold, 0, "never partial");
    let again = pay(&mut world, 1).expect("decided");
    assert!(matches!(again, Outcome::Again(Change::PaymentLost { .. })), "the same answer");
}

#[test]
fn a_late_payment_takes_what_was_the_house_s_and_is_on_public_sale_now() {
    let mut world = shoppers(1);
    let (pass, basket) = (Number(0), BasketId(1));
    let bar = Item::Pool { performance: FRIDAY, pool: PoolIndex(1), price: PRICE, units: 2 };
    let public = Item::Pool { performance: FRIDAY, pool: PoolIndex(1), price: PRICE, units: 1 };
    let at_bar = |units| Units::Pool { performance: FRIDAY, pool: PoolIndex(1), units };
    // All that is on public sale is withheld, so that the two come from the house.
    world.operate(OpsAction::Withhold { what: at_bar(2), kind: Withheld::Killed });
    let items = vec![seat(6), bar];
    let wanted = Hold { pass, basket: Target::New(basket), items, entitled: true };
    world.ask(None, &Command::Hold(wanted)).expect("the house's own");
    check_out(&mut world, 0, 1);
    world.pass(Span(50_001));
    world.see(pass);
    world.settle();
    // Killed ones come back first: then one unit is the house's, and three are for everybody.
    world.operate(OpsAction::Restore { what: at_bar(3) });
    let seats = vec![SeatIndex(6)];
    world.operate(OpsAction::Restore { what: Units::Seats { performance: SATURDAY, seats } });
    let paid = pay(&mut world, 1).expect("decided");
    let payment = "paid-1".to_owned();
    assert_eq!(paid, Outcome::New(Change::Confirmed { basket, payment, late: true }));
    world.check();
    // The record does not say this: every replay has to work it out alike.
    let order = world.sale.baskets().by_id(basket).expect("it is an order");
    let from: Vec<_> = order.lines().map(|line| (line.what, line.house)).collect();
    let bar_of = |house| (Taken::Pool(PoolIndex(1), 1), house);
    assert_eq!(from, [(Taken::Seat(SeatIndex(6)), false), bar_of(true), bar_of(false)]);
    hold(&mut world, 0, 2, vec![public.clone(), public]).expect("two are for everybody");
    world.operate(OpsAction::CancelOrder(basket));
    let front = world.sale.stock().performance(SATURDAY).zone(ZoneIndex(0));
    assert_eq!(front.withheld, 1, "the seat goes back on public sale, not to the house");
    world.check_replay();
    world.check();
}

#[test]
fn a_payment_that_comes_again_under_another_key_has_its_first_answer_for_good() {
    let mut world = shoppers(1);
    hold(&mut world, 0, 1, vec![seat(0)]).expect("free");
    check_out(&mut world, 0, 1);
    world.pass(Span(50_001));
    world.see(Number(0));
    world.settle();
    let basket = BasketId(1);
    let told = |payment: &str| Command::Confirm { basket, payment: payment.to_owned() };
    let key = |key, body| Some(RequestKey { key, body });
    let first = world.ask(key(1, 10), &told("paid")).expect("it is free");
    let answer = Change::Confirmed { basket, payment: "paid".to_owned(), late: true };
    assert_eq!(first, Outcome::New(answer.clone()));
    let record = Change::PaymentRepeated { basket };
    let other_key = world.ask(key(2, 10), &told("paid")).expect("it is known");
    assert_eq!(other_key, Outcome::Repeated { record, answer: answer.clone() });
    let other_body = code(world.ask(key(2, 11), &told("twice")));
    assert_eq!(other_body, Code::KeyReused, "one key, one body");
    world.operate(OpsAction::CancelOrder(basket));
    world.restart(true);
    for retried in [1, 2] {
        let again = world.ask(key(retried, 10), &told("paid")).expect("it is remembered");
        assert_eq!(again, Outcome::Again(answer.clone()), "whatever became of the order");
    }
    let refused = code(world.ask(key(3, 10), &told("paid")));
    assert_eq!(refused, Code::WrongState { state: "cancelled" });
    world.check_replay();
}

#[test]
fn a_turn_that_is_taken_again_under_another_key_costs_no_record() {
    let mut world = shoppers(1);
    let number = Number(0);
    let request = Some(RequestKey { key: 1, body: 1 });
    let again = world.ask(request, &Command::Claim { number }).expect("it is theirs");
    assert_eq!(again, Outcome::Again(Change::Claimed { number }));
    assert!(world.sale.answers().is_empty(), "what is asked is the number, and nothing else");
}

#[test]
fn a_closed_basket_is_known_after_a_restart_from_a_snapshot() {
    let mut world = shoppers(1);
    hold(&mut world, 0, 1, vec![seat(0)]).expect("free");
    world.pass(Span(40_001));
    world.see(Number(0));
    world.settle();
    world.restart(true);
    let (pass, basket) = (Number(0), BasketId(1));
    assert_eq!(code(world.ask(None, &Command::CheckOut { pass, basket })), Code::Expired);
    let reused = code(hold(&mut world, 0, 1, vec![seat(1)]));
    assert_eq!(reused, Code::Invalid { what: "basket id" });
}

#[test]
fn a_pool_that_is_added_empty_is_on_the_board_at_once() {
    let mut world = World::opened();
    let mut more = definition();
    more.performances[2].pools.push(pool("late", 2, 0, 0));
    world.sale.take_changed();
    world.operate(OpsAction::Redefine(Arc::new(more)));
    assert_eq!(world.sale.take_changed(), [PerformanceIndex(2)]);
    world.check();
}

#[test]
fn a_definition_that_would_stop_the_process_is_refused() {
    let world = World::opened();
    let check = |code: Code, distort: fn(&mut stanchion_domain::sale::definition::Definition)| {
        let mut new = definition();
        distort(&mut new);
        let (actor, reason) = ("ada".to_owned(), String::new());
        let action = OpsAction::Redefine(Arc::new(new));
        let ops = Ops { revision: world.naive.revision, actor, reason, action };
        let refused = world.sale.decide(world.now, None, &Command::Ops(ops));
        assert_eq!(refused.expect_err("it is refused").code, code);
    };
    check(Code::NotFound { what: "trigger scope" }, |new| {
        new.triggers.push(Trigger {
            id: "nowhere".to_owned(),
            scope: Scope::Performance(PerformanceIndex(3)),
            condition: Condition::AvailableAtMost(9),
            deeds: vec![Deed::StopCalling],
        });
    });
    check(Code::LimitReached { limit: "cap", most: 100_000 }, |new| new.policy.cap = 100_001);
    check(Code::Invalid { what: "performances are never removed" }, |new| {
        new.performances.pop();
    });
    check(Code::Invalid { what: "a price is too high" }, |new| {
        new.zones[0].prices[0].amount_minor = u64::MAX;
    });
    assert_eq!(**world.sale.definition(), *shared(), "nothing was taken up");
}
