//! The event stream: its frames, and who gets which.

use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use super::{Night, check_golden};
use crate::board::frame;
use crate::board::store::BoardStore;
use crate::board::stream::{Follower, Step};

fn store(night: &mut Night) -> Arc<BoardStore> {
    Arc::new(BoardStore::new(night.update(), 16))
}

fn frame(store: &BoardStore) -> Step {
    Step::Send(store.current().head.frame.clone())
}

#[tokio::test]
async fn frames_have_this_form() {
    let mut night = Night::new(1);
    let store = store(&mut night);
    let mut frames = frame::hello(Duration::from_millis(2_500)).to_vec();
    frames.extend_from_slice(&store.current().head.frame);
    frames.extend_from_slice(&frame::ping());
    frames.extend_from_slice(&frame::goodbye(Duration::from_secs(4)));
    check_golden("stream.txt", &frames);
}

#[tokio::test]
async fn whoever_comes_gets_the_newest_head_whatever_they_saw_before() {
    let mut night = Night::new(1);
    let store = store(&mut night);
    for seen in ["16", "18", "0", "99999999999999999999", "abc", ""] {
        let mut follower = Follower::new(&store, frame::last_seen(seen));
        assert_eq!(follower.next(ready(())).await, frame(&store), "{seen:?}");
        assert_eq!(follower.next(ready(())).await, Step::Ping, "{seen:?}");
    }
    let mut follower = Follower::new(&store, frame::last_seen(" 17"));
    assert_eq!(follower.next(ready(())).await, Step::Ping, "the newest is not sent twice");
}

#[tokio::test]
async fn a_slow_follower_gets_the_newest_head_and_no_backlog() {
    let mut night = Night::new(1);
    let store = store(&mut night);
    let mut follower = Follower::new(&store, None);
    follower.next(ready(())).await;
    for _ in 0..5 {
        night.head.queue.waiting -= 1;
        store.publish(night.update());
    }
    assert_eq!(follower.next(pending()).await, frame(&store));
    assert_eq!(follower.next(ready(())).await, Step::Ping);
}

#[tokio::test]
async fn a_waiting_follower_is_woken_by_a_new_head_but_not_by_a_performance() {
    let mut night = Night::new(2);
    night.set(0, 0, [50, 0, 0]);
    let store = store(&mut night);
    let mut follower = Follower::new(&store, None);
    follower.next(ready(())).await;
    night.set(0, 0, [100, 0, 0]);
    night.set(1, 0, [50, 0, 0]);
    store.publish(night.update());
    assert_eq!(follower.next(ready(())).await, Step::Ping);
    let publish = async {
        night.head.queue.waiting -= 1;
        store.publish(night.update());
    };
    let (step, ()) = tokio::join!(follower.next(pending()), publish);
    assert_eq!(step, frame(&store));
}

#[tokio::test]
async fn all_followers_share_one_frame() {
    let mut night = Night::new(1);
    let store = store(&mut night);
    let mut frames = Vec::new();
    for _ in 0..3 {
        match Follower::new(&store, None).next(pending()).await {
            Step::Send(frame) => frames.push(frame.as_ptr()),
            step => panic!("{step:?} instead of a head"),
        }
    }
    frames.dedup();
    assert_eq!(frames.len(), 1);
}

#[tokio::test]
async fn a_drain_ends_every_stream() {
    let mut night = Night::new(1);
    let store = store(&mut night);
    let mut follower = Follower::new(&store, None);
    follower.next(ready(())).await;
    let drain = async { store.drain() };
    let (step, ()) = tokio::join!(follower.next(pending()), drain);
    assert_eq!(step, Step::End);
    assert_eq!(Follower::new(&store, None).next(pending()).await, Step::End);
}
