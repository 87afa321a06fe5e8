//! A sale whose seats the venue's own system keeps, told story by story. The naive model listens.

use crate::support::mirrored;
use crate::world::World;
use stanchion_domain::board::status::{Known, Status, StatusKind};
use stanchion_domain::board::trigger::{Condition, Deed, Scope, Trigger};
use stanchion_domain::command::{Command, OpsAction, Report};
use stanchion_domain::id::{PerformanceIndex, ZoneIndex};
use stanchion_domain::limits::REPORTS_PER_REQUEST_MAX;
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Span;
use std::sync::Arc;

const STALE_SPAN: Span = Span::from_seconds(25);

fn report(performance: u16, zone: u16, version: u64, available: u32) -> Report {
    Report {
        performance: PerformanceIndex(performance),
        zone: ZoneIndex(zone),
        version,
        available,
        held: 0,
        sold: 1,
        withheld: 0,
    }
}

/// A report of every zone.
fn all(version: u64, available: u32) -> Vec<Report> {
    [(0, 2), (0, 0), (1, 1), (1, 2), (2, 1)]
        .map(|(performance, zone)| report(performance, zone, version, available))
        .into()
}

fn told(world: &mut World, reports: Vec<Report>) {
    world.ask(None, &Command::Report(reports.into())).expect("it is not refused");
    world.settle();
    world.check();
}

fn opened(definition: Definition) -> World {
    let mut world = World::new(definition.into());
    world.operate(OpsAction::Open);
    world
}

fn known(world: &World) -> Known {
    world.sale.head(&world.seen).known.expect("it is mirrored")
}

#[test]
fn counts_are_a_fact_until_nobody_confirms_them_for_the_span() {
    let mut world = opened(mirrored());
    assert_eq!(known(&world), Known::NOTHING);
    told(&mut world, all(1, 3));
    assert!(known(&world).fact);
    world.pass(STALE_SPAN);
    world.settle();
    assert!(known(&world).fact, "not before the span has passed");
    told(&mut world, vec![report(0, 2, 1, 3)]);
    world.pass(Span(1));
    world.settle();
    world.check();
    let head = world.sale.head(&world.seen);
    assert_eq!((head.status, known(&world).fact), (Status::Unknown, false));
    assert_eq!(head.counts.available, 15, "what was said last");
    assert_eq!(world.sale.available_as_fact(), 3, "what was confirmed since");
    assert!(!world.sale.is_fact(Scope::Zone(ZoneIndex(2))));
    told(&mut world, all(2, 3));
    assert!(known(&world).fact);
}

#[test]
fn an_outage_makes_every_report_stale_since_nobody_knows_how_long_it_was() {
    let mut world = opened(mirrored());
    for end in [
        |world: &mut World| world.outage(Span(1)),
        |world: &mut World| world.restart(true),
        |world: &mut World| world.restart(false),
        |world: &mut World| world.operate(OpsAction::FreezeTime),
    ] {
        told(&mut world, all(1, 3));
        assert!(known(&world).fact);
        end(&mut world);
        assert!(!known(&world).fact);
        world.check();
        world.check_replay();
    }
    told(&mut world, all(2, 3));
    assert!(!known(&world).fact, "time stands still: nobody can say how old it is");
    world.operate(OpsAction::ResumeTime);
    told(&mut world, all(2, 3));
    assert!(known(&world).fact);
}

#[test]
fn while_sale_time_stands_still_what_was_said_first_is_the_oldest_for_people() {
    let mut world = opened(mirrored());
    told(&mut world, all(1, 3));
    let before = known(&world).as_of;
    world.outage(Span::from_seconds(300));
    told(&mut world, vec![report(0, 0, 1, 3)]);
    assert_eq!(known(&world).as_of, before, "nobody said the rest again");
}

