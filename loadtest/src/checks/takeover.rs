//! How long nobody served when the harness killed the server that writes, and another one took
//! over.
//!
//! `without_writer` counts from the kill until the other one said that it writes, `without_service`
//! until something lasting was acknowledged to somebody again: what a shopper sees, with their
//! pauses. Both are the longest of the run. Broken if nobody took over. What a takeover must not
//! lose is judged by all the other checks, which do not know that there was one.

use super::report::{Report, at};
use super::{Evidence, Finding};
use crate::history::{Fault, Told, What};

/// Looks at every takeover.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::measuring(
        "takeover",
        "From the end of the server that writes until the standby serves.",
    );
    let faults = evidence.history.iter().filter_map(|told| match told.what {
        What::Fault(fault) => Some((fault, told)),
        _ => None,
    });
    let (mut killed_us, mut writer_us, mut service_us) = (0, None, None);
    for (fault, told) in faults {
        match fault {
            Fault::Killed => killed_us = told.asked_us,
            Fault::TakenOver => {
                report.looked(1);
                let since = |at_us: u64| at_us.saturating_sub(killed_us);
                writer_us = writer_us.max(told.told_us.map(since));
                let served_us = acknowledged_since(evidence.history, told.asked_us);
                service_us = service_us.max(served_us.map(since));
            }
            Fault::NobodyTookOver => {
                report.looked(1);
                report.broke(told.asked_us, || {
                    format!("{}: the writer was killed, and nobody took over", at(killed_us))
                });
            }
            Fault::Stopped | Fault::Continued | Fault::Started | Fault::StandsBy => {}
        }
    }
    for (name, us) in [("without_writer", writer_us), ("without_service", service_us)] {
        if let Some(us) = us {
            report.figure(&format!("{name}_at_most"), us as f64 / 1_000.0, "ms");
        }
    }
    report.done()
}

/// When somebody was first told of something that lasts, at or after an instant.
fn acknowledged_since(history: &[Told], from_us: u64) -> Option<u64> {
    let lasts = |told: &&Told| {
        matches!(
            told.what,
            What::Claimed { .. }
                | What::Held { .. }
                | What::Released { .. }
                | What::CheckedOut { .. }
                | What::Ordered(_)
                | What::Left { .. }
        )
    };
    let told = history.iter().filter(lasts).filter_map(|told| told.told_us);
    told.filter(|told_us| *told_us >= from_us).min()
}
