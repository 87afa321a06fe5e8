use serde_json::{Value, json};

use super::*;

/// Stalls of two rows, a circle above the second, and one box aside.
fn plan() -> Plan {
    let seat = |id: &str, section: usize, row: usize, (x, y): (f64, f64)| {
        json!({"id": id, "label": id, "section": section, "row": row, "category": section % 2,
               "x": x, "y": y})
    };
    serde_json::from_value(json!({
        "focal_point": {"x": 1.0, "y": -2.0},
        "sections": [{"name": "Stalls"}, {"name": "Circle"}, {"name": "Box"}, {"name": "Empty"}],
        "rows": [
            {"label": "A", "section": 0, "runs": [[0, 2]]},
            {"label": "B", "section": 0, "runs": [[3, 4]]},
            {"label": "C", "section": 1, "runs": [[5, 6]]},
            {"label": "D", "section": 2, "runs": [[7, 7]]},
        ],
        "seats": [
            seat("a1", 0, 0, (0.0, 0.0)), seat("a2", 0, 0, (0.5, 0.0)),
            seat("a3", 0, 0, (3.5, 0.0)), seat("b1", 0, 1, (0.0, 1.0)),
            seat("b2", 0, 1, (0.5, 1.0)), seat("c1", 1, 2, (0.0, 1.0)),
            seat("c2", 1, 2, (0.5, 1.0)), seat("d1", 2, 3, (9.0, 1.0)),
        ],
    }))
    .expect("a plan")
}

fn drawing() -> Value {
    let seating = json!({"plan": "p", "zone_of_category": ["A", "B"]});
    let sale = json!({"name": "n", "currency": "GBP", "zones": [
        {"id": "B", "name": "Back", "prices": [
            {"id": "full", "name": "Full", "amount_minor": 2_850},
            {"id": "half", "name": "Half", "amount_minor": 1_425}]},
        {"id": "A", "name": "Front", "prices": []},
    ]});
    let basket = json!({"id": "b", "code": "7K3M-2QXV", "state": "open", "units": 1,
        "total_minor": 0, "currency": "GBP",
        "holds": [{"id": 1, "lines": [{"performance": "p", "zone": "A",
        "price": "full", "amount_minor": 0, "seat": {"id": "a2", "label": "2"}}]}]});
    let seating = serde_json::from_value(seating).expect("a seating");
    let sale = serde_json::from_value(sale).expect("a sale");
    let basket = serde_json::from_value(basket).expect("a basket");
    json!(draw(&plan(), &seating, &sale, Some(&basket)))
}

#[test]
fn a_section_that_would_cover_another_is_drawn_behind_it() {
    let drawing = drawing();
    let y = |at: usize| drawing["seats"][at]["at"]["y"].as_f64();
    // Behind the last row of the stalls, by the gap.
    assert_eq!((y(4), y(5), y(6)), (Some(1.0), Some(3.0), Some(3.0)));
    assert_eq!(y(7), Some(1.0), "what covers nobody stays where it is");
    assert_eq!(drawing["pitch"], 0.5, "the distance of most neighbours");
    assert_eq!(drawing["view"], json!([-1.0, -3.0, 11.0, 7.0]), "everything, and a margin");
}

#[test]
fn seats_have_the_zone_of_their_price_and_say_whose_they_are() {
    let drawing = drawing();
    let zones = json!([{"name": "Back", "price": "28.50 GBP"}, {"name": "Front", "price": ""}]);
    assert_eq!(drawing["zones"], zones);
    assert_eq!(
        (&drawing["seats"][0]["zone"], &drawing["seats"][5]["zone"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        (&drawing["seats"][3]["row"], &drawing["seats"][7]["row"]),
        (&json!("B"), &json!("D"))
    );
    let yours = (0..8).filter(|at| drawing["seats"][at]["yours"] == true);
    assert_eq!(yours.collect::<Vec<_>>(), [1]);
    assert_eq!(drawing["sections"][3], json!({"name": "Empty"}));
}
