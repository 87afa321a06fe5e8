//! Benchmarks of the server's parts that stand around the rules, one module a question.

#[path = "../domain/sales.rs"]
mod sales;
#[path = "../domain/venue.rs"]
mod venue;

mod board;
mod engine;
mod journal;
mod night;

use criterion::{criterion_group, criterion_main};

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

criterion_group!(board, board::publishing, board::reading);
criterion_group! {
    name = slow;
    config = criterion::Criterion::default().sample_size(10);
    targets = journal::appending, journal::recovering, engine::through_the_writer
}
criterion_main!(board, slow);
