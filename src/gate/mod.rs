//! The gate: the shop behind us, reached only through here.
//!
//! Read in this order: `origin` (what a request goes through on its way to the shop), with `fields`
//! (pure: which header fields pass), `proof`, `room`, `link`, `passing`, `tunnel` and `health`.

pub mod origin;
pub mod health;
pub mod proof;
mod fields;
mod link;
mod passing;
mod room;
mod tunnel;
