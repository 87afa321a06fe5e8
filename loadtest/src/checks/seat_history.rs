//! Every seat's history is that of one seat.
//!
//! For each seat an order is looked for of all that was told about it (taken, given back, bought,
//! seen in a basket), each at an instant between asking and answer, and of what may have happened
//! unseen: an expiry at any time after the basket's time may be up, a request without answer at any
//! later time or never. If there is no such order, no honest server can have told that history. The
//! search is that of Wing and Gong (1993) with Lowe's memory of states seen (2017), seat by seat,
//! and bounded; where the bound is hit, the seat is left undecided and nothing is guessed. Pools
//! and refusals are not looked at.

mod gather;
mod search;

use super::report::{Report, at};
use super::{Evidence, Finding};
use search::{Outcome, search};

/// Looks for an explanation of each seat's history.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new(
        "seat-history",
        "What was told of each seat can have happened one after the other.",
    );
    let Evidence { staff, attempts, baskets, .. } = evidence;
    for ((performance, seat), story) in gather::stories(baskets, attempts, staff) {
        report.looked(1);
        match search(&story) {
            Outcome::Explained => {}
            Outcome::Undecided => report.undecided(),
            Outcome::Impossible { act, owner } => {
                let act = &story.acts[act];
                report.broke(act.asked_us, || {
                    format!(
                        "{}: seat {performance}/{seat}: {} cannot be, {}",
                        at(act.asked_us),
                        story.say(act),
                        story.say_owner(owner),
                    )
                });
            }
        }
    }
    report.done()
}
