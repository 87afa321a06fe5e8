//! How long a change by staff takes to everybody's screen.
//!
//! For each notice that staff posted: when each reader who had looked at the board before was first
//! told a board with it, visitors and the observer apart. `at_most` counts from asking for the
//! change, `at_least` from its answer. Visitors read streams, a sample of them; theirs is when the
//! harness had read the head. The observer also asks the ops interface, which does not count here.
//! Figures only.

use std::collections::HashMap;

use super::report::Report;
use super::{Evidence, Finding};
use crate::history::{Told, What, Who};

/// Measures how long notices took.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::measuring("screen", "From a notice of staff to the screens.");
    let mut spans: HashMap<&str, (Vec<u64>, Vec<u64>)> = HashMap::new();
    let Boards { with, since_us } = Boards::of(evidence.history);
    for told in evidence.history {
        let What::Changed { notice: Some(notice), .. } = &told.what else { continue };
        let Some(done_us) = told.told_us else { continue };
        let Some(readers) = with.get(notice.as_str()) else { continue };
        let looked = |who: &Who| since_us.get(who).is_some_and(|us| *us < told.asked_us);
        let mut first: HashMap<Who, u64> = HashMap::new();
        // Of boards in order of telling, the first of each reader since the change was asked for.
        let readers = readers.iter().filter(|(told_us, _)| *told_us >= told.asked_us);
        for (told_us, who) in readers.filter(|(_, who)| looked(who)) {
            first.entry(*who).or_insert(*told_us);
        }
        for (who, told_us) in first {
            report.looked(1);
            let (most, least) = spans.entry(group(who)).or_default();
            most.push(told_us - told.asked_us);
            least.push(told_us.saturating_sub(done_us));
        }
    }
    for group in ["visitor_screens", "observer_screens"] {
        let (mut most, mut least) = spans.remove(group).unwrap_or_default();
        report.spans(&format!("{group}_within_at_most"), &mut most);
        report.spans(&format!("{group}_within_at_least"), &mut least);
    }
    report.done()
}

fn group(who: Who) -> &'static str {
    match who {
        Who::Visitor(_) => "visitor_screens",
        Who::Staff | Who::Observer => "observer_screens",
    }
}

/// What was read of the board.
#[derive(Default)]
struct Boards<'a> {
    /// When each notice was read, and by whom, in order of telling.
    with: HashMap<&'a str, Vec<(u64, Who)>>,
    /// When each reader was first told a board.
    since_us: HashMap<Who, u64>,
}

impl<'a> Boards<'a> {
    fn of(history: &'a [Told]) -> Self {
        let mut boards = Self::default();
        for told in history {
            let (What::Board(board), Some(told_us)) = (&told.what, told.told_us) else { continue };
            let since_us = boards.since_us.entry(told.who).or_insert(told_us);
            *since_us = told_us.min(*since_us);
            if let Some(notice) = &board.notice {
                boards.with.entry(notice).or_default().push((told_us, told.who));
            }
        }
        boards.with.values_mut().for_each(|readers| readers.sort_unstable());
        boards
    }
}
