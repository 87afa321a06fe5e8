//! The local journal: durable appends by batch size, and a start from a million records.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use stanchion::journal::Journal;
use stanchion::journal::local::LocalJournal;
use stanchion::metrics::Metrics;
use stanchion_domain::change::{Change, Taken};
use stanchion_domain::id::{BasketId, PoolIndex};
use stanchion_domain::time::SaleTime;

use crate::night::{Night, held, record, start};

/// One durable write of 1 to 4,096 holds.
pub(crate) fn appending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("durable append");
    let folder = tempfile::tempdir().expect("a folder for the journal");
    let mut journal = LocalJournal::open(folder.path()).expect("a new journal");
    let hold = Change::Held(held(BasketId(1), 1, &[Taken::Pool(PoolIndex(0), 2)]));
    for batch in [1_u64, 32, 512, 4_096] {
        group.throughput(Throughput::Elements(batch));
        group.bench_with_input(BenchmarkId::new("holds", batch), &batch, |bencher, batch| {
            bencher.iter_custom(|rounds| {
                let mut took = Duration::ZERO;
                for _ in 0..rounds {
                    let mut head = journal.head();
                    let records: Vec<_> =
                        (0..*batch).map(|_| record(&mut head, SaleTime(0), hold.clone())).collect();
                    let began = Instant::now();
                    journal.append(&records).expect("the disk has room");
                    took += began.elapsed();
                }
                took
            });
        });
    }
    group.finish();
}

/// From opening a journal of a million records, without a snapshot, until the sale is served.
pub(crate) fn recovering(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the journal");
    Night::write(folder.path());
    let what = "recovery of 100,000 seats, 1,000,000 places, 1,000,000 records";
    criterion.bench_function(what, |bencher| {
        bencher.iter_custom(|rounds| {
            let start_once = |_| {
                let began = Instant::now();
                let (engine, threads) = start(folder.path(), Metrics::new());
                let took = began.elapsed();
                drop(engine);
                // Before it is time for a snapshot.
                threads.join();
                took
            };
            (0..rounds).map(start_once).sum()
        });
    });
}
