//! The local journal: durable appends by batch size, and a start from a million records.

use std::ops::ControlFlow;

use criterion::{BenchmarkId, Criterion, Throughput};
use stanchion::journal::local::LocalJournal;
use stanchion::journal::{Head, Journal, Record};
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PoolIndex, PriceIndex};
use stanchion_domain::id::{RequestKey, ZoneIndex};
use stanchion_domain::sale::Sale;
use stanchion_domain::time::{Now, SaleTime};

use crate::sales::{SHOPPERS, arena};

fn record(head: &mut Head, change: Change) -> Record {
    head.sequence += 1;
    let key = u128::from(head.sequence);
    let request = Some(RequestKey { key, body: 7 });
    let now = Now { sale: SaleTime(head.sequence), ..Now::default() };
    Record { sequence: head.sequence, epoch: 1, decided: Decided { now, request, change } }
}

fn held(basket: u64) -> Change {
    let line = Line {
        performance: PerformanceIndex(0),
        what: Taken::Pool(PoolIndex(0), 2),
        zone: ZoneIndex(0),
        price: PriceIndex(0),
        amount_minor: 5_000,
        house: false,
    };
    Change::Held(Held {
        basket: BasketId(u128::from(basket)),
        pass: Number((basket % u64::from(SHOPPERS)) as u32),
        hold: HoldId(1),
        lines: [line].into(),
        deadline_at: SaleTime(u64::MAX / 2),
    })
}

/// One durable write of 1 to 4,096 holds.
pub(crate) fn appending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("durable append");
    let folder = tempfile::tempdir().expect("a folder for the journal");
    let mut journal = LocalJournal::open(folder.path()).expect("a new journal");
    for batch in [1_u64, 32, 512, 4_096] {
        group.throughput(Throughput::Elements(batch));
        group.bench_with_input(BenchmarkId::new("holds", batch), &batch, |bencher, batch| {
            bencher.iter_custom(|rounds| {
                let mut took = std::time::Duration::ZERO;
                for _ in 0..rounds {
                    let mut head = journal.head();
                    let records: Vec<_> =
                        (0..*batch).map(|at| record(&mut head, held(at + 1))).collect();
                    let began = std::time::Instant::now();
                    journal.append(&records).expect("the disk has room");
                    took += began.elapsed();
                }
                took
            });
        });
    }
    group.finish();
}

/// Opening a journal of a million records, checking all of it, and replaying it.
pub(crate) fn recovering(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the journal");
    let mut journal = LocalJournal::open(folder.path()).expect("a new journal");
    let mut head = Head::default();
    let mut first = vec![
        record(&mut head, Change::Created(std::sync::Arc::new(arena()))),
        record(&mut head, Change::Reserved { until: 1 << 20 }),
        record(&mut head, Change::Marked { issued: 1_000_000 }),
        record(&mut head, Change::Opened),
    ];
    let numbers: Vec<_> = (0..SHOPPERS).map(Number).collect();
    let claim_until = SaleTime(u64::MAX / 2);
    let called = Change::Called { numbers, front: SHOPPERS, claim_until };
    first.push(record(&mut head, called));
    for number in 0..SHOPPERS {
        first.push(record(&mut head, Change::Claimed { number: Number(number) }));
    }
    journal.append(&first).expect("the disk has room");
    let mut basket = 0;
    while head.sequence < 1_000_000 {
        let mut records = Vec::with_capacity(4_096);
        for _ in 0..2_048 {
            basket += 1;
            records.push(record(&mut head, held(basket)));
            let basket = BasketId(u128::from(basket));
            records.push(record(&mut head, Change::BasketReleased { basket }));
        }
        journal.append(&records).expect("the disk has room");
    }
    drop(journal);
    criterion.bench_function("recovery of 1,000,000 records and 1,000,000 places", |bencher| {
        bencher.iter(|| {
            let history = LocalJournal::open(folder.path()).expect("a sound journal").history();
            let mut sale: Option<Sale> = None;
            history
                .read_from(1, &mut |record| {
                    match (&mut sale, &record.decided.change) {
                        (Some(sale), _) => sale.apply(&record.decided),
                        (none, Change::Created(definition)) => {
                            *none = Some(Sale::new(definition.clone()));
                        }
                        (None, _) => panic!("the first record creates the sale"),
                    }
                    ControlFlow::Continue(())
                })
                .expect("a sound journal");
            sale.expect("a sale was recovered").check_invariants();
        });
    });
}
