//! How a finding is put together, and how instants are said.
//!
//! Counts what was looked at and what was broken, keeps the first examples, and decides the
//! verdict, the same way for every check.

use super::{Figure, Finding, Verdict};
use crate::history::Who;

/// Examples that a finding keeps: enough to follow up, few enough to read.
pub(super) const EXAMPLES_MAX: usize = 20;

/// A finding in the making.
pub(super) struct Report {
    finding: Finding,
    /// What becomes of it if something was looked at and nothing was broken.
    sound: Verdict,
    examples: Vec<(u64, String)>,
    undecided: u64,
}

impl Report {
    /// Begins with a check's stable name and what is promised.
    pub(super) fn new(check: &str, promise: &str) -> Self {
        Self::begin(check, promise, Verdict::Kept)
    }

    /// Begins with a check's stable name and what it measures: nothing is promised.
    pub(super) fn measuring(check: &str, what: &str) -> Self {
        Self::begin(check, what, Verdict::Measured)
    }

    fn begin(check: &str, promise: &str, sound: Verdict) -> Self {
        let finding = Finding {
            check: check.to_owned(),
            promise: promise.to_owned(),
            verdict: Verdict::NotShown,
            looked_at: 0,
            broken: 0,
            examples: Vec::new(),
            figures: Vec::new(),
        };
        Self { finding, sound, examples: Vec::new(), undecided: 0 }
    }

    /// So many more things were looked at.
    pub(super) fn looked(&mut self, things: u64) {
        self.finding.looked_at += things;
    }

    /// Something was not as promised, at this time of the run.
    pub(super) fn broke(&mut self, at_us: u64, what: impl FnOnce() -> String) {
        self.finding.broken += 1;
        let last = self.examples.last().map_or(0, |(at_us, _)| *at_us);
        if self.examples.len() < EXAMPLES_MAX || at_us < last {
            let place = self.examples.partition_point(|(before_us, _)| *before_us <= at_us);
            self.examples.insert(place, (at_us, what()));
            self.examples.truncate(EXAMPLES_MAX);
        }
    }

    /// Something could not be decided within the bounds of the check.
    pub(super) fn undecided(&mut self) {
        self.undecided += 1;
    }

    /// A figure worth showing.
    pub(super) fn figure(&mut self, name: &str, value: f64, unit: &str) {
        self.finding.figures.push(Figure { name: name.to_owned(), value, unit: unit.to_owned() });
    }

    /// What half of these spans, 99 of 100 and all of them stay within, in milliseconds.
    pub(super) fn spans(&mut self, name: &str, spans_us: &mut [u64]) {
        if spans_us.is_empty() {
            return;
        }
        spans_us.sort_unstable();
        for (quantile, permille) in [("half_of", 500), ("99_of_100", 990), ("all", 1_000)] {
            let rank = (spans_us.len() * permille).div_ceil(1_000).max(1);
            let name = format!("{quantile}_{name}");
            self.figure(&name, spans_us[rank - 1] as f64 / 1_000.0, "ms");
        }
    }

    /// The finding: broken if anything was, not shown if nothing was looked at or decided.
    pub(super) fn done(mut self) -> Finding {
        if self.undecided > 0 {
            self.figure("undecided", self.undecided as f64, "count");
        }
        let finding = &mut self.finding;
        finding.verdict = if finding.broken > 0 {
            Verdict::Broken
        } else if finding.looked_at == 0 || self.undecided > 0 {
            Verdict::NotShown
        } else {
            self.sound
        };
        finding.examples = self.examples.into_iter().map(|(_, what)| what).collect();
        self.finding
    }
}

/// An instant of the run, in seconds.
pub(super) fn at(us: u64) -> String {
    format!("{:.3} s", us as f64 / 1e6)
}

/// Somebody, by name.
pub(super) fn name(who: Who) -> String {
    match who {
        Who::Visitor(number) => format!("visitor {number}"),
        Who::Staff => "staff".to_owned(),
        Who::Observer => "the observer".to_owned(),
    }
}
