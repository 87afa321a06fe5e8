//! Visitors waiting for a sale, and how they are called.
//!
//! Two views of the same places: [`mod@line`] is the writer's own, on which [`calling`] decides who
//! is next; [`places`] is what everybody reads, kept by the one [`publisher`] from what is durable.

pub mod standing;
pub mod places;
pub mod publisher;
pub mod line;
pub mod calling;
pub mod pace;
pub mod passes;
mod block;

#[cfg(test)]
mod tests;
