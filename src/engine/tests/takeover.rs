//! Two processes on one journal: what the second finds when the first is gone, slow, or done.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use stanchion_domain::change::Change;
use stanchion_domain::command::{Command, Hold, Item, Ops, OpsAction, Target};
use stanchion_domain::id::{BasketId, Number, PerformanceIndex, PriceIndex, RequestKey, SeatIndex};
use stanchion_domain::inventory::baskets::BasketState;
use tokio::sync::oneshot::Receiver;

use super::super::Engine;
use super::super::ask::{Answer, Declined};
use super::super::vigil::Waits;
use super::process::{LEASE_MS, Process};
use crate::clock::Hand;
use crate::journal::memory::lease::{SharedJournal, Step};
use crate::journal::{Head, Record};

/// Two processes of which the first writes a sale that is open.
struct Pair {
    shared: SharedJournal,
    hand: Arc<Hand>,
    one: Process,
    other: Process,
}

impl Pair {
    fn new() -> Self {
        let (shared, hand) = (SharedJournal::new(LEASE_MS.into()), Arc::new(Hand::default()));
        hand.pass_ms(1_000);
        let (one, other) =
            (Process::new("one", &shared, &hand), Process::new("other", &shared, &hand));
        let mut pair = Self { shared, hand, one, other };
        assert!(pair.one.take_over(&pair.hand), "nobody held the lease");
        let (actor, reason, action) = ("ada".to_owned(), String::new(), OpsAction::Open);
        pair.ask(Command::Ops(Ops { revision: 0, actor, reason, action }), 1).expect("it opens");
        pair
    }

    /// Asks the first, and waits for the answer.
    fn ask(&mut self, command: Command, key: u128) -> Answer {
        let mut answer = put(self.engine(), command, key);
        assert!(self.one.turn(), "the journal is well");
        answer.try_recv().expect("an answer")
    }

    fn engine(&self) -> &Engine {
        self.one.engine().expect("the first writes")
    }

    /// Somebody who is in the shop.
    fn shopper(&mut self) -> Number {
        let number = self.engine().join().expect("numbers are reserved");
        while self.engine().published().pass(number).is_none() {
            self.hand.pass_ms(50);
            assert!(self.one.turn(), "the journal is well");
            self.other.try_take();
        }
        self.ask(Command::Claim { number }, 1_000 + u128::from(number.0)).expect("their turn");
        number
    }
}

fn put(engine: &Engine, command: Command, key: u128) -> Receiver<Answer> {
    engine.put(command, Some(RequestKey { key, body: key as u64 })).expect("it is taken")
}

fn hold(pass: Number, seat: u32) -> Command {
    let (performance, price) = (PerformanceIndex(1), PriceIndex(0));
    let items = vec![Item::Seat { performance, seat: SeatIndex(seat), price }];
    let basket = Target::New(BasketId(u128::from(seat)));
    Command::Hold(Hold { pass, basket, items, entitled: false })
}

fn records(process: &Process) -> Vec<Record> {
    let mut records = Vec::new();
    let read = process.history().read_from(1, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    });
    read.expect("the journal is whole");
    records
}

