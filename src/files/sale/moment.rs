//! Instants, dates, times of day and spans as people write them.
//!
//! A local time that a clock change skips or repeats is refused with both possibilities: nobody
//! should guess when a sale opens.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, fmt::strtime};
use stanchion_domain::time::{Span, WallTime};

use super::super::node::Node;
use super::super::problem::quoted;
use super::super::tree::Kind;

/// Names of time zones are shorter; of a longer text nobody looks for what is like it.
const NAME_BYTES_MAX: usize = 64;
/// Milliseconds of the units that a span is written in.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A time zone by its name in the IANA database.
pub(super) fn time_zone(node: Node<'_>) -> Option<TimeZone> {
    let name = node.text()?;
    let found = TimeZone::get(name).ok();
    if found.is_none() {
        node.refuse(format!("{} is no time zone", quoted(name)), remedy_for(name));
    }
    found
}

/// What to write instead of a name that no time zone has.
fn remedy_for(name: &str) -> String {
    const ALIKE_MIN: f64 = 0.85;
    let likeness = |known: &str| strsim::jaro_winkler(name, known);
    let short = (name.len() <= NAME_BYTES_MAX).then(|| jiff::tz::db().available());
    let known = short.into_iter().flatten().map(|known| known.as_str().to_owned());
    let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|known| likeness(known) >= ALIKE_MIN) {
        Some(known) => format!("did you mean \"{known}\"?"),
        None => "write a name such as \"Europe/Berlin\"".to_owned(),
    }
}

/// An instant: with an offset, or local in the time zone of the sale.
pub(super) fn instant(node: Node<'_>, time_zone: Option<&TimeZone>) -> Option<WallTime> {
    let text = moment_text(node, "a date and time")?;
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(WallTime(timestamp.as_millisecond()));
    }
    let complete = text.len() >= "2026-10-16T10:00".len() && !text.contains('[');
    match (complete.then(|| text.parse::<DateTime>()), time_zone) {
        (Some(Ok(local)), Some(time_zone)) => local_instant(node, local, time_zone),
        (Some(Ok(_)), None) => {
            let remedy = "add the offset, as in 2026-10-16T10:00:00+02:00, or a `time_zone`";
            node.refuse(format!("{} is local time of no place", quoted(text)), remedy);
            None
        }
        _ => {
            let remedy = "write it as 2026-10-16T10:00:00+02:00";
            node.refuse(format!("{} is no date and time", quoted(text)), remedy);
            None
        }
    }
}

/// The instant of a local time; noted at `node` if clocks skip or repeat it.
pub(super) fn local_instant(
    node: Node<'_>,
    local: DateTime,
    time_zone: &TimeZone,
) -> Option<WallTime> {
    let (wrong, before, after) = match time_zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => return wall_time(node, local, offset),
        AmbiguousOffset::Gap { before, after } => ("does not exist: clocks skip it", after, before),
        AmbiguousOffset::Fold { before, after } => ("comes twice: clocks go back", before, after),
    };
    let shown = |offset: Offset| {
        let instant = offset.to_timestamp(local).ok()?;
        let zoned = instant.to_zoned(time_zone.clone());
        strtime::format("%Y-%m-%dT%H:%M:%S%:z", &zoned).ok()
    };
    let remedy = match (shown(before), shown(after)) {
        (Some(first), Some(second)) => format!("write {first} or {second}"),
        _ => "write it with its offset".to_owned(),
    };
    node.refuse(format!("the local time {local} {wrong}"), remedy);
    None
}

fn wall_time(node: Node<'_>, local: DateTime, offset: Offset) -> Option<WallTime> {
    let instant = offset.to_timestamp(local).ok();
    if instant.is_none() {
        node.refuse(format!("{local} is out of range"), "use a year from 1 to 9998");
    }
    Some(WallTime(instant?.as_millisecond()))
}

/// A day of the calendar.
pub(super) fn date(node: Node<'_>) -> Option<Date> {
    let text = moment_text(node, "a date")?;
    let date = text.parse().ok().filter(|_| text.len() == "2026-10-16".len());
    if date.is_none() {
        node.refuse(format!("{} is no date", quoted(text)), "write it as 2026-10-16");
    }
    date
}

/// A time of day.
pub(super) fn time(node: Node<'_>) -> Option<Time> {
    let text = moment_text(node, "a time of day")?;
    let time = text.parse().ok().filter(|_| text.len() <= "18:30:00".len());
    if time.is_none() {
        node.refuse(format!("{} is no time of day", quoted(text)), "write it as 18:30");
    }
    time
}

/// With or without quotes: TOML knows dates and times.
fn moment_text<'a>(node: Node<'a>, wanted: &str) -> Option<&'a str> {
    match &node.value.kind {
        Kind::Text(text) | Kind::Moment(text) => Some(text),
        _ => node.wrong_kind(wanted),
    }
}

/// A length of time such as "10m", "90s" or "1h30m", within a range.
pub(super) fn span(node: Node<'_>, least: Span, most: Span) -> Option<Span> {
    let text = node.text()?;
    let Some(span) = parse_span(text) else {
        let remedy = "write it as \"10m\", \"90s\" or \"1h30m\"";
        node.refuse(format!("{} is no length of time", quoted(text)), remedy);
        return None;
    };
    if (least..=most).contains(&span) {
        return Some(span);
    }
    let remedy = format!("use {} to {}", span_shown(least), span_shown(most));
    node.refuse(format!("{} is out of range", quoted(text)), remedy);
    None
}

fn parse_span(text: &str) -> Option<Span> {
    let mut rest = text;
    let mut span_ms: u64 = 0;
    while !rest.is_empty() {
        let unit_at = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (count, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(unit_end);
        let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
        span_ms = span_ms.checked_add(count.parse::<u64>().ok()?.checked_mul(*unit_ms)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(Span(span_ms))
}

/// A span in the largest units that it is made of.
pub(super) fn span_shown(span: Span) -> String {
    let mut rest = span.0;
    let mut shown = String::new();
    for (name, unit_ms) in UNITS.iter().rev() {
        if rest >= *unit_ms {
            shown.push_str(&format!("{}{name}", rest / unit_ms));
            rest %= unit_ms;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}
