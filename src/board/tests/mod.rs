//! The board as its readers see it, fed with pictures made by hand.

mod head;
mod known;
mod performances;
mod plan;
mod seats;
mod store;
mod stream;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use stanchion_domain::board::picture::{Head, PerformancePicture, QueuePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Known};
use stanchion_domain::id::{PerformanceIndex, PlanIndex, RowIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{
    Definition, Performance, Pool, Price, PriceZone, Seating,
};
use stanchion_domain::sale::operations::Phase;
use stanchion_domain::time::{SaleTime, WallTime};

use super::projection::Projection;
use super::store::Update;

/// 2026-11-21T19:00:00Z.
const EVENING: WallTime = WallTime(1_795_287_600_000);
const UNITS: u64 = 100;

/// A sale as the engine would picture it: every performance sells 100 units in each of two zones.
struct Night {
    definition: Arc<Definition>,
    head: Head,
    counts: Vec<[Counts; 2]>,
    changed: BTreeSet<usize>,
    first_return_at: Option<SaleTime>,
    /// Of a mirrored sale: how much is known of all of it.
    known: Option<Known>,
    projection: Projection,
}

impl Night {
    fn new(performances: usize) -> Self {
        let full = Counts { capacity: UNITS, available: UNITS, ..Counts::default() };
        Self {
            definition: Arc::new(definition(performances)),
            head: head(),
            counts: vec![[full; 2]; performances],
            changed: (0..performances).collect(),
            first_return_at: None,
            known: None,
            projection: Projection { sale_now: SaleTime(60_000), wall_now: EVENING },
        }
    }

    /// Sets available, held and paying of one zone; what is left of its units is sold.
    fn set(&mut self, performance: usize, zone: usize, [available, held, paying]: [u64; 3]) {
        let sold = UNITS - available - held - paying;
        self.counts[performance][zone] =
            Counts { capacity: UNITS, available, held, paying, sold, withheld: 0 };
        self.changed.insert(performance);
    }

    fn pass_ms(&mut self, sale_ms: u64, wall_ms: i64) {
        self.projection.sale_now.0 += sale_ms;
        self.projection.wall_now.0 += wall_ms;
    }

    /// What the engine publishes at this moment.
    fn update(&mut self) -> Update {
        let counts = sum(self.counts.iter().flatten());
        let changed = std::mem::take(&mut self.changed);
        let performances = changed.into_iter().map(|at| self.picture(at)).collect();
        let whole = ZonePicture::new(counts, self.first_return_at, self.known);
        let (status, known) = (whole.status, self.known);
        Update {
            definition: self.definition.clone(),
            head: Head { counts, status, known, ..self.head.clone() },
            estimate: None,
            performances,
            projection: self.projection,
            running: !self.head.frozen,
        }
    }

    fn picture(&self, at: usize) -> PerformancePicture {
        let of = |counts| ZonePicture::new(counts, self.first_return_at, self.known);
        let zones = self.counts[at].iter().enumerate();
        PerformancePicture {
            performance: PerformanceIndex(at as u16),
            total: of(sum(&self.counts[at])),
            zones: zones.map(|(zone, counts)| (ZoneIndex(zone as u16), of(*counts))).collect(),
            pools: Vec::new(),
        }
    }
}

fn sum<'a>(all: impl IntoIterator<Item = &'a Counts>) -> Counts {
    let mut sum = Counts::default();
    all.into_iter().for_each(|counts| sum.add(counts));
    sum
}

fn head() -> Head {
    let counts = Counts::default();
    Head {
        phase: Phase::Open,
        opens_at: Some(EVENING),
        status: counts.status(None),
        counts,
        known: None,
        price_range_minor: Some((2_000, 9_500)),
        queue: QueuePicture {
            waiting: 8_123,
            called: 7,
            active: 93,
            without_basket: 60,
            cap: 100,
            pace_per_minute: 600,
            calling: true,
        },
        notice: None,
        redirect: None,
        frozen: false,
        revision: 3,
    }
}

fn definition(performances: usize) -> Definition {
    let price = Price { id: "full".into(), amount_minor: 2_000, ..Price::default() };
    let zone =
        |id: &str| PriceZone { id: id.into(), prices: vec![price.clone()], ..PriceZone::default() };
    let pool = |id: &str, zone: u16| Pool {
        id: id.into(),
        zone: ZoneIndex(zone),
        capacity: UNITS as u32,
        ..Pool::default()
    };
    let performance = |at: usize| Performance {
        id: format!("slot-{at:05}"),
        name: format!("Evening {at}"),
        starts_at: Some(WallTime(EVENING.0 + at as i64 * 600_000)),
        pools: vec![pool("stalls", 0), pool("balcony", 1)],
        seating: None,
    };
    Definition {
        id: "spring".into(),
        name: "Spring season".into(),
        currency: "EUR".into(),
        zones: vec![zone("stalls"), zone("balcony")],
        performances: (0..performances).map(performance).collect(),
        ..Definition::default()
    }
}

/// A plan of rows in one section, each interrupted after its third seat.
fn seat_plan(rows: u32, seats_per_row: u32) -> SeatPlan {
    let seat = |row: u32, at: u32| Seat {
        id: format!("{row}-{at}"),
        label: format!("{}", at + 1),
        row: RowIndex(row),
        category: u16::from(row > 0),
        at: Point { x: at as i32 * 50, y: row as i32 * 100 },
        flags: SeatFlags { accessible: at == 0, restricted_view: at == 1, companion: at == 2 },
    };
    let row = |row: u32| Row {
        label: format!("{row}"),
        section: SectionIndex(0),
        seats: row * seats_per_row..(row + 1) * seats_per_row,
        breaks: vec![stanchion_domain::id::SeatIndex(row * seats_per_row + 2)],
    };
    SeatPlan {
        id: "house".into(),
        name: "Great house".into(),
        categories: vec!["front".into(), "back".into()],
        sections: vec![Section { name: "Stalls".into(), rows: 0..rows, focal_point: None }],
        rows: (0..rows).map(row).collect(),
        seats: (0..rows).flat_map(|row| (0..seats_per_row).map(move |at| seat(row, at))).collect(),
        focal_point: Some(Point { x: 125, y: -300 }),
    }
}

/// A sale of which every performance has these seats.
fn seated(performances: usize, plan: SeatPlan) -> Definition {
    let mut definition = definition(performances);
    for performance in &mut definition.performances {
        performance.pools.clear();
        performance.seating = Some(Seating {
            plan: PlanIndex(0),
            zone_of_category: vec![ZoneIndex(0), ZoneIndex(1)],
            withheld: Vec::new(),
        });
    }
    definition.plans = vec![plan];
    definition.check();
    definition
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the board is JSON")
}

/// Compares with a golden file; `GOLDEN=write` in the environment writes it.
fn check_golden(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/board").join(name);
    let text = format!("{}\n", str::from_utf8(bytes).expect("the board is text"));
    if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
        std::fs::write(&path, &text).expect("golden files can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{} differs", path.display());
}
