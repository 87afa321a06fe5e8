//! What a report says: figures in short, curves, what happened, who did what.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use stanchion_domain::id::{PriceIndex, ZoneIndex};
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::WallTime;

use super::chart::{self, Chart, figure};
use super::tables::all_orders;
use crate::api::ops::night::curves::Curves;
use crate::api::ops::night::milestone::{Milestone, Outage, What, outages};
use crate::api::ops::night::point::{Point, crowding_percent};
use crate::api::state::OpenSale;
use crate::clock;
use crate::console::controls::words::done;
use crate::console::written::bare_amount;

/// Entries of each list of the page; the tables have all. Ten pages of paper.
const SHOWN_MAX: usize = 400;
/// Moments of a picture: it is 556 units wide.
const DRAWN_MAX: usize = 556;
/// Rows of the table beside the curves.
const ROWS_MAX: usize = 24;

const CHARTS: [Chart; 6] = [
    Chart { title: "Queue", unit: "visitors", lines: &[("waiting", "Waiting")] },
    Chart {
        title: "Shop",
        unit: "visitors",
        lines: &[("active", "In the shop"), ("called", "Called"), ("cap", "Cap")],
    },
    Chart {
        title: "Seats",
        unit: "seats",
        lines: &[("sold", "Sold"), ("in_baskets", "In baskets"), ("available", "Available")],
    },
    Chart {
        title: "Claims, holds, orders",
        unit: "a minute",
        lines: &[
            ("claims_per_minute", "Claims"),
            ("holds_per_minute", "Holds"),
            ("orders_per_minute", "Orders"),
        ],
    },
    Chart { title: "Crowding", unit: "%", lines: &[("crowding_percent", "Too late")] },
    Chart {
        title: "Answers and writes, in the mean",
        unit: "ms",
        lines: &[("answer_ms", "Answers"), ("append_ms", "Writes")],
    },
];

/// Everything that a report says.
pub(super) fn of(sale: &OpenSale) -> Value {
    let desk = sale.desk();
    let points = sale.night.points();
    let (milestones, left_out) = sale.night.milestones();
    let curves = Curves::of(&points, DRAWN_MAX);
    let (stock, rest): (Vec<_>, Vec<_>) =
        milestones.iter().partition(|milestone| milestone.what.of_stock());
    let first = points.first().map(|point| minute(point.at_s));
    let changes = desk.operations.audit.iter().rev().take(SHOWN_MAX).rev().map(|entry| {
        json!({
            "at": clock::rfc3339(entry.now.wall).map(|at| seconds(&at)),
            "actor": entry.actor,
            "did": done(&entry.action),
            "reason": entry.reason,
        })
    });
    let names = Names::of(&desk.definition);
    let newest_point = points.last().copied().unwrap_or_default();
    let (orders, outages) = (all_orders(sale), outages(&milestones));
    let night = Whole { newest: newest_point, curves: &curves, outages, orders };
    json!({
        "title": desk.definition.name,
        "sale": &*sale.id,
        "tab": "After",
        "until": clock::rfc3339(sale.engine.published().now().wall).map(|at| seconds(&at)),
        "from": first,
        "short": short(sale, &night),
        "revenue": revenue(&night.orders, &desk.definition),
        "charts": charts(&curves),
        "rows": rows(&curves),
        "sold_out": newest(&stock, |milestone| happened(milestone, &names)),
        "sold_out_more": stock.len().saturating_sub(SHOWN_MAX),
        "incidents": newest(&rest, |milestone| happened(milestone, &names)),
        "incidents_more": rest.len().saturating_sub(SHOWN_MAX),
        "left_out": left_out,
        "changes": changes.collect::<Vec<_>>(),
        "changes_more": desk.operations.audit.len().saturating_sub(SHOWN_MAX),
    })
}

/// What a night was, as far as it is told in short.
struct Whole<'n> {
    newest: Point,
    curves: &'n Curves,
    outages: Vec<Outage>,
    orders: Vec<Arc<Basket>>,
}

/// Figures in short, each with a label.
fn short(sale: &OpenSale, night: &Whole<'_>) -> Value {
    let Whole { newest, curves, outages, orders } = night;
    let totals = newest.totals;
    let counts = *sale.engine.published().board.current().head.counts();
    let count = |count: u64| figure(count as f64);
    let highest = |name: &str| match curves.highest(name) {
        Some((at_s, most)) if most > 0.0 => format!("{}, at {}", figure(most), minute(at_s)),
        _ => "–".to_owned(),
    };
    let crowding = crowding_percent(totals.holds, totals.crowded)
        .map_or("–".to_owned(), |percent| format!("{}, {percent} %", count(totals.crowded)));
    let longest = outages.iter().max_by_key(|outage| outage.for_ms.unwrap_or(u64::MAX));
    let outage = longest.map_or("none".to_owned(), |outage| match outage.for_ms {
        Some(for_ms) => format!("{}, at {}", span(for_ms), minute(outage.at_s)),
        None => format!("since {}", minute(outage.at_s)),
    });
    let wait = match totals.longest_wait_s {
        0 => "–".to_owned(),
        // Looked at with every point of the curves.
        wait_s => format!("about {}", span(wait_s * 1_000)),
    };
    json!([
        ["Joined", count(newest.joined.into())],
        ["Called", count(totals.calls)],
        ["Claimed", count(totals.claims)],
        ["Missed their call", count(totals.missed)],
        ["Orders", count(orders.len() as u64)],
        ["Seats and places sold", format!("{} of {}", count(counts.sold), count(counts.capacity))],
        ["Most waiting", highest("waiting")],
        ["Most in the shop", highest("active")],
        ["Most orders a minute", highest("orders_per_minute")],
        ["Longest wait of who was called, once open", wait],
        ["Holds that came too late", crowding],
        ["Longest outage", outage],
    ])
}

