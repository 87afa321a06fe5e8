//! Visitors waiting for a sale, and how they are called.

pub mod standing;
pub mod line;
pub mod pace;
pub mod passes;
