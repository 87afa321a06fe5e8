//! The real binary under faults: killed, stopped, on disks that fail, fill and forget, with clocks
//! that jump.
//!
//! Each story starts a server in a folder of its own, lets real clients work on it over real
//! connections, does something to it, and at the end compares what anybody was told with what is
//! there. Seeds are printed; `CRASH_SEED` repeats one.
#![expect(clippy::print_stdout, reason = "a story says what it saw, for whoever reads the run")]

mod clock;
mod contention;
mod descriptors;
mod disk;
mod handover;
mod kill;
mod mirrored;
mod moved;
mod start;
mod stop;
mod strace;
mod sync;
mod taken;
