//! Many performances alike: `[[series]]`, every one of some times on every one of some dates.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use stanchion_domain::limits;
use stanchion_domain::sale::definition::Performance;
use stanchion_domain::time::Span;

use super::super::node::Node;
use super::super::problem::quoted;
use super::super::tree::Kind;
use super::Named;
use super::moment::{date, local_instant, span, time};
use super::performance::read_capacity;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
/// The shortest and the longest way from one time slot to the next.
const EVERY: (Span, Span) = (Span::from_seconds(60), Span::from_seconds(24 * 3_600));

/// All performances of a series, by date and then by time.
pub(super) fn read(node: Node<'_>, named: &Named) -> Vec<Performance> {
    let Some(mut table) = node.table() else { return Vec::new() };
    let id = table.need("id").and_then(|node| Some((node, node.words(limits::ID_BYTES_MAX)?)));
    let name = table.need("name").and_then(|node| Some((node, node.name()?)));
    let dates = table.need("dates").and_then(dates).unwrap_or_default();
    let times = table.need("times").and_then(times).unwrap_or_default();
    let (seating, pools) = read_capacity(&mut table, named);
    table.finish();
    if named.time_zone.is_none() {
        node.refuse("has local times, but the sale has no time zone", "add `time_zone` at the top");
    }
    if dates.len().saturating_mul(times.len()) > limits::PERFORMANCES_MAX {
        let wrong = format!("makes {} times {} performances", dates.len(), times.len());
        node.refuse(wrong, format!("use at most {}", limits::PERFORMANCES_MAX));
        return Vec::new();
    }
    let (Some(id), Some(name), Some(zone)) = (id, name, &named.time_zone) else {
        return Vec::new();
    };
    let both = |date: &Date| times.iter().map(|time| (*date, *time)).collect::<Vec<_>>();
    let moments = dates.iter().flat_map(both);
    let performances = moments.map(|(date, time)| Performance {
        id: filled(id, date, time, "%H%M", id_fits),
        name: filled(name, date, time, "%H:%M", |name| name.len() <= limits::NAME_BYTES_MAX),
        starts_at: local_instant(node, date.to_datetime(time), zone),
        seating: seating.clone(),
        pools: pools.clone(),
    });
    performances.collect()
}

/// A pattern with date and time in their places.
fn filled(
    (node, pattern): (Node<'_>, &str),
    date: Date,
    time: Time,
    time_format: &str,
    fits: fn(&str) -> bool,
) -> String {
    let time = time.strftime(time_format).to_string();
    let text = pattern.replace("{date}", &date.to_string()).replace("{time}", &time);
    if !fits(&text) {
        let wrong = format!("becomes {}, which does not fit", quoted(&text));
        node.refuse(wrong, "use letters, digits, hyphens, {date} and {time}, and be brief");
    }
    text
}

fn id_fits(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    id.len() <= limits::ID_BYTES_MAX && id.bytes().all(fits)
}

/// A list of dates, or `{ from, to, on = ["sat", "sun"] }`.
fn dates(node: Node<'_>) -> Option<BTreeSet<Date>> {
    if matches!(node.value.kind, Kind::List(_)) {
        return distinct(node, date);
    }
    let mut table = node.table()?;
    let from = table.need("from").and_then(date);
    let to = table.need("to").and_then(date);
    let on: Vec<Weekday> = table.items("on").filter_map(weekday).collect();
    table.finish();
    let (from, to) = (from?, to?);
    let wanted = |date: &Date| on.is_empty() || on.contains(&date.weekday());
    let days = from.series(1.day()).take(limits::PERFORMANCES_MAX).take_while(|date| *date <= to);
    some(node, days.filter(wanted).collect())
}

/// A list of times of day, or `{ from, to, every = "10m" }`.
fn times(node: Node<'_>) -> Option<BTreeSet<Time>> {
    if matches!(node.value.kind, Kind::List(_)) {
        return distinct(node, time);
    }
    let mut table = node.table()?;
    let from = table.need("from").and_then(time);
    let to = table.need("to").and_then(time);
    let every = table.need("every").and_then(|node| span(node, EVERY.0, EVERY.1));
    table.finish();
    let (from, to) = (from?, to?);
    let step = i64::try_from(every?.0).unwrap_or(i64::MAX).milliseconds();
    some(node, from.series(step).take_while(|time| *time <= to).collect())
}

fn distinct<T: Ord>(node: Node<'_>, read: fn(Node<'_>) -> Option<T>) -> Option<BTreeSet<T>> {
    let mut all = BTreeSet::new();
    for item in node.list()? {
        if read(item).is_some_and(|value| !all.insert(value)) {
            item.refuse("comes twice", "take one out");
        }
    }
    some(node, all)
}

/// At least one; noted at `node` if there is none.
fn some<T>(node: Node<'_>, all: BTreeSet<T>) -> Option<BTreeSet<T>> {
    if all.is_empty() {
        node.refuse("names none", "give a list, or put `from` before `to`");
        return None;
    }
    Some(all)
}

fn weekday(node: Node<'_>) -> Option<Weekday> {
    let text = node.text()?;
    let found = WEEKDAYS.iter().find(|(name, _)| *name == text).map(|(_, weekday)| *weekday);
    if found.is_none() {
        let remedy = "use mon, tue, wed, thu, fri, sat or sun";
        node.refuse(format!("{} is no day of the week", quoted(text)), remedy);
    }
    found
}
