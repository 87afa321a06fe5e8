//! The demonstration: a crowd, a shop and a view of the night, around a server.
//!
//! Everything but `night` and `folder` speaks HTTP to the public interface (the view also to the
//! ops listener) and knows none of the server's code, so that what it shows is what anybody else
//! would see.

pub mod crowd;
pub mod display;
mod folder;
mod night;
pub mod shop;

pub mod web;
pub mod wire;

#[cfg(test)]
mod fake;

pub(super) use night::{Asked, run};
