//! What one worker is to live, and how it says how it goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;

/// One worker's share of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Share {
    /// The night, complete: nothing is read from files any more.
    pub scenario: Scenario,
    /// Where the server is, and who we are to it.
    pub reach: Reach,
    /// This worker, from 0.
    pub worker: u32,
    /// All workers: person `n` is lived by worker `n % workers`.
    pub workers: u32,
}

/// A server as a worker reaches it: the target of a scenario, with its files read.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize)]
pub struct Reach {
    /// `http://` or `https://`, host and port: of one server, or of all of which one serves.
    pub urls: Vec<String>,
    /// The sale's id.
    pub sale: String,
    /// The shop's API key, if somebody is to pay.
    pub api_key: Option<String>,
    /// The authority that signed the server's certificate, as PEM.
    pub authority: Option<String>,
    /// Where pages of the shop are asked for.
    pub gate_url: Option<String>,
}

/// How a share of the people stands at the moment.
#[derive(Clone, Default, PartialEq, Debug, Deserialize, Serialize)]
pub struct Standing {
    /// How many are waiting, called, active, holding, gone, and have ordered.
    pub counts: BTreeMap<String, u64>,
    /// Requests so far.
    pub exchanges: u64,
    /// How late the harness was at 99 of 100, in milliseconds.
    pub lateness_p99_ms: f64,
    /// How much of the memory that what was told may take is used, from 0 to 1: the coordinator's
    /// to say.
    pub memory_share: f64,
}

impl Standing {
    /// Adds another worker's.
    pub fn merge(&mut self, other: &Self) {
        for (state, count) in &other.counts {
            *self.counts.entry(state.clone()).or_default() += count;
        }
        self.exchanges += other.exchanges;
        self.lateness_p99_ms = self.lateness_p99_ms.max(other.lateness_p99_ms);
        self.memory_share = self.memory_share.max(other.memory_share);
    }
}
