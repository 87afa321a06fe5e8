//! The queue: what a poll and a join cost, and what calling costs the writer.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use stanchion_domain::id::Number;
use stanchion_domain::limits::NUMBERS_PER_BLOCK;
use stanchion_domain::queue::calling::{Choice, Present};
use stanchion_domain::queue::line::Line;
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::time::SaleTime;

const NOW: SaleTime = SaleTime(1_000);
/// Visitors who join in one go: starting a thread is nothing beside them.
const JOINING: u32 = 1_000_000;

fn queue_of(people: u32) -> Publisher {
    let mut publisher = Publisher::new();
    publisher.reserve(people.next_multiple_of(NUMBERS_PER_BLOCK));
    let places = publisher.places();
    (0..people).for_each(|_| assert!(places.join(NOW).is_some()));
    // Some have left, so that words are not all ones.
    (0..people).step_by(7).for_each(|number| publisher.spend(Number(number)));
    publisher.rebuild_sums();
    publisher
}

/// A visitor's position among one and ten million, in random order, with the stamp of a poll.
pub(crate) fn positions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("position");
    group.throughput(Throughput::Elements(1));
    for people in [1_000_000_u32, 10_000_000] {
        let publisher = queue_of(people);
        let places = publisher.places();
        let mut number = 1_u32;
        group.bench_function(format!("poll among {people}"), |bencher| {
            bencher.iter(|| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let mine = Number(number % people);
                places.see(mine, NOW);
                black_box(places.standing(mine))
            });
        });
        let mut publisher = publisher;
        group.bench_function(format!("rebuild sums of {people}"), |bencher| {
            bencher.iter(|| publisher.rebuild_sums());
        });
    }
    group.finish();
}

/// A queue number for each of a million new visitors, by one thread and by two at once.
pub(crate) fn joining(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join");
    group.throughput(Throughput::Elements(JOINING.into()));
    for threads in [1, 2] {
        group.bench_function(format!("1,000,000 visitors, threads: {threads}"), |bencher| {
            let empty = || {
                let mut publisher = Publisher::new();
                publisher.reserve(JOINING.next_multiple_of(NUMBERS_PER_BLOCK));
                publisher
            };
            let join = |publisher| join_by(threads, publisher);
            bencher.iter_batched(empty, join, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// Each thread takes its share, as fast as it can.
fn join_by(threads: u32, publisher: Publisher) -> Publisher {
    let places = publisher.places();
    let share = || (0..JOINING / threads).for_each(|_| assert!(places.join(NOW).is_some()));
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(share)));
    });
    publisher
}

/// Nobody is there, which is known of every group.
struct Away;

impl Present for Away {
    fn present(&self, _: Number) -> bool {
        false
    }

    fn anybody_near(&self, _: Number) -> bool {
        false
    }
}

/// Choosing 100 of a million to call: all present, and nobody present but all passed over.
pub(crate) fn calling(criterion: &mut Criterion) {
    let mut line = Line::default();
    line.reserve(16 * NUMBERS_PER_BLOCK);
    line.mark(1_000_000);
    let mut group = criterion.benchmark_group("calling");
    let choice = Choice { free: 100, issued: 1_000_000, passing: true, now: NOW };
    group.bench_function("100 of 1,000,000 present", |bencher| {
        bencher.iter(|| black_box(line.choose(choice, &|_: Number| true)));
    });
    let grace = Choice { passing: false, ..choice };
    group.bench_function("nobody of 1,000,000 present", |bencher| {
        bencher.iter(|| black_box(line.choose(grace, &Away)));
    });
    group.finish();
}
