//! The table `[policy]`: how the queue and the baskets behave.
//!
//! Every key is optional; what is absent is as in `Policy::default`.

use std::ops::RangeInclusive;

use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Policy, Shown};
use stanchion_domain::time::Span;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::moment::{span, span_shown};

/// The shortest span anybody can act in.
const SPAN_MIN: Span = Span::from_seconds(1);
/// The longest: a closed basket is remembered for as long.
const SPAN_MAX: Span = Span(limits::BASKET_KEPT_SPAN_MS);

/// The policy; and after how long a report is stale, where that is said.
pub(super) fn read<'a>(root: &mut Table<'a>) -> (Policy, Option<(Node<'a>, Span)>) {
    let mut policy = Policy::default();
    let Some(mut table) = root.get("policy").and_then(Node::table) else { return (policy, None) };
    read_queue(&mut table, &mut policy);
    read_baskets(&mut table, &mut policy);
    check_relations(table.node, &policy);
    let stale_span = table.get("stale_span");
    let stale_span = stale_span.and_then(|node| Some((node, span(node, SPAN_MIN, SPAN_MAX)?)));
    table.finish();
    (policy, stale_span)
}

fn read_queue(table: &mut Table<'_>, policy: &mut Policy) {
    count(table, "cap", &mut policy.cap, 0..=limits::CAP_MAX);
    count(table, "pace_per_minute", &mut policy.pace_per_minute, 0..=limits::PACE_PER_MINUTE_MAX);
    flag(table, "call_for_what_is_left", &mut policy.call_for_what_is_left);
    time(table, "claim_span", &mut policy.claim_span);
    time(table, "idle_span", &mut policy.idle_span);
    time(table, "presence_span", &mut policy.presence_span);
    time(table, "grace_span", &mut policy.grace_span);
    time(table, "grace_basket_span", &mut policy.grace_basket_span);
    if let Some(seen) = table.get("shown").and_then(shown) {
        policy.shown = seen;
    }
    flag(table, "wait_shown", &mut policy.wait_shown);
}

fn read_baskets(table: &mut Table<'_>, policy: &mut Policy) {
    time(table, "hold_span", &mut policy.hold_span);
    time(table, "checkout_span", &mut policy.checkout_span);
    time(table, "basket_span_max", &mut policy.basket_span_max);
    let units = 1..=limits::UNITS_PER_BASKET_MAX;
    count(table, "basket_units_max", &mut policy.basket_units_max, units.clone());
    count(table, "visitor_units_max", &mut policy.visitor_units_max, units);
}

/// No basket may be promised more time, or more units, than another key then takes away.
fn check_relations(node: Node<'_>, policy: &Policy) {
    let longest = policy.basket_span_max;
    for (key, span) in [("hold_span", policy.hold_span), ("checkout_span", policy.checkout_span)] {
        if span > longest {
            let wrong = format!("`{key}` is {}, `basket_span_max` less", span_shown(span));
            node.refuse(wrong, format!("use at most {} or raise it", span_shown(longest)));
        }
    }
    if policy.basket_units_max > policy.visitor_units_max {
        let wrong = "`basket_units_max` is above `visitor_units_max`";
        node.refuse(wrong, format!("use at most {} or raise it", policy.visitor_units_max));
    }
}

fn count(table: &mut Table<'_>, key: &'static str, field: &mut u32, range: RangeInclusive<u32>) {
    *field = table.get(key).and_then(|node| node.count(range)).unwrap_or(*field);
}

fn flag(table: &mut Table<'_>, key: &'static str, field: &mut bool) {
    *field = table.get(key).and_then(Node::flag).unwrap_or(*field);
}

fn time(table: &mut Table<'_>, key: &'static str, field: &mut Span) {
    *field = table.get(key).and_then(|node| span(node, SPAN_MIN, SPAN_MAX)).unwrap_or(*field);
}

fn shown(node: Node<'_>) -> Option<Shown> {
    match node.text()? {
        "number" => Some(Shown::Number),
        "band" => Some(Shown::Band),
        "progress" => Some(Shown::Progress),
        "nothing" => Some(Shown::Nothing),
        other => {
            let remedy = "use \"number\", \"band\", \"progress\" or \"nothing\"";
            node.refuse(format!("{} is nothing to show", quoted(other)), remedy);
            None
        }
    }
}
