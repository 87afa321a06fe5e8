//! Published seat states: following the changes gives the whole, also while others publish.

use std::sync::Barrier;
use std::thread;

use proptest::prelude::*;
use serde_json::json;
use stanchion_domain::id::{PerformanceIndex, SeatIndex};
use stanchion_domain::inventory::seats::SeatState;
use stanchion_domain::inventory::stock::Stock;
use stanchion_domain::limits::SEATS_PER_PLAN_MAX;
use stanchion_domain::sale::definition::Withheld;

use super::{check_golden, parse, seat_plan, seated};
use crate::board::seats::{SeatMaps, SeatsRendered, letter};

const FIRST: PerformanceIndex = PerformanceIndex(0);
const AFTER: u64 = 16;
const STATES: [SeatState; 5] = [
    SeatState::Available,
    SeatState::Held(stanchion_domain::inventory::baskets::Slot(1)),
    SeatState::Paying(stanchion_domain::inventory::baskets::Slot(1)),
    SeatState::Sold(stanchion_domain::inventory::baskets::Slot(1)),
    SeatState::Withheld(Withheld::House),
];

const KILLED: SeatState = SeatState::Withheld(Withheld::Killed);

fn maps(rows: u32, seats_per_row: u32) -> SeatMaps {
    let mut definition = seated(2, seat_plan(rows, seats_per_row));
    definition.performances[1].seating = None;
    SeatMaps::new(&definition, &Stock::new(&definition), AFTER)
}

/// A reader that keeps a map and asks only for what changed.
#[derive(Default)]
struct Reader {
    version: u64,
    seats: Vec<u8>,
}

impl Reader {
    fn ask(&mut self, maps: &SeatMaps) -> Vec<usize> {
        self.take(&maps.since(FIRST, self.version).expect("a performance with seats"))
    }

    /// Takes an answer and says which seats it names.
    fn take(&mut self, answer: &SeatsRendered) -> Vec<usize> {
        let body = parse(&answer.bytes);
        assert_eq!(body["version"], answer.version);
        self.version = answer.version;
        if let Some(seats) = body["seats"].as_str() {
            self.seats = seats.as_bytes().to_vec();
            return (0..seats.len()).collect();
        }
        let mut named = Vec::new();
        for change in body["changes"].as_array().expect("changes") {
            let at = change[0].as_u64().expect("a seat") as usize;
            self.seats[at] = change[1].as_str().expect("a letter").as_bytes()[0];
            named.push(at);
        }
        named
    }
}

#[test]
fn answers_have_this_form() {
    let maps = maps(4, 10);
    let states = STATES.iter().enumerate();
    let batch: Vec<_> = states.map(|(at, state)| (SeatIndex(at as u32), *state)).collect();
    maps.publish(FIRST, &batch);
    check_golden("seats.json", &maps.render(FIRST).expect("seats").bytes);
    maps.publish(FIRST, &[(SeatIndex(9), STATES[3]), (SeatIndex(30), STATES[1])]);
    check_golden("seats_since.json", &maps.since(FIRST, AFTER + 2).expect("seats").bytes);
}

#[test]
fn a_map_begins_as_the_stock_is() {
    let mut definition = seated(1, seat_plan(1, 4));
    let seating = definition.performances[0].seating.as_mut().expect("it has seats");
    seating.withheld = vec![(SeatIndex(2), Withheld::Killed)];
    let stock = Stock::new(&definition);
    let maps = SeatMaps::new(&definition, &stock, AFTER);
    let body = parse(&maps.render(FIRST).expect("seats").bytes);
    assert_eq!((&body["seats"], &body["version"]), (&json!("aawa"), &json!(AFTER + 1)));

    // Operators see what it is withheld for.
    let whole = maps.operated(FIRST, None).expect("seats");
    assert_eq!(parse(&whole.bytes)["seats"], "aaka");
    assert_eq!(maps.letters(FIRST), Some(b"aaka".to_vec()));

    definition.performances.push(definition.performances[0].clone());
    definition.performances[1].id = "added".into();
    maps.extend(&definition);
    let added = parse(&maps.render(PerformanceIndex(1)).expect("seats").bytes);
    assert_eq!((&added["seats"], &added["performance"]), (&json!("aawa"), &json!("added")));
}

#[test]
fn operators_are_told_what_a_seat_is_withheld_for_and_nobody_else() {
    let maps = maps(4, 10);
    let before = maps.version(FIRST).expect("seats").0;
    maps.publish(FIRST, &[(SeatIndex(0), STATES[4]), (SeatIndex(1), KILLED)]);
    let changes = parse(&maps.operated(FIRST, Some(before)).expect("seats").bytes);
    assert_eq!(changes["changes"], json!([[0, "w"], [1, "k"]]));
    let changes = parse(&maps.since(FIRST, before).expect("seats").bytes);
    assert_eq!(changes["changes"], json!([[0, "w"], [1, "w"]]));
}