/// What was sold at each price, and all together.
fn revenue(orders: &[Arc<Basket>], definition: &Definition) -> Value {
    let mut sold = BTreeMap::<(ZoneIndex, PriceIndex, u64), u64>::new();
    for order in orders {
        for line in order.lines() {
            let price = (line.zone, line.price, line.amount_minor);
            *sold.entry(price).or_default() += u64::from(line.units());
        }
    }
    let money = |minor: u64| bare_amount(minor, &definition.currency);
    let rows = sold.iter().map(|((zone, price, each), units)| {
        let known = definition.zones.get(zone.at());
        let named = known.and_then(|zone| zone.prices.get(price.at()));
        json!({
            "zone": known.map(|zone| &zone.name),
            "price": named.map(|price| &price.name),
            "each": money(*each),
            "units": figure(*units as f64),
            "total": money(each * units),
        })
    });
    let total = sold.iter().map(|((.., each), units)| each * units).sum();
    let units: u64 = sold.values().sum();
    json!({
        "rows": rows.collect::<Vec<_>>(),
        "units": figure(units as f64),
        "total": money(total),
        "currency": definition.currency,
    })
}

fn charts(curves: &Curves) -> Value {
    let drawn = CHARTS.iter().filter_map(|chart| {
        let svg = chart::svg(curves, chart)?;
        let most = chart.lines.iter().filter_map(|(name, label)| {
            let (at_s, most) = curves.highest(name)?;
            Some(format!("{label}: at most {} {}, at {}", figure(most), chart.unit, minute(at_s)))
        });
        let told = most.collect::<Vec<_>>().join("; ");
        Some(json!({ "title": chart.title, "unit": chart.unit, "svg": svg, "told": told }))
    });
    drawn.collect()
}

/// Some moments of the curves, for who cannot see them.
fn rows(curves: &Curves) -> Value {
    let columns = || CHARTS.iter().flat_map(|chart| chart.lines);
    let step = curves.at_s.len().div_ceil(ROWS_MAX).max(1);
    let moments = curves.at_s.iter().enumerate().step_by(step);
    let rows = moments.map(|(at, at_s)| {
        let of = |name: &str| curves.column(name).get(at).copied().flatten();
        let cells = columns().map(|(name, _)| of(name).map_or("–".to_owned(), figure));
        json!({ "at": minute(*at_s), "cells": cells.collect::<Vec<_>>() })
    });
    let heading = CHARTS
        .iter()
        .flat_map(|chart| chart.lines.iter().map(|(_, label)| format!("{label}, {}", chart.unit)));
    json!({ "heading": heading.collect::<Vec<_>>(), "rows": rows.collect::<Vec<_>>() })
}

/// The newest entries of a list, in their order.
fn newest(list: &[&Milestone], told: impl Fn(&Milestone) -> Value) -> Value {
    let from = list.len().saturating_sub(SHOWN_MAX);
    list.iter().skip(from).map(|milestone| told(milestone)).collect()
}

/// The names of performances, by their ids.
struct Names<'d>(BTreeMap<&'d str, &'d str>);

impl<'d> Names<'d> {
    fn of(definition: &'d Definition) -> Self {
        let performances = definition.performances.iter();
        Self(performances.map(|one| (one.id.as_str(), one.name.as_str())).collect())
    }
}

fn happened(milestone: &Milestone, names: &Names<'_>) -> Value {
    let of = match &milestone.what {
        What::SoldOut { performance } | What::BackOnSale { performance } => match performance {
            Some(id) => names.0.get(id.as_str()).copied().unwrap_or(id.as_str()),
            None => "The whole sale",
        },
        _ => "",
    };
    json!({ "at": second(milestone.at_s), "of": of, "told": told(&milestone.what) })
}

/// What happened, in words.
pub(super) fn told(what: &What) -> String {
    match what {
        What::Unserved { for_ms } => format!("No server for {}", span(*for_ms)),
        What::Started => "The server started".to_owned(),
        What::TookOver => "This server took over".to_owned(),
        What::Opened => "The sale opened".to_owned(),
        What::Closed => "The sale closed".to_owned(),
        What::Down { cause } => format!("Nothing could be sold: {cause}"),
        What::Up { after_ms } => format!("Selling went on after {}", span(*after_ms)),
        What::SoldOut { .. } => "Sold out".to_owned(),
        What::BackOnSale { .. } => "Back on sale".to_owned(),
    }
}

/// A span as people say it.
fn span(ms: u64) -> String {
    let (seconds, minutes) = (ms / 1_000, ms / 60_000);
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", seconds, ms % 1_000 / 100),
        60..3_600 => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

fn rfc3339(at_s: i64) -> String {
    clock::rfc3339(WallTime(at_s.saturating_mul(1_000))).unwrap_or_default()
}

/// The day and the time, to the second.
fn seconds(rfc3339: &str) -> String {
    rfc3339.replace('T', " ").get(..19).unwrap_or_default().to_owned()
}

fn second(at_s: i64) -> String {
    seconds(&rfc3339(at_s))
}

fn minute(at_s: i64) -> String {
    rfc3339(at_s).get(11..16).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_people_read_them() {
        for (ms, told) in
            [(250, "250 ms"), (6_800, "6.8 s"), (61_000, "1 min 1 s"), (3_600_000, "1 h 0 min")]
        {
            assert_eq!(span(ms), told);
        }
        assert_eq!(told(&What::Unserved { for_ms: 160_000 }), "No server for 2 min 40 s");
    }
}
