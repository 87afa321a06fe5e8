//! The gate: in front of a shop, it asks for a pass; the shop is reached only through here.
//!
//! Knows no rule of a sale: who has a pass is what the engine published. Read in this order:
//! `rules` (who needs a pass for what, told by the one form of a path of `net::path`), `door` (who
//! may pass), `app` (programs that wait), `front` (what every request meets), `lost` (when the shop
//! does not answer), `ask` (for other people's proxies), `go` (for shops that check passes by
//! themselves), `connector` (for connectors that shops run already); then `origin` (what a request
//! goes through on its way to the shop), with `fields` (pure: which header fields pass), `proof`,
//! `room`, `pool`, `link` (as whom: `identity`), `passing`, `tunnel`, `health` and `watch` (asks
//! the shop how it does, and tells the sales).

pub mod rules;
pub mod door;
mod app;
pub mod front;
mod lost;
pub mod ask;
pub mod go;
pub mod connector;
pub mod origin;
pub mod health;
pub mod watch;
pub mod proof;
mod fields;
mod identity;
mod link;
mod passing;
mod pool;
mod room;
mod tunnel;
