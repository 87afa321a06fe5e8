//! Commands that nobody should send, among some that get far.

use crate::support::shared;
use proptest::collection::vec;
use proptest::prelude::*;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, Ops, OpsAction};
use stanchion_domain::command::{Target, Units};
use stanchion_domain::id::{
    BasketId, HoldId, Number, PerformanceIndex, PlanIndex, PoolIndex, PriceIndex, SeatIndex,
    SectionIndex, ZoneIndex,
};
use stanchion_domain::plan::SeatPlan;
use stanchion_domain::sale::definition::{Definition, Performance, Withheld};
use stanchion_domain::time::{Span, WallTime};
use std::sync::Arc;

/// Any command.
pub fn command() -> impl Strategy<Value = Command> {
    let pass = || number().prop_map(Number);
    let basket = || number().prop_map(|id| BasketId(u128::from(id)));
    let ids = || (pass(), basket());
    prop_oneof![
        1 => pass().prop_map(|number| Command::Claim { number }),
        1 => pass().prop_map(|number| Command::Leave { number }),
        4 => (ids(), any::<bool>(), any::<bool>(), vec(item(), 0..40)).prop_map(
            |((pass, id), new, entitled, items)| {
                let basket = if new { Target::New(id) } else { Target::Live(id) };
                Command::Hold(Hold { pass, basket, items, entitled })
            }
        ),
        4 => (ids(), vec(item(), 1..3)).prop_map(|((pass, id), items)| {
            Command::Hold(Hold { pass, basket: Target::New(id), items, entitled: true })
        }),
        1 => (ids(), any::<Option<u32>>()).prop_map(|((pass, basket), hold)| {
            Command::Release { pass, basket, hold: hold.map(|hold| HoldId(hold % 3)) }
        }),
        1 => ids().prop_map(|(pass, basket)| Command::CheckOut { pass, basket }),
        1 => (basket(), text()).prop_map(|(basket, payment)| Command::Confirm { basket, payment }),
        4 => (any::<bool>(), text(), text(), action()).prop_map(|(odd, actor, reason, action)| {
            Command::Ops(Ops { revision: u64::from(odd) * u64::MAX, actor, reason, action })
        }),
    ]
}

/// Mostly small numbers, so that commands get far; else the edges and anything.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..8_u32, 1 => Just(u32::MAX), 1 => Just(65_535), 1 => any::<u32>()]
}

fn index() -> impl Strategy<Value = u16> {
    number().prop_map(|number| number as u16)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("t1".to_owned()), Just("https://a.org".to_owned()), ".{0,600}"]
}

fn item() -> impl Strategy<Value = Item> {
    let price = prop_oneof![4 => 0..2_u8, 1 => any::<u8>()].prop_map(PriceIndex);
    let terms = (index(), number(), price, number(), number());
    (0..3, terms, any::<Option<u8>>()).prop_map(
        |(kind, (at, second, price, units, more), scope)| {
            let performance = PerformanceIndex(at);
            match kind {
                0 => Item::Seat { performance, seat: SeatIndex(second), price },
                1 => Item::Pool { performance, pool: PoolIndex(second as u16), price, units },
                _ => Item::BestAvailable(BestAvailable {
                    performance,
                    seats: units,
                    accessible: more,
                    zone: scope.map(|zone| ZoneIndex(u16::from(zone))),
                    section: scope.map(|section| SectionIndex(u16::from(section % 3))),
                    price,
                }),
            }
        },
    )
}

fn units() -> impl Strategy<Value = Units> {
    prop_oneof![
        (index(), vec(number().prop_map(SeatIndex), 0..4))
            .prop_map(|(at, seats)| { Units::Seats { performance: PerformanceIndex(at), seats } }),
        (index(), index(), number()).prop_map(|(at, pool, units)| Units::Pool {
            performance: PerformanceIndex(at),
            pool: PoolIndex(pool),
            units,
        }),
    ]
}

fn trigger() -> impl Strategy<Value = Trigger> {
    let deed = prop_oneof![
        Just(Deed::StopCalling),
        text().prop_map(Deed::Redirect),
        notice().prop_map(Deed::PostNotice),
        (notice(), any::<i64>())
            .prop_map(|(notice, until)| Deed::PostNoticeUntil { notice, until: WallTime(until) }),
    ];
    let scope = prop_oneof![
        Just(Scope::Sale),
        index().prop_map(|at| Scope::Performance(PerformanceIndex(at))),
        index().prop_map(|at| Scope::Zone(ZoneIndex(at))),
    ];
    let condition = prop_oneof![
        any::<u64>().prop_map(Condition::AvailableAtMost),
        any::<u32>().prop_map(Condition::SoldAtLeastPermille),
        any::<i64>().prop_map(|at| Condition::TimeReached(WallTime(at))),
    ];
    (text(), scope, condition, vec(deed, 0..4)).prop_map(|(id, scope, condition, deeds)| Trigger {
        id,
        scope,
        condition,
        deeds,
    })
}

