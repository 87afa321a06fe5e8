//! Units as checks count and name them.

use std::collections::BTreeMap;

use crate::history::{Source, Unit};

/// The seat, if it is one.
pub(super) fn seat_of(unit: &Unit) -> Option<&str> {
    match &unit.of {
        Source::Seat(seat) => Some(seat),
        Source::Pool { .. } => None,
    }
}

/// How many units it is.
pub(super) fn count(unit: &Unit) -> u64 {
    match unit.of {
        Source::Seat(_) => 1,
        Source::Pool { units, .. } => u64::from(units),
    }
}

/// Performance, zone, and seat or pool.
type Kind<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

/// Units added up.
pub(super) type Sum<'a> = BTreeMap<Kind<'a>, u64>;

/// Adds units up, so that the same units compare equal however they were listed.
pub(super) fn sum<'a>(units: impl IntoIterator<Item = &'a Unit>) -> Sum<'a> {
    let mut sum = Sum::new();
    for unit in units {
        let (seat, pool) = match &unit.of {
            Source::Seat(seat) => (Some(seat.as_str()), ""),
            Source::Pool { pool, .. } => (None, pool.as_str()),
        };
        *sum.entry((&unit.performance, &unit.zone, seat, pool)).or_default() += count(unit);
    }
    sum
}

/// Whether the first holds all of the second.
pub(super) fn contains(whole: &Sum<'_>, part: &Sum<'_>) -> bool {
    part.iter().all(|(unit, units)| whole.get(unit).is_some_and(|there| there >= units))
}

/// Units for a person to read.
pub(super) fn say(units: &Sum<'_>) -> String {
    let one = |((performance, _, seat, pool), units): (&Kind<'_>, &u64)| match seat {
        Some(seat) => format!("{performance}/{seat}"),
        None => format!("{units} of {performance}/{pool}"),
    };
    let all: Vec<_> = units.iter().map(one).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}
