//! What the fake says in the shop: baskets, holds, the card page, the payment.

use http::Method;
use serde_json::{Value, json};

use super::basket::Basket;
use super::sale::{Answer, Sale};
use super::stock::{FLOOR, HALL, STALLS, STANDING, Taken, Wish, YARD, seat_id};
use super::web::{API_KEY, Asked, Reply, SALE};
use super::words::number;

pub(super) fn in_shop(sale: &mut Sale, asked: &Asked, path: &[&str]) -> Answer<Reply> {
    if asked.method != Method::GET && asked.key.is_empty() {
        return Err("key_missing");
    }
    // Keys are scoped to the operation and its path.
    let key = format!("{} {} {}", asked.method, path.join("/"), asked.key);
    match (asked.method.as_str(), path) {
        ("POST", ["baskets"]) => {
            let (id, _) = sale.hold(number(asked, "pass-")?, None, &wish(&asked.body)?, &key)?;
            Ok((201, basket(sale, &id, None)?))
        }
        ("POST", ["baskets", id, "holds"]) => {
            sale.hold(number(asked, "pass-")?, Some(id), &wish(&asked.body)?, &key)?;
            Ok((201, basket(sale, id, None)?))
        }
        ("GET", ["baskets", id]) => Ok((200, basket(sale, id, None)?)),
        ("DELETE", ["baskets", id]) => {
            sale.release(number(asked, "pass-")?, id, None, &key)?;
            Ok((204, Value::Null))
        }
        ("DELETE", ["baskets", id, "holds", hold]) => {
            let hold = hold.parse().map_err(|_| "not_found")?;
            sale.release(number(asked, "pass-")?, id, Some(hold), &key)?;
            Ok((200, basket(sale, id, None)?))
        }
        ("POST", ["baskets", id, "checkout"]) => {
            sale.check_out(number(asked, "pass-")?, id, &key)?;
            Ok((200, basket(sale, id, None)?))
        }
        ("POST", ["baskets", id, "confirm"]) if asked.bearer == API_KEY => {
            let late = sale.confirm(id, &key)?;
            Ok((200, basket(sale, id, Some(late))?))
        }
        _ => Err("no_route"),
    }
}

/// All items of a request, which are of one kind.
fn wish(body: &Value) -> Answer<Wish> {
    let items = body["items"].as_array().ok_or("invalid")?;
    let mut seats = Vec::new();
    for item in items {
        let standing = item["pool"] == STANDING && item["performance"] == YARD;
        if let Some(units) = item["units"].as_u64().filter(|_| standing) {
            return Ok(Wish::Standing(u32::try_from(units).map_err(|_| "invalid")?));
        }
        if let Some(count) = item["best_available"]["seats"].as_u64() {
            return Ok(Wish::Best(usize::try_from(count).map_err(|_| "invalid")?));
        }
        let seat = item["seat"].as_str().and_then(|seat| seat.strip_prefix("A-")?.parse().ok());
        seats.push(seat.and_then(|seat: usize| seat.checked_sub(1)).ok_or("not_found")?);
    }
    if seats.is_empty() { Err("invalid") } else { Ok(Wish::Seats(seats)) }
}

fn basket(sale: &Sale, id: &str, late: Option<bool>) -> Answer<Value> {
    let found: &Basket = sale.baskets.get(id).ok_or("not_found")?;
    let line = |performance: &str, zone: &str, units: u32| {
        json!({"performance": performance, "zone": zone, "price": "full", "amount_minor": 2500,
            "units": units})
    };
    let lines = |taken: &Taken| match taken {
        Taken::Seats(seats) => {
            let seat = |seat: &usize| {
                let mut line = line(HALL, STALLS, 1);
                let id = seat_id(*seat);
                line["seat"] = json!({"id": id, "label": id, "row": "A", "section": ""});
                line
            };
            seats.iter().map(seat).collect::<Vec<_>>()
        }
        Taken::Standing(units) => {
            let mut line = line(YARD, FLOOR, *units);
            line["pool"] = json!({"id": STANDING, "name": "Standing", "units": units});
            vec![line]
        }
    };
    let holds = found.holds.iter().map(|(id, taken)| json!({"id": id, "lines": lines(taken)}));
    let mut body = json!({"id": found.id, "sale": SALE, "pass": found.number,
        "state": found.word(), "holds": holds.collect::<Vec<_>>(), "currency": "EUR"});
    if found.live() {
        body["expires_in_ms"] = json!(found.deadline_ms.saturating_sub(sale.now_ms));
    }
    if let Some(late) = late {
        body["late"] = json!(late);
    }
    Ok(body)
}
