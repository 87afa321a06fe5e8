//! Stanchion's load harness: virtual visitors with behaviour, and checks of what they were told.
//!
//! Speaks HTTP only and knows none of the server's code, so that neither can hide the other's
//! mistakes.

pub mod checks;
pub mod command_line;
pub mod crowd;
pub mod history;
pub mod measure;
pub mod night;
pub mod rehearse;
pub mod report;
pub mod scenario;
pub mod staff;
pub mod web;
