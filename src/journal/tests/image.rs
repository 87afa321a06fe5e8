//! Images of each format that is read are the sale that they were made of.
//!
//! `tests/fixtures/image-2.bin` was written by the last version whose format was 2, and
//! `image-3.bin` by the last whose format was 3.

use std::path::Path;

use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::command::{OpsAction, Report};
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PoolIndex, PriceIndex};
use stanchion_domain::id::{RequestKey, ZoneIndex};
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::PriceZone;
use stanchion_domain::sale::definition::{Definition, Mirror, Performance, Policy, Pool, Price};
use stanchion_domain::sale::image::Image;
use stanchion_domain::time::{Now, SaleTime, Span, WallTime};

use crate::journal::snapshot::Snapshot;
use crate::journal::{Head, image};

/// When the words of the evening are taken away.
const UNTIL: WallTime = WallTime(1_800_000_600_000);

fn definition() -> Definition {
    let name = |text: &str| text.to_owned();
    Definition {
        id: name("gala"),
        name: name("Gala"),
        currency: name("EUR"),
        zones: vec![PriceZone {
            id: name("floor"),
            prices: vec![Price { id: name("full"), amount_minor: 4_500, ..Price::default() }],
            ..PriceZone::default()
        }],
        performances: vec![Performance {
            id: name("p1"),
            pools: vec![Pool { id: name("standing"), capacity: 90, ..Pool::default() }],
            ..Performance::default()
        }],
        policy: Policy { call_for_what_is_left: true, ..Policy::default() },
        ..Definition::default()
    }
}

fn trigger() -> Trigger {
    Trigger {
        id: "few".to_owned(),
        scope: Scope::Performance(PerformanceIndex(0)),
        condition: Condition::AvailableAtMost(89),
        deeds: vec![Deed::StopCalling, Deed::Redirect("https://venue.example/".to_owned())],
    }
}

fn operated(action: OpsAction) -> Change {
    let (actor, reason) = ("ana".to_owned(), "as agreed".to_owned());
    Change::Operated { actor, reason, action: Box::new(action) }
}

/// A sale with something in every part of it.
fn evening() -> Sale {
    let line = Line {
        price: PriceIndex(0),
        amount_minor: 4_500,
        ..Line::bare(PerformanceIndex(0), Taken::Pool(PoolIndex(0), 2), ZoneIndex(0))
    };
    let held = Held {
        basket: BasketId(77),
        pass: Number(1),
        hold: HoldId(1),
        lines: [line].into(),
        deadline_at: SaleTime(610_000),
    };
    let notice = Notice { texts: vec![("en".to_owned(), "Welcome".to_owned())] };
    let changes = [
        Change::Created(definition().into()),
        Change::Started,
        Change::Reserved { until: 65_536 },
        Change::Opened,
        Change::Called {
            numbers: vec![Number(1), Number(3)],
            front: 4,
            claim_until: SaleTime(130_000),
        },
        Change::Claimed { number: Number(1) },
        Change::Held(held),
        operated(OpsAction::SetCap(7)),
        operated(OpsAction::PostNotice(notice)),
        operated(OpsAction::SetTrigger(trigger())),
        Change::TriggerFired { trigger: "few".to_owned() },
        Change::Marked { issued: 9 },
    ];
    let decided = changes.into_iter().zip(0_u64..).map(|(change, at)| Decided {
        now: Now { sale: SaleTime(1_000 * at), wall: WallTime(1_800_000_000_000) },
        request: (at == 6).then_some(RequestKey { key: 5, body: 6 }),
        change,
    });
    Sale::replay(decided).expect("it begins with its creation")
}

/// The image that a version of an earlier format wrote.
fn kept(format: u16, sequence: u64) -> Image {
    let path = format!("tests/fixtures/image-{format}.bin");
    let image = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let image = image.expect("the fixture");
    image::decode(&Snapshot { sequence, epoch: 1, format, image }).expect("it is read")
}

/// The evening, with what operators could not say before format 3.
fn later_evening() -> Sale {
    let mut sale = evening();
    let notice = Notice { texts: vec![("de".to_owned(), "Willkommen".to_owned())] };
    let now = Now { sale: SaleTime(20_000), wall: WallTime(1_800_000_000_000) };
    for action in
        [OpsAction::CallForWhatIsLeft(false), OpsAction::PostNoticeUntil { notice, until: UNTIL }]
    {
        sale.apply(&Decided { now, request: None, change: operated(action) });
    }
    sale
}

#[test]
fn images_of_earlier_formats_are_still_the_sales_they_were_made_of() {
    assert_eq!(kept(2, 12), evening().image());
    assert_eq!(kept(3, 14), later_evening().image());
}

#[test]
fn an_image_says_what_was_reported_and_what_of_it_is_stale() {
    let report = |zone: u16, version| Report {
        performance: PerformanceIndex(0),
        zone: ZoneIndex(zone),
        version,
        available: 60,
        held: 4,
        sold: 25,
        withheld: 1,
    };
    let mut definition = definition();
    definition.mirror = Some(Mirror { stale_span: Span::from_seconds(60) });
    let mut zone = definition.zones[0].clone();
    zone.id = "balcony".to_owned();
    definition.zones.push(zone);
    let pool =
        Pool { id: "balcony".to_owned(), zone: ZoneIndex(1), capacity: 90, ..Pool::default() };
    definition.performances[0].pools.push(pool);
    let changes = [
        Change::Created(definition.into()),
        Change::Reported { newer: [report(0, 7), report(1, 8)].into(), same: [].into() },
        Change::Reported { newer: [].into(), same: [(PerformanceIndex(0), ZoneIndex(1))].into() },
        Change::WentStale { zones: vec![(PerformanceIndex(0), ZoneIndex(0))] },
    ];
    let decided = changes.into_iter().zip(0_u64..).map(|(change, at)| Decided {
        now: Now { sale: SaleTime(1_000 * at), wall: WallTime(1_800_000_000_000) },
        request: None,
        change,
    });
    let sale = Sale::replay(decided).expect("it begins with its creation");
    let snapshot = image::encode(&sale.image(), Head { sequence: 4, epoch: 1 });
    let read = image::decode(&snapshot).expect("it is read");
    assert_eq!(read, sale.image());
    assert_eq!(read.reports.iter().map(|newest| newest.stale).collect::<Vec<_>>(), [true, false]);
    let again = Sale::from_image(read);
    again.check_invariants();
    assert_eq!(again.stock().total().available, 120);
    assert_eq!(again.available_as_fact(), 60, "what is stale may be gone");
}

#[test]
fn an_image_says_all_that_operators_set() {
    let sale = later_evening();
    let snapshot = image::encode(&sale.image(), Head { sequence: 14, epoch: 1 });
    let read = image::decode(&snapshot).expect("it is read");
    assert_eq!(read, sale.image());
    assert!(!read.operations.call_for_what_is_left, "the definition says something else");
    assert_eq!(read.operations.notice_until, Some(UNTIL));
}
