//! Stanchion: the rope line for a big on-sale night.
//!
//! Modules stand in the order of a request's path; `ARCHITECTURE.md` draws it.

pub mod app;
pub mod config;
pub mod command_line;

pub mod net;
pub mod api;
pub mod gate;
pub mod page;
pub mod console;
pub mod outlet;
pub mod engine;
pub mod staff;
pub mod journal;
pub mod board;
pub mod files;
pub mod token;
pub mod clock;
pub mod metrics;
pub mod trace;