fn notice() -> impl Strategy<Value = Notice> {
    vec((text(), text()), 0..6).prop_map(|texts| Notice { texts })
}

/// A definition in which something was changed, rightly or not.
fn definition() -> impl Strategy<Value = Definition> {
    let change = (0..18_u32, number(), index(), trigger());
    vec(change, 0..3).prop_map(|changes| {
        let mut definition = (*shared()).clone();
        changes.into_iter().for_each(|(what, number, index, trigger)| match what {
            0 => definition.policy.cap = number,
            1 => definition.policy.pace_per_minute = number,
            2 => definition.policy.hold_span = Span(u64::from(number) << 40),
            3 => definition.triggers.push(trigger),
            4 => drop(definition.performances.pop()),
            5 => drop(definition.zones.pop()),
            6 => definition.zones.iter_mut().for_each(|zone| zone.prices.clear()),
            7 => definition.zones[0].prices.iter_mut().for_each(|price| {
                price.amount_minor = u64::from(number) << 32;
            }),
            8..11 => definition.plans.push(distorted(&definition.plans[0], what, number)),
            _ => distort(&mut definition.performances, what, (number, index)),
        });
        definition
    })
}

fn distorted(plan: &SeatPlan, what: u32, number: u32) -> SeatPlan {
    let mut plan = plan.clone();
    match what {
        8 => plan.rows[0].seats.end = number,
        9 => plan.sections[0].rows = number..number,
        _ => plan.rows[0].section = SectionIndex(number as u16),
    }
    plan
}

fn distort(shows: &mut Vec<Performance>, what: u32, (number, index): (u32, u16)) {
    let Some(show) = shows.first_mut() else { return };
    match what {
        11 => show.pools.iter_mut().for_each(|pool| pool.capacity = number),
        12 => show.pools.iter_mut().for_each(|pool| pool.zone = ZoneIndex(index)),
        13 => show.pools.iter_mut().for_each(|pool| pool.withheld = number),
        14 => drop(show.pools.pop()),
        _ => {
            let Some(mut fresh) = shows.get(1).cloned() else { return };
            fresh.id = "more".to_owned();
            if let Some(seating) = &mut fresh.seating {
                match what {
                    15 => seating.withheld = vec![(SeatIndex(number), Withheld::House)],
                    16 => seating.plan = PlanIndex(index),
                    _ => seating.zone_of_category.clear(),
                }
            }
            shows.push(fresh);
        }
    }
}

fn action() -> impl Strategy<Value = OpsAction> {
    prop_oneof![
        number().prop_map(OpsAction::SetCap),
        number().prop_map(OpsAction::SetPace),
        any::<u64>().prop_map(|span| OpsAction::AddTime(Span(span))),
        (0..90_000_000_u64).prop_map(|span| OpsAction::AddTime(Span(span))),
        any::<bool>().prop_map(OpsAction::CallForWhatIsLeft),
        notice().prop_map(OpsAction::PostNotice),
        (notice(), any::<i64>()).prop_map(|(notice, until)| OpsAction::PostNoticeUntil {
            notice,
            until: WallTime(until),
        }),
        text().prop_map(OpsAction::Redirect),
        (units(), any::<bool>()).prop_map(|(what, house)| {
            let kind = if house { Withheld::House } else { Withheld::Killed };
            OpsAction::Withhold { what, kind }
        }),
        units().prop_map(|what| OpsAction::Restore { what }),
        trigger().prop_map(OpsAction::SetTrigger),
        text().prop_map(OpsAction::RemoveTrigger),
        number().prop_map(|number| OpsAction::EndPass(Number(number))),
        number().prop_map(|order| OpsAction::CancelOrder(BasketId(u128::from(order)))),
        (number(), any::<u64>()).prop_map(|(basket, span)| OpsAction::ExtendBasket {
            basket: BasketId(u128::from(basket)),
            span: Span(span),
        }),
        number().prop_map(|number| OpsAction::RestorePlace(Number(number))),
        definition().prop_map(|definition| OpsAction::Redefine(Arc::new(definition))),
    ]
}
