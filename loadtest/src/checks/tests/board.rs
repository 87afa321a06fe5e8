//! The board: counts that add up, statuses that are true.

use super::*;

fn read(version: u64, counts: Counts) -> Told {
    told(Who::Observer, (10, 20), What::Board(board(version, counts)))
}

fn left(version: u64, performance: Performance) -> Told {
    told(Who::Observer, (30, 40), shown(version, performance))
}

#[test]
fn everything_published_adds_up() {
    let right = counts(5, 1, 1, 3);
    kept("board", vec![read(1, right), left(1, hall("on_sale", right))]);
    let wrong = Counts { available: 4, ..right };
    broken("board", vec![read(1, wrong)]);
    broken("board", vec![left(1, hall("on_sale", wrong))]);
    let zones = vec![("stalls".to_owned(), counts(4, 1, 1, 4))];
    broken("board", vec![left(1, Performance { zones, ..hall("on_sale", right) })]);
}

#[test]
fn performances_add_up_to_the_head_of_the_same_version() {
    let moved = counts(4, 2, 1, 3);
    broken("board", vec![read(1, counts(5, 1, 1, 3)), left(1, hall("on_sale", moved))]);
    kept("board", vec![read(1, counts(5, 1, 1, 3)), left(2, hall("on_sale", moved))]);
    // There are others that were not read.
    kept("board", vec![read(1, counts(9, 1, 1, 3)), left(1, hall("on_sale", moved))]);
}

#[test]
fn a_status_follows_from_the_counts_beside_it() {
    for (status, counts, right) in [
        ("sold_out", counts(0, 0, 0, 9), true),
        ("sold_out", counts(0, 1, 0, 8), false),
        ("in_baskets", counts(0, 0, 1, 8), true),
        ("in_baskets", counts(1, 0, 1, 8), false),
        ("on_sale", counts(0, 0, 1, 8), false),
        ("low", counts(1, 0, 0, 8), true),
    ] {
        let check = if right { kept } else { broken };
        check("status", vec![left(1, hall(status, counts))]);
    }
    let both = |low, on_sale| {
        vec![
            left(1, hall("low", counts(low, 0, 0, 100 - low))),
            left(2, hall("on_sale", counts(on_sale, 0, 0, 100 - on_sale))),
        ]
    };
    kept("status", both(5, 6));
    broken("status", both(7, 6));
}

#[test]
fn nothing_is_held_after_sold_out_nor_while_it_is_said() {
    let a = [seat("A-1")];
    let sold_out = || left(1, hall("sold_out", counts(0, 0, 0, 9)));
    let refused = || {
        let (performance, code) = ("hall".to_owned(), "sold_out".to_owned());
        by(9, (30, 40), What::HoldRefused { performance, code })
    };
    for said in [sold_out, refused] {
        broken("status", vec![said(), by(1, (50, 60), held("b1", 1, &a))]);
        broken("status", vec![said(), by(1, (10, 20), held("b1", 1, &a))]);
        // It was sold, or over, before.
        let bought = by(1, (25, 45), ordered("b1", &a));
        kept("status", vec![said(), by(1, (10, 20), held("b1", 1, &a)), bought]);
        let restored = told(Who::Staff, (42, 43), changed("restore", None));
        kept("status", vec![said(), restored, by(1, (50, 60), held("b1", 1, &a))]);
        // Of another performance.
        kept("status", vec![said(), sold_out(), by(1, (50, 60), held("b1", 1, &[standing(1)]))]);
    }
}
