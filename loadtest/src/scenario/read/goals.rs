//! What is to be reached: `[[thresholds]]`.

use super::mistakes::{choice, meant, quoted};
use super::node::Node;
use super::table::Keys;
use crate::scenario::{Phase, Threshold, limits};

/// Keys of `[[thresholds]]`.
pub(super) const THRESHOLD: Keys = &["operation", "phase", "figure", "at_most", "at_least"];
/// What was asked; `all` is everything together.
pub(super) const OPERATIONS: Keys = &[
    "all",
    "connect",
    "page",
    "join",
    "poll",
    "claim",
    "performances",
    "seats",
    "hold",
    "release",
    "checkout",
    "order",
    "basket",
    "leave",
    "board",
    "shop",
    "ops",
];
/// What is measured of it.
pub(super) const FIGURES: Keys =
    &["p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms", "failed_share", "per_second"];

/// Reads `[[thresholds]]` of these phases.
pub(super) fn thresholds(node: &Node<'_>, phases: &[Phase]) -> Option<Vec<Threshold>> {
    node.each(limits::THRESHOLDS_MAX, |node| threshold(node, phases))
}

fn threshold(node: &Node<'_>, phases: &[Phase]) -> Option<Threshold> {
    let table = node.table(THRESHOLD)?;
    let figure = table.need("figure", figure);
    let operation = table.or("operation", "all", |node| word(node, OPERATIONS));
    let names: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
    let phase = table.get("phase").and_then(|node| word(&node, &names));
    let bound = |key| table.get(key).and_then(|node| node.number(limits::FIGURE));
    let (at_most, at_least) = (bound("at_most"), bound("at_least"));
    if table.get("at_most").is_none() && table.get("at_least").is_none() {
        return table.refuse("has no bound", "write `at_most`, `at_least` or both");
    }
    if matches!((at_least, at_most), (Some(least), Some(most)) if least > most) {
        return table.refuse("can never be reached", "let `at_least` be below `at_most`");
    }
    let figure = figure?;
    if figure.contains('.') {
        table.only(&["figure", "at_most", "at_least"], "the figure of a check");
    }
    let phase = phase.map(str::to_owned);
    Some(Threshold { operation: operation.to_owned(), phase, figure, at_most, at_least })
}

/// A figure of an operation, or of a check as `check.figure`: which checks there are is theirs to
/// say, when they have run.
fn figure(node: &Node<'_>) -> Option<String> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    let plain = |part: &str, between: u8| {
        let mut letters = part.bytes();
        !part.is_empty() && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == between)
    };
    match text.split_once('.') {
        Some((check, figure)) if plain(check, b'-') && plain(figure, b'_') => Some(text.to_owned()),
        _ => word(node, FIGURES).map(str::to_owned),
    }
}

/// One of some words.
fn word<'w>(node: &Node<'_>, words: &[&'w str]) -> Option<&'w str> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    let found = words.iter().copied().find(|word| *word == text);
    found.or_else(|| {
        let allowed = match meant(text, words) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write {}", choice(words)),
        };
        node.refuse(format!("{} is not known", quoted(text)), allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Operation;

    #[test]
    fn every_operation_of_a_threshold_is_measured() {
        for name in OPERATIONS.iter().filter(|name| **name != "all") {
            let known = serde_json::from_value::<Operation>((*name).into());
            assert!(known.is_ok(), "{name}");
        }
    }
}
