//! The report as one HTML file: no script, nothing loaded from anywhere.

use std::collections::BTreeSet;

use anyhow::Context;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};

use super::chart::{Across, Chart, Line, short};
use super::{BoardPoint, Outcome, Report};
use crate::checks::{Figure, Finding, Verdict};
use crate::measure::figures::Second;
use crate::measure::{Ended, Operation};

const TEMPLATE: &str = include_str!("report.html");

/// The page.
///
/// # Errors
/// Only if the template is wrong, which its test shows.
pub fn page(report: &Report) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", TEMPLATE).context("the template of the report")?;
    let charts: Vec<_> =
        charts(report).iter().map(Chart::svg).map(Value::from_safe_string).collect();
    let (verdict, class) = verdict(report.outcome());
    environment
        .get_template("report.html")?
        .render(context! {
            played => Serde(&report.played),
            began_at => report.began_at.to_string(),
            server => Serde(report.server),
            workers => Serde(&report.workers),
            doubts => Serde(&report.doubts),
            moments => Serde(&report.moments),
            visitors => Serde(&report.visitors),
            verdict => verdict,
            class => class,
            charts => charts,
            operations => operations(report),
            findings => report.findings.iter().map(finding).collect::<Vec<_>>(),
            thresholds => thresholds(report),
            lateness_p99 => ms(report.measured.lateness.quantile_ms(0.99)),
            lateness_max => ms(report.measured.lateness.max_ms()),
            exchanges => report.measured.exchanges(),
            span => short(report.span_ms as f64 / 1_000.0),
        })
        .context("the report cannot be drawn")
}

/// What a run comes to, for a person in a hurry, and the class of its colour.
pub fn verdict(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Well => {
            ("Everything promised was kept, and everything wanted was reached.", "well")
        }
        Outcome::NotReached => ("Promises were kept; not everything wanted was reached.", "short"),
        Outcome::Invalid => ("The harness could not keep up: this run says nothing.", "invalid"),
        Outcome::Broken => ("A promise was broken.", "broken"),
    }
}

/// A span in milliseconds, with as many digits as it is worth.
pub fn ms(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1_000.0),
    }
}

/// The name of an operation, as scenarios say it.
pub fn operation_name(operation: Operation) -> String {
    format!("{operation:?}").to_lowercase()
}

fn operations(report: &Report) -> Vec<Value> {
    let mut rows = Vec::new();
    for phase in phases(report) {
        for operation in measured_operations(report) {
            let Some(part) = report.measured.whole(Some(operation), phase) else { continue };
            let ended = |ended| part.endings.get(&ended).copied().unwrap_or(0);
            let quantile = |share| ms(part.latency.quantile_ms(share));
            let name = phase.and_then(|at| report.played.phases.get(at));
            rows.push(context! {
                phase => name.map_or("whole run", |phase| phase.name.as_str()),
                operation => operation_name(operation),
                count => part.count(),
                refused => ended(Ended::Refused),
                put_off => ended(Ended::PutOff),
                failed => ended(Ended::Failed) + ended(Ended::Lost),
                p50 => quantile(0.5),
                p90 => quantile(0.9),
                p99 => quantile(0.99),
                p999 => quantile(0.999),
                max => ms(part.latency.max_ms()),
            });
        }
    }
    rows
}

/// The whole run, then each phase if there are several.
fn phases(report: &Report) -> Vec<Option<usize>> {
    let apart = (report.played.phases.len() > 1).then_some(0..report.played.phases.len());
    std::iter::once(None).chain(apart.into_iter().flatten().map(Some)).collect()
}

fn measured_operations(report: &Report) -> BTreeSet<Operation> {
    report.measured.parts.iter().map(|part| part.operation).collect()
}

fn finding(finding: &Finding) -> Value {
    let class = match finding.verdict {
        Verdict::Kept => "well",
        Verdict::Broken => "broken",
        Verdict::Measured => "measured",
        Verdict::NotShown => "short",
    };
    let figures = finding.figures.iter().map(said).collect::<Vec<_>>().join(", ");
    let word = finding.verdict.word();
    context! { finding => Serde(finding), word => word, class => class, figures => figures }
}

/// A figure in words.
pub fn said(figure: &Figure) -> String {
    format!("{} {} {}", figure.name.replace('_', " "), short(figure.value), figure.unit)
}

fn thresholds(report: &Report) -> Vec<Value> {
    let judged = report.thresholds.iter().map(|judged| {
        let threshold = &judged.threshold;
        let bound = match (threshold.at_least, threshold.at_most) {
            (Some(least), Some(most)) => format!("{} to {}", short(least), short(most)),
            (Some(least), None) => format!("at least {}", short(least)),
            (None, Some(most)) => format!("at most {}", short(most)),
            (None, None) => String::new(),
        };
        context! {
            threshold => Serde(threshold),
            bound => bound,
            value => judged.value.map_or("not measured".to_owned(), short),
            word => if judged.reached { "reached" } else { "not reached" },
            class => if judged.reached { "well" } else { "broken" },
        }
    });
    judged.collect()
}

