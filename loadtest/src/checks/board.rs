//! Units are conserved: whatever the board shows adds up.
//!
//! Sees, within one document: counts that do not add up to the capacity, and zones that do not add
//! up to their performance; and between documents of one version: performances that do not add up
//! to the head, as far as a reader has read all of them. Cannot see counts that add up and are
//! wrong.

use std::collections::{BTreeMap, HashMap};

use super::report::{Report, at, name};
use super::{Evidence, Finding};
use crate::history::{Counts, Performance, Told, What, Who};

/// Adds up every board.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new("board", "In everything that is published, the counts add up.");
    let mut heads: HashMap<u64, Counts> = HashMap::new();
    for told in evidence.history {
        match &told.what {
            What::Board(board) => {
                report.looked(1);
                conserved(&mut report, told, "the board", &board.counts);
                heads.insert(board.version, board.counts);
            }
            What::Desk(board) => {
                report.looked(1);
                conserved(&mut report, told, "the ops overview", &board.counts);
            }
            _ => {}
        }
    }
    let mut readers: BTreeMap<Who, Reader> = BTreeMap::new();
    for told in evidence.history {
        if let What::Performances { version, performances } = &told.what {
            let reader = readers.entry(told.who).or_default();
            for performance in performances {
                report.looked(1);
                adds_up(&mut report, told, performance);
            }
            reader.read(*version, performances);
            if let Some(head) = heads.get(version) {
                compare(&mut report, told, reader, *version, head);
            }
        }
    }
    report.done()
}

/// The sum of the five states; so large that it cannot be right if it overflows.
fn total(counts: &Counts) -> u64 {
    let Counts { capacity: _, available, held, paying, sold, withheld } = *counts;
    [available, held, paying, sold, withheld].into_iter().fold(0, u64::saturating_add)
}

fn conserved(report: &mut Report, told: &Told, what: &str, counts: &Counts) {
    if total(counts) != counts.capacity {
        let when = told.told_us.unwrap_or(told.asked_us);
        report.broke(when, || {
            format!("{}: {what} shows {} units of {}", at(when), total(counts), counts.capacity)
        });
    }
}

fn adds_up(report: &mut Report, told: &Told, performance: &Performance) {
    conserved(report, told, &format!("performance {}", performance.id), &performance.counts);
    let mut sum = Counts::default();
    for (zone, counts) in &performance.zones {
        conserved(report, told, &format!("zone {zone} of {}", performance.id), counts);
        add(&mut sum, counts);
    }
    if !performance.zones.is_empty() && sum != performance.counts {
        let when = told.told_us.unwrap_or(told.asked_us);
        report.broke(when, || {
            let shown = performance.counts;
            format!("{}: {} shows {shown:?}, its zones {sum:?}", at(when), performance.id)
        });
    }
}

fn add(sum: &mut Counts, counts: &Counts) {
    each(sum, counts, u64::saturating_add);
}

fn each(sum: &mut Counts, counts: &Counts, change: fn(u64, u64) -> u64) {
    sum.capacity = change(sum.capacity, counts.capacity);
    sum.available = change(sum.available, counts.available);
    sum.held = change(sum.held, counts.held);
    sum.paying = change(sum.paying, counts.paying);
    sum.sold = change(sum.sold, counts.sold);
    sum.withheld = change(sum.withheld, counts.withheld);
}

/// What one reader knows of the performances.
#[derive(Default)]
struct Reader {
    version: u64,
    known: HashMap<String, Counts>,
    sum: Counts,
}

impl Reader {
    /// Takes what changed; an answer that is older than another says nothing new.
    fn read(&mut self, version: u64, performances: &[Performance]) {
        if version < self.version {
            return;
        }
        self.version = version;
        for performance in performances {
            let before = self.known.insert(performance.id.clone(), performance.counts);
            each(&mut self.sum, &before.unwrap_or_default(), u64::saturating_sub);
            add(&mut self.sum, &performance.counts);
        }
    }
}

fn compare(report: &mut Report, told: &Told, reader: &Reader, version: u64, head: &Counts) {
    // With another capacity, not all performances are known.
    if reader.version != version || reader.sum.capacity != head.capacity {
        return;
    }
    report.looked(1);
    if reader.sum != *head {
        let when = told.told_us.unwrap_or(told.asked_us);
        report.broke(when, || {
            let who = name(told.who);
            format!(
                "{}: on board {version}, the head shows {head:?}, the performances {who} read {:?}",
                at(when),
                reader.sum,
            )
        });
    }
}
