//! What a visitor asks for: the best available, seats they point at, or units of a pool.
//!
//! Pure: what is left and a random sequence in, an item of a request out.

use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use serde_json::{Value, json};

use crate::command_line::demo::wire::board::Performance;
use crate::command_line::demo::wire::plan::{Plan, Seats};

/// The letter of an available seat.
const AVAILABLE: u8 = b'a';

/// One of the performances with anything left.
pub(super) fn performance<'a>(
    performances: &'a [Performance],
    random: &mut StdRng,
) -> Option<&'a Performance> {
    performances.iter().filter(|performance| performance.counts.available > 0).choose(random)
}

/// Whether nothing can come back any more.
pub(super) fn sold_out(performances: &[Performance]) -> bool {
    performances.iter().all(|performance| performance.status == "sold_out")
}

/// Whether so little is left that nobody hesitates.
pub(super) fn scarce(performances: &[Performance]) -> bool {
    performances.iter().all(|performance| performance.status != "on_sale")
}

/// The best available, wherever, one of them a wheelchair place if that is needed; units of a pool
/// where there are no seats.
pub(super) fn best(
    performance: &Performance,
    (units, accessible): (u32, bool),
    random: &mut StdRng,
) -> Vec<Value> {
    let id = &performance.id;
    let pool = match performance.seating {
        Some(_) => None,
        None => performance.pools.iter().choose(random),
    };
    vec![match pool {
        Some(pool) => json!({"performance": id, "pool": pool.id, "units": units}),
        None => {
            let wanted = json!({"seats": units, "accessible": u32::from(accessible)});
            json!({"performance": id, "best_available": wanted})
        }
    }]
}

/// Neighbours that look available, in a stretch chosen at random; `None` if there are no such.
///
/// Leaves the accessible seats to those who need them.
pub(super) fn pointed_at(
    (plan, seats): (&Plan, &Seats),
    units: usize,
    random: &mut StdRng,
) -> Option<Vec<String>> {
    let letters = seats.seats.as_bytes();
    let open = |at: &usize| {
        let ordinary = plan.seats.get(*at).is_some_and(|seat| !seat.accessible);
        ordinary && letters.get(*at) == Some(&AVAILABLE)
    };
    let blocks = plan.rows.iter().flat_map(|row| &row.runs).flat_map(|&(first, last)| {
        let end = last.saturating_add(2).saturating_sub(units);
        (first..end).map(|start| start..start + units)
    });
    let block = blocks.filter(|block| block.clone().all(|at| open(&at))).choose(random)?;
    Some(plan.seats.get(block)?.iter().map(|seat| seat.id.clone()).collect())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn plan() -> Plan {
        let seat = |at: usize| {
            let id = format!("A-{at}");
            json!({"id": id, "label": "", "section": 0, "row": 0, "x": at, "y": 0})
        };
        let plan = json!({
            "sections": [{"name": ""}],
            "rows": [{"label": "A", "section": 0, "runs": [[0, 3], [4, 5]]}],
            "seats": (0..6).map(seat).collect::<Vec<_>>(),
        });
        serde_json::from_value(plan).expect("a plan")
    }

    fn check(letters: &str, units: usize, expected: Option<&[&str]>) {
        let seats = Seats { seats: letters.to_owned() };
        for seed in 0..20 {
            let random = &mut StdRng::seed_from_u64(seed);
            let ids = pointed_at((&plan(), &seats), units, random);
            let ids = ids.as_ref().map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(ids.as_deref(), expected, "{units} of {letters}, seed {seed}");
        }
    }

    #[test]
    fn who_points_at_seats_takes_available_neighbours_on_one_side_of_the_aisle() {
        check("aahhhh", 2, Some(&["A-0", "A-1"]));
        check("hhaaah", 2, Some(&["A-2", "A-3"]));
        check("hhhaah", 2, None);
        check("aaaaaa", 4, Some(&["A-0", "A-1", "A-2", "A-3"]));
        check("aaaaaa", 5, None);
        check("aaaaaa", 9, None);
        check("aaa", 4, None);
    }
}
