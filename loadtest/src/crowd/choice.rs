//! What somebody asks for: the best available, seats that they point at, or units of a pool.
//!
//! Pure: what is left and a random sequence in, items of a request out.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::seq::IteratorRandom;
use serde_json::{Value, json};

use super::wire::{Performance, Plan, Seats};
use crate::history::{Source, Unit};
use crate::scenario::Chooses;

/// The letter of an available seat.
const AVAILABLE: u8 = b'a';

/// The performance that somebody goes for: the first of the sale if they want the hottest, else
/// any with something left. `None` if there is none.
pub(super) fn performance<'a>(
    performances: &'a [Arc<Performance>],
    chooses: Chooses,
    random: &mut ChaCha8Rng,
) -> Option<&'a Arc<Performance>> {
    if chooses == Chooses::Hottest {
        return performances.first();
    }
    performances.iter().filter(|performance| performance.counts.available > 0).choose(random)
}

/// Whether nothing can come back any more.
pub(super) fn sold_out(performances: &[Arc<Performance>]) -> bool {
    performances.iter().all(|performance| performance.status == "sold_out")
}

/// The best available, or units of a pool where there are no seats.
pub(super) fn best(performance: &Performance, units: u32, random: &mut ChaCha8Rng) -> Vec<Value> {
    let id = &performance.id;
    let pool = performance.pools.iter().choose(random);
    vec![match pool.filter(|_| performance.seating.is_none()) {
        Some(pool) => json!({"performance": id, "pool": pool.id, "units": units}),
        None => json!({"performance": id, "best_available": {"seats": units}}),
    }]
}

/// These seats of a performance.
pub(super) fn named(performance: &str, seats: &[String]) -> Vec<Value> {
    seats.iter().map(|seat| json!({"performance": performance, "seat": seat})).collect()
}

/// The same units once more.
pub(super) fn again(units: &[Unit]) -> Vec<Value> {
    let item = |unit: &Unit| match &unit.of {
        Source::Seat(seat) => json!({"performance": unit.performance, "seat": seat}),
        Source::Pool { pool, units } => {
            json!({"performance": unit.performance, "pool": pool, "units": units})
        }
    };
    units.iter().map(item).collect()
}

/// Neighbours that look available, in a stretch chosen at random; `None` if there are no such.
///
/// Leaves the accessible seats to those who need them.
pub(super) fn pointed_at(
    (plan, seats): (&Plan, &Seats),
    units: u32,
    random: &mut ChaCha8Rng,
) -> Option<Vec<String>> {
    let units = usize::try_from(units).ok().filter(|units| *units > 0)?;
    let letters = seats.seats.as_bytes();
    let open = |at: usize| {
        let ordinary = plan.seats.get(at).is_some_and(|seat| !seat.accessible);
        ordinary && letters.get(at) == Some(&AVAILABLE)
    };
    let runs = plan.rows.iter().flat_map(|row| &row.runs);
    let blocks = runs.flat_map(|(first, last)| {
        let end = (*last).min(plan.seats.len()).saturating_add(2).saturating_sub(units);
        (*first..end).map(|start| start..start.saturating_add(units))
    });
    let block = blocks.filter(|block| block.clone().all(open)).choose(random)?;
    Some(plan.seats.get(block)?.iter().map(|seat| seat.id.clone()).collect())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn plan() -> Plan {
        let seats = (0..6).map(|at| json!({"id": format!("A-{at}"), "accessible": at == 5}));
        let plan = json!({
            "rows": [{"runs": [[0, 2], [3, 5]]}],
            "seats": seats.collect::<Vec<_>>(),
        });
        serde_json::from_value(plan).expect("a plan")
    }

    fn check(letters: &str, units: u32, expected: Option<&[&str]>) {
        let seats = Seats { seats: letters.to_owned() };
        for seed in 0..20 {
            let random = &mut ChaCha8Rng::seed_from_u64(seed);
            let ids = pointed_at((&plan(), &seats), units, random);
            let ids = ids.as_ref().map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(ids.as_deref(), expected, "{units} of {letters}, seed {seed}");
        }
    }

    #[test]
    fn who_points_at_seats_takes_available_neighbours_that_nobody_else_needs() {
        check("ahhhhh", 1, Some(&["A-0"]));
        check("haahhh", 2, Some(&["A-1", "A-2"]));
        // On both sides of the aisle.
        check("hhaahh", 2, None);
        // One of them is accessible.
        check("hhhhaa", 2, None);
        check("aaahhh", 3, Some(&["A-0", "A-1", "A-2"]));
        check("aaaaaa", 4, None);
        check("aa", 3, None);
        check("aaaaaa", 0, None);
    }

    #[test]
    fn a_plan_with_absurd_rows_is_gone_through_in_no_time() {
        let absurd = json!({"rows": [{"runs": [[0, usize::MAX], [usize::MAX, 0]]}], "seats": []});
        let plan = serde_json::from_value(absurd).expect("a plan");
        let seats = Seats { seats: "aaa".to_owned() };
        let random = &mut ChaCha8Rng::seed_from_u64(1);
        assert_eq!(pointed_at((&plan, &seats), 2, random), None);
    }
}
