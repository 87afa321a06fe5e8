//! The published picture of a sale, and what acts on it.

pub mod status;
pub mod trigger;
pub mod picture;
