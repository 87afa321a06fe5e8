//! The console: the operators' pages, on the ops listener and nowhere else.
//!
//! Plain HTML that works without a script; a script makes figures live. Whoever is signed in acts
//! through the same commands as a staff key does, under their own name. Owns no state of a sale and
//! no account: it asks the engine, reads what is published, and asks [`crate::staff`].

pub mod accounts;
mod concern;
pub mod after;
pub mod controls;
pub mod doors;
pub mod figures;
pub mod files;
pub mod find;
pub mod form;
pub mod guard;
pub mod history;
pub mod pages;
pub mod performance;
pub mod performances;
pub mod picture;
pub mod steps;
pub mod written;
