//! The board of a mirrored sale: what is a fact, what is stale, and what nobody knows.

use serde_json::{Value, json};
use stanchion_domain::board::status::Known;
use stanchion_domain::time::WallTime;

use super::{EVENING, Night, parse};
use crate::board::projection::Projection;
use crate::board::store::BoardStore;

fn known(at_ms: i64, fact: bool) -> Option<Known> {
    Some(Known { as_of: Some(WallTime(EVENING.0 + at_ms)), fact })
}

/// The same night once all of it is known so.
fn publish(store: &BoardStore, night: &mut Night, known: Option<Known>) {
    night.known = known;
    night.changed = (0..night.counts.len()).collect();
    store.publish(night.update());
}

fn shown(store: &BoardStore) -> (Value, Value) {
    let board = store.current();
    (parse(&board.head.body.bytes), parse(&board.performances.all()))
}

#[test]
fn how_old_a_fact_is_makes_no_version_and_is_known_to_operators() {
    let mut night = Night::new(3);
    night.known = known(0, true);
    let store = BoardStore::new(night.update(), 0);
    let before = shown(&store);
    let version = store.current().version;
    publish(&store, &mut night, known(30_000, true));
    let board = store.current();
    assert_eq!((board.version, shown(&store)), (version, before));
    assert_eq!(board.head.picture().known, night.known);
    let friday = board.performances.picture(stanchion_domain::id::PerformanceIndex(2));
    assert_eq!(friday.expect("it is there").total.known, night.known);
}

#[test]
fn what_is_stale_says_since_when_and_has_no_status() {
    let mut night = Night::new(1);
    night.known = known(0, true);
    let store = BoardStore::new(night.update(), 0);
    publish(&store, &mut night, known(0, false));
    let (head, performances) = shown(&store);
    let friday = &performances["performances"][0];
    for part in [&head, friday, &friday["zones"][1]] {
        assert_eq!(part["status"], "unknown");
        assert_eq!(part["stale"], json!({ "as_of": "2026-11-21T19:00:00Z" }));
        assert!(part["counts"].is_object(), "{part}");
    }
    publish(&store, &mut night, Some(Known::NOTHING));
    let (head, performances) = shown(&store);
    for part in [&head, &performances["performances"][0]] {
        assert_eq!((&part["status"], part.get("stale")), (&json!("unknown"), None));
        assert!(part.get("counts").is_none(), "no invented zero: {part}");
    }
}

#[test]
fn while_nothing_can_be_written_nothing_reported_is_a_fact() {
    let mut night = Night::new(2);
    night.known = known(0, true);
    let store = BoardStore::new(night.update(), 0);
    let Projection { sale_now, wall_now } = night.projection;
    store.halt(Projection { sale_now, wall_now });
    let (head, performances) = shown(&store);
    assert_eq!((&head["status"], &head["time_running"]), (&json!("unknown"), &json!(false)));
    assert_eq!(performances["performances"][1]["status"], "unknown");
    assert!(!store.current().is_fact(Default::default()));
}