#[test]
fn a_takeover_in_the_rush_finds_places_baskets_orders_and_sale_time_as_they_were() {
    let mut pair = Pair::new();
    let (buyer, holder) = (pair.shopper(), pair.shopper());
    let waiting = pair.engine().join().expect("a number");
    pair.ask(hold(buyer, 1), 11).expect("a free seat");
    pair.ask(Command::CheckOut { pass: buyer, basket: BasketId(1) }, 12).expect("their basket");
    let confirm = Command::Confirm { basket: BasketId(1), payment: "paid".to_owned() };
    pair.ask(confirm, 13).expect("it is paid");
    let held = pair.ask(hold(holder, 2), 14).expect("a free seat");
    let before = pair.engine().published().clone();
    let last = records(&pair.one).pop().expect("there are records").decided.now.sale;

    assert!(!pair.other.try_take(), "the first is alive");
    assert_eq!(pair.other.waits(), Waits::ForHolder { holder: "one".to_owned() });
    assert!(pair.other.take_over(&pair.hand), "the first is silent");

    let engine = pair.other.engine().expect("the second writes").clone();
    let after = engine.published();
    assert_eq!(after.now().sale, last, "the time of the outage is not counted");
    assert_eq!(after.desk().operations, before.desk().operations);
    assert_eq!(
        after.pass(buyer).map(|view| view.pass.state),
        before.pass(buyer).map(|view| view.pass.state)
    );
    assert_eq!(after.pass(holder).map(|view| view.basket), Some(Some(BasketId(2))));
    let order = after.basket(BasketId(1)).expect("the order");
    assert!(matches!(order.state, BasketState::Confirmed { .. }), "{order:?}");
    let (had, has) = (before.basket(BasketId(2)), after.basket(BasketId(2)));
    let (had, has) = (had.expect("a basket"), has.expect("the same basket"));
    assert!(has.deadline_at >= had.deadline_at, "an outage takes no time from a basket");
    assert!(
        after.places.standing(waiting).position() <= before.places.standing(waiting).position()
    );
    assert!(engine.join().expect("a number") > waiting, "no number twice");

    // The same request is answered the same; the seats are nobody else's.
    let mut again = put(&engine, hold(holder, 2), 14);
    let mut refused = put(&engine, hold(buyer, 2), 15);
    assert!(pair.other.turn());
    let again = again.try_recv().expect("an answer").expect("it was held");
    assert!(again.again && again.change == held.change);
    let refused = refused.try_recv().expect("an answer");
    assert!(matches!(refused, Err(Declined::Refused(_))), "{refused:?}");
}

#[test]
fn a_deposed_writer_acknowledges_nothing_and_ends() {
    let mut pair = Pair::new();
    let pass = pair.shopper();
    let former = pair.engine().clone();
    assert!(pair.other.take_over(&pair.hand), "the first is silent");
    let newest = records(&pair.other).len();
    let mut answer = put(&former, hold(pass, 3), 21);
    assert!(!pair.one.turn(), "it has to end");
    assert_eq!(answer.try_recv().expect("an answer"), Err(Declined::Down));
    assert_eq!(records(&pair.other).len(), newest, "nothing of it is in");
    assert!(!pair.one.turn(), "told once");
    pair.one.crash();
    assert!(!pair.one.try_take(), "the second is alive");
}

#[test]
fn a_hand_over_answers_everybody_loses_nothing_and_takes_no_time() {
    let mut pair = Pair::new();
    let pass = pair.shopper();
    let mut asked: Vec<_> =
        (0..4).map(|seat| put(pair.engine(), hold(pass, seat), 30 + u128::from(seat))).collect();
    let before_ms = pair.engine().published().now().sale;
    let former = pair.one.hand_over();
    let answers: Vec<_> =
        asked.iter_mut().map(|one| one.try_recv().expect("everybody is answered")).collect();
    assert!(answers[0].is_ok(), "{answers:?}");
    let late = former.put(hold(pass, 5), None).expect_err("it is closed");
    assert_eq!((late, former.join()), (Declined::Stopping, None));
    assert!(
        matches!(
            records(&pair.one).pop().map(|last| last.decided.change),
            Some(Change::Marked { .. })
        ),
        "the last mark is left"
    );

    assert!(pair.other.try_take() && pair.other.begin(), "the lease was given up");
    let engine = pair.other.engine().expect("the second writes");
    for answer in answers.into_iter().flatten() {
        let Change::Held(held) = answer.change else { panic!("{answer:?}") };
        assert!(engine.published().basket(held.basket).is_some(), "what was acknowledged is there");
    }
    assert!(engine.published().now().sale >= before_ms);
}