#[test]
fn performances_without_seats_have_no_map() {
    let maps = maps(1, 4);
    for performance in [PerformanceIndex(1), PerformanceIndex(2)] {
        assert!(maps.render(performance).is_none());
        assert!(maps.since(performance, 0).is_none());
        assert!(maps.version(performance).is_none());
    }
}

#[test]
fn a_version_from_elsewhere_gets_the_whole_map() {
    let maps = maps(4, 10);
    maps.publish(FIRST, &[(SeatIndex(0), STATES[1])]);
    let whole = maps.render(FIRST).expect("seats").bytes;
    for foreign in [0, AFTER, AFTER + 3, u64::MAX] {
        assert_eq!(maps.since(FIRST, foreign).expect("seats").bytes, whole, "{foreign}");
    }
    let none = parse(&maps.since(FIRST, AFTER + 2).expect("seats").bytes);
    assert_eq!(none["changes"], json!([]));
}

#[test]
fn an_answer_is_never_much_longer_than_the_whole_map() {
    let (rows, seats_per_row) = (512, 256);
    assert_eq!((rows * seats_per_row) as usize, SEATS_PER_PLAN_MAX);
    let maps = maps(rows, seats_per_row);
    let batch: Vec<_> = (0..rows * seats_per_row).map(|at| (SeatIndex(at), STATES[3])).collect();
    let before = maps.version(FIRST).expect("seats").0;
    maps.publish(FIRST, &batch);
    let answer = maps.since(FIRST, before).expect("seats");
    assert_eq!(answer.bytes, maps.render(FIRST).expect("seats").bytes);
    assert!(answer.bytes.len() < SEATS_PER_PLAN_MAX + 200);
}

proptest! {
    #[test]
    fn following_the_changes_gives_the_whole_map(
        batches in prop::collection::vec(
            (prop::collection::vec((0..200_u32, 0..STATES.len()), 0..8), any::<bool>()), 1..40),
    ) {
        let maps = maps(4, 50);
        let mut expected = vec![b'a'; 200];
        let (mut often, mut seldom) = (Reader::default(), Reader::default());
        often.ask(&maps);
        for (batch, ask) in batches {
            let batch: Vec<_> =
                batch.into_iter().map(|(at, state)| (SeatIndex(at), STATES[state])).collect();
            batch.iter().for_each(|(seat, state)| expected[seat.at()] = letter(*state));
            maps.publish(FIRST, &batch);
            let mut wanted: Vec<_> = batch.iter().map(|(seat, _)| seat.at()).collect();
            wanted.sort_unstable();
            wanted.dedup();
            prop_assert_eq!(often.ask(&maps), wanted, "exactly what was published");
            prop_assert_eq!(&often.seats, &expected);
            if ask {
                seldom.ask(&maps);
                prop_assert_eq!(&seldom.seats, &expected);
            }
        }
    }
}

const ROUNDS: u64 = 400;
const BATCHES: u64 = 3;
const SEATS: u32 = 512;

/// The state that all seats get from one batch.
fn state_of(batch: u64) -> SeatState {
    STATES[(batch % 4) as usize]
}

/// Follows until the last batch of each round and counts the seats that are wrong then.
fn follow(maps: &SeatMaps, pause: &Barrier) -> usize {
    let mut reader = Reader::default();
    let mut wrong = 0;
    for round in 1..=ROUNDS {
        let last = round * BATCHES;
        while reader.version < AFTER + 1 + last {
            let before = reader.version;
            reader.ask(maps);
            wrong += usize::from(reader.version < before);
            thread::yield_now();
        }
        let expected = letter(state_of(last));
        wrong += reader.seats.iter().filter(|seat| **seat != expected).count();
        pause.wait();
    }
    wrong
}

#[test]
fn readers_that_follow_while_seats_change_are_right_whenever_publishing_pauses() {
    let maps = maps(4, SEATS / 4);
    let pause = Barrier::new(3);
    let wrong: usize = thread::scope(|scope| {
        let readers = [(); 2].map(|()| scope.spawn(|| follow(&maps, &pause)));
        for round in 0..ROUNDS {
            for batch in 1..=BATCHES {
                let state = state_of(round * BATCHES + batch);
                let all: Vec<_> = (0..SEATS).map(|at| (SeatIndex(at), state)).collect();
                maps.publish(FIRST, &all);
            }
            pause.wait();
        }
        readers.map(|reader| reader.join().expect("a reader ends")).iter().sum()
    });
    assert_eq!(wrong, 0);
}
