//! Images of each format that is read are the sale that they were made of.
//!
//! `tests/fixtures/image-2.bin` was written by the last version whose format was 2.

use std::path::Path;

use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PoolIndex, PriceIndex};
use stanchion_domain::id::{RequestKey, ZoneIndex};
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::{Definition, Performance, Policy, Pool, Price, PriceZone};
use stanchion_domain::time::{Now, SaleTime, WallTime};

use crate::journal::snapshot::Snapshot;
use crate::journal::{Head, image};

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

#[test]
fn an_image_of_format_2_is_still_the_sale_it_was_made_of() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/image-2.bin");
    let image = std::fs::read(path).expect("the fixture");
    let snapshot = Snapshot { sequence: 12, epoch: 1, format: 2, image };
    assert_eq!(image::decode(&snapshot).expect("it is read"), evening().image());
}

#[test]
fn an_image_says_all_that_operators_set() {
    let mut sale = evening();
    let notice = Notice { texts: vec![("de".to_owned(), "Willkommen".to_owned())] };
    let until = WallTime(1_800_000_600_000);
    let now = Now { sale: SaleTime(20_000), wall: WallTime(1_800_000_000_000) };
    for action in
        [OpsAction::CallForWhatIsLeft(false), OpsAction::PostNoticeUntil { notice, until }]
    {
        sale.apply(&Decided { now, request: None, change: operated(action) });
    }
    let snapshot = image::encode(&sale.image(), Head { sequence: 14, epoch: 1 });
    let read = image::decode(&snapshot).expect("it is read");
    assert_eq!(read, sale.image());
    assert!(!read.operations.call_for_what_is_left, "the definition says something else");
    assert_eq!(read.operations.notice_until, Some(until));
}
