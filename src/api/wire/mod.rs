//! What the public interface says and understands: its only serializable types.
//!
//! Written by hand from the words of the domain; nothing of the domain is serialized by itself, so
//! that a rule can change without a promise being broken. Unknown is absent, never a sentinel.

pub mod action;
pub mod basket;
pub mod counter;
pub mod desk;
pub mod items;
pub mod mirror;
pub mod moving;
pub mod place;
pub mod problem;
pub mod read;
pub mod role;
pub mod sale;
pub mod time;
pub mod trigger;
pub mod units;
