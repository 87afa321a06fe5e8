//! What was told of each seat, and what may have happened to it unseen.

use std::collections::BTreeMap;

use super::search::{Act, Deed, Hidden, Story};
use crate::checks::attempts::Attempts;
use crate::checks::baskets::{Basket, Baskets, Seen};
use crate::checks::staff::Staff;
use crate::checks::units::seat_of;
use crate::history::Unit;

/// A seat of a performance.
type Seat<'a> = (&'a str, &'a str);

/// The stories of all seats that were ever told of.
pub(super) fn stories<'a>(
    baskets: &Baskets<'a>,
    attempts: &Attempts<'a>,
    staff: &Staff,
) -> BTreeMap<Seat<'a>, Story> {
    let mut stories: BTreeMap<Seat<'a>, Story> = BTreeMap::new();
    for (id, basket) in &baskets.all {
        for (seat, part) in parts(basket, attempts.order(id)) {
            let story = stories.entry(seat).or_default();
            let at = story.baskets.len();
            let hidden = hidden(id, basket, seat, attempts);
            if hidden.take_us.min(hidden.buy_us) < u64::MAX {
                story.takers.push(at);
            }
            story.baskets.push(hidden);
            story.undo_us = staff.undo_us;
            part.tell(story, at);
        }
    }
    for story in stories.values_mut() {
        story.acts.sort_by_key(|act| act.asked_us);
    }
    stories
}

/// How a sight of a basket reads once the basket has its subscript.
type Sight = fn(usize) -> Deed;

/// What one basket was told of one seat.
#[derive(Default)]
struct Part {
    taken: Vec<(u64, u64)>,
    released: Vec<(u64, u64)>,
    bought: Option<(u64, u64, bool)>,
    seen: Vec<(u64, u64, Sight)>,
}

impl Part {
    fn tell(self, story: &mut Story, basket: usize) {
        let mut tell = |asked_us, told_us, deed| story.acts.push(Act { asked_us, told_us, deed });
        for (asked_us, told_us) in self.taken {
            tell(asked_us, told_us, Deed::Taken(basket));
        }
        for (asked_us, told_us) in self.released {
            tell(asked_us, told_us, Deed::Released(basket));
        }
        if let Some((asked_us, told_us, late)) = self.bought {
            tell(asked_us, told_us, Deed::Bought { basket, late });
        }
        for (asked_us, told_us, deed) in self.seen {
            tell(asked_us, told_us, deed(basket));
        }
    }
}

fn parts<'a>(basket: &Basket<'a>, order_tried_us: u64) -> BTreeMap<Seat<'a>, Part> {
    let mut parts: BTreeMap<Seat<'a>, Part> = BTreeMap::new();
    for hold in &basket.holds {
        let released = basket
            .releases
            .iter()
            .filter(|release| release.what.is_none_or(|named| named == hold.hold));
        for seat in seats(hold.units) {
            let part = parts.entry(seat).or_default();
            part.taken.push((hold.began_us, hold.told_us));
            part.released.extend(released.clone().map(|done| (done.began_us, done.told_us)));
        }
    }
    // The first answer says when; the same order confirmed again says nothing new.
    if let Some(order) = basket.orders.iter().min_by_key(|order| order.told_us) {
        let began = basket.orders.iter().map(|order| order.began_us).min();
        let began_us = began.unwrap_or(order.began_us);
        // Where another try may have been first, that one may have been late, and this its echo.
        let late = order.what.late || basket.orders.len() > 1 || order_tried_us < u64::MAX;
        for seat in seats(&order.what.units) {
            parts.entry(seat).or_default().bought = Some((began_us, order.told_us, late));
        }
    }
    for seen in &basket.seen {
        for seat in seats(seen.what.units) {
            parts.entry(seat).or_default();
        }
    }
    for seen in &basket.seen {
        for (seat, part) in &mut parts {
            let with = seats(seen.what.units).any(|with| with == *seat);
            part.seen.push((seen.began_us, seen.told_us, seen_as(seen.what, with)));
        }
    }
    parts
}

fn seen_as(seen: Seen<'_>, with: bool) -> Sight {
    match seen.state {
        "open" | "paying" if with => Deed::Has,
        "confirmed" if with => Deed::Sold,
        _ => Deed::HasNot,
    }
}

fn seats<'a>(units: &'a [Unit]) -> impl Iterator<Item = Seat<'a>> {
    units.iter().filter_map(|unit| Some((unit.performance.as_str(), seat_of(unit)?)))
}

fn hidden<'a>(id: &'a str, basket: &Basket<'a>, seat: Seat<'a>, attempts: &Attempts<'a>) -> Hidden {
    let (performance, name) = seat;
    // Who lost the answer of a hold may have got the seat by it; so may a basket of which nobody
    // was told how it came by the seat.
    let told = basket.holds.iter().any(|hold| seats(hold.units).any(|held| held == seat));
    let tried = basket.who.map_or(0, |who| attempts.hold(who, performance, Some(name)));
    let take_us = if told { tried } else { 0 };
    let free_us = basket.loosened_us.min(basket.may_expire_us());
    let buy_us = attempts.order(id);
    Hidden { id: id.to_owned(), take_us, free_us, buy_us }
}
