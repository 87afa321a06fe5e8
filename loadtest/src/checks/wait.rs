//! The estimated wait compared with what happened.
//!
//! For each range that a waiting visitor was shown: whether the call came within it, earlier or
//! later, as far as polls and the claim window tell when it came; what the doubt leaves open counts
//! as inside. Shares for all, and for ranges shown in the first, the middle and the last third of a
//! visitor's own wait. Somebody who still waited when a range was over counts as late, called or
//! not. Figures only: an estimate is no promise.

use super::report::Report;
use super::turns::{Sight, State, Turn, claim_span_us};
use super::{Evidence, Finding};

/// Of which ranges the shares are: all, or those of a third of the wait.
const WHEN: [&str; 4] =
    ["", "_shown_in_first_third", "_shown_in_middle_third", "_shown_in_last_third"];

/// Compares ranges with what came.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report =
        Report::measuring("wait", "How often the call came within the wait that was shown.");
    let turns = &evidence.turns;
    let span_us = claim_span_us(turns);
    let mut tallies = [Tally::default(); 4];
    for turn in turns {
        let called = turn.called_about(span_us);
        for sight in turn.sights.iter().filter(|sight| sight.state == State::Waiting) {
            let Some(range) = sight.wait_ms else { continue };
            let Some(hit) = judge(turn, sight, range, called) else { continue };
            report.looked(1);
            tallies[0].add(hit);
            if let Some(third) = third_of(turn, sight, called) {
                tallies[third].add(hit);
            }
        }
    }
    for (name, tally) in WHEN.iter().zip(tallies) {
        tally.show(&mut report, name);
    }
    report.done()
}

/// How a range compares with what came.
#[derive(Clone, Copy)]
enum Hit {
    Early,
    Inside,
    Late,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    early: u64,
    inside: u64,
    late: u64,
}

impl Tally {
    fn add(&mut self, hit: Hit) {
        match hit {
            Hit::Early => self.early += 1,
            Hit::Inside => self.inside += 1,
            Hit::Late => self.late += 1,
        }
    }

    fn show(self, report: &mut Report, name: &str) {
        let all = self.early + self.inside + self.late;
        if all == 0 {
            return;
        }
        for (what, count) in [
            ("called_within_the_range", self.inside),
            ("called_earlier", self.early),
            ("called_later", self.late),
        ] {
            report.figure(&format!("{what}{name}"), count as f64 / all as f64, "share");
        }
    }
}

fn judge(turn: &Turn, sight: &Sight, range: (u64, u64), called: Option<(u64, u64)>) -> Option<Hit> {
    let latest_us = sight.told_us.saturating_add(range.1.saturating_mul(1_000));
    let earliest_us = sight.asked_us.saturating_add(range.0.saturating_mul(1_000));
    match called {
        Some((_, high_us)) if high_us < earliest_us => Some(Hit::Early),
        Some((low_us, _)) if low_us > latest_us => Some(Hit::Late),
        Some(_) => Some(Hit::Inside),
        None => {
            let waiting = turn.sights.iter().filter(|sight| sight.state == State::Waiting);
            let last_us = waiting.map(|sight| sight.asked_us).max()?;
            (last_us > latest_us).then_some(Hit::Late)
        }
    }
}

/// In which third of their wait the visitor was, from 1.
fn third_of(turn: &Turn, sight: &Sight, called: Option<(u64, u64)>) -> Option<usize> {
    let (_, called_us) = called?;
    let joined_us = turn.sights.first()?.asked_us;
    let whole_us = called_us.checked_sub(joined_us).filter(|whole_us| *whole_us > 0)?;
    let done_us = sight.asked_us.saturating_sub(joined_us).min(whole_us - 1);
    Some(usize::try_from(done_us.saturating_mul(3) / whole_us).ok()? + 1)
}
