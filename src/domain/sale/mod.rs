//! One on-sale as a whole.

pub mod definition;
