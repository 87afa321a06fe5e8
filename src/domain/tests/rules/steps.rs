//! Random steps: raw numbers that are given a meaning by the state they meet, so that a failing
//! case can be shrunk.

use crate::naive::{Basket, Place, Stage};
use crate::support::pool;
use crate::world::World;
use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, Ops, OpsAction, Report};
use stanchion_domain::command::{Target, Units};
use stanchion_domain::id::{
    BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PoolIndex, PriceIndex, RequestKey,
    SeatIndex, SectionIndex, ZoneIndex,
};
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::time::{Span, WallTime};
use std::sync::Arc;

/// Raw numbers, taken one after another; zero when there are no more.
pub struct Raw<'a>(pub std::slice::Iter<'a, u16>);

impl Raw<'_> {
    fn below(&mut self, most: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % most.max(1)
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == one_in - 1
    }

    fn of<T: Clone>(&mut self, some: &[T]) -> Option<T> {
        some.get(self.below(some.len())).cloned()
    }
}

/// Does one random step.
pub fn step(world: &mut World, raw: &mut Raw) {
    match raw.below(28) {
        0..3 => world.join(),
        3..6 => see_most(world, raw),
        6..9 => pass_time(world, raw),
        9 => ask(world, raw, |world, raw| Command::Claim { number: number(world, raw) }),
        10..13 => (0..world.seen.issued).for_each(|n| {
            if matches!(world.naive.places.get(&n), Some(Place::Called { .. })) {
                _ = world.ask(None, &Command::Claim { number: Number(n) });
            }
        }),
        13..19 => ask(world, raw, |world, raw| Command::Hold(hold(world, raw))),
        19 => ask(world, raw, |world, raw| {
            let (pass, basket) = basket(world, raw);
            let hold = (!raw.chance(3)).then(|| HoldId(1 + raw.below(3) as u32));
            Command::Release { pass, basket, hold }
        }),
        20..22 => ask(world, raw, |world, raw| {
            let (pass, basket) = basket(world, raw);
            Command::CheckOut { pass, basket }
        }),
        22..25 => ask(world, raw, |world, raw| {
            let (_, basket) = basket(world, raw);
            let payment = ["paid", "paid", "other", ""][raw.below(4)].to_owned();
            Command::Confirm { basket, payment }
        }),
        25 => ask(world, raw, |world, raw| {
            let number = number(world, raw);
            let to = PlaceMark(raw.below(9) as u64);
            if raw.chance(2) { Command::Leave { number } } else { Command::Move { number, to } }
        }),
        _ => ask(world, raw, |world, raw| Command::Ops(ops(world, raw))),
    }
}

fn see_most(world: &mut World, raw: &mut Raw) {
    let absent = 1 + raw.below(4);
    let numbers: Vec<u32> = world.naive.places.keys().copied().collect();
    for number in numbers.into_iter().filter(|_| !raw.chance(absent + 1)) {
        world.see(Number(number));
    }
}

/// A little, or exactly to a deadline, or just beyond it, or an outage, of us or of the shop, or a
/// restart, or a day.
fn pass_time(world: &mut World, raw: &mut Raw) {
    let now = world.now.sale.0;
    let deadlines: Vec<u64> = (world.naive.baskets.values())
        .filter(|basket| basket.live())
        .map(|basket| basket.deadline)
        .chain(world.naive.places.values().filter_map(|place| match place {
            Place::Called { until } => Some(*until),
            Place::Active { quiet_from } => Some(quiet_from + 60_000),
            _ => None,
        }))
        .filter(|at| *at >= now)
        .collect();
    match raw.below(16) {
        0..8 => world.pass(Span(raw.below(4_000) as u64)),
        8..10 => world.pass(Span(raw.below(60_000) as u64)),
        10..13 => {
            let at = raw.of(&deadlines).unwrap_or(now);
            world.pass(Span(at + raw.below(2) as u64 - now));
        }
        13 => world.outage(Span(raw.below(100) as u64 * 10_000)),
        14 if raw.chance(3) => world.restart(raw.chance(2)),
        14 if raw.chance(4) => world.pass(Span(25 * 3_600 * 1_000)),
        15 if raw.chance(3) => world.seen.shop_away ^= true,
        _ => world.jump(WallTime(raw.below(200_000) as i64)),
    }
}

/// Asks under no key, a fresh one, or one of a few that come again.
fn ask(world: &mut World, raw: &mut Raw, command: fn(&World, &mut Raw) -> Command) {
    let command = command(world, raw);
    let keys = if raw.chance(8) { 9 } else { 60_000 };
    let request = (!raw.chance(3))
        .then(|| RequestKey { key: 1 + raw.below(keys) as u128, body: raw.below(2) as u64 });
    _ = world.ask(request, &command);
}

fn number(world: &World, raw: &mut Raw) -> Number {
    let numbers: Vec<u32> = world.naive.places.keys().copied().collect();
    let unknown = world.sale.line().reserved() + 7;
    Number(if raw.chance(20) { unknown } else { raw.of(&numbers).unwrap_or(unknown) })
}

