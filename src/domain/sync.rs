//! The atomics that readers and the writer share, by one name.
//!
//! Everything concurrent in the domain takes its atomics from here and from nowhere else, so that
//! `tests/interleave` can compile the very same files against atomics whose scheduling it controls.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
