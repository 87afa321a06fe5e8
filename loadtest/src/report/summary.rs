//! The end of a run in the terminal: the verdict first, then what a person would ask next.

use std::fmt;

use super::Report;
use super::chart::short;
use super::page::{ms, operation_name, said, verdict};
use crate::checks::Verdict;

/// Figures of a check that only measures; the report has all of them.
const FIGURES_SHOWN: usize = 3;

/// A report in a few lines.
pub struct Summary<'a>(pub &'a Report);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        self.operations(out)?;
        self.findings(out)?;
        self.thresholds(out)?;
        for doubt in &report.doubts {
            writeln!(out, "not to be believed: {doubt}")?;
        }
        writeln!(
            out,
            "\nharness late by {} at 99 of 100, {} at most",
            ms(report.measured.lateness.quantile_ms(0.99)),
            ms(report.measured.lateness.max_ms())
        )?;
        writeln!(out, "{}", verdict(report.outcome()).0)
    }
}

impl Summary<'_> {
    fn operations(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["count", "failed", "50 %", "99 %", "99.9 %", "most"];
        write!(out, "{:13}", "operation")?;
        heads.iter().try_for_each(|head| write!(out, "{head:>11}"))?;
        writeln!(out)?;
        let mut operations: Vec<_> =
            self.0.measured.parts.iter().map(|part| part.operation).collect();
        operations.sort();
        operations.dedup();
        for operation in operations {
            let Some(part) = self.0.measured.whole(Some(operation), None) else { continue };
            let failed = (part.failed_share() * part.count() as f64).round();
            write!(out, "{:13}{:>11}{failed:>11}", operation_name(operation), part.count())?;
            for share in [0.5, 0.99, 0.999] {
                write!(out, "{:>11}", ms(part.latency.quantile_ms(share)))?;
            }
            writeln!(out, "{:>11}", ms(part.latency.max_ms()))?;
        }
        Ok(())
    }

    fn findings(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out)?;
        for finding in &self.0.findings {
            let word = match finding.verdict {
                Verdict::Broken => "BROKEN",
                verdict => verdict.word(),
            };
            write!(out, "{word:10} {:14} {}", finding.check, finding.promise)?;
            if finding.broken > 0 {
                write!(out, ": {} of {}", finding.broken, finding.looked_at)?;
            }
            writeln!(out)?;
            for example in &finding.examples {
                writeln!(out, "           {example}")?;
            }
            if finding.verdict == Verdict::Measured {
                for figure in finding.figures.iter().take(FIGURES_SHOWN) {
                    writeln!(out, "           {}", said(figure))?;
                }
            }
        }
        Ok(())
    }

    fn thresholds(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for judged in self.0.thresholds.iter().filter(|judged| !judged.reached) {
            let threshold = &judged.threshold;
            let value = judged.value.map_or("nothing was measured".to_owned(), short);
            write!(out, "not reached: {} {}: {value}", threshold.operation, threshold.figure)?;
            if let Some(most) = threshold.at_most {
                write!(out, ", wanted at most {}", short(most))?;
            }
            if let Some(least) = threshold.at_least {
                write!(out, ", wanted at least {}", short(least))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn the_summary_names_what_was_broken_and_by_whom() {
        let text = Summary(&sample()).to_string();
        assert!(text.contains("BROKEN") && text.contains("p1/A-1"), "{text}");
        assert!(text.contains("poll p99_ms"), "{text}");
        assert!(text.ends_with("A promise was broken.\n"), "{text}");
    }

    #[test]
    fn what_is_only_measured_is_told_with_its_first_figures() {
        let mut report = sample();
        report.findings[0].verdict = Verdict::Measured;
        let text = Summary(&report).to_string();
        assert!(text.contains("measured   seat-twice") && text.contains("  orders 50"), "{text}");
    }
}
