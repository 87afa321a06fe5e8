//! Thresholds of a scenario, judged.

use serde::{Deserialize, Serialize};

use crate::checks::Finding;
use crate::measure::Operation;
use crate::measure::figures::{Measured, Part};
use crate::scenario::{Phase, Threshold};

/// A threshold and what was measured.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Judged {
    /// What was to be reached.
    pub threshold: Threshold,
    /// The figure; absent if there was nothing to measure: then it is not reached.
    pub value: Option<f64>,
    /// Whether it was reached.
    pub reached: bool,
}

/// What thresholds are judged by.
pub struct Basis<'a> {
    /// What was measured.
    pub measured: &'a Measured,
    /// What was found.
    pub findings: &'a [Finding],
    /// The phases, in order.
    pub phases: &'a [Phase],
    /// The length of the run, in milliseconds.
    pub span_ms: u64,
}

/// Judges one threshold.
pub fn judge(threshold: &Threshold, basis: &Basis<'_>) -> Judged {
    let value = match threshold.figure.split_once('.') {
        Some((check, figure)) => of_check(check, figure, basis.findings),
        None => of_operation(threshold, basis),
    };
    let reached = value.is_some_and(|value| {
        threshold.at_most.is_none_or(|most| value <= most)
            && threshold.at_least.is_none_or(|least| value >= least)
    });
    Judged { threshold: threshold.clone(), value, reached }
}

fn of_check(check: &str, figure: &str, findings: &[Finding]) -> Option<f64> {
    let finding = findings.iter().find(|finding| finding.check == check)?;
    let figure = finding.figures.iter().find(|found| found.name == figure)?;
    Some(figure.value)
}

fn of_operation(threshold: &Threshold, basis: &Basis<'_>) -> Option<f64> {
    let operation = match threshold.operation.as_str() {
        "all" => None,
        name => Some(operation(name)?),
    };
    let phase = match &threshold.phase {
        None => None,
        Some(name) => Some(basis.phases.iter().position(|phase| phase.name == *name)?),
    };
    let part = basis.measured.whole(operation, phase)?;
    figure(&threshold.figure, &part, span_ms(basis, phase))
}

/// The length of a phase, or of the run, in milliseconds.
fn span_ms(basis: &Basis<'_>, phase: Option<usize>) -> u64 {
    let from_ms = |at: usize| {
        let from = basis.phases.get(at).map(|phase| phase.from.as_millis());
        from.map_or(basis.span_ms, |from| u64::try_from(from).unwrap_or(u64::MAX))
    };
    phase.map_or(basis.span_ms, |at| from_ms(at + 1).saturating_sub(from_ms(at)))
}

fn figure(name: &str, part: &Part, span_ms: u64) -> Option<f64> {
    Some(match name {
        "p50_ms" => part.latency.quantile_ms(0.5),
        "p90_ms" => part.latency.quantile_ms(0.9),
        "p99_ms" => part.latency.quantile_ms(0.99),
        "p999_ms" => part.latency.quantile_ms(0.999),
        "max_ms" => part.latency.max_ms(),
        "failed_share" => part.failed_share(),
        "per_second" => part.count() as f64 * 1_000.0 / span_ms.max(1) as f64,
        _ => return None,
    })
}

/// The operation of this name, as scenarios and reports call it.
pub fn operation(name: &str) -> Option<Operation> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::checks::{Figure, Verdict};
    use crate::measure::{Ended, Exchange};

    fn threshold(operation: &str, figure: &str, at_most: Option<f64>) -> Threshold {
        let (operation, figure) = (operation.to_owned(), figure.to_owned());
        Threshold { operation, phase: None, figure, at_most, at_least: None }
    }

    fn polls() -> Measured {
        let mut measured = Measured::default();
        for at in 0..100 {
            let (intended_us, operation) = (at * 1_000, Operation::Poll);
            let ended = if at == 7 { Ended::Lost } else { Ended::Well };
            let ended_us = intended_us + 10_000;
            let phase = usize::from(at >= 50);
            measured.add(phase, &Exchange { operation, intended_us, ended_us, ended });
        }
        measured
    }

    #[test]
    fn a_figure_is_held_to_its_threshold() {
        let finding = Finding {
            check: "order".to_owned(),
            promise: String::new(),
            verdict: Verdict::Kept,
            looked_at: 1,
            broken: 0,
            examples: Vec::new(),
            figures: vec![Figure { name: "tau".to_owned(), value: 0.9, unit: String::new() }],
        };
        let phase = |name: &str, from| Phase { name: name.to_owned(), from };
        let phases = [phase("early", Duration::ZERO), phase("late", Duration::from_secs(50))];
        let (measured, findings) = (polls(), [finding]);
        let basis =
            Basis { measured: &measured, findings: &findings, phases: &phases, span_ms: 100_000 };
        let reached = |threshold: Threshold| judge(&threshold, &basis).reached;
        assert!(reached(threshold("poll", "p99_ms", Some(11.0))));
        assert!(!reached(threshold("poll", "p99_ms", Some(9.0))));
        assert!(reached(threshold("all", "failed_share", Some(0.01))));
        assert!(!reached(threshold("all", "failed_share", Some(0.009))));
        let late = Some("late".to_owned());
        assert!(reached(Threshold { phase: late, ..threshold("poll", "failed_share", Some(0.0)) }));
        assert!(reached(threshold("all", "order.tau", Some(0.95))));
        assert!(!reached(threshold("all", "order.tau", Some(0.8))));
        let rate = judge(&threshold("poll", "per_second", None), &basis);
        assert_eq!(rate.value, Some(1.0));
    }

    #[test]
    fn what_was_never_measured_is_not_reached() {
        let measured = Measured::default();
        let basis = Basis { measured: &measured, findings: &[], phases: &[], span_ms: 1 };
        for figure in ["p99_ms", "order.tau", "nonsense"] {
            assert!(!judge(&threshold("poll", figure, Some(1e9)), &basis).reached);
        }
    }
}
