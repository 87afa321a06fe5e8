//! A house of any size, and one night in it.

use stanchion_domain::id::{PerformanceIndex, PlanIndex, RowIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{
    Definition, Performance, Policy, Pool, Price, PriceZone, Seating,
};

/// Numbers of visitors who may hold.
pub(crate) const SHOPPERS: u32 = 1_000;
/// The only performance.
pub(crate) const NIGHT: PerformanceIndex = PerformanceIndex(0);

/// Blocks of 20 rows of 25 seats, 500 in each, and a standing pool of a million.
pub(crate) fn house(blocks: u16) -> Definition {
    let mut plan = SeatPlan {
        id: "arena".into(),
        name: "Arena".into(),
        categories: vec!["all".into()],
        focal_point: Some(Point { x: 0, y: 0 }),
        ..SeatPlan::default()
    };
    for block in 0..blocks {
        let rows = plan.rows.len() as u32;
        for row in 0..20_u32 {
            let first = plan.seats.len() as u32;
            for seat in 0..25_u32 {
                plan.seats.push(Seat {
                    id: format!("{block}-{row}-{seat}"),
                    label: seat.to_string(),
                    row: RowIndex(rows + row),
                    category: 0,
                    at: Point {
                        x: (i32::from(block % 8) - 4) * 1_500 + seat as i32 * 55,
                        y: 1_000 + i32::from(block / 8) * 2_000 + row as i32 * 90,
                    },
                    flags: SeatFlags::default(),
                });
            }
            plan.rows.push(Row {
                label: row.to_string(),
                section: SectionIndex(block),
                seats: first..first + 25,
                breaks: Vec::new(),
            });
        }
        let name = format!("Block {block}");
        plan.sections.push(Section { name, rows: rows..rows + 20, focal_point: None });
    }
    let seating =
        Seating { plan: PlanIndex(0), zone_of_category: vec![ZoneIndex(0)], withheld: vec![] };
    let pool = Pool {
        id: "standing".into(),
        name: "Standing".into(),
        zone: ZoneIndex(0),
        capacity: 1_000_000,
        withheld: 0,
    };
    Definition {
        id: "arena".into(),
        name: "Arena".into(),
        currency: "EUR".into(),
        plans: vec![plan],
        zones: vec![PriceZone {
            id: "all".into(),
            name: "All".into(),
            prices: vec![Price { id: "full".into(), name: "Full".into(), amount_minor: 5_000 }],
            focal_point: None,
        }],
        performances: vec![Performance {
            id: "night".into(),
            name: "Night".into(),
            starts_at: None,
            seating: Some(seating),
            pools: vec![pool],
        }],
        policy: Policy { cap: SHOPPERS, pace_per_minute: 6_000_000, ..Policy::default() },
        ..Definition::default()
    }
}
