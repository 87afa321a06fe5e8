//! Two reports side by side: what got better, what got worse, and what cannot be compared.

use std::fmt;

use super::chart::short;
use super::page::{ms, operation_name, verdict};
use super::{Outcome, Report};
use crate::checks::{Finding, Verdict};
use crate::measure::Operation;

/// Below this, two latencies are told apart by chance alone on a shared machine.
const NOTABLE: f64 = 1.10;

/// Two reports, the earlier first.
pub struct Comparison<'a> {
    /// What it is compared with.
    pub before: &'a Report,
    /// What is judged.
    pub after: &'a Report,
}

impl Comparison<'_> {
    /// Whether the later run comes to something worse.
    pub fn worse(&self) -> bool {
        self.after.outcome() < self.before.outcome()
    }

    /// Why figures of the two say little about each other; empty if they do not.
    pub fn cautions(&self) -> Vec<String> {
        let (one, other) = (&self.before.played, &self.after.played);
        let pairs = [
            ("scenarios", one.name.clone(), other.name.clone()),
            ("seeds", one.seed.to_string(), other.seed.to_string()),
            ("people", one.people.to_string(), other.people.to_string()),
            ("paces of life", one.pace_of_life.to_string(), other.pace_of_life.to_string()),
            ("machines", one.machine.clone(), other.machine.clone()),
        ];
        let differing = pairs.into_iter().filter(|(_, one, other)| one != other);
        let said = differing.map(|(what, one, other)| format!("other {what}: {one}, {other}"));
        let doubted = [("the earlier", self.before), ("the later", self.after)];
        let doubted =
            doubted.into_iter().filter(|(_, report)| report.outcome() == Outcome::Invalid);
        said.chain(doubted.map(|(which, _)| format!("{which} run is not to be believed"))).collect()
    }

    fn row(&self, out: &mut fmt::Formatter<'_>, operation: Operation) -> fmt::Result {
        let of = |report: &Report| report.measured.whole(Some(operation), None);
        let (Some(before), Some(after)) = (of(self.before), of(self.after)) else { return Ok(()) };
        write!(out, "{:13}{:>10}{:>10}", operation_name(operation), before.count(), after.count())?;
        for share in [0.5, 0.99, 0.999] {
            let (one, other) =
                (before.latency.quantile_ms(share), after.latency.quantile_ms(share));
            let ratio = other / one.max(0.001);
            let mark = match ratio {
                ratio if ratio > NOTABLE => '+',
                ratio if ratio < 1.0 / NOTABLE => '-',
                _ => ' ',
            };
            write!(out, "{:>11}{:>11} {ratio:>6.2}{mark}", ms(one), ms(other))?;
        }
        writeln!(out)
    }
}

impl fmt::Display for Comparison<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |report: &Report| verdict(report.outcome()).0;
        writeln!(out, "before: {}", said(self.before))?;
        writeln!(out, "after:  {}", said(self.after))?;
        for caution in self.cautions() {
            writeln!(out, "careful: {caution}")?;
        }
        writeln!(
            out,
            "\n{:13}{:>10}{:>10}{:>30}{:>30}{:>30}",
            "operation", "before", "after", "50 %", "99 %", "99.9 %"
        )?;
        let mut operations: Vec<_> =
            self.before.measured.parts.iter().map(|part| part.operation).collect();
        operations.sort();
        operations.dedup();
        operations.into_iter().try_for_each(|operation| self.row(out, operation))?;
        writeln!(
            out,
            "\nthe last column of three: after / before; + slower, - faster by over 10 %"
        )?;
        for after in &self.after.findings {
            let mut before = self.before.findings.iter();
            let before = before.find(|before| before.check == after.check);
            if let Some(before) = before {
                findings(out, before, after)?;
            }
        }
        Ok(())
    }
}

/// What a check came to in both: its verdict where it changed, and its figures where these are all
/// it has to say. Which of them is better, thresholds know.
fn findings(out: &mut fmt::Formatter<'_>, before: &Finding, after: &Finding) -> fmt::Result {
    let (was, is) = (before.verdict, after.verdict);
    if was != is {
        return writeln!(out, "{}: was {}, is {}", after.check, was.word(), is.word());
    }
    for figure in after.figures.iter().filter(|_| is == Verdict::Measured) {
        let same = before.figures.iter().find(|before| before.name == figure.name);
        let Some(same) = same else { continue };
        let (name, unit) = (figure.name.replace('_', " "), &figure.unit);
        let (was, is) = (short(same.value), short(figure.value));
        writeln!(out, "{}: {name} was {was} {unit}, is {is} {unit}", after.check)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Figure;
    use crate::report::tests::sample;

    #[test]
    fn a_run_that_broke_a_promise_is_worse_than_one_that_did_not() {
        let broken = sample();
        let well = Report { findings: Vec::new(), ..sample() };
        assert!(Comparison { before: &well, after: &broken }.worse());
        assert!(!Comparison { before: &broken, after: &well }.worse());
        assert!(!Comparison { before: &well, after: &well }.worse());
    }

    #[test]
    fn what_is_only_measured_is_compared_by_its_figures_and_makes_no_run_worse() {
        let with = |verdict, value| {
            let unit = "ms".to_owned();
            let figure = Figure { name: "all_screens_within".to_owned(), value, unit };
            let (check, figures) = ("screen".to_owned(), vec![figure]);
            let finding = Finding { check, verdict, figures, ..sample().findings.remove(0) };
            Report { findings: vec![finding], ..sample() }
        };
        let (before, after) = (with(Verdict::Measured, 20.0), with(Verdict::Measured, 900.0));
        let comparison = Comparison { before: &before, after: &after };
        assert!(!comparison.worse());
        let text = comparison.to_string();
        assert!(text.contains("screen: all screens within was 20 ms, is 900 ms"), "{text}");
        let silent = with(Verdict::NotShown, 0.0);
        let comparison = Comparison { before: &before, after: &silent };
        assert!(!comparison.worse());
        let text = comparison.to_string();
        assert!(text.contains("screen: was measured, is not shown"), "{text}");
    }

    #[test]
    fn other_scenarios_and_machines_are_said() {
        let (before, mut after) = (sample(), sample());
        assert!(Comparison { before: &before, after: &after }.cautions().is_empty());
        after.played.machine = "another".to_owned();
        after.played.people += 1;
        let text = Comparison { before: &before, after: &after }.to_string();
        assert!(text.contains("other people") && text.contains("other machines"), "{text}");
        assert!(text.contains("poll"), "{text}");
    }
}
