//! The writer's line and who is called next, story by story.

use crate::id::Number;
use crate::limits::NUMBERS_PER_SUM;
use crate::queue::calling::{Called, Choice, Present};
use crate::queue::line::Line;
use crate::queue::standing::Standing;
use crate::time::{SaleTime, Span};

const CLAIM: Span = Span(1_000);

fn line(until: u32) -> Line {
    let mut line = Line::default();
    line.reserve(until);
    line
}

fn choice(free: usize, issued: u32) -> Choice {
    Choice { free, issued, passing: true, now: SaleTime(10_000) }
}

fn called(numbers: &[u32], front: u32) -> Option<Called> {
    Some(Called { numbers: numbers.iter().copied().map(Number).collect(), front })
}

fn call(line: &mut Line, numbers: &[u32], front: u32) {
    let numbers: Vec<Number> = numbers.iter().copied().map(Number).collect();
    line.call(&numbers, front);
    line.check_invariants();
}

#[test]
fn the_line_is_called_in_number_order_and_only_as_far_as_there_is_room() {
    let mut line = line(100);
    assert_eq!(line.choose(choice(0, 50), &|_: Number| true), None);
    assert_eq!(line.choose(choice(3, 50), &|_: Number| true), called(&[0, 1, 2], 3));
    call(&mut line, &[0, 1, 2], 3);
    assert_eq!(line.standing(Number(2)), Standing::Called);
    assert_eq!(line.standing(Number(5)), Standing::Waiting { position: 2 });
    assert_eq!(line.choose(choice(2, 4), &|_: Number| true), called(&[3], 4));
}

#[test]
fn the_absent_are_passed_over_and_are_next_when_they_return() {
    let mut line = line(100);
    let odd = |number: Number| number.0 % 2 == 1;
    assert_eq!(line.choose(choice(2, 50), &odd), called(&[1, 3], 4));
    call(&mut line, &[1, 3], 4);
    assert_eq!(line.standing(Number(2)), Standing::Returning { position: 0 });
    assert_eq!(line.choose(choice(2, 50), &|_: Number| true), called(&[0, 2], 4));
}

#[test]
fn when_everybody_left_is_absent_calling_comes_to_the_end_of_the_line() {
    let mut line = line(100);
    assert_eq!(line.choose(choice(9, 50), &|number: Number| number.0 == 7), called(&[7], 50));
    assert_eq!(line.choose(choice(9, 50), &|_: Number| false), called(&[], 50));
    call(&mut line, &[], 50);
    assert_eq!(line.choose(choice(9, 50), &|_: Number| false), None);
    assert_eq!(line.choose(choice(2, 60), &|number: Number| number.0 >= 40), called(&[40, 41], 50));
}

#[test]
fn during_the_grace_the_absent_keep_their_place_and_others_are_called() {
    let mut line = line(100);
    let grace = Choice { passing: false, ..choice(3, 50) };
    let away = |number: Number| number.0 != 1 && number.0 != 3;
    assert_eq!(line.choose(grace, &away), called(&[0, 2, 4], 1));
    call(&mut line, &[0, 2, 4], 1);
    assert_eq!(line.standing(Number(1)), Standing::Waiting { position: 0 });
    assert_eq!(line.standing(Number(3)), Standing::Waiting { position: 1 });
    assert_eq!(line.choose(grace, &|_: Number| false), None);
    assert_eq!(line.choose(choice(3, 50), &away), called(&[5, 6, 7], 8));
}

#[test]
fn who_missed_a_claim_is_next_at_once_and_then_stands_back_longer_each_time() {
    let mut line = line(100);
    let mut now = 10_000;
    for times in 0..4 {
        call(&mut line, &[5], 9);
        line.miss(Number(5), SaleTime(now), CLAIM);
        line.check_invariants();
        let not_before = now + 1_000 * times;
        let here = |number: Number| number.0 == 5 || number.0 == 8;
        let at = |now| Choice { now: SaleTime(now), ..choice(1, 50) };
        if times > 0 {
            assert_eq!(line.choose(at(not_before - 1), &here), called(&[8], 9), "backing off");
        }
        assert_eq!(line.choose(at(not_before), &here), called(&[5], 9));
        now = not_before;
    }
    assert_eq!(line.missed(Number(5)).map(|missed| missed.times), Some(4));
}

#[test]
fn a_restart_leaves_uncertain_numbers_out_of_positions_and_honours_them_in_order() {
    let mut line = line(100);
    line.mark(10);
    line.reserve(200);
    call(&mut line, &[0, 1, 12], 2);
    line.restart();
    line.check_invariants();
    assert_eq!((line.issued(), line.waiting(200)), (200, 10), "12 proves that 2..12 were issued");
    line.reserve(300);
    assert_eq!(line.standing(Number(40)), Standing::Returning { position: 10 });
    assert_eq!(line.standing(Number(201)), Standing::Waiting { position: 11 });
    let here = |number: Number| [3, 40, 201].contains(&number.0);
    assert_eq!(line.choose(choice(3, 300), &here), called(&[3, 40, 201], 202));
    let grace = Choice { passing: false, ..choice(3, 300) };
    assert_eq!(line.choose(grace, &here), called(&[3, 40, 201], 2));
}

#[test]
fn a_place_that_was_given_up_is_never_called() {
    let mut line = line(100);
    line.mark(4);
    line.spend(Number(1));
    line.check_invariants();
    assert_eq!(line.standing(Number(1)), Standing::Spent);
    assert_eq!(line.standing(Number(3)), Standing::Waiting { position: 2 });
    assert_eq!(line.choose(choice(3, 4), &|_: Number| true), called(&[0, 2, 3], 4));
}

#[test]
#[should_panic(expected = "called out of the queue, once")]
fn nobody_is_called_twice() {
    let mut line = line(100);
    line.call(&[Number(1)], 1);
    line.call(&[Number(1)], 2);
}

#[test]
#[should_panic(expected = "spent once")]
fn nobody_is_spent_twice() {
    let mut line = line(100);
    line.spend(Number(1));
    line.spend(Number(1));
}

#[test]
fn a_million_who_are_away_are_passed_by_in_groups() {
    struct OneFarBehind;
    impl Present for OneFarBehind {
        fn present(&self, number: Number) -> bool {
            assert!(number.0 >= 999_424, "{number:?} is far from anybody who is here");
            number.0 == 999_999
        }

        fn anybody_near(&self, number: Number) -> bool {
            number.0 / NUMBERS_PER_SUM == 999_999 / NUMBERS_PER_SUM
        }
    }
    let mut line = line(1_000_000);
    let grace = Choice { passing: false, ..choice(9, 1_000_000) };
    assert_eq!(line.choose(grace, &OneFarBehind), called(&[999_999], 0));
    assert_eq!(line.choose(choice(9, 1_000_000), &OneFarBehind), called(&[999_999], 1_000_000));
    call(&mut line, &[], 1_000_000);
    assert_eq!(line.choose(choice(9, 1_000_000), &OneFarBehind), called(&[999_999], 1_000_000));
}
