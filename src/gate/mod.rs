//! The gate: in front of a shop, it asks for a pass; the shop is reached only through here.
//!
//! Knows no rule of a sale: who has a pass is what the engine published. Read in this order:
//! `path` (one form), `rules` (who needs a pass for what), `target` (where visitors may be sent
//! back to), `door` (who may pass), `front` (what every request meets), `lost` (when the shop does
//! not answer), `ask` (for other people's proxies); then `origin` (what a request goes through on
//! its way to the shop), with `fields` (pure: which header fields pass), `proof`, `room`, `link`,
//! `passing`, `tunnel`, `health` and `watch` (asks the shop how it does, and tells the sales).

pub mod path;
pub mod rules;
pub mod target;
pub mod door;
pub mod front;
mod lost;
pub mod ask;
pub mod origin;
pub mod health;
pub mod watch;
pub mod proof;
mod fields;
mod link;
mod passing;
mod room;
mod tunnel;
