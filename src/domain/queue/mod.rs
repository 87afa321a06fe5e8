//! Visitors waiting for a sale, and how they are called.
//!
//! Two views of the same places: [`line`] is the writer's own, in which it decides who is called;
//! [`places`] is what everybody reads, kept by the one [`publisher`] from what is durable.

pub mod standing;
pub mod places;
pub mod publisher;
pub mod line;
pub mod pace;
mod block;

#[cfg(test)]
mod tests;