#[test]
fn a_journal_that_is_short_waits_for_an_operator_and_then_goes_on_without_what_is_lost() {
    let mut pair = Pair::new();
    let pass = pair.shopper();
    pair.ask(hold(pass, 6), 41).expect("a free seat");
    assert!(!pair.other.try_take(), "it follows");
    let seen = records(&pair.one).pop().expect("there are records");
    pair.one.crash();
    pair.shared.go_back(seen.sequence - 1);
    assert!(!pair.other.accept_loss(), "nothing is known to be lost");
    assert!(!pair.other.take_over(&pair.hand), "it would lose a record");
    let newest = Head { sequence: seen.sequence - 1, epoch: seen.epoch };
    let seen = Head { sequence: seen.sequence, epoch: seen.epoch };
    assert_eq!(pair.other.waits(), Waits::ForOperator { newest, seen });
    assert!(pair.other.accept_loss());
    assert!(pair.other.try_take() && pair.other.begin(), "somebody decided");
    let engine = pair.other.engine().expect("the second writes");
    assert!(engine.published().basket(BasketId(6)).is_none(), "what is lost is not made up");
    assert_eq!(engine.published().sequence(), records(&pair.other).len() as u64);
}

#[test]
fn a_former_holder_that_is_faster_by_a_record_is_caught_up_with() {
    let mut pair = Pair::new();
    let pass = pair.shopper();
    assert!(!pair.other.try_take());
    pair.hand.pass_ms(LEASE_MS);
    assert!(pair.other.try_take(), "the first was silent");
    let mut answer = put(pair.engine(), hold(pass, 7), 51);
    let one = Arc::new(Mutex::new(pair.one));
    let faster = one.clone();
    pair.shared.come_between(Box::new(move |step| {
        if step == Step::Asked {
            // Its lease is looked at once a second, and was a moment ago.
            faster.lock().expect("one thread").turn();
        }
        Ok(())
    }));
    assert!(pair.other.begin(), "it tries again");
    pair.shared.leave_alone();
    let acknowledged = answer.try_recv().expect("an answer");
    let engine = pair.other.engine().expect("the second writes");
    let there = engine.published().basket(BasketId(7)).is_some();
    assert_eq!(there, acknowledged.is_ok(), "{acknowledged:?}");
}

#[test]
fn whoever_followed_a_journal_that_went_another_way_reads_it_anew() {
    let mut pair = Pair::new();
    let pass = pair.shopper();
    pair.ask(hold(pass, 8), 61).expect("a free seat");
    assert!(!pair.other.try_take(), "it follows");
    let seen = records(&pair.one).len() as u64;
    pair.one.crash();
    pair.shared.go_back(seen - 1);
    // A third decides that the loss is accepted, and writes on.
    let mut third = Process::new("third", &pair.shared, &pair.hand);
    assert!(third.take_over(&pair.hand), "it has seen nothing");
    while (records(&third).len() as u64) < seen + 5 {
        pair.hand.pass_ms(1_000);
        assert!(third.turn());
    }
    assert!(!pair.other.try_take(), "the third is alive");
    third.hand_over();
    assert!(pair.other.try_take() && pair.other.begin());
    let engine = pair.other.engine().expect("the second writes");
    assert!(engine.published().basket(BasketId(8)).is_none(), "it was lost before");
}

#[test]
fn a_follower_that_was_overtaken_by_trimming_goes_on_from_the_snapshot() {
    let mut pair = Pair::new();
    assert!(!pair.other.try_take(), "it follows");
    let followed = records(&pair.one).len() as u64;
    let pass = pair.engine().join().expect("a number");
    for _ in 0..2 {
        for _ in 0..20 {
            pair.hand.pass_ms(1_000);
            assert!(pair.one.turn(), "the journal is well");
        }
        pair.one.snapshot();
    }
    let oldest = pair.one.history().oldest().expect("memory");
    assert!(oldest > followed, "the record that follows {followed} is gone: {oldest}");
    assert!(!pair.other.try_take(), "the first is alive");
    pair.one.hand_over();
    assert!(pair.other.try_take() && pair.other.begin());
    let engine = pair.other.engine().expect("the second writes");
    assert!(engine.join().expect("a number") > pass, "what the snapshot held is known");
    assert_eq!(engine.published().epoch(), 2);
}
