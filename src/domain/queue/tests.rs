//! Tests of the queue, one file for each part.

mod line;
mod pace;
mod passes;
mod places;
