//! The real binary under faults: killed, stopped, on disks that fail, fill and forget, with clocks
//! that jump.
//!
//! Each story starts a server in a folder of its own, lets real clients work on it over real
//! connections, does something to it, and at the end compares what anybody was told with what is
//! there. Seeds are printed; `CRASH_SEED` repeats one.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a story says what it saw, for whoever reads the run"
)]

mod caps;
mod clients;
mod clock;
mod contention;
mod descriptors;
mod disk;
mod history;
mod kill;
mod night;
mod server;
mod shopper;
mod start;
mod stop;
mod strace;
mod sync;
mod taken;
mod web;

/// The seed of a story: new each time, unless one is to be repeated.
fn seed(story: &str) -> u64 {
    let given = std::env::var("CRASH_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("{story}: CRASH_SEED={seed}");
    seed
}

/// Stories load the machine and measure it: one after the other.
async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