/// Mostly somebody whose place has ended.
fn gone(world: &World, raw: &mut Raw) -> Number {
    let places = world.naive.places.iter().filter(|(_, place)| **place == Place::Gone);
    let gone: Vec<u32> = places.map(|(number, _)| *number).collect();
    let anybody = number(world, raw);
    if raw.chance(6) { anybody } else { raw.of(&gone).map_or(anybody, Number) }
}

fn shopper(world: &World, raw: &mut Raw) -> Number {
    let places = world.naive.places.keys().copied();
    let shoppers: Vec<u32> = places.filter(|number| world.naive.is_active(*number)).collect();
    let anybody = number(world, raw);
    if raw.chance(12) { anybody } else { raw.of(&shoppers).map_or(anybody, Number) }
}

/// A basket, mostly with its own pass and mostly a live one.
fn basket(world: &World, raw: &mut Raw) -> (Number, BasketId) {
    let live_only = !raw.chance(4);
    let baskets = world.naive.baskets.iter().filter(|(_, kept)| !live_only || kept.live());
    let baskets: Vec<(u128, u32)> = baskets.map(|(id, kept)| (*id, kept.pass)).collect();
    let (id, pass) = raw.of(&baskets).unwrap_or((1, 0));
    let other = shopper(world, raw);
    (if raw.chance(12) { other } else { Number(pass) }, BasketId(id))
}

fn hold(world: &World, raw: &mut Raw) -> Hold {
    let pass = shopper(world, raw);
    let live = world.naive.live_basket_of(pass.0).filter(|_| !raw.chance(6));
    let target = match live {
        Some(id) => Target::Live(BasketId(id)),
        None if raw.chance(16) => Target::Live(basket(world, raw).1),
        None => Target::New(BasketId(world.naive.baskets.len() as u128 + 1)),
    };
    let mut items: Vec<Item> = (0..raw.below(3)).map(|_| item(world, raw)).collect();
    if items.is_empty() || raw.chance(2) {
        items.push(Item::BestAvailable(best(world, raw)));
    }
    Hold { pass, basket: target, items, entitled: raw.chance(3) }
}

/// Any performance; mostly the one with everything.
fn performance(world: &World, raw: &mut Raw) -> PerformanceIndex {
    PerformanceIndex(
        [1, 1, 0, 1, 2][raw.below(5)].min(world.naive.definition.performances.len() - 1) as u16,
    )
}

fn item(world: &World, raw: &mut Raw) -> Item {
    let performance = performance(world, raw);
    let pools = world.naive.definition.performances[performance.at()].pools.len();
    let price = PriceIndex(if raw.chance(20) { 9 } else { raw.below(2) as u8 });
    if world.naive.has_seats(performance.0) && raw.chance(2) || raw.chance(20) {
        Item::Seat { performance, seat: SeatIndex(raw.below(25) as u32), price }
    } else {
        let beyond = usize::from(raw.chance(20));
        let pool = PoolIndex(raw.below(pools + beyond) as u16);
        Item::Pool { performance, pool, price, units: raw.below(4) as u32 }
    }
}

fn best(world: &World, raw: &mut Raw) -> BestAvailable {
    let seats = 1 + raw.below(4) as u32;
    BestAvailable {
        performance: performance(world, raw),
        seats,
        accessible: if raw.chance(4) { raw.below(3) as u32 } else { 0 },
        zone: raw.chance(3).then(|| ZoneIndex([0, 1, 0, 1, 2, 3][raw.below(6)])),
        section: raw.chance(3).then(|| SectionIndex([0, 1, 0, 1, 2][raw.below(5)])),
        price: PriceIndex(0),
    }
}

fn ops(world: &World, raw: &mut Raw) -> Ops {
    let revision = world.naive.revision.saturating_sub(u64::from(raw.chance(10)));
    let (actor, reason) = ("ada".to_owned(), "because".to_owned());
    Ops { revision, actor, reason, action: action(world, raw) }
}

