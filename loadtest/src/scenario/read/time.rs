//! What happens when, and the parts that are measured apart: `[[timeline]]` and `[[phases]]`.

use std::time::Duration;

use super::action::action;
use super::mistakes::quoted;
use super::node::Node;
use super::span::span_shown;
use super::table::Keys;
use super::waves::before;
use crate::scenario::{Act, Moment, Phase, limits};

/// Keys of `[[timeline]]`.
pub(super) const MOMENT: Keys = &["at", "change", "reason", "stop", "kill"];
/// Keys of `[[phases]]`.
pub(super) const PHASE: Keys = &["name", "from"];
/// The reason of a change that gives none.
const REASON: &str = "as the scenario says";

/// Reads `[[timeline]]`, in order of time. Only a server of our own can be stopped and killed.
pub(super) fn timeline(node: &Node<'_>, span_max: Duration, own: bool) -> Option<Vec<Moment>> {
    let mut moments = node.each(limits::MOMENTS_MAX, |node| moment(node, span_max, own))?;
    moments.sort_by_key(|moment| moment.at);
    Some(moments)
}

fn moment(node: &Node<'_>, span_max: Duration, own: bool) -> Option<Moment> {
    let table = node.table(MOMENT)?;
    let at = table.need("at", |node| before(node, span_max));
    let deeds = [table.get("change"), table.get("stop"), table.get("kill")];
    let act = match deeds {
        [Some(change), None, None] => {
            let reason = table.or("reason", REASON, |node| node.words(limits::REASON_BYTES_MAX));
            let reason = reason.to_owned();
            action(&change).map(|action| Act::Change { action, reason })
        }
        [None, Some(stop), None] => outage(&stop, own).map(|span| Act::Stop { span }),
        [None, None, Some(kill)] => outage(&kill, own).map(|span| Act::Kill { span }),
        _ => table.refuse("is not one deed", "write one of `change`, `stop` and `kill`"),
    };
    if !matches!(act, None | Some(Act::Change { .. })) {
        table.only(&["at", "stop", "kill"], "what the world does");
    }
    Some(Moment { at: at?, act: act? })
}

fn outage(node: &Node<'_>, own: bool) -> Option<Duration> {
    if !own {
        return node.refuse("needs a server of our own", "add `[own]`, or leave this out");
    }
    node.span(limits::OUTAGE_SPAN)
}

/// The whole run as one phase.
pub(super) fn whole_run() -> Vec<Phase> {
    vec![Phase { name: "run".to_owned(), from: Duration::ZERO }]
}

/// Reads `[[phases]]`: the first begins at 0, each later than the one before.
pub(super) fn phases(node: &Node<'_>, span_max: Duration) -> Option<Vec<Phase>> {
    let mut phases: Vec<Phase> = Vec::new();
    for item in node.list(limits::PHASES_MAX)? {
        let Some(phase) = phase(&item, span_max) else { continue };
        match phases.last() {
            None if !phase.from.is_zero() => {
                item.refuse::<()>("is the first and begins late", "let the first begin at \"0s\"");
            }
            Some(last) if last.from >= phase.from => {
                let allowed = format!("begin after {}, as the one before", span_shown(last.from));
                item.refuse::<()>("does not begin after the one before", allowed);
            }
            _ => {}
        }
        if phases.iter().any(|other| other.name == phase.name) {
            let wrong = format!("two phases are called {}", quoted(&phase.name));
            item.refuse::<()>(wrong, "give each a name of its own");
        }
        phases.push(phase);
    }
    if phases.is_empty() { Some(whole_run()) } else { Some(phases) }
}

fn phase(node: &Node<'_>, span_max: Duration) -> Option<Phase> {
    let table = node.table(PHASE)?;
    let name = table.need("name", |node| node.name(limits::NAME_BYTES_MAX));
    let from = table.need("from", |node| before(node, span_max));
    Some(Phase { name: name?, from: from? })
}