#[test]
fn a_trigger_waits_for_a_fact() {
    let mut world = opened(mirrored());
    let condition = Condition::StatusIs(StatusKind::SoldOut);
    let (id, scope) = ("gone".to_owned(), Scope::Performance(PerformanceIndex(2)));
    let deeds = vec![Deed::StopCalling];
    world.operate(OpsAction::SetTrigger(Trigger { id, scope, condition, deeds }));
    assert!(!world.sale.operations().calling_paused, "nothing was reported, nothing is sold out");
    world.operate(OpsAction::FreezeTime);
    told(&mut world, vec![report(2, 1, 1, 0)]);
    world.operate(OpsAction::ResumeTime);
    assert!(!world.sale.operations().calling_paused, "it was sold out at some time");
    told(&mut world, vec![report(2, 1, 1, 0)]);
    assert!(world.sale.operations().calling_paused);
}

#[test]
fn nobody_is_called_for_what_may_be_gone() {
    let mut world = opened(mirrored());
    world.operate(OpsAction::CallForWhatIsLeft(true));
    world.operate(OpsAction::SetPace(6_000_000));
    (0..4).for_each(|_| world.join());
    world.settle();
    assert_eq!(world.sale.passes().len(), 0, "nothing is known to be left");
    told(&mut world, vec![report(2, 1, 1, 1)]);
    assert_eq!(world.sale.passes().len(), 1);
    world.outage(Span(1));
    world.settle();
    told(&mut world, vec![report(1, 1, 1, 1)]);
    assert_eq!(world.sale.passes().len(), 1, "one is known to be left, for who is in the shop");
    told(&mut world, vec![report(2, 1, 1, 1)]);
    assert_eq!(world.sale.passes().len(), 2);
}

#[test]
fn a_definition_may_grow_and_never_below_what_was_reported() {
    let mut world = opened(mirrored());
    told(&mut world, all(1, 4));
    told(&mut world, vec![report(2, 1, 2, 7)]);
    let refused = |world: &mut World, change: fn(&mut Definition)| {
        let mut changed = mirrored();
        change(&mut changed);
        let (actor, reason) = ("ada".to_owned(), String::new());
        let (revision, action) = (world.naive.revision, OpsAction::Redefine(Arc::new(changed)));
        let ops = stanchion_domain::command::Ops { revision, actor, reason, action };
        let decided = world.sale.decide(world.now, None, &Command::Ops(ops));
        decided.expect_err("it is refused").code
    };
    let invalid = |code| matches!(code, Code::Invalid { .. });
    assert!(invalid(refused(&mut world, |new| new.mirror = None)));
    assert!(invalid(refused(&mut world, |new| new.performances[2].pools[0].capacity = 7)));
    assert!(invalid(refused(&mut world, |new| new.performances[2].pools[0].zone = ZoneIndex(2))));
    let mut grown = mirrored();
    grown.performances[2].pools[0].capacity = 8;
    grown.performances[2].pools.push(crate::support::pool("z0", 0, 4, 0));
    grown.performances.push(grown.performances[0].clone());
    grown.performances[3].id = "monday".to_owned();
    world.operate(OpsAction::Redefine(Arc::new(grown)));
    world.check();
    assert_eq!(known(&world), Known::NOTHING, "what was added was never reported");
    told(&mut world, vec![report(2, 0, 1, 2), report(3, 0, 1, 2), report(3, 2, 1, 2)]);
    assert!(known(&world).fact);
    world.check_replay();
}

#[test]
fn a_request_has_as_many_reports_as_the_largest_sale_has_performances() {
    let world = opened(mirrored());
    let reports = vec![report(2, 1, 1, 1); REPORTS_PER_REQUEST_MAX + 1];
    let refused = world.sale.decide(world.now, None, &Command::Report(reports.into()));
    let most = REPORTS_PER_REQUEST_MAX as u64;
    let code = Code::LimitReached { limit: "reports_per_request", most };
    assert_eq!(refused, Err(Refusal::whole(code)));
}
