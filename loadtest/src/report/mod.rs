//! The report of a run: what was played, what was measured, what was found, and what it comes to.
//!
//! One value, written as JSON for machines and as one HTML file for people. Everything a reader
//! needs to doubt it is in it: the harness's own lateness, the machines, the scenario and its seed.

pub mod chart;
pub mod compare;
pub mod page;
pub mod summary;
pub mod threshold;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checks::{Finding, Verdict};
use crate::history::Counts;
use crate::measure::figures::Measured;
use crate::measure::own::Used;
use crate::scenario::Phase;
use threshold::Judged;

/// Version of the JSON report; a reader refuses others.
pub const FORMAT: u32 = 2;

/// A run, complete.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// What was played.
    pub played: Played,
    /// Wall time of the first arrival.
    pub began_at: jiff::Timestamp,
    /// From the beginning to the end of the last exchange, in milliseconds.
    pub span_ms: u64,
    /// Workers, with what they used.
    pub workers: Vec<Used>,
    /// The server, if it was ours.
    pub server: Option<ServerUsed>,
    /// Why the run is not to be believed; empty: it is.
    pub doubts: Vec<String>,
    /// Figures by phase, operation and second.
    pub measured: Measured,
    /// What was checked.
    pub findings: Vec<Finding>,
    /// What was to be reached.
    pub thresholds: Vec<Judged>,
    /// The board as it was read, about twice a second, for drawing.
    pub boards: Vec<BoardPoint>,
    /// What staff and the world did, for drawing.
    pub moments: Vec<MomentPoint>,
    /// Visitors by what became of them, in the harness's words.
    pub visitors: BTreeMap<String, u64>,
}

/// What was played.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Played {
    /// The scenario's name.
    pub name: String,
    /// What it stands for.
    pub about: String,
    /// Everything random followed from it.
    pub seed: u64,
    /// How many times faster than people the crowd lived.
    pub pace_of_life: f64,
    /// People who came.
    pub people: u64,
    /// Where the server was.
    pub target: String,
    /// Parts of the run.
    pub phases: Vec<Phase>,
    /// The processor of the machine that coordinated the run, its cores, its kernel.
    pub machine: String,
}

/// What the server used, if it was ours.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
pub struct ServerUsed {
    /// Processor time, in milliseconds.
    pub cpu_ms: u64,
    /// The most memory that was resident, in bytes.
    pub memory_bytes_max: u64,
}

/// The board at an instant.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
pub struct BoardPoint {
    /// Milliseconds of the run.
    pub at_ms: u64,
    /// Units by state.
    pub counts: Counts,
    /// Visitors waiting.
    pub waiting: u64,
    /// Visitors called.
    pub called: u64,
    /// Visitors with a pass.
    pub active: u64,
    /// The cap.
    pub cap: u64,
}

/// Something that staff or the world did.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct MomentPoint {
    /// Milliseconds of the run.
    pub at_ms: u64,
    /// What, in a few words.
    pub what: String,
}

/// What a run comes to, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A promise was broken.
    Broken,
    /// The harness could not keep up: nothing is said about the server.
    Invalid,
    /// Promises were kept, and something that was to be reached was not.
    NotReached,
    /// All well.
    Well,
}

impl Report {
    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        let broken = |finding: &Finding| finding.verdict == Verdict::Broken;
        if self.findings.iter().any(broken) {
            Outcome::Broken
        } else if !self.doubts.is_empty() {
            Outcome::Invalid
        } else if self.thresholds.iter().any(|judged| !judged.reached) {
            Outcome::NotReached
        } else {
            Outcome::Well
        }
    }
}

impl Outcome {
    /// The exit code of the program: 0 well, 1 not reached, 2 invalid, 3 broken. Mistakes in what
    /// was asked for exit with 64.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::NotReached => 1,
            Self::Invalid => 2,
            Self::Broken => 3,
        }
    }
}

#[cfg(test)]
mod tests;