fn charts(report: &Report) -> Vec<Chart> {
    let marks: Vec<_> = report
        .moments
        .iter()
        .map(|moment| (moment.at_ms as f64 / 1_000.0, moment.what.clone()))
        .collect();
    let over_time = |chart: Chart| Chart { marks: marks.clone(), ..chart };
    vec![
        over_time(board(report, "In the queue", "visitors", &[("waiting", |at| at.waiting)])),
        over_time(board(
            report,
            "In the shop",
            "visitors",
            &[("cap", |at| at.cap), ("active", |at| at.active), ("called", |at| at.called)],
        )),
        over_time(Chart {
            stacked: true,
            ..board(
                report,
                "What became of the seats",
                "seats and places",
                &[
                    ("sold", |at| at.counts.sold),
                    ("paying", |at| at.counts.paying),
                    ("in baskets", |at| at.counts.held),
                    ("available", |at| at.counts.available),
                ],
            )
        }),
        over_time(rates(report)),
        over_time(latencies(report, Operation::Poll, "A poll, from the moment it was meant")),
        over_time(latencies(report, Operation::Hold, "A hold, from the moment it was meant")),
        distribution(report),
    ]
}

/// A curve of the board: its name, and what is read off it.
type Curve<'a> = (&'a str, fn(&BoardPoint) -> u64);

fn board(report: &Report, title: &str, unit: &str, curves: &[Curve<'_>]) -> Chart {
    let line = |(name, read): &Curve<'_>| Line {
        name: (*name).to_owned(),
        points: report
            .boards
            .iter()
            .map(|point| (point.at_ms as f64 / 1_000.0, read(point) as f64))
            .collect(),
    };
    let lines = curves.iter().map(line).collect();
    Chart { title: title.to_owned(), unit: unit.to_owned(), lines, ..Chart::default() }
}

fn rates(report: &Report) -> Chart {
    let count = |name: &str, wanted: &dyn Fn(Ended) -> bool| Line {
        name: name.to_owned(),
        points: report
            .measured
            .seconds
            .iter()
            .enumerate()
            .map(|(at, second)| {
                let endings = second.values().flat_map(|second| &second.endings);
                let counted = endings.filter(|(ended, _)| wanted(**ended));
                (at as f64, counted.map(|(_, count)| *count as f64).sum())
            })
            .collect(),
    };
    let lines = vec![
        count("answered", &|ended| matches!(ended, Ended::Well | Ended::Refused)),
        count("put off", &|ended| ended == Ended::PutOff),
        count("failed", &|ended| matches!(ended, Ended::Failed | Ended::Lost)),
    ];
    let (title, unit) = ("Requests".to_owned(), "a second".to_owned());
    Chart { title, unit, lines, ..Chart::default() }
}

fn latencies(report: &Report, operation: Operation, title: &str) -> Chart {
    let seconds = || {
        let seconds = report.measured.seconds.iter().enumerate();
        seconds.filter_map(|(at, second)| Some((at as f64, second.get(&operation)?)))
    };
    let line = |name: &str, read: &dyn Fn(&Second) -> f64| Line {
        name: name.to_owned(),
        points: seconds().map(|(at, second)| (at, read(second))).collect(),
    };
    let lines = vec![
        line("slowest", &|second| second.quantile_ms(1.0)),
        line("99 of 100", &|second| second.quantile_ms(0.99)),
        line("half of them", &|second| second.quantile_ms(0.5)),
    ];
    let (title, unit) = (title.to_owned(), "ms".to_owned());
    Chart { title, unit, lines, logarithmic: true, ..Chart::default() }
}

fn distribution(report: &Report) -> Chart {
    let line = |operation| {
        let part = report.measured.whole(Some(operation), None)?;
        Some(Line { name: operation_name(operation), points: part.latency.curve() })
    };
    let people = [Operation::Join, Operation::Poll, Operation::Hold, Operation::Order];
    Chart {
        title: "All latencies: so large a share was faster".to_owned(),
        unit: "ms".to_owned(),
        lines: people.into_iter().filter_map(line).collect(),
        logarithmic: true,
        across: Across::Shares,
        ..Chart::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn the_page_holds_everything_and_loads_nothing() {
        let report = sample();
        let page = page(&report).expect("the template is good");
        for said in
            ["The night", "A promise was broken", "seat-twice", "A-1 at 3.2 s", "poll", "cap 100"]
        {
            assert!(page.contains(said), "{said} is not in the page");
        }
        for outside in ["http://", "https://", "<script", "src=", "@import", "url("] {
            let outside = page.matches(outside).count();
            assert_eq!(outside, 0, "the page reaches out");
        }
        assert!(!page.contains("<evil>"), "a scenario's text became markup");
    }

    #[test]
    fn a_run_in_which_nothing_happened_still_has_a_page() {
        let report = Report {
            measured: Default::default(),
            boards: Vec::new(),
            findings: Vec::new(),
            ..sample()
        };
        assert!(page(&report).expect("the template is good").contains("nothing was measured"));
    }
}
