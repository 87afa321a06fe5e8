//! The demonstration: a crowd, a shop and a view of the night, around a server.
//!
//! Everything but `night`, `served` and `folder` speaks HTTP to the public interface (the view also
//! to the ops listener) and knows none of the server's code, so that what it shows is what anybody
//! else would see.
//!
//! With a standby, `pair` keeps two servers as processes (`process`) on one `redis`, and `door`
//! leads to whichever of them writes.

pub mod crowd;
pub mod display;
mod door;
mod folder;
mod night;
mod pair;
mod process;
mod redis;
mod rush;
mod seen;
mod served;
pub mod shop;
mod words;

pub mod web;
pub mod wire;

#[cfg(test)]
mod fake;

pub(super) use night::{Asked, run};
