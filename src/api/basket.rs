//! Baskets over HTTP: hold, give back, check out, confirm.
//!
//! Each handler turns names into a command, asks the writer once, and shows the basket as it stands
//! after. A request that comes again under its key has no second effect.

use http::StatusCode;
use http::header::{HeaderName, HeaderValue, LOCATION};
use stanchion_domain::change::Change;
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, Target};
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PriceIndex};

use super::auth::{self, Caller};
use super::call::Call;
use super::idempotency::{self, REPLAYED_HEADER, Scope};
use super::names::Names;
use super::problem::Problem;
use super::queue::{active_pass, ask};
use super::reply::{Empty, Json, Reply};
use super::state::OpenSale;
use super::wire::basket::{BasketBody, Shown, read_id};
use super::wire::items::{BestAvailableBody, HoldBody, ItemBody, PaymentBody};
use crate::clock;
use crate::engine::ask::Accepted;

type Basket = Result<Reply<Json<BasketBody>>, Problem>;

/// Takes seats and pool units into a new basket.
pub async fn open(call: Call, body: HoldBody) -> Basket {
    let target = Target::New(BasketId(clock::random_id()));
    let (sale, id, again) = hold(&call, body, target).await?;
    let reply = shown(sale, id, StatusCode::CREATED, None)?;
    let at = format!("/v1/sales/{}/baskets/{:032x}", sale.id, id.0);
    let reply = match HeaderValue::from_str(&at) {
        Ok(at) => reply.header(LOCATION, at),
        Err(_) => reply,
    };
    Ok(marked(reply, again))
}

/// Takes more into a live basket.
pub async fn add(call: Call, body: HoldBody) -> Basket {
    let target = Target::Live(basket_id(&call)?);
    let (sale, id, again) = hold(&call, body, target).await?;
    Ok(marked(shown(sale, id, StatusCode::CREATED, None)?, again))
}

async fn hold(
    call: &Call,
    body: HoldBody,
    target: Target,
) -> Result<(&OpenSale, BasketId, bool), Problem> {
    let sale = call.sale()?;
    let (caller, pass) = active_pass(call, sale)?;
    if body.house && !caller.shop() {
        return Err(Problem::new("not_entitled").says("House seats are for API keys."));
    }
    let key = key_of(call, &caller)?;
    let names = sale.names(&sale.desk());
    if names.definition().mirrored() {
        return Err(Problem::new("mirrored"));
    }
    let items = body.items.iter().zip(0_u32..).map(|(item, at)| {
        read_item(&names, item).map_err(|problem| problem.with(|extra| extra.item = Some(at)))
    });
    let items = items.collect::<Result<_, _>>()?;
    let wanted = Hold { pass, basket: target, items, entitled: body.house };
    let Accepted { change, again, .. } = ask(sale, Command::Hold(wanted), Some(key)).await?;
    let Change::Held(held) = change else {
        return Err(Problem::new("key_reused"));
    };
    Ok((sale, held.basket, again))
}

/// A basket or an order, for its visitor and for shops.
pub fn read(call: &Call) -> Basket {
    let sale = call.sale()?;
    let caller = auth::caller(call, sale)?;
    let id = basket_id(call)?;
    let basket = sale.engine.published().basket(id);
    let theirs = match caller {
        Caller::Visitor(number) => basket.is_some_and(|basket| basket.pass == number),
        Caller::Shop { .. } => basket.is_some(),
    };
    if !theirs {
        return Err(Problem::not_found("basket"));
    }
    shown(sale, id, StatusCode::OK, None)
}

/// Gives one hold back.
pub async fn release_hold(call: Call) -> Basket {
    let hold = call.segment("hold").parse().map(HoldId);
    let hold = hold.map_err(|_| Problem::not_found("hold"))?;
    let (sale, id, accepted) =
        change(&call, |pass, basket| Command::Release { pass, basket, hold: Some(hold) }).await?;
    Ok(marked(shown(sale, id, StatusCode::OK, None)?, accepted.again))
}

/// Gives the whole basket back.
pub async fn release(call: Call) -> Result<Reply<Empty>, Problem> {
    let command = |pass, basket| Command::Release { pass, basket, hold: None };
    let (_, _, accepted) = change(&call, command).await?;
    Ok(marked(Reply::done(), accepted.again))
}

/// Goes to the card page: the deadline is set anew, once.
pub async fn check_out(call: Call) -> Basket {
    let command = |pass, basket| Command::CheckOut { pass, basket };
    let (sale, id, accepted) = change(&call, command).await?;
    Ok(marked(shown(sale, id, StatusCode::OK, None)?, accepted.again))
}

/// The payment was made: the basket becomes an order, or the money goes back.
pub async fn confirm(call: Call, body: PaymentBody) -> Basket {
    let sale = call.sale()?;
    let caller = auth::shop(&call)?;
    let id = basket_id(&call)?;
    let key = key_of(&call, &caller)?;
    let command = Command::Confirm { basket: id, payment: body.payment };
    let accepted = ask(sale, command, Some(key)).await?;
    match accepted.change {
        Change::Confirmed { late, .. } => {
            Ok(marked(shown(sale, id, StatusCode::OK, Some(late))?, accepted.again))
        }
        Change::PaymentLost { .. } => {
            Err(Problem::new("seat_lost").with(|extra| extra.basket = Some(id.into())))
        }
        _ => Err(Problem::new("key_reused")),
    }
}

