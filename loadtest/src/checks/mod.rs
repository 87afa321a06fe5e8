//! What must be true of every history, however fast the server was.
//!
//! Each check is a function from the history to a finding; none knows the server, another check,
//! or the time of day. A check that had nothing to look at says so instead of passing; one that
//! only measures, for nothing is promised in its unit, says that: thresholds judge its figures.

pub mod acknowledged;
mod attempts;
mod baskets;
pub mod board;
pub mod cap;
pub mod expiry;
pub mod next_call;
pub mod order;
mod outages;
pub mod position;
mod report;
pub mod retry;
pub mod screen;
pub mod seat_history;
pub mod seat_twice;
mod staff;
pub mod status;
pub mod takeover;
mod turns;
mod units;
pub mod wait;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::attempts::Attempts;
use self::baskets::Baskets;
use self::outages::Outages;
use self::staff::Staff;
use self::turns::{Turn, turns};
use crate::history::Told;

/// What a check found.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Finding {
    /// The check: a stable, short name.
    pub check: String,
    /// What is promised, or what is measured where nothing is, in a sentence.
    pub promise: String,
    /// What came of it.
    pub verdict: Verdict,
    /// How many things were looked at: orders, shown positions, boards …
    pub looked_at: u64,
    /// How many of them broke the promise.
    pub broken: u64,
    /// The first of them, with who, when and what, for a person to follow up.
    pub examples: Vec<String>,
    /// Figures worth showing, the most telling first: name, value, unit.
    pub figures: Vec<Figure>,
}

/// What came of a check: whether a promise was kept, if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything looked at was as promised.
    Kept,
    /// Something was not.
    Broken,
    /// Nothing is promised, and there are figures.
    Measured,
    /// There was nothing to look at, or too little to say.
    NotShown,
}

impl Verdict {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Measured => "measured",
            Self::NotShown => "not shown",
        }
    }
}

/// A figure of a finding.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what: `ms`, `share`, …
    pub unit: String,
}

/// What the checks look at: a history, and what several of them gather from it, gathered once.
pub struct Evidence<'a> {
    history: &'a [Told],
    cap: Option<u32>,
    staff: Staff,
    attempts: Attempts<'a>,
    outages: Outages,
    baskets: Baskets<'a>,
    turns: Vec<Turn>,
}

impl<'a> Evidence<'a> {
    /// Of everything that was told, in order of asking, and the cap when the run began.
    pub fn of(history: &'a [Told], cap: Option<u32>) -> Self {
        let (staff, attempts) = (Staff::of(history), Attempts::of(history));
        let outages = Outages::of(history);
        let baskets = Baskets::of(history, &attempts, &staff);
        let turns = turns(history, &attempts, &staff);
        Self { history, cap, staff, attempts, outages, baskets, turns }
    }
}

/// Checks everything, in the order in which a report shows it.
pub fn all(evidence: &Evidence<'_>) -> Vec<Finding> {
    let checks: [fn(&Evidence<'_>) -> Finding; 14] = [
        seat_twice::check,
        seat_history::check,
        acknowledged::check,
        cap::check,
        position::check,
        order::check,
        board::check,
        status::check,
        expiry::check,
        retry::check,
        wait::check,
        next_call::check,
        screen::check,
        takeover::check,
    ];
    checks.iter().map(|check| check(evidence)).collect()
}
