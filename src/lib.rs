//! Stanchion: the rope line for a big on-sale night.
//!
//! Modules stand in the order of a request's path; `ARCHITECTURE.md` draws it.
pub mod command_line;
