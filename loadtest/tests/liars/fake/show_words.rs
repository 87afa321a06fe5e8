//! What the fake shows: the sale, the board, performances, seats, the overview; and what staff
//! says.

use serde_json::{Value, json};
use stanchion_loadtest::history::{Counts, Performance};

use super::sale::{Answer, Sale};
use super::stock::{FLOOR, HALL, STALLS, STANDING, UnitState, seat_id};
use super::web::{Reply, SALE};

/// Most units of one basket.
const BASKET_UNITS_MAX: u32 = 8;

pub(super) fn about(sale: &Sale) -> Value {
    let zone = |id: &str| {
        json!({"id": id, "name": id, "prices": [{"id": "full", "name": "Full",
        "amount_minor": 2500}]})
    };
    json!({"id": SALE, "name": "A night", "currency": "EUR", "phase": "open",
        "zones": [zone(STALLS), zone(FLOOR)], "plans": [{"id": "house", "name": "House"}],
        "limits": {"basket_units_max": BASKET_UNITS_MAX, "visitor_units_max": 2 * BASKET_UNITS_MAX,
            "hold_span_ms": sale.spans.hold_ms, "checkout_span_ms": sale.spans.checkout_ms}})
}

fn counts(counts: &Counts) -> Value {
    serde_json::to_value(counts).expect("counts are numbers")
}

fn queue(sale: &Sale) -> Value {
    let head = &sale.head;
    json!({"waiting": head.waiting, "called": head.called, "active": head.active, "cap": head.cap,
        "pace_per_minute": 60_000, "calling": true})
}

pub(super) fn notice(sale: &Sale) -> Value {
    let words = |text| json!([{"language": "en", "text": text}]);
    sale.head.notice.as_ref().map_or(Value::Null, words)
}

/// The head of the board.
pub(super) fn head(sale: &Sale) -> Value {
    json!({"version": sale.head.version, "sale": SALE, "name": "A night", "phase": "open",
        "status": sale.head.status, "counts": counts(&sale.head.counts), "currency": "EUR",
        "queue": queue(sale), "notice": notice(sale), "time_running": true,
        "revision": sale.revision})
}

pub(super) fn overview(sale: &Sale) -> Value {
    json!({"sale": about(sale), "revision": sale.revision, "calling": true,
        "cap": sale.queue.cap, "counts": counts(&sale.head.counts), "queue": queue(sale),
        "notice": notice(sale)})
}

pub(super) fn change(sale: &mut Sale, body: &Value) -> Answer<Reply> {
    if body["revision"].as_u64() != Some(sale.revision) {
        return Err("stale_revision");
    }
    let action = &body["action"];
    match action["type"].as_str() {
        Some("set_cap") => {
            let cap = action["cap"].as_u64().and_then(|cap| usize::try_from(cap).ok());
            sale.queue.cap = cap.ok_or("invalid")?;
        }
        Some("post_notice") => {
            let text = action["texts"][0]["text"].as_str().ok_or("invalid")?;
            sale.notice = Some(text.to_owned());
        }
        _ => return Err("invalid"),
    }
    sale.revision += 1;
    Ok((200, json!({"revision": sale.revision, "applied": true})))
}

pub(super) fn board(sale: &Sale, since: Option<u64>, path: &[&str]) -> Answer<Reply> {
    let version = sale.head.version;
    let body = match path {
        ["board"] => head(sale),
        ["performances"] => {
            let all: Vec<_> =
                sale.performances.iter().map(|one| performance(one, version)).collect();
            json!({"version": version, "since": since, "performances": all})
        }
        ["performances", id] => {
            let found = sale.performances.iter().find(|one| one.id == *id);
            performance(found.ok_or("not_found")?, version)
        }
        ["performances", HALL, "seats"] => {
            let letter = |seat: &UnitState| match seat {
                UnitState::Available => 'a',
                UnitState::Held => 'h',
                UnitState::Paying => 'p',
                UnitState::Sold => 's',
            };
            let seats: String = sale.stock.seats.iter().map(letter).collect();
            json!({"performance": HALL, "version": version, "seats": seats})
        }
        ["plans", "house"] => plan(sale.stock.seats.len()),
        _ => return Err("not_found"),
    };
    Ok((200, body))
}

fn performance(shown: &Performance, version: u64) -> Value {
    let zones = shown.zones.iter().map(|(zone, zone_counts)| {
        json!({"zone": zone, "status": shown.status, "counts": counts(zone_counts)})
    });
    let mut body = json!({"id": shown.id, "name": shown.id, "version": version,
        "status": shown.status, "counts": counts(&shown.counts),
        "zones": zones.collect::<Vec<_>>()});
    if shown.id == HALL {
        body["seating"] = json!({"plan": "house", "zone_of_category": [STALLS]});
    } else {
        body["pools"] = json!([{"id": STANDING, "name": "Standing", "zone": FLOOR}]);
    }
    body
}

fn plan(seats: usize) -> Value {
    let seat = |at: usize| {
        json!({"id": seat_id(at), "label": format!("{}", at + 1), "section": 0,
        "row": 0, "category": 0, "x": at, "y": 0})
    };
    json!({"plan": "house", "name": "House", "categories": [STALLS], "sections": [{"name": ""}],
        "rows": [{"label": "A", "section": 0, "runs": [[0, seats.saturating_sub(1)]]}],
        "seats": (0..seats).map(seat).collect::<Vec<_>>()})
}
