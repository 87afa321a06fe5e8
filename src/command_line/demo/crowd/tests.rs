//! A crowd against a scripted server: an honest one, one that falters, and liars.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::ledger::Verdict;
use super::memory::Memory;
use super::tally::Tally;
use super::{Settings, run};
use crate::command_line::demo::fake::{API_KEY, Fake, Script};

const SEED: u64 = 1;

async fn live(people: u32, seats: usize, script: Script) -> (Arc<Fake>, Arc<Tally>, Verdict) {
    let (fake, public) = Fake::start(seats, script).await;
    let tally = Arc::new(Tally::default());
    let stop = CancellationToken::new();
    let verdict = run(settings(public, people), Memory::default(), stop, Arc::clone(&tally)).await;
    (fake, tally, verdict)
}

fn settings(public: SocketAddr, people: u32) -> Settings {
    Settings {
        public,
        sale: "demo".to_owned(),
        people,
        arrive_over: Duration::ZERO,
        seed: SEED,
        api_key: API_KEY.to_owned(),
        pace_of_life: 100_000.0,
    }
}

#[tokio::test]
async fn a_crowd_lives_through_a_sale_and_finds_every_order_again() {
    let (fake, tally, verdict) = live(80, 400, Script::default()).await;
    assert!(verdict.kept(), "seed {SEED}: {verdict}");
    assert!(verdict.orders > 20, "seed {SEED}: {verdict}");
    assert_eq!((verdict.found, tally.orders.get()), (verdict.orders, fake.orders()));
    assert_eq!(verdict.seats, fake.seats(b's'));
    assert_eq!(tally.joined.get(), 80);
    let gone = (tally.lost_positions.get(), tally.errors.get(), tally.waiting.get());
    assert_eq!(gone, (0, 0, 0), "seed {SEED}: {tally:?}");
    assert_eq!(tally.shopping.get(), 0);
}

#[tokio::test]
async fn a_crowd_that_wants_more_than_there_is_is_refused_and_goes_home() {
    let (fake, tally, verdict) = live(60, 40, Script::default()).await;
    assert!(verdict.kept() && verdict.seats <= 40, "seed {SEED}: {verdict}");
    assert!(!tally.refused().is_empty(), "seed {SEED}: {tally:?}");
    assert_eq!((tally.errors.get(), tally.orders.get()), (0, fake.orders()));
}

#[tokio::test]
async fn whoever_is_not_answered_asks_again_and_buys_once() {
    for script in [
        Script { busy_every: Some(5), ..Script::default() },
        Script { break_every: Some(7), ..Script::default() },
    ] {
        let (fake, tally, verdict) = live(30, 200, script).await;
        assert!(tally.retries.get() > 0, "seed {SEED}: {tally:?}");
        assert!(verdict.kept() && verdict.orders > 5, "seed {SEED}: {verdict}");
        assert_eq!(tally.orders.get(), fake.orders(), "seed {SEED}: {tally:?}");
        assert_eq!(verdict.seats, fake.seats(b's'), "seed {SEED}: {tally:?}");
        assert_eq!(tally.errors.get(), 0, "seed {SEED}: {tally:?}");
    }
}

#[tokio::test]
async fn a_position_that_rises_is_counted() {
    let script = Script { position_rises: true, ..Script::default() };
    let (_, tally, _) = live(20, 100, script).await;
    assert!(tally.lost_positions.get() > 0, "seed {SEED}: {tally:?}");
}

#[tokio::test]
async fn a_seat_sold_twice_and_a_forgotten_order_are_broken_promises() {
    let (_, _, verdict) = live(20, 40, Script { sells_twice: true, ..Script::default() }).await;
    assert!(!verdict.kept(), "seed {SEED}: {verdict}");
    assert!(verdict.to_string().contains("seat A-"), "seed {SEED}: {verdict}");

    let (_, _, verdict) = live(20, 100, Script { forgets_orders: true, ..Script::default() }).await;
    assert_eq!((verdict.found, verdict.lost.len()), (0, verdict.orders), "seed {SEED}");
    assert!(verdict.to_string().contains("BROKEN"), "seed {SEED}: {verdict}");
}

#[tokio::test]
async fn a_crowd_goes_home_when_it_is_told_to() {
    let (_, public) = Fake::start(10, Script::default()).await;
    let arrive_over = Duration::from_secs(1_000_000);
    let settings = Settings { arrive_over, pace_of_life: 1.0, ..settings(public, 10) };
    let stop = CancellationToken::new();
    stop.cancel();
    let verdict = run(settings, Memory::default(), stop, Arc::default()).await;
    assert!(verdict.kept() && verdict.orders == 0, "{verdict}");
}

#[tokio::test]
async fn a_crowd_that_was_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = || Memory::open(&folder.path().join("crowd.jsonl")).expect("a file");
    let (fake, public) = Fake::start(400, Script::default()).await;
    let (tally, stop) = (Arc::new(Tally::default()), CancellationToken::new());
    let first = run(settings(public, 80), memory(), stop.clone(), Arc::clone(&tally));
    let first = tokio::spawn(first);
    while tally.orders.get() < 5 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    let first = first.await.expect("a verdict");
    assert!(first.kept(), "seed {SEED}: {first}");
    assert!(memory().staying() > 0, "seed {SEED}: the night is over already");

    let tally = Arc::new(Tally::default());
    let stop = CancellationToken::new();
    let second = run(settings(public, 80), memory(), stop, Arc::clone(&tally)).await;
    assert!(second.kept() && second.orders > first.orders, "seed {SEED}: {second}");
    assert_eq!((fake.places(), tally.joined.get()), (80, 80), "nobody joins twice");
    let ended = tally.orders.get() + tally.without_order.get();
    assert_eq!((ended, tally.errors.get()), (80, 0), "seed {SEED}: {tally:?}");
    assert_eq!(memory().staying(), 0);
}

#[tokio::test]
async fn whoever_waits_when_everything_is_sold_goes_home() {
    let (_, tally, _) = live(20, 10, Script { sold_out: true, ..Script::default() }).await;
    assert_eq!((tally.joined.get(), tally.without_order.get()), (20, 20), "{tally:?}");
    assert!(tally.gone.get() == 1 && tally.errors.get() == 0, "{tally:?}");
}
