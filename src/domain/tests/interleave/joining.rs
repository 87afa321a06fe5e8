//! Visitors join while numbers are being reserved.

use shuttle::thread;
use std::collections::BTreeSet;

use crate::check;
use crate::id::Number;
use crate::queue::publisher::Publisher;
use crate::queue::standing::Standing;
use crate::time::{SaleTime, Span};

const NOW: SaleTime = SaleTime(7_000);
/// The reservation grows over the edge of a word, a sum and a block.
const RESERVATIONS: [u32; 3] = [126, 129, 131];

#[test]
fn no_number_is_given_twice_nor_before_it_is_reserved() {
    check(|| {
        let mut publisher = Publisher::new();
        publisher.reserve(124);
        publisher.resume(0);
        let joiners: Vec<_> = (0..2)
            .map(|_| {
                let places = publisher.places();
                thread::spawn(move || {
                    let join = |_| {
                        let number = places.join(NOW)?;
                        assert!(number.0 < places.reserved(), "{number:?} is not reserved");
                        let standing = places.standing(number);
                        assert_eq!(standing, Standing::Waiting { position: number.0 - 124 });
                        Some(number)
                    };
                    (0..5).filter_map(join).collect::<Vec<Number>>()
                })
            })
            .collect();
        for until in RESERVATIONS {
            publisher.reserve(until);
        }
        let mut given = BTreeSet::new();
        for joiner in joiners {
            for number in joiner.join().expect("a joiner ends") {
                assert!(given.insert(number), "{number:?} was given twice");
            }
        }
        let issued = publisher.places().issued();
        assert!(given.into_iter().eq((124..issued).map(Number)), "none was left out");
    });
}

#[test]
fn calling_never_sees_a_new_visitor_as_absent() {
    check(|| {
        let mut publisher = Publisher::new();
        publisher.reserve(4);
        let joiners = [publisher.places(), publisher.places()]
            .map(|places| thread::spawn(move || (places.join(NOW), places.join(NOW))));
        let places = publisher.places();
        for _ in 0..3 {
            for number in (0..places.issued()).map(Number) {
                assert!(places.seen_within(number, NOW, Span(0)), "{number:?} is here");
                assert_eq!(places.seen_near(number), Some(NOW), "their group is not passed by");
            }
        }
        for joiner in joiners {
            joiner.join().expect("a joiner ends");
        }
    });
}

#[test]
fn a_resumed_counter_gives_no_number_twice_and_loses_nobody_who_was_joining() {
    check(|| {
        let mut publisher = Publisher::new();
        publisher.reserve(4);
        let places = publisher.places();
        let joiner = thread::spawn(move || {
            let join = |_| {
                let number = places.join(NOW)?;
                let standing = places.standing(number);
                assert!(standing.position().is_some(), "{number:?} is {standing:?}");
                Some(number)
            };
            (0..4).filter_map(join).collect::<Vec<Number>>()
        });
        publisher.resume(0);
        publisher.reserve(6);
        let mut given = joiner.join().expect("a joiner ends");
        let places = publisher.places();
        given.extend(std::iter::from_fn(|| places.join(NOW)));
        assert!(given.is_sorted_by(|one, next| one < next), "{given:?}");
        assert!(given.ends_with(&[Number(4), Number(5)]), "{given:?}");
    });
}