/// Asks for a change of a live basket.
async fn change(
    call: &Call,
    command: impl FnOnce(Number, BasketId) -> Command,
) -> Result<(&OpenSale, BasketId, Accepted), Problem> {
    let sale = call.sale()?;
    let (caller, pass) = active_pass(call, sale)?;
    let id = basket_id(call)?;
    let key = key_of(call, &caller)?;
    let accepted = ask(sale, command(pass, id), Some(key)).await?;
    Ok((sale, id, accepted))
}

fn basket_id(call: &Call) -> Result<BasketId, Problem> {
    read_id(&call.segment("basket")).ok_or_else(|| Problem::not_found("basket"))
}

fn key_of(call: &Call, caller: &Caller) -> Result<stanchion_domain::id::RequestKey, Problem> {
    let caller = caller.scope();
    let scope = Scope { caller: &caller, operation: call.operation, path: call.path() };
    idempotency::required(call.headers(), scope, &call.body)
}

/// Marks an answer that was given before.
fn marked<S: super::reply::Shape>(reply: Reply<S>, again: bool) -> Reply<S> {
    if !again {
        return reply;
    }
    reply.header(HeaderName::from_static(REPLAYED_HEADER), HeaderValue::from_static("true"))
}

/// A basket as it stands now.
fn shown(sale: &OpenSale, id: BasketId, status: StatusCode, late: Option<bool>) -> Basket {
    let published = sale.engine.published();
    let desk = published.desk();
    // A closed basket is forgotten after a day: whoever asks again after that is told so.
    let basket = published.basket(id).ok_or_else(|| Problem::not_found("basket"))?;
    let time_running = published.time_runs(clock::monotonic_ms());
    let shown = Shown { definition: &desk.definition, time_running, now: published.now(), late };
    Ok(Reply::own(status, &BasketBody::new(&basket, shown)))
}

/// From names to indices.
fn read_item(names: &Names, item: &ItemBody) -> Result<Item, Problem> {
    let performance = names.performance(&item.performance);
    let performance = performance.ok_or_else(|| Problem::not_found("performance"))?;
    let price = item.price.as_deref();
    match (&item.seat, &item.pool, &item.best_available) {
        (Some(seat), None, None) if item.units.is_none() => {
            read_seat(names, performance, seat, price)
        }
        (None, Some(pool), None) => {
            let units = item.units.ok_or_else(|| Problem::invalid("units: say how many"))?;
            let pool = names.pool(performance, pool).ok_or_else(|| Problem::not_found("pool"))?;
            let zone = names.definition().pool(performance, pool).map(|pool| pool.zone);
            let price = zone.and_then(|zone| names.price(zone, price));
            let price = price.ok_or_else(|| Problem::not_found("price"))?;
            Ok(Item::Pool { performance, pool, price, units })
        }
        (None, None, Some(wish)) if item.units.is_none() => {
            read_wish(names, performance, wish, price).map(Item::BestAvailable)
        }
        _ => Err(Problem::invalid("name one of seat, pool with units, and best_available")),
    }
}

fn read_seat(
    names: &Names,
    performance: PerformanceIndex,
    seat: &str,
    price: Option<&str>,
) -> Result<Item, Problem> {
    let seat = names.seat(performance, seat).ok_or_else(|| Problem::not_found("seat"))?;
    let zone = names.definition().zone_of_seat(performance, seat);
    let price = zone.and_then(|zone| names.price(zone, price));
    let price = price.ok_or_else(|| Problem::not_found("price"))?;
    Ok(Item::Seat { performance, seat, price })
}

fn read_wish(
    names: &Names,
    performance: PerformanceIndex,
    wish: &BestAvailableBody,
    price: Option<&str>,
) -> Result<BestAvailable, Problem> {
    let zone =
        wish.zone.as_deref().map(|zone| names.zone(zone).ok_or_else(|| Problem::not_found("zone")));
    let section = wish.section.as_deref().map(|section| {
        names.section(performance, section).ok_or_else(|| Problem::not_found("section"))
    });
    let (zone, section) = (zone.transpose()?, section.transpose()?);
    let price = match zone {
        Some(zone) => names.price(zone, price).ok_or_else(|| Problem::not_found("price"))?,
        None => common_price(names, performance, price)?,
    };
    Ok(BestAvailable {
        performance,
        seats: wish.seats,
        accessible: wish.accessible,
        zone,
        section,
        price,
    })
}

/// A price that stands at the same place of every zone's table, since any zone may be chosen.
fn common_price(
    names: &Names,
    performance: PerformanceIndex,
    price: Option<&str>,
) -> Result<PriceIndex, Problem> {
    let seating = names.definition().performance(performance).seating.as_ref();
    let zones = seating.map_or(&[][..], |seating| &seating.zone_of_category);
    let mut prices = zones.iter().map(|zone| names.price(*zone, price));
    let first = prices.next().flatten().or_else(|| price.is_none().then_some(PriceIndex(0)));
    let first = first.ok_or_else(|| Problem::not_found("price"))?;
    if prices.all(|price| price == Some(first)) {
        return Ok(first);
    }
    Err(Problem::invalid("price: name the zone as well, since not all zones have this price"))
}
