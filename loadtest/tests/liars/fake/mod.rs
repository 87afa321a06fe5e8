//! A small server that sells one sale, honestly or with one lie.
//!
//! `sale` and `queue` are plain data and rules, told the time; `web` speaks them over HTTP as the
//! real server does. Nothing survives, and nothing is fast.

pub(crate) mod basket;
pub(crate) mod queue;
pub(crate) mod sale;
mod shop_words;
mod show_words;
pub(crate) mod stock;
mod till;
pub(crate) mod web;
mod words;

/// What a fake does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Lie {
    /// Nothing.
    #[default]
    None,
    /// A sold seat is sold again.
    SeatTwice,
    /// An order is forgotten as soon as it is acknowledged.
    OrderLost,
    /// Twice as many are called as may be, and the board says so to nobody.
    CapExceeded,
    /// Positions rise with every look.
    PositionRises,
    /// The whole server stands still for a second, once.
    Stalls,
    /// Who asks for seats when all are in baskets is told that they are sold.
    SoldOutEarly,
    /// The board counts one unit too few.
    UnitsVanish,
    /// The last who joined are called first.
    CalledBackwards,
    /// A payment whose answer was lost is refused when it is asked for again under its key, though
    /// it was taken.
    TwoOutcomes,
    /// Baskets end long before the time that was told.
    ExpiresEarly,
}

/// How long things take, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans {
    /// From the first hold to the end of a basket.
    pub(crate) hold_ms: u64,
    /// What checkout sets that to.
    pub(crate) checkout_ms: u64,
    /// From call to claim.
    pub(crate) claim_ms: u64,
    /// How long somebody counts as present after they were seen.
    pub(crate) presence_ms: u64,
}

impl Default for Spans {
    fn default() -> Self {
        Self { hold_ms: 60_000, checkout_ms: 30_000, claim_ms: 60_000, presence_ms: 30_000 }
    }
}
