//! Who is overdue, who is silent, and how little has to be asked to know.

use std::cell::Cell;

use crate::id::Number;
use crate::inventory::baskets::Slot;
use crate::queue::passes::Passes;
use crate::time::SaleTime;

/// So many shoppers, called at 0 and in the shop since 1,000.
fn shoppers(count: u32) -> Passes {
    let mut passes = Passes::default();
    for number in (0..count).map(Number) {
        passes.call(number, SaleTime(0), SaleTime(20_000));
        passes.claim(number, SaleTime(1_000));
    }
    passes
}

#[test]
fn each_shopper_is_looked_at_once_in_a_span_of_silence_however_often_time_is_asked() {
    let mut passes = shoppers(1_000);
    let asked = Cell::new(0);
    for ticks in 0..3_000 {
        let before = SaleTime(1_000 + ticks);
        let silent = passes.silent(before, 1_024, |_| {
            asked.set(asked.get() + 1);
            SaleTime(90_000)
        });
        assert_eq!(silent, []);
    }
    assert_eq!(asked.get(), 1_000, "once each, in 3,000 looks");
    passes.check_invariants();
}

#[test]
fn only_who_is_silent_without_a_basket_is_found_and_the_longest_silent_first() {
    let mut passes = shoppers(4);
    passes.set_basket(Number(0), Slot(0));
    passes.set_basket(Number(1), Slot(1));
    passes.clear_basket(Number(1), Some(SaleTime(5_000)));
    let heard_at = |number| SaleTime(if number == Number(2) { 3_000 } else { 0 });
    let mut silent = |before, most| passes.silent(SaleTime(before), most, heard_at);
    assert_eq!(silent(1_000, 9), [], "not before");
    assert_eq!(silent(1_001, 9), [Number(3)]);
    assert_eq!(silent(9_000, 9), [Number(3), Number(2), Number(1)]);
    assert_eq!(silent(9_000, 2), [Number(3), Number(2)], "and asking changes nothing");
    passes.end(Number(3));
    assert_eq!(passes.silent(SaleTime(9_000), 9, heard_at), [Number(2), Number(1)]);
    passes.check_invariants();
}

#[test]
fn a_claim_is_overdue_after_its_window_and_a_window_can_be_put_off() {
    let mut passes = Passes::default();
    passes.call(Number(7), SaleTime(0), SaleTime(20_000));
    passes.call(Number(3), SaleTime(0), SaleTime(10_000));
    let overdue = |passes: &Passes, now| passes.overdue(SaleTime(now)).collect::<Vec<_>>();
    assert_eq!(overdue(&passes, 10_000), []);
    assert_eq!(overdue(&passes, 20_001), [Number(3), Number(7)]);
    passes.extend(crate::time::Span(0), SaleTime(15_000));
    assert_eq!(overdue(&passes, 15_000), []);
    passes.end(Number(3));
    assert_eq!((overdue(&passes, 20_001), passes.called()), (vec![Number(7)], 1));
    passes.check_invariants();
}
