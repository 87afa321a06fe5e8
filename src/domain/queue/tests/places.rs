//! What readers see, one thread at a time; `tests/interleave` has the rest.

use crate::id::Number;
use crate::limits::{NUMBERS_MAX, NUMBERS_PER_BLOCK, NUMBERS_PER_SUM};
use crate::queue::line::Line;
use crate::queue::places::Found;
use crate::queue::publisher::Publisher;
use crate::queue::standing::Standing;
use crate::time::{SaleTime, Span};

const NOW: SaleTime = SaleTime(0);

/// A queue of which so many numbers were issued.
fn queue(until: u32, joined: u32) -> Publisher {
    let mut publisher = Publisher::new();
    publisher.reserve(until);
    for number in 0..joined {
        assert_eq!(publisher.places().join(NOW), Some(Number(number)));
    }
    publisher
}

#[test]
fn no_number_is_given_out_before_it_is_reserved() {
    let mut publisher = Publisher::new();
    let places = publisher.places();
    assert_eq!(places.join(NOW), None);
    publisher.reserve(2);
    assert_eq!([places.join(NOW), places.join(NOW)], [Some(Number(0)), Some(Number(1))]);
    assert_eq!(places.join(NOW), None);
    assert_eq!(places.standing(Number(2)), Standing::Unissued);
    publisher.reserve(NUMBERS_PER_BLOCK + 1);
    assert_eq!(places.join(NOW), Some(Number(2)));
    assert_eq!((places.issued(), places.waiting()), (3, 3));
    assert_eq!(places.standing(Number(NUMBERS_MAX)), Standing::Unissued);
    places.see(Number(NUMBERS_MAX), NOW);
}

#[test]
fn positions_count_who_waits_ahead_across_words_sums_and_blocks() {
    let mut publisher = queue(2 * NUMBERS_PER_BLOCK, NUMBERS_PER_BLOCK + 700);
    let places = publisher.places();
    for number in [0, 64, 511, 512, NUMBERS_PER_BLOCK] {
        publisher.call(Number(number));
    }
    publisher.pass_over(100..300);
    publisher.rebuild_sums();
    for (number, gone) in [(1, 1), (63, 1), (65, 2), (301, 202), (513, 204), (1_024, 204)] {
        let position = number - gone;
        assert_eq!(places.standing(Number(number)), Standing::Waiting { position });
    }
    let position = NUMBERS_PER_BLOCK + 1 - 205;
    assert_eq!(places.standing(Number(NUMBERS_PER_BLOCK + 1)), Standing::Waiting { position });
    assert_eq!(places.standing(Number(150)), Standing::Returning { position: 98 });
    assert_eq!(places.waiting(), NUMBERS_PER_BLOCK + 700 - 205);
}

#[test]
fn a_stamp_is_a_second_coarse_in_favour_of_the_visitor_and_never_goes_back() {
    let publisher = queue(100, 3);
    let places = publisher.places();
    let (one, span) = (Number(1), Span(2_000));
    places.see(one, SaleTime(10_999));
    assert_eq!(places.seen_at(one), Some(SaleTime(10_000)));
    places.see(one, SaleTime(9_000));
    assert_eq!(places.seen_at(one), Some(SaleTime(10_000)));
    assert!(places.seen_within(one, SaleTime(12_999), span));
    assert!(!places.seen_within(one, SaleTime(13_000), span));
    assert_eq!(places.present(0, SaleTime(12_500), span), 1);
    assert_eq!(places.present(0, SaleTime(2_500), span), 3);
    assert_eq!(places.present(2, SaleTime(12_500), span), 0);
    assert_eq!(places.seen_at(Number(50)), None);
    assert_eq!(places.seen_near(Number(50)), Some(SaleTime(10_000)), "by one of its group");
    places.see(Number(2), SaleTime(9_000));
    assert_eq!(places.seen_near(one), Some(SaleTime(10_000)), "the newest of all");
    assert_eq!(places.seen_near(Number(NUMBERS_PER_SUM)), None);
}

#[test]
fn only_who_waits_is_said_to_be_here_for_them() {
    let mut publisher = queue(200, 130);
    let places = publisher.places();
    publisher.call(Number(20));
    publisher.call(Number(21));
    publisher.miss(Number(21));
    publisher.spend(Number(20));
    places.see_waiting(10, SaleTime(5_000));
    for (number, seen_at) in [(9, 0), (10, 5_000), (20, 0), (21, 0), (64, 5_000), (129, 5_000)] {
        assert_eq!(places.seen_at(Number(number)), Some(SaleTime(seen_at)), "{number}");
    }
    assert_eq!(places.seen_at(Number(130)), None, "nobody has it yet");
}

#[test]
fn a_place_goes_from_waiting_to_called_missed_called_again_and_spent() {
    let mut publisher = queue(100, 3);
    let places = publisher.places();
    let find = |pass| places.find(Number(2), |_| pass);
    assert_eq!(find(None::<u8>), Found::Place(Standing::Waiting { position: 2 }));
    publisher.call(Number(2));
    assert_eq!(find(Some(9)), Found::Pass(9));
    publisher.miss(Number(2));
    assert_eq!(find(None), Found::Place(Standing::Returning { position: 2 }));
    publisher.call(Number(2));
    assert_eq!(find(None), Found::Place(Standing::Called), "ask again");
    publisher.spend(Number(2));
    assert_eq!(find(None), Found::Place(Standing::Spent));
}

#[test]
fn after_an_unknown_time_the_counter_goes_on_behind_the_reservation() {
    let mut publisher = queue(700, 5);
    let places = publisher.places();
    publisher.resume(3);
    assert_eq!((places.issued(), places.waiting()), (700, 3));
    assert_eq!(places.join(NOW), None);
    assert_eq!(places.standing(Number(4)), Standing::Returning { position: 3 });
    publisher.reserve(800);
    assert_eq!(places.join(NOW), Some(Number(700)));
    assert_eq!(places.standing(Number(700)), Standing::Waiting { position: 3 });
}

#[test]
fn a_recovered_queue_is_published_as_the_writer_sees_it() {
    let mut line = Line::default();
    line.reserve(1_000);
    line.call(&[Number(0), Number(2), Number(600)], 3);
    line.spend(Number(2));
    line.restart();
    let mut publisher = Publisher::restore(&line);
    let places = publisher.places();
    for number in 0..1_001 {
        assert_eq!(places.standing(Number(number)), line.standing(Number(number)));
    }
    assert_eq!(places.join(NOW), None);
    publisher.reserve(1_001);
    assert_eq!(places.join(NOW), Some(Number(1_000)));
}

#[test]
#[should_panic(expected = "restarted")]
fn a_recovered_queue_that_was_not_restarted_is_not_published() {
    let mut line = Line::default();
    line.reserve(1_000);
    Publisher::restore(&line);
}
