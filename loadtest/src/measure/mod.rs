//! Measurements: latencies from the intended start, and how well the harness itself kept up.
//!
//! A worker records into its own; the coordinator merges. Nothing is averaged on the way.

pub mod figures;
pub mod notebook;
pub mod own;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was asked, as figures are kept apart by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Opening a connection, TLS included.
    Connect,
    /// Loading the waiting page.
    Page,
    /// Joining the queue.
    Join,
    /// Asking for the place.
    Poll,
    /// Taking one's turn.
    Claim,
    /// Reading what is left, by performance.
    Performances,
    /// Reading the plan or the seats of a performance.
    Seats,
    /// Taking seats or units.
    Hold,
    /// Giving them back.
    Release,
    /// Going to the card page.
    Checkout,
    /// Confirming the order, as the shop.
    Order,
    /// Looking at a basket.
    Basket,
    /// Leaving the shop, or giving up the place.
    Leave,
    /// Reading the board, or opening its stream.
    Board,
    /// A head on a stream: from when the first stream of the worker had it until this one has it.
    Head,
    /// Showing that one is still in the shop.
    Pass,
    /// A page of the shop through the gate.
    Shop,
    /// An ops request.
    Ops,
}

/// How an exchange ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// 2xx or 3xx.
    Well,
    /// 4xx but 429: by rule.
    Refused,
    /// 429 or 503 with a time to come back: the server sheds load.
    PutOff,
    /// Any other 5xx.
    Failed,
    /// No answer in time, or the connection broke.
    Lost,
}

/// One exchange, as it is measured.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// What was asked.
    pub operation: Operation,
    /// When the visitor meant to ask, on the run's clock: latency counts from here.
    pub intended_us: u64,
    /// When the answer was whole, or given up.
    pub ended_us: u64,
    /// How it ended.
    pub ended: Ended,
}

/// Counts of how exchanges ended.
pub type Endings = BTreeMap<Ended, u64>;
