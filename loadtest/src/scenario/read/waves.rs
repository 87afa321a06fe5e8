//! Who comes when: `[[arrivals]]`.

use std::time::Duration;

use super::curve;
use super::node::Node;
use super::span::span_shown;
use super::table::{Keys, Table};
use crate::scenario::{Arrivals, Shape, limits};

/// Keys of `[[arrivals]]`, of all shapes.
pub(super) const ARRIVALS: Keys = &[
    "shape",
    "from",
    "people",
    "over",
    "from_per_second",
    "to_per_second",
    "curve",
    "interval",
    "times",
];
/// The interval of a curve that does not say another.
const INTERVAL: Duration = Duration::from_secs(1);

/// The shapes and the keys that go with each.
const SHAPES: [(&str, Keys); 4] = [
    ("spike", &["shape", "from", "people"]),
    ("step", &["shape", "from", "people", "over"]),
    ("ramp", &["shape", "from", "from_per_second", "to_per_second", "over"]),
    ("curve", &["shape", "from", "curve", "interval", "times"]),
];

/// Reads `[[arrivals]]`, all of which begin before the run ends.
pub(super) fn waves(node: &Node<'_>, span_max: Duration) -> Option<Vec<Arrivals>> {
    let waves = node.each(limits::ARRIVALS_MAX, |node| wave(node, span_max))?;
    if waves.is_empty() && node.value.as_array().is_some_and(|items| items.is_empty()) {
        return node.refuse("is empty", "let somebody come");
    }
    Some(waves)
}

fn wave(node: &Node<'_>, span_max: Duration) -> Option<Arrivals> {
    let table = node.table(ARRIVALS)?;
    let from = table.or("from", Duration::ZERO, |node| before(node, span_max));
    let names = SHAPES.map(|(name, _)| (name, name));
    let chosen = table.need("shape", |node| node.one_of(&names))?;
    if let Some((_, keys)) = SHAPES.iter().find(|(name, _)| *name == chosen) {
        table.only(keys, &format!("the shape `{chosen}`"));
    }
    Some(Arrivals { from, shape: shape(&table, chosen)? })
}

fn shape(table: &Table<'_>, chosen: &str) -> Option<Shape> {
    let people = || table.need("people", |node| node.count(limits::PEOPLE));
    let over = || table.need("over", |node| node.span(limits::SPAN_OVER));
    let rate = |key| table.need(key, |node| node.number(limits::RATE));
    match chosen {
        "spike" => Some(Shape::Spike { people: people()? }),
        "step" => {
            let (people, over) = (people(), over());
            Some(Shape::Step { people: people?, over: over? })
        }
        "ramp" => {
            let (from, to, over) = (rate("from_per_second"), rate("to_per_second"), over());
            Some(Shape::Ramp { from_per_second: from?, to_per_second: to?, over: over? })
        }
        _ => {
            let interval = table.or("interval", INTERVAL, |node| node.span(limits::INTERVAL));
            let times = table.or("times", 1, |node| node.count(limits::TIMES));
            let counts = table.need("curve", |node| curve::counts(node, interval))?;
            Some(Shape::Curve { counts, interval, times })
        }
    }
}

/// An instant of the run, before its end.
pub(super) fn before(node: &Node<'_>, span_max: Duration) -> Option<Duration> {
    let at = node.span(limits::SPAN)?;
    if at < span_max {
        return Some(at);
    }
    let allowed = format!("stay below `span_max`, which is {}", span_shown(span_max));
    node.refuse(format!("{} is after the end of the run", span_shown(at)), allowed)
}
