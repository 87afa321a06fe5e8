//! What everyone may see: built whole, swapped whole, streamed.
//!
//! The engine computes pictures (`stanchion_domain::board::picture`) from decided state; one thread
//! publishes them here once that state is durable. Readers get ready-made bytes and never wait:
//! they load a pointer or an array of atomics. Nothing here decides, reads a clock, or touches a
//! socket.
//!
//! | file | what |
//! |---|---|
//! | `store` | the board as a whole: numbered, swapped, announced |
//! | `head` | what everybody asks for: under 2 KB |
//! | `performances` | all performances, and those that changed since a version |
//! | `fragment` | one performance: status and counts of its price zones |
//! | `seats` | live states of numbered seats |
//! | `plan` | the fixed layout of the seats |
//! | `frame` | the frames of the HTTP event stream |
//! | `stream` | who follows the heads through it |
//! | `projection` | sale time as people read it |
//! | `wire` | the types of the JSON |
//! | `json` | how all of it is written |
//!
//! **Versions** are numbers below 2^53 that only grow, also from one process to the next: whoever
//! builds a store says above which number it begins (`after`). The writer's epoch times 2^32 will
//! do. So a reader that asks what changed since a version of an earlier process gets everything.

pub mod store;
pub mod frame;
pub mod head;
pub mod performances;
pub mod fragment;
pub mod seats;
pub mod plan;
pub mod stream;
pub mod projection;
pub mod wire;
pub mod json;

#[cfg(test)]
mod tests;
