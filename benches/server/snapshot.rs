//! The writer beside a snapshot: how late its ticks come, and how long shoppers wait for answers.
//!
//! One sold-out night, started three times: on a million records without a snapshot, of which one
//! is made; on what that leaves, when none is due; and on half a million more, when one is made and
//! the records that two snapshots cover are removed. Shoppers hold and release all the time.

#[path = "../quantiles.rs"]
mod quantiles;
#[path = "../domain/venue.rs"]
mod venue;

mod night;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stanchion::clock::random_id;
use stanchion::engine::Engine;
use stanchion::metrics::Metrics;
use stanchion_domain::command::{Command, Hold, Item, Target};
use stanchion_domain::id::{BasketId, Number, PoolIndex, PriceIndex};

use night::{IN_THE_SHOP, Night, start};
use quantiles::quantiles;
use venue::NIGHT;

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Shoppers, each with one request under way and a pause after each pair.
const SHOPPERS_AT_ONCE: usize = 32;
const PAUSE: Duration = Duration::from_millis(10);
/// How long a start is watched when no snapshot is due.
const WATCHED: Duration = Duration::from_secs(10);
/// How often it is looked whether a snapshot is made.
const LOOK: Duration = Duration::from_millis(250);
/// No tick should come later, in seconds.
const LATE_MAX: &str = "0.005";

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the journal");
    Night::write(folder.path());
    watch("a first snapshot, of 1,000,000 records", folder.path(), true);
    watch("no snapshot", folder.path(), false);
    Night::open(folder.path()).go_on(500_000);
    watch("a snapshot of 500,000 more, and the records before removed", folder.path(), true);
}

/// Starts the sale, lets shoppers in until the snapshot is made, if one is due, and says how it
/// was.
#[expect(clippy::print_stdout, reason = "whoever measures wants the figures")]
fn watch(what: &str, folder: &Path, snapshot: bool) {
    let metrics = Metrics::new();
    let (engine, threads) = start(folder, metrics.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let began = Instant::now();
    let made = || slowest(&metrics.render(), "stanchion_snapshot_seconds").samples > 0;
    let over = || if snapshot { made() } else { began.elapsed() > WATCHED };
    let answers = runtime.expect("a runtime").block_on(shop(&engine, over));
    drop(engine);
    threads.join();
    let shown = metrics.render();
    let (ticks, appends) = (
        slowest(&shown, "stanchion_tick_late_seconds"),
        slowest(&shown, "stanchion_journal_append_seconds"),
    );
    println!(
        "{what}:\n  {} ticks, {} more than {LATE_MAX} s late, none more than {} s\n  \
         {} appends, none longer than {} s\n  answers: {}",
        ticks.samples,
        ticks.over,
        ticks.bound,
        appends.samples,
        appends.bound,
        quantiles(answers),
    );
}

/// Holds and releases, by all shoppers at once; how long each answer took.
async fn shop(engine: &Engine, over: impl Fn() -> bool) -> Vec<Duration> {
    let ended = Arc::new(AtomicBool::new(false));
    let shoppers: Vec<_> = IN_THE_SHOP
        .take(SHOPPERS_AT_ONCE)
        .map(|shopper| {
            let (engine, ended) = (engine.clone(), ended.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while !ended.load(Ordering::Relaxed) {
                    took.extend(hold_and_release(&engine, Number(shopper)).await);
                    tokio::time::sleep(PAUSE).await;
                }
                took
            })
        })
        .collect();
    while !over() {
        tokio::time::sleep(LOOK).await;
    }
    // Relaxed: they see it sooner or later.
    ended.store(true, Ordering::Relaxed);
    let mut took = Vec::new();
    for shopper in shoppers {
        took.extend(shopper.await.expect("nobody panics"));
    }
    took
}

async fn hold_and_release(engine: &Engine, pass: Number) -> [Duration; 2] {
    let basket = BasketId(random_id());
    let item =
        Item::Pool { performance: NIGHT, pool: PoolIndex(0), price: PriceIndex(0), units: 2 };
    let hold = Hold { pass, basket: Target::New(basket), items: vec![item], entitled: false };
    let began = Instant::now();
    engine.ask(Command::Hold(hold), None).await.expect("there is room");
    let held = began.elapsed();
    let release = Command::Release { pass, basket, hold: None };
    engine.ask(release, None).await.expect("it is held");
    [held, began.elapsed() - held]
}

/// What a histogram tells of its slowest samples.
struct Slowest<'a> {
    samples: u64,
    /// More than [`LATE_MAX`].
    over: u64,
    /// No sample is above it.
    bound: &'a str,
}

/// Reads the text of `/metrics`, as an operator does.
fn slowest<'a>(shown: &'a str, name: &str) -> Slowest<'a> {
    let bucket = |line: &'a str| {
        let (_, rest) = line.strip_prefix(name)?.strip_prefix("_bucket")?.split_once(",le=\"")?;
        let (bound, count) = rest.split_once("\"} ")?;
        Some((bound, count.parse().ok()?))
    };
    let buckets: Vec<(&str, u64)> = shown.lines().filter_map(bucket).collect();
    let samples = buckets.last().map_or(0, |(_, count)| *count);
    let late = buckets.iter().find(|(bound, _)| *bound == LATE_MAX);
    let all = buckets.iter().find(|(_, count)| *count == samples);
    Slowest {
        samples,
        over: samples - late.map_or(0, |(_, count)| *count),
        bound: all.map_or("", |(bound, _)| bound),
    }
}
