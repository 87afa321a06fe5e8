use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::clock::Hand;
use crate::journal::faulty::dice::Dice;
use crate::journal::tests::samples::batch;

const LEASE_MS: u64 = 3_000;

struct Two {
    shared: SharedJournal,
    hand: Arc<Hand>,
    one: Box<dyn Lease>,
    other: Box<dyn Lease>,
}

fn two() -> Two {
    let (shared, hand) = (SharedJournal::new(LEASE_MS), Arc::new(Hand::default()));
    let lease = |name| shared.lease(name, Clock::by_hand(hand.clone()));
    Two { one: lease("one"), other: lease("other"), hand, shared }
}

fn taken(lease: &mut Box<dyn Lease>, seen: Head) -> Box<dyn Journal> {
    match lease.take(seen).expect("memory can be reached") {
        Taking::Taken(journal) => journal,
        other => panic!("{other:?}"),
    }
}

fn held(lease: &mut Box<dyn Lease>) -> bool {
    matches!(lease.take(Head::default()), Ok(Taking::Held { holder }) if holder == "one")
}

fn records(after: u64, epoch: u32) -> Vec<Record> {
    batch(after, epoch, 3, &mut Dice::new(after))
}

#[test]
fn a_lease_is_held_as_long_as_its_holder_gives_a_sign_of_life() {
    let mut two = two();
    let mut journal = taken(&mut two.one, Head::default());
    for after in [0, 3, 6] {
        assert!(held(&mut two.other));
        two.hand.pass_ms(2_000);
        journal.append(&records(after, 1)).expect("it is ours");
        assert!(held(&mut two.other));
        two.hand.pass_ms(2_000);
        journal.health().expect("it is ours");
    }
    assert!(held(&mut two.other));
    two.hand.pass_ms(3_000);
    let mut newer = taken(&mut two.other, journal.head());
    assert!(matches!(journal.health(), Err(JournalFault::Deposed { .. })));
    assert!(matches!(journal.reopen(), Err(JournalFault::Deposed { .. })));
    newer.append(&records(9, 2)).expect("it is the newer one's");
    let refused = journal.append(&records(9, 1));
    assert!(matches!(refused, Err(JournalFault::Deposed { ours: 1, newest: 2 })), "{refused:?}");
}

#[test]
fn a_lease_that_is_given_up_can_be_taken_at_once() {
    let mut two = two();
    let journal = taken(&mut two.one, Head::default());
    assert!(held(&mut two.other));
    drop(journal);
    drop(taken(&mut two.other, Head::default()));
}

#[test]
fn a_former_holder_that_is_faster_by_a_record_makes_the_next_one_catch_up() {
    let mut two = two();
    let mut former = taken(&mut two.one, Head::default());
    assert!(held(&mut two.other));
    two.hand.pass_ms(3_000);
    let mut next = taken(&mut two.other, Head::default());
    former.append(&records(0, 1)).expect("nobody has written since");
    let late = next.append(&records(0, 2));
    assert!(matches!(late, Err(JournalFault::OutOfSequence { expected: 4, got: 1 })), "{late:?}");
    next.reopen().expect("it is the next one's");
    next.append(&records(3, 2)).expect("after what the former one wrote");
}

#[test]
fn whoever_comes_between_compare_and_add_is_found_before_anything_is_added() {
    let mut two = two();
    let mut former = taken(&mut two.one, Head::default());
    assert!(held(&mut two.other));
    let asked = Arc::new(AtomicU32::new(0));
    let (hand, mut other, steps) = (two.hand.clone(), two.other, asked.clone());
    let mut newer = None;
    two.shared.come_between(Box::new(move |step| {
        steps.fetch_add(1, Ordering::Relaxed);
        if step == Step::Compared {
            hand.pass_ms(3_000);
            let journal = newer.insert(taken(&mut other, Head::default()));
            journal.append(&records(0, 2)).expect("nobody else wrote");
        }
        Ok(())
    }));
    let refused = former.append(&records(0, 1));
    assert!(matches!(refused, Err(JournalFault::Deposed { ours: 1, newest: 2 })), "{refused:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 2, "it is not called for what it appends itself");
    assert_eq!(two.shared.records.head(), Head { sequence: 3, epoch: 2 });
}

#[test]
fn an_append_whose_answer_is_lost_is_in_and_known_after_reopening() {
    let mut two = two();
    let mut journal = taken(&mut two.one, Head::default());
    two.shared.come_between(Box::new(|step| match step {
        Step::Added => Err(JournalFault::Unreachable { what: "cut off".to_owned() }),
        _ => Ok(()),
    }));
    let unknown = journal.append(&records(0, 1));
    assert!(matches!(unknown, Err(JournalFault::Unreachable { .. })), "{unknown:?}");
    two.shared.leave_alone();
    assert_eq!(journal.reopen().expect("it is ours"), Head { sequence: 3, epoch: 1 });
    journal.append(&records(3, 1)).expect("it goes on");
}

#[test]
fn a_store_that_went_back_is_short_for_who_has_seen_more() {
    let mut two = two();
    let mut journal = taken(&mut two.one, Head::default());
    journal.append(&records(0, 1)).expect("it is ours");
    let seen = journal.head();
    two.shared.go_back(1);
    let behind = |fault| matches!(fault, JournalFault::Behind { newest: 1, acknowledged: 3 });
    assert!(behind(journal.health().expect_err("it went back")));
    assert!(behind(journal.append(&records(3, 1)).expect_err("it went back")));
    drop(journal);
    let short = two.other.take(seen).expect("memory can be reached");
    assert!(matches!(short, Taking::Short { newest: Head { sequence: 1, .. }, .. }), "{short:?}");
    let accepted = two.other.take_short().expect("memory can be reached");
    assert!(matches!(accepted, Taking::Taken(_)), "{accepted:?}");
}
