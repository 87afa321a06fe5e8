//! A small sale, with spans so short that few steps reach every deadline.

use std::sync::Arc;

use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::command::Report;
use stanchion_domain::id::{
    PerformanceIndex, PlanIndex, RowIndex, SeatIndex, SectionIndex, ZoneIndex,
};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{
    Definition, Mirror, Performance, Policy, Pool, Price, PriceZone, Seating, Withheld,
};
use stanchion_domain::time::Span;

/// Seats of the one plan, in two rows.
pub(super) const SEATS: u32 = 12;

/// One performance with seats and a pool, one with seats, one with a pool.
pub(super) fn night() -> Definition {
    let withheld = vec![(SeatIndex(5), Withheld::House)];
    Definition {
        id: "night".to_owned(),
        name: "Night".to_owned(),
        currency: "EUR".to_owned(),
        plans: vec![plan()],
        zones: vec![zone("front", 9_000), zone("back", 5_000), zone("standing", 2_000)],
        performances: vec![
            performance("friday", Some(seating(withheld)), vec![pool("floor", 6)]),
            performance("saturday", Some(seating(Vec::new())), Vec::new()),
            performance("sunday", None, vec![pool("garden", 5)]),
        ],
        policy: policy(),
        triggers: vec![trigger()],
        ..Definition::default()
    }
}

/// The same night at a house whose own system keeps the seats.
pub(super) fn mirrored() -> Definition {
    let sold_out = Condition::StatusIs(StatusKind::SoldOut);
    let gone = Trigger {
        id: "gone".to_owned(),
        scope: Scope::Performance(PerformanceIndex(1)),
        condition: sold_out,
        deeds: vec![Deed::StopCalling],
    };
    let sells = |id, zones: &[(u16, u32)]| {
        let pools = zones.iter().map(|(zone, capacity)| Pool {
            zone: ZoneIndex(*zone),
            ..pool(&format!("z{zone}"), *capacity)
        });
        performance(id, None, pools.collect())
    };
    Definition {
        plans: Vec::new(),
        performances: vec![sells("friday", &[(2, 9), (0, 4)]), sells("saturday", &[(1, 6)])],
        policy: Policy { call_for_what_is_left: true, ..policy() },
        triggers: vec![trigger(), gone],
        mirror: Some(Mirror { stale_span: Span::from_seconds(10) }),
        ..night()
    }
}

/// The definition with one performance more, and with more room for what is reported.
pub(super) fn grown(definition: &Definition) -> Definition {
    let mut grown = definition.clone();
    let id = format!("more{}", grown.performances.len());
    if grown.mirrored() {
        grown.performances[0].pools[0].capacity += 1;
        let again = grown.performances[1].clone();
        grown.performances.push(Performance { id, ..again });
    } else {
        grown.performances.push(performance(&id, Some(seating(Vec::new())), Vec::new()));
    }
    grown
}

/// What nobody believes of a house whose seats are kept here.
pub(super) fn sold_out() -> Report {
    Report {
        performance: PerformanceIndex(2),
        zone: ZoneIndex(2),
        version: 1,
        available: 0,
        held: 0,
        sold: 5,
        withheld: 0,
    }
}

/// The definition as if somebody else kept the seats.
pub(super) fn kept_by_the_other(definition: &Definition) -> Definition {
    let mirror = Mirror { stale_span: Span::from_seconds(10) };
    let mirror = if definition.mirrored() { None } else { Some(mirror) };
    Definition { mirror, ..definition.clone() }
}

pub(super) fn policy() -> Policy {
    Policy {
        cap: 4,
        pace_per_minute: 6_000,
        claim_span: Span::from_seconds(20),
        idle_span: Span::from_seconds(60),
        presence_span: Span::from_seconds(30),
        grace_span: Span::from_seconds(15),
        grace_basket_span: Span::from_seconds(10),
        hold_span: Span::from_seconds(40),
        checkout_span: Span::from_seconds(50),
        basket_span_max: Span::from_seconds(80),
        basket_units_max: 4,
        visitor_units_max: 6,
        ..Policy::default()
    }
}

fn seating(withheld: Vec<(SeatIndex, Withheld)>) -> Seating {
    let zone_of_category = vec![ZoneIndex(0), ZoneIndex(1)];
    Seating { plan: PlanIndex(0), zone_of_category, withheld }
}

fn performance(id: &str, seating: Option<Seating>, pools: Vec<Pool>) -> Performance {
    Performance { id: id.to_owned(), seating, pools, ..Performance::default() }
}

fn pool(id: &str, capacity: u32) -> Pool {
    Pool { id: id.to_owned(), zone: ZoneIndex(2), capacity, ..Pool::default() }
}

fn zone(id: &str, amount_minor: u64) -> PriceZone {
    let price = Price { id: "full".to_owned(), name: String::new(), amount_minor };
    PriceZone { id: id.to_owned(), prices: vec![price], ..PriceZone::default() }
}

fn trigger() -> Trigger {
    let notice = Notice { texts: vec![("en".to_owned(), "almost gone".to_owned())] };
    Trigger {
        id: "few".to_owned(),
        scope: Scope::Sale,
        condition: Condition::AvailableAtMost(8),
        deeds: vec![Deed::PostNotice(notice)],
    }
}

fn plan() -> SeatPlan {
    let half = SEATS / 2;
    let row = |at: u32| Row {
        label: format!("{}", at + 1),
        section: SectionIndex(0),
        seats: at * half..(at + 1) * half,
        breaks: Vec::new(),
    };
    let seat = |at: u32| Seat {
        id: format!("s{at}"),
        label: format!("{}", at % half + 1),
        row: RowIndex(at / half),
        category: u16::from(at >= half),
        at: Point { x: (at % half) as i32 * 100, y: (at / half) as i32 * 100 },
        flags: SeatFlags::default(),
    };
    SeatPlan {
        id: "hall".to_owned(),
        name: "Hall".to_owned(),
        categories: vec!["front".to_owned(), "back".to_owned()],
        sections: vec![Section { name: "stalls".to_owned(), rows: 0..2, focal_point: None }],
        rows: (0..2).map(row).collect(),
        seats: (0..SEATS).map(seat).collect(),
        focal_point: None,
    }
}

/// The sale, ready to be created.
pub(super) fn shared() -> Arc<Definition> {
    Arc::new(night())
}