fn action(world: &World, raw: &mut Raw) -> OpsAction {
    match raw.below(29) {
        0..3 => OpsAction::Open,
        3 | 4 => OpsAction::Restore { what: units(world, raw) },
        5 if raw.chance(8) => OpsAction::Close,
        6 if world.naive.paused => OpsAction::ResumeCalling,
        6 if raw.chance(4) => OpsAction::PauseCalling,
        5..8 => OpsAction::ResumeCalling,
        8 => OpsAction::SetCap(raw.below(8) as u32),
        9 => OpsAction::SetPace([0, 1, 60, 600, 60_000, 6_000_001][raw.below(6)]),
        10 if raw.chance(2) => OpsAction::WithdrawNotice,
        10 => OpsAction::EndRedirect,
        11 if world.naive.frozen => OpsAction::ResumeTime,
        11 if raw.chance(3) => OpsAction::FreezeTime,
        12 => OpsAction::ResumeTime,
        13 => OpsAction::AddTime(Span(1 + raw.below(30_000) as u64)),
        14 | 15 => {
            let kind = if raw.chance(2) { Withheld::House } else { Withheld::Killed };
            OpsAction::Withhold { what: units(world, raw), kind }
        }
        16 | 17 => OpsAction::Restore { what: units(world, raw) },
        18 => OpsAction::SetTrigger(trigger(raw)),
        19 => OpsAction::RemoveTrigger(format!("t{}", raw.below(3))),
        20 => OpsAction::EndPass(number(world, raw)),
        21 => redefined(world, raw),
        22 => {
            let basket = basket(world, raw).1;
            OpsAction::ExtendBasket { basket, span: Span(1 + raw.below(30_000) as u64) }
        }
        23 | 24 => OpsAction::RestorePlace(gone(world, raw)),
        25 => OpsAction::CallForWhatIsLeft(raw.chance(2)),
        26 => {
            let until = WallTime(raw.below(300_000) as i64);
            OpsAction::PostNoticeUntil { notice: notice(), until }
        }
        _ => {
            let sold = |basket: &Basket| matches!(basket.stage, Stage::Sold { .. });
            let baskets = world.naive.baskets.iter();
            let baskets: Vec<u128> =
                baskets.filter(|(_, kept)| sold(kept)).map(|(id, _)| *id).collect();
            OpsAction::CancelOrder(BasketId(raw.of(&baskets).unwrap_or(1)))
        }
    }
}

fn units(world: &World, raw: &mut Raw) -> Units {
    let performance = performance(world, raw);
    let pools = world.naive.definition.performances[performance.at()].pools.len();
    if world.naive.has_seats(performance.0) && (pools == 0 || raw.chance(2)) {
        let first = raw.below(23) as u32;
        let seats = (first..=first + raw.below(2) as u32).map(SeatIndex).collect();
        return Units::Seats { performance, seats };
    }
    let pool = PoolIndex(raw.below(pools) as u16);
    Units::Pool { performance, pool, units: 1 + raw.below(3) as u32 }
}

fn trigger(raw: &mut Raw) -> Trigger {
    let scope = [
        Scope::Sale,
        Scope::Performance(PerformanceIndex(raw.below(3) as u16)),
        Scope::Zone(ZoneIndex(raw.below(3) as u16)),
    ];
    let kinds = [StatusKind::SoldOut, StatusKind::InBaskets, StatusKind::Low, StatusKind::OnSale];
    let condition = [
        Condition::StatusIs(kinds[raw.below(4)]),
        Condition::AvailableAtMost(raw.below(20) as u64),
        Condition::SoldAtLeastPermille(raw.below(1_000) as u32),
        Condition::TimeReached(WallTime(raw.below(300_000) as i64)),
    ];
    let deeds = [
        Deed::PostNotice(notice()),
        Deed::PostNoticeUntil { notice: notice(), until: WallTime(300_000) },
        Deed::StopCalling,
        Deed::Redirect("https://example.org/".to_owned()),
    ];
    Trigger {
        id: format!("t{}", raw.below(3)),
        scope: scope[raw.below(3)],
        condition: condition[raw.below(4)],
        deeds: deeds[raw.below(4)..].to_vec(),
    }
}

fn notice() -> Notice {
    Notice { texts: vec![("en".to_owned(), "almost gone".to_owned())] }
}

/// The venue's own system says something: mostly newer, or the same once more, sometimes late.
pub fn report(world: &mut World, raw: &mut Raw) {
    let reports: Vec<Report> = (0..1 + raw.below(4)).map(|_| one_report(world, raw)).collect();
    _ = world.ask(None, &Command::Report(reports.into()));
}

fn one_report(world: &World, raw: &mut Raw) -> Report {
    let sold: Vec<_> = world.naive.reported().map(|(zone, _)| zone).collect();
    let (performance, zone) = raw.of(&sold).expect("something is sold");
    let zone = if raw.chance(30) { 0 } else { zone };
    let known = world.naive.reports.get(&(performance, zone)).map(|told| told.report);
    match (known, raw.below(5)) {
        (Some(known), 0) => return known,
        (Some(known), 1) => return Report { version: known.version.saturating_sub(1), ..known },
        (Some(known), 2) => return Report { version: known.version + 1, ..known },
        _ => {}
    }
    let mut count = |most| raw.below(most) as u32;
    Report {
        performance: PerformanceIndex(performance),
        zone: ZoneIndex(zone),
        available: count(4),
        held: count(3),
        sold: count(3),
        withheld: count(2),
        version: known.map_or(0, |known| known.version) + u64::from(count(3)),
    }
}

/// A pool that grows, a further pool, or a policy for what is left: never one that is refused.
fn redefined(world: &World, raw: &mut Raw) -> OpsAction {
    let mut definition = world.naive.definition.clone();
    match raw.below(4) {
        0 => definition.performances[0].pools[0].capacity += raw.below(3) as u32,
        1 if world.naive.mirrored() => definition.name.push('!'),
        1 => definition.performances[2].pools.push(pool("late", 2, raw.below(3) as u32, 0)),
        2 => definition.policy.call_for_what_is_left = raw.chance(2),
        _ => definition.zones[0].prices[0].amount_minor += 100,
    }
    OpsAction::Redefine(Arc::new(definition))
}
