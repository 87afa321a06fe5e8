//! The board as a whole: versions, swaps, and what is asserted of each.

use std::sync::Arc;

use super::Night;
use crate::board::store::BoardStore;

#[test]
fn where_nothing_changed_version_and_etag_stay() {
    let mut night = Night::new(3);
    let store = BoardStore::new(night.update(), 0);
    let before = store.current();
    let news = store.news();
    night.pass_ms(100, 100);
    night.changed.insert(1);
    store.publish(night.update());
    let after = store.current();
    assert!(Arc::ptr_eq(&before, &after));
    assert_eq!(before.head.body.etag, after.head.body.etag);
    assert!(!news.has_changed().expect("the store lives"));
}

#[test]
fn parts_that_did_not_change_keep_their_version() {
    let mut night = Night::new(2);
    night.set(0, 0, [50, 0, 0]);
    let store = BoardStore::new(night.update(), 0);
    let first = store.current();
    night.head.queue.waiting += 1;
    store.publish(night.update());
    let second = store.current();
    assert_eq!((second.head.version, second.performances.version), (2, 1));
    assert_eq!(first.performances.etag, second.performances.etag);
    assert_ne!(first.head.body.etag, second.head.body.etag);
    // One unit goes from one performance to another: the head sees nothing of it.
    night.set(0, 0, [100, 0, 0]);
    night.set(1, 0, [50, 0, 0]);
    store.publish(night.update());
    let third = store.current();
    assert_eq!((third.version, third.head.version, third.performances.version), (3, 2, 3));
}

#[test]
fn a_reader_keeps_the_version_it_holds() {
    let mut night = Night::new(1);
    let store = BoardStore::new(night.update(), 0);
    let held = store.current();
    let bytes = held.performances.all();
    night.set(0, 0, [1, 2, 3]);
    store.publish(night.update());
    assert_eq!(held.performances.all(), bytes);
    assert_ne!(store.current().performances.all(), bytes);
}

#[test]
#[should_panic(expected = "the head is the sum")]
fn a_head_that_counts_otherwise_is_never_published() {
    let mut night = Night::new(2);
    let store = BoardStore::new(night.update(), 0);
    night.set(0, 0, [1, 0, 0]);
    night.changed.clear();
    store.publish(night.update());
}

#[test]
#[should_panic(expected = "units are neither made nor lost")]
fn a_zone_that_lost_a_unit_is_never_published() {
    let mut night = Night::new(2);
    let store = BoardStore::new(night.update(), 0);
    let mut update = night.update();
    let mut picture = night.picture(0);
    picture.zones[0].1.counts.available -= 1;
    update.performances = vec![picture];
    store.publish(update);
}

#[test]
#[should_panic(expected = "a performance is the sum of its zones")]
fn a_performance_that_is_not_the_sum_of_its_zones_is_never_published() {
    let mut night = Night::new(2);
    let mut update = night.update();
    update.performances[1].zones.pop();
    BoardStore::new(update, 0);
}

#[test]
fn a_definition_that_changes_nothing_to_be_seen_makes_no_version() {
    let mut night = Night::new(3);
    let store = BoardStore::new(night.update(), 0);
    let before = store.current();
    Arc::make_mut(&mut night.definition).policy.cap += 1;
    store.publish(night.update());
    let taken_over = store.current();
    assert_eq!(taken_over.version, before.version);
    assert_eq!(taken_over.performances.all(), before.performances.all());
    store.publish(night.update());
    assert!(Arc::ptr_eq(&taken_over, &store.current()), "it is looked through only once");
}
