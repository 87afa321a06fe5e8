//! The writer in memory: hold and release on one hot pool, asked by many at once and answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use stanchion::clock::Clock;
use stanchion::engine::{Engine, Parts};
use stanchion::journal::memory::MemoryJournal;
use stanchion::metrics::Metrics;
use stanchion_domain::command::{Command, Hold, Item, Ops, OpsAction, Target};
use stanchion_domain::id::{BasketId, Number, PoolIndex, PriceIndex};
use stanchion_domain::limits::NUMBER_FIRST;
use tokio::runtime::Runtime;

use crate::sales::arena;
use crate::venue::{NIGHT, SHOPPERS};

/// Every shopper asks for a hold, waits for the answer, releases it, waits for the answer.
pub(crate) fn through_the_writer(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (engine, threads) = open();
    runtime.block_on(let_everybody_in(&engine));
    let mut group = criterion.benchmark_group("through the writer in memory");
    group.throughput(Throughput::Elements(1));
    group.bench_function("hold and release on one hot pool", |bencher| {
        bencher.iter_custom(|rounds| runtime.block_on(shop(&engine, rounds)));
    });
    group.finish();
    drop(engine);
    threads.join();
}

fn open() -> (Engine, stanchion::engine::Threads) {
    let parts = Parts {
        journal: Box::new(MemoryJournal::default()),
        definition: Some(Arc::new(arena())),
        clock: Clock::machine(),
        registry: Metrics::new(),
        fatal: Arc::new(|_| {}),
    };
    let started = Engine::start(parts).expect("memory can be written");
    started.expect("a definition was given")
}

async fn let_everybody_in(engine: &Engine) {
    let open =
        Ops { revision: 0, actor: "bench".into(), reason: String::new(), action: OpsAction::Open };
    engine.ask(Command::Ops(open), None).await.expect("a new sale opens");
    let mut joined = 0;
    while joined < SHOPPERS {
        joined += u32::from(engine.join().is_some());
    }
    for number in (0..SHOPPERS).map(number_of) {
        while engine.ask(Command::Claim { number }, None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The number of a shopper, counted from 0.
fn number_of(shopper: u32) -> Number {
    Number(NUMBER_FIRST + shopper)
}

async fn shop(engine: &Engine, rounds: u64) -> Duration {
    let shoppers = u64::from(SHOPPERS).min(rounds.max(1));
    let began = Instant::now();
    let tasks: Vec<_> = (0..shoppers)
        .map(|shopper| {
            let engine = engine.clone();
            let mine = rounds / shoppers + u64::from(shopper < rounds % shoppers);
            tokio::spawn(async move {
                for _ in 0..mine {
                    hold_and_release(&engine, number_of(shopper as u32)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("nobody panics");
    }
    began.elapsed()
}

async fn hold_and_release(engine: &Engine, pass: Number) {
    let basket = BasketId(stanchion::clock::random_id());
    let item =
        Item::Pool { performance: NIGHT, pool: PoolIndex(0), price: PriceIndex(0), units: 2 };
    let hold = Hold { pass, basket: Target::New(basket), items: vec![item], entitled: false };
    engine.ask(Command::Hold(hold), None).await.expect("there is room");
    let release = Command::Release { pass, basket, hold: None };
    engine.ask(release, None).await.expect("it is held");
}
