//! When the server was surely stopped by the harness itself: time that counts against nobody.

use crate::history::{Fault, Told, What};

/// A standstill up to this long may count as time that ran, since no server can tell it from a busy
/// moment; anything longer is an outage.
const STANDSTILL_US_MAX: u64 = 2_000_000;

/// Spans in which the server surely did nothing.
pub(super) struct Outages {
    /// From and until, ascending, disjoint.
    spans: Vec<(u64, u64)>,
}

impl Outages {
    /// Reads them out of a history in order of asking.
    pub(super) fn of(history: &[Told]) -> Self {
        let mut spans = Vec::new();
        let mut down: Option<(u64, bool)> = None;
        for told in history {
            let What::Fault(fault) = told.what else { continue };
            match fault {
                Fault::Stopped | Fault::Killed => {
                    let from_us = told.told_us.unwrap_or(u64::MAX);
                    let killed = fault == Fault::Killed;
                    down = Some(match down {
                        Some((before_us, was_killed)) => (before_us, was_killed || killed),
                        None => (from_us, killed),
                    });
                }
                Fault::Continued | Fault::Started | Fault::TakenOver => {
                    if let Some((from_us, killed)) = down.take() {
                        let span_us = told.asked_us.saturating_sub(from_us);
                        if span_us > STANDSTILL_US_MAX || (killed && span_us > 0) {
                            spans.push((from_us, told.asked_us));
                        }
                    }
                }
                Fault::StandsBy | Fault::NobodyTookOver => {}
            }
        }
        if let Some((from_us, _)) = down {
            spans.push((from_us, u64::MAX));
        }
        Self { spans }
    }

    /// How much of the time between two instants was surely an outage.
    pub(super) fn within(&self, from_us: u64, until_us: u64) -> u64 {
        let first = self.spans.partition_point(|(_, end_us)| *end_us <= from_us);
        self.spans[first..]
            .iter()
            .take_while(|(start_us, _)| *start_us < until_us)
            .map(|(start_us, end_us)| end_us.min(&until_us).saturating_sub(*start_us.max(&from_us)))
            .sum()
    }
}
