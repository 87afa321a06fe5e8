//! What operators steer while a sale runs, told one by one. The naive model listens.

use crate::support::{definition, shared};
use crate::world::World;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::Number;
use stanchion_domain::limits::CAP_MAX;
use stanchion_domain::refusal::Code;
use stanchion_domain::sale::due::room_for_what_is_left;
use stanchion_domain::sale::operations::ACTOR_TIME;
use stanchion_domain::time::{Span, WallTime};
use std::sync::Arc;

const MINUTE: Span = Span::from_seconds(60);

fn words(text: &str) -> Notice {
    Notice { texts: vec![("en".to_owned(), text.to_owned())] }
}

/// The words that are shown.
fn shown(world: &World) -> Option<&str> {
    let notice = world.sale.operations().notice.as_ref()?;
    notice.texts.first().map(|(_, text)| text.as_str())
}

fn later(world: &mut World, span: Span) {
    world.pass(span);
    world.settle();
    world.check();
}

fn minutes_from_now(world: &World, minutes: i64) -> WallTime {
    WallTime(world.now.wall.0 + minutes * MINUTE.0 as i64)
}

fn at(when: WallTime, deed: Deed) -> OpsAction {
    let condition = Condition::TimeReached(when);
    let (id, scope) = ("words".to_owned(), Scope::Sale);
    OpsAction::SetTrigger(Trigger { id, scope, condition, deeds: vec![deed] })
}

fn refused(world: &World, action: OpsAction) -> Code {
    let (actor, reason) = ("ada".to_owned(), String::new());
    let ops = Ops { revision: world.naive.revision, actor, reason, action };
    let refused = world.sale.decide(world.now, None, &Command::Ops(ops));
    refused.expect_err("it is refused").code
}

#[test]
fn calling_follows_what_is_left_as_soon_as_operators_say_so_and_no_longer() {
    let mut world = World::new(shared());
    world.operate(OpsAction::CallForWhatIsLeft(true));
    world.operate(OpsAction::SetCap(CAP_MAX));
    world.operate(OpsAction::SetPace(6_000_000));
    let left = world.sale.stock().total().available as u32;
    (0..left + 5).for_each(|_| world.join());
    world.operate(OpsAction::Open);
    assert_eq!(world.sale.passes().len(), left, "nobody beyond what is left");
    assert_eq!(room_for_what_is_left(left.into(), left), 0);
    world.operate(OpsAction::CallForWhatIsLeft(false));
    assert_eq!(world.sale.passes().len(), left + 5, "up to the cap");
    let twice = refused(&world, OpsAction::CallForWhatIsLeft(false));
    assert_eq!(twice, Code::WrongState { state: "calling up to the cap" });
    world.restart(true);
    assert!(!world.sale.operations().call_for_what_is_left);
}

#[test]
fn nobody_is_called_while_the_shop_cannot_serve_them_and_it_goes_on_by_itself() {
    let mut world = World::opened();
    world.seen.shop_away = true;
    let number = Number(world.seen.issued);
    world.join();
    world.pass(MINUTE);
    world.see(number);
    world.settle();
    let head = world.sale.head(&world.seen);
    assert_eq!((head.queue.waiting, head.queue.called, head.queue.calling), (1, 0, false));
    assert!(world.sale.operations().calling(), "nobody ordered it");
    world.seen.shop_away = false;
    world.settle();
    let head = world.sale.head(&world.seen);
    assert_eq!((head.queue.waiting, head.queue.called, head.queue.calling), (0, 1, true));
}

#[test]
fn a_changed_definition_moves_what_it_changes_and_leaves_the_rest_to_operators() {
    let mut world = World::opened();
    let before = world.sale.definition().policy.call_for_what_is_left;
    world.operate(OpsAction::CallForWhatIsLeft(!before));
    let mut new = definition();
    new.name = "Late spring".to_owned();
    world.operate(OpsAction::Redefine(Arc::new(new.clone())));
    assert_eq!(world.sale.operations().call_for_what_is_left, !before, "it says as before");
    world.operate(OpsAction::CallForWhatIsLeft(before));
    new.policy.call_for_what_is_left = !before;
    world.operate(OpsAction::Redefine(Arc::new(new)));
    assert_eq!(world.sale.operations().call_for_what_is_left, !before);
    world.check();
}

#[test]
fn words_with_an_end_go_at_their_end_by_whatever_they_came() {
    let mut world = World::opened();
    let (comes, goes) = (minutes_from_now(&world, 1), minutes_from_now(&world, 2));
    let deed = Deed::PostNoticeUntil { notice: words("A pause"), until: goes };
    world.operate(at(comes, deed));
    assert_eq!(shown(&world), None);
    later(&mut world, MINUTE);
    assert_eq!(shown(&world), Some("A pause"));
    world.restart(true);
    later(&mut world, MINUTE);
    assert_eq!(shown(&world), None);
    let newest = world.sale.operations().audit.back().expect("it is logged");
    assert_eq!((newest.actor.as_str(), &newest.action), (ACTOR_TIME, &OpsAction::WithdrawNotice));
    let (notice, until) = (words("Welcome"), minutes_from_now(&world, 1));
    world.operate(OpsAction::PostNoticeUntil { notice, until });
    assert_eq!(shown(&world), Some("Welcome"));
    later(&mut world, MINUTE);
    assert_eq!(shown(&world), None);
}

#[test]
fn an_end_never_takes_away_words_that_came_later() {
    let mut world = World::opened();
    let (notice, until) = (words("A pause"), minutes_from_now(&world, 2));
    world.operate(OpsAction::PostNoticeUntil { notice, until });
    later(&mut world, MINUTE);
    world.operate(OpsAction::PostNotice(words("Doors stay open")));
    later(&mut world, MINUTE);
    later(&mut world, MINUTE);
    assert_eq!(shown(&world), Some("Doors stay open"));
    // What follows at the very end is not taken away with what it follows.
    let end = minutes_from_now(&world, 1);
    world.operate(OpsAction::PostNoticeUntil { notice: words("Soon"), until: end });
    world.operate(at(end, Deed::PostNotice(words("Now"))));
    later(&mut world, MINUTE);
    assert_eq!(shown(&world), Some("Now"));
    world.operate(OpsAction::WithdrawNotice);
    assert_eq!(world.sale.operations().notice_until, None);
}

#[test]
fn words_that_go_before_they_come_are_refused() {
    let world = World::opened();
    let comes = minutes_from_now(&world, 2);
    for until in [comes, minutes_from_now(&world, 1)] {
        let deed = Deed::PostNoticeUntil { notice: words("Never"), until };
        let what = "end of a notice before its time";
        assert_eq!(refused(&world, at(comes, deed)), Code::Invalid { what });
    }
}
