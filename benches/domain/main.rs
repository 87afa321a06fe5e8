//! Benchmarks of the rules alone, one module a question. Single-threaded unless the name says so.

#[path = "../quantiles.rs"]
mod quantiles;

mod inventory;
mod queue;
mod sales;
mod tails;
mod venue;

use criterion::{criterion_group, criterion_main};

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

criterion_group!(queue, queue::positions, queue::joining, queue::calling);
criterion_group!(inventory, inventory::holds, inventory::best_available, tails::best_available);
criterion_main!(queue, inventory);
