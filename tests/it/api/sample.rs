//! A small sale: one performance with ten seats in two rows and a pool, one with a single unit.

use stanchion_domain::id::{PlanIndex, RowIndex, SeatIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{
    Definition, Performance, Policy, Pool, Price, PriceZone, Seating, Withheld,
};
use stanchion_domain::time::Span;

/// The sale "gala". Seat `B5` is killed, `B4` belongs to the house.
pub(crate) fn gala() -> Definition {
    let price =
        |id: &str, amount_minor| Price { id: id.to_owned(), name: id.to_owned(), amount_minor };
    let zone = |id: &str, prices| PriceZone {
        id: id.to_owned(),
        name: format!("Zone {id}"),
        prices,
        focal_point: None,
    };
    Definition {
        id: "gala".to_owned(),
        name: "The <b>Gala</b> & more".to_owned(),
        currency: "EUR".to_owned(),
        shop_url: Some("https://shop.test/gala".to_owned()),
        plans: vec![plan()],
        zones: vec![
            zone("a", vec![price("full", 5_000), price("half", 2_500)]),
            zone("standing", vec![price("full", 2_000)]),
        ],
        performances: vec![friday(), matinee()],
        policy: Policy {
            cap: 500,
            pace_per_minute: 6_000_000,
            hold_span: Span::from_seconds(600),
            ..Policy::default()
        },
        ..Definition::default()
    }
}

fn friday() -> Performance {
    Performance {
        id: "fri".to_owned(),
        name: "Friday".to_owned(),
        seating: Some(Seating {
            plan: PlanIndex(0),
            zone_of_category: vec![ZoneIndex(0)],
            withheld: vec![(SeatIndex(8), Withheld::House), (SeatIndex(9), Withheld::Killed)],
        }),
        pools: vec![pool("standing", 20)],
        ..Performance::default()
    }
}

fn matinee() -> Performance {
    Performance {
        id: "matinee".to_owned(),
        name: "Matinee".to_owned(),
        pools: vec![pool("last", 1)],
        ..Performance::default()
    }
}

fn pool(id: &str, capacity: u32) -> Pool {
    Pool { id: id.to_owned(), name: id.to_owned(), zone: ZoneIndex(1), capacity, withheld: 0 }
}

fn plan() -> SeatPlan {
    let rows = ["A", "B"].iter().zip(0_u32..).map(|(label, at)| Row {
        label: (*label).to_owned(),
        section: SectionIndex(0),
        seats: at * 5..at * 5 + 5,
        breaks: Vec::new(),
    });
    let seats = (0_u32..10).map(|at| Seat {
        id: format!("{}{}", if at < 5 { "A" } else { "B" }, at % 5 + 1),
        label: (at % 5 + 1).to_string(),
        row: RowIndex(at / 5),
        category: 0,
        at: Point {
            x: i32::try_from(at % 5).expect("small") * 100,
            y: i32::try_from(at / 5).expect("small") * 100,
        },
        flags: SeatFlags::default(),
    });
    SeatPlan {
        id: "hall".to_owned(),
        name: "The hall".to_owned(),
        categories: vec!["all".to_owned()],
        sections: vec![Section { name: "Stalls".to_owned(), rows: 0..2, focal_point: None }],
        rows: rows.collect(),
        seats: seats.collect(),
        focal_point: None,
    }
}
