//! What the suites share: a small sale, a presence that tests set, and a tiny generator.

use stanchion_domain::id::{Number, PlanIndex, RowIndex, SeatIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::Presence;
use stanchion_domain::sale::definition::{
    Definition, Mirror, Performance, Policy, Pool, Price, PriceZone, Seating, Withheld,
};
use stanchion_domain::time::{SaleTime, Span};
use std::sync::Arc;

pub const ROWS: u32 = 3;
pub const SEATS_PER_ROW: u32 = 8;

/// Numbers that are looked at together.
const GROUP: usize = stanchion_domain::limits::NUMBERS_PER_SUM as usize;

/// Who was seen when, and how far numbers went: what the readers' side knows.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    seen_at: Vec<Option<SaleTime>>,
    pub issued: u32,
    /// The shop cannot serve anybody.
    pub shop_away: bool,
}

impl Seen {
    pub fn see(&mut self, number: Number, at: SaleTime) {
        if self.seen_at.len() <= number.at() {
            self.seen_at.resize(number.at() + 1, None);
        }
        self.seen_at[number.at()] = Some(at);
    }

    /// A restarted process has seen nobody, and knows nothing of the shop.
    pub fn forget(&mut self) {
        self.seen_at.clear();
        self.shop_away = false;
    }
}

impl Presence for Seen {
    fn seen_at(&self, number: Number) -> Option<SaleTime> {
        self.seen_at.get(number.at()).copied().flatten()
    }

    fn seen_near(&self, number: Number) -> Option<SaleTime> {
        let first = number.at() / GROUP * GROUP;
        let group = self.seen_at.iter().skip(first).take(GROUP);
        group.flatten().max().copied()
    }

    fn issued(&self) -> u32 {
        self.issued
    }

    fn shop_serves(&self) -> bool {
        !self.shop_away
    }
}

/// Two performances with the same small plan, one of them with a pool in the zone of its back row,
/// and one with pools only.
pub fn definition() -> Definition {
    let seating = |withheld: Vec<(SeatIndex, Withheld)>| Seating {
        plan: PlanIndex(0),
        zone_of_category: vec![ZoneIndex(0), ZoneIndex(1)],
        withheld,
    };
    let withheld = vec![(SeatIndex(6), Withheld::House), (SeatIndex(7), Withheld::Killed)];
    Definition {
        id: "spring".to_owned(),
        name: "Spring".to_owned(),
        currency: "EUR".to_owned(),
        plans: vec![plan()],
        zones: vec![zone("front", 9_000), zone("back", 5_000), zone("standing", 2_000)],
        performances: vec![
            performance("friday", None, vec![pool("floor", 2, 6, 0), pool("bar", 2, 4, 2)]),
            performance("saturday", Some(seating(withheld)), vec![pool("balcony", 1, 3, 0)]),
            performance("sunday", Some(seating(Vec::new())), Vec::new()),
        ],
        policy: policy(),
        ..Definition::default()
    }
}

/// The same dates in a sale whose seats the venue's own system keeps: two zones each, and one.
pub fn mirrored() -> Definition {
    let sells = |id: &str, zones: &[(u16, u32)]| {
        let pools = zones.iter().map(|(zone, most)| pool(&format!("z{zone}"), *zone, *most, 0));
        performance(id, None, pools.collect())
    };
    Definition {
        plans: Vec::new(),
        performances: vec![
            sells("friday", &[(2, 9), (0, 12)]),
            sells("saturday", &[(1, 10), (2, 5)]),
            sells("sunday", &[(1, 8)]),
        ],
        mirror: Some(Mirror { stale_span: Span::from_seconds(25) }),
        ..definition()
    }
}

/// Short spans, so that few steps reach every deadline.
pub fn policy() -> Policy {
    Policy {
        cap: 4,
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

pub fn zone(id: &str, amount_minor: u64) -> PriceZone {
    let price =
        |id: &str, amount_minor| Price { id: id.to_owned(), name: String::new(), amount_minor };
    PriceZone {
        id: id.to_owned(),
        prices: vec![price("full", amount_minor), price("half", amount_minor / 2)],
        ..PriceZone::default()
    }
}

pub fn pool(id: &str, zone: u16, capacity: u32, withheld: u32) -> Pool {
    let (id, zone) = (id.to_owned(), ZoneIndex(zone));
    Pool { id, name: String::new(), zone, capacity, withheld }
}

pub fn performance(id: &str, seating: Option<Seating>, pools: Vec<Pool>) -> Performance {
    Performance { id: id.to_owned(), seating, pools, ..Performance::default() }
}

/// Three rows of eight; an aisle in the first, after which the view is worse; a wheelchair place
/// with its companion at the left of the second. The last row is a section and a category.
fn plan() -> SeatPlan {
    let section = |name: &str, rows| Section { name: name.to_owned(), rows, focal_point: None };
    let row = |at: u32| Row {
        label: format!("{}", at + 1),
        section: SectionIndex(u16::from(at == ROWS - 1)),
        seats: at * SEATS_PER_ROW..(at + 1) * SEATS_PER_ROW,
        breaks: if at == 0 { vec![SeatIndex(3)] } else { Vec::new() },
    };
    SeatPlan {
        id: "hall".to_owned(),
        name: "Hall".to_owned(),
        categories: vec!["front".to_owned(), "back".to_owned()],
        sections: vec![section("stalls", 0..2), section("circle", 2..3)],
        rows: (0..ROWS).map(row).collect(),
        seats: (0..ROWS * SEATS_PER_ROW).map(seat).collect(),
        focal_point: None,
    }
}

fn seat(at: u32) -> Seat {
    let (row, column) = (at / SEATS_PER_ROW, at % SEATS_PER_ROW);
    Seat {
        id: format!("{row}-{column}"),
        label: format!("{}", column + 1),
        row: RowIndex(row),
        category: u16::from(row == ROWS - 1),
        at: Point { x: column as i32 * 100, y: row as i32 * 100 },
        flags: SeatFlags {
            accessible: at == 8,
            companion: at == 9,
            restricted_view: (4..6).contains(&at),
        },
    }
}

/// The definition, ready to create a sale.
pub fn shared() -> Arc<Definition> {
    Arc::new(definition())
}

/// A tiny generator (splitmix64): the same numbers for the same seed, on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    pub fn one_in(&mut self, most: u64) -> bool {
        self.below(most) == 0
    }
}
