//! The gate: in front of a shop, it asks for a pass.
//!
//! Knows no rule of a sale: who has a pass is what the engine published. Read in this order:
//! `path` (one form), `rules` (who needs a pass for what), `target` (where visitors may be sent
//! back to), `front` (what every request meets).

pub mod path;
pub mod rules;
pub mod target;
