//! Lists of performances: what they say, and that following the changes gives the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use stanchion_domain::id::PerformanceIndex;

use super::{Night, check_golden, parse, seat_plan, seated};
use crate::board::store::BoardStore;
use crate::board::wire::{CountsBody, FixedBody, LiveBody, PerformanceBody, PoolBody, StatusBody};

const PERFORMANCES: usize = 12;

#[test]
fn a_list_has_this_form() {
    let mut night = Night::new(2);
    night.first_return_at = Some(stanchion_domain::time::SaleTime(90_500));
    night.set(1, 0, [0, 8, 2]);
    let store = BoardStore::new(night.update(), 16);
    check_golden("performances.json", &store.current().performances.all());
    night.set(1, 0, [3, 0, 0]);
    store.publish(night.update());
    check_golden("performances_since.json", &store.current().performances.since(17));
}

#[test]
fn a_fragment_is_what_the_document_says() {
    let night = Night::new(1);
    let of = &night.definition.performances[0];
    let counts = CountsBody { capacity: 1, available: 1, held: 0, paying: 0, sold: 0, withheld: 0 };
    let body = PerformanceBody {
        fixed: FixedBody {
            id: &of.id,
            name: &of.name,
            starts_at: None,
            seating: None,
            pools: vec![PoolBody { id: "floor", name: "Floor", zone: "a" }],
        },
        live: LiveBody {
            version: 1,
            status: StatusBody::OnSale,
            counts: Some(counts),
            stale: None,
            zones: Vec::new(),
        },
    };
    let written = parse(&crate::board::json::write(&body));
    let store = BoardStore::new(Night::new(1).update(), 0);
    let (_, fragment) = store.current().performances.get(PerformanceIndex(0)).expect("it is there");
    let fields = |value: &Value| {
        let object = value.as_object().expect("an object");
        object.keys().filter(|key| *key != "starts_at").cloned().collect::<Vec<_>>()
    };
    assert_eq!(fields(&parse(&fragment)), fields(&written));
}

#[test]
fn a_version_from_elsewhere_gets_the_whole_list() {
    let mut night = Night::new(3);
    let store = BoardStore::new(night.update(), 1_000);
    night.set(0, 0, [5, 0, 0]);
    store.publish(night.update());
    let board = store.current();
    for foreign in [0, 7, 1_000, 1_003, u64::MAX] {
        assert_eq!(board.performances.since(foreign), board.performances.all(), "{foreign}");
    }
    let none = parse(&board.performances.since(1_002));
    assert_eq!(none, json!({"version": 1_002, "since": 1_002, "performances": []}));
}

#[test]
fn a_changed_definition_renders_again_what_it_changed() {
    let mut night = Night::new(3);
    let store = BoardStore::new(night.update(), 0);
    let definition = Arc::make_mut(&mut night.definition);
    definition.performances[1].name = "Late <show>".into();
    store.publish(night.update());
    let changed = parse(&store.current().performances.since(1));
    assert_eq!(changed["performances"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["performances"][0]["name"], "Late <show>");

    let larger = Night::new(4);
    night.definition = larger.definition;
    night.counts.push(larger.counts[3]);
    night.changed.insert(3);
    store.publish(night.update());
    let changed = parse(&store.current().performances.since(2));
    let ids: Vec<_> = changed["performances"].as_array().into_iter().flatten().collect();
    assert_eq!(ids.len(), 2, "the one that has its old name again, and the new one");
    assert_eq!(ids[1]["id"], "slot-00003");
}

#[test]
fn a_performance_with_seats_says_where_they_are() {
    let mut night = Night::new(1);
    night.definition = Arc::new(seated(1, seat_plan(2, 5)));
    let store = BoardStore::new(night.update(), 0);
    let all = parse(&store.current().performances.all());
    let seating = json!({"plan": "house", "zone_of_category": ["stalls", "balcony"]});
    assert_eq!(all["performances"][0]["seating"], seating);
}

/// A reader that keeps a list and asks only for what changed.
#[derive(Default)]
struct Reader {
    version: u64,
    by_id: BTreeMap<String, Value>,
}

impl Reader {
    fn ask(&mut self, store: &BoardStore) -> Vec<String> {
        let answer = parse(&store.current().performances.since(self.version));
        if answer.get("since").is_none() {
            self.by_id.clear();
        }
        self.version = answer["version"].as_u64().expect("a version");
        let performances = answer["performances"].as_array().expect("a list").clone();
        let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
        let ids = performances.iter().map(id).collect();
        self.by_id.extend(performances.into_iter().map(|one| (id(&one), one)));
        ids
    }
}

type Tick = (Vec<(usize, usize, u64, u64)>, bool, bool);

fn tick() -> impl Strategy<Value = Tick> {
    let change = (0..PERFORMANCES, 0..2_usize, 0..4_u64, 0..3_u64);
    (prop::collection::vec(change, 0..6), any::<bool>(), any::<bool>())
}

proptest! {
    #[test]
    fn following_the_changes_gives_the_whole_list(ticks in prop::collection::vec(tick(), 1..30)) {
        let mut night = Night::new(PERFORMANCES);
        let store = BoardStore::new(night.update(), 0);
        let (mut often, mut seldom) = (Reader::default(), Reader::default());
        often.ask(&store);
        for (changes, outage, ask) in ticks {
            let before = store.current();
            let counts = night.counts.clone();
            for (performance, zone, available, held) in changes {
                night.set(performance, zone, [available, held, 0]);
            }
            night.pass_ms(100, if outage { 5_000 } else { 100 });
            store.publish(night.update());
            let told = often.ask(&store);
            for (at, old) in counts.iter().enumerate() {
                let changed = *old != night.counts[at];
                let listed = told.contains(&format!("slot-{at:05}"));
                prop_assert!(listed || !changed, "performance {at} changed and was not told");
                prop_assert!(changed || outage || !listed, "performance {at} did not change");
            }
            if counts == night.counts && !outage {
                prop_assert_eq!(store.current().version, before.version);
            }
            if ask {
                seldom.ask(&store);
                prop_assert_eq!(&seldom.by_id, &often.by_id);
            }
        }
        let mut whole = Reader::default();
        whole.ask(&store);
        prop_assert_eq!(&whole.by_id, &often.by_id);
    }
}
