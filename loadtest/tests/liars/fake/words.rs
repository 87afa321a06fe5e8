//! What the fake says: each request of the interface, answered out of the sale, in JSON.

use serde_json::{Value, json};

use super::queue::State;
use super::sale::{Answer, Sale};
use super::shop_words::in_shop;
use super::show_words::{about, board, change, notice, overview};
use super::web::{API_KEY, Asked, Reply, SALE, STAFF_KEY};

/// Answers a request.
pub(crate) fn answer(sale: &mut Sale, asked: &Asked) -> Reply {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let done = match (asked.method.as_str(), path.as_slice()) {
        ("GET", [] | [""]) if asked.bearer == STAFF_KEY => Ok((200, overview(sale))),
        ("GET", [] | [""]) => Ok((200, about(sale))),
        ("POST", ["changes"]) if asked.bearer == STAFF_KEY => change(sale, &asked.body),
        (_, ["places", ..] | ["passes", ..]) => in_queue(sale, asked, &path),
        (_, ["baskets", ..]) => in_shop(sale, asked, &path),
        ("GET", path) => board(sale, asked.since, path),
        _ => Err("no_route"),
    };
    done.unwrap_or_else(|code| problem(status(code), code))
}

/// A refusal.
pub(crate) fn problem(status: u16, code: &str) -> Reply {
    (status, json!({"status": status, "code": code, "title": code}))
}

fn status(code: &str) -> u16 {
    match code {
        "expired" | "gone" => 410,
        "not_found" | "no_route" => 404,
        "no_pass" => 403,
        "token_missing" => 401,
        "key_missing" => 400,
        "answer_lost" => 500,
        "invalid" => 422,
        _ => 409,
    }
}

/// The number that a token proves.
pub(super) fn number(asked: &Asked, kind: &str) -> Answer<usize> {
    if asked.bearer == API_KEY && kind == "pass-" {
        return asked.pass.ok_or("no_pass");
    }
    let token = asked.bearer.strip_prefix(kind);
    token.and_then(|number| number.parse().ok()).ok_or("token_missing")
}

fn in_queue(sale: &mut Sale, asked: &Asked, path: &[&str]) -> Answer<Reply> {
    match (asked.method.as_str(), path) {
        ("POST", ["places"]) => {
            if let Ok(number) = number(asked, "place-") {
                return Ok((200, place(sale, number)?));
            }
            let number = sale.queue.join(sale.now_ms);
            let mut body = place(sale, number)?;
            body["token"] = json!(format!("place-{number}"));
            Ok((201, body))
        }
        ("GET", ["places", "me"]) => Ok((200, place(sale, number(asked, "place-")?)?)),
        ("DELETE", ["places", "me"]) => {
            sale.leave(number(asked, "place-")?)?;
            Ok((204, Value::Null))
        }
        ("POST", ["passes"]) => {
            let number = number(asked, "place-")?;
            if sale.queue.claim(number) {
                let mut body = pass(sale, number)?;
                body["token"] = json!(format!("pass-{number}"));
                return Ok((200, body));
            }
            let ended = sale.queue.state(number) == Some(State::Ended);
            Err(if ended { "gone" } else { "not_called" })
        }
        ("GET", ["passes", "me"]) => Ok((200, pass(sale, number(asked, "pass-")?)?)),
        ("DELETE", ["passes", "me"]) => {
            sale.leave(number(asked, "pass-")?).map_err(|_| "no_pass")?;
            Ok((204, Value::Null))
        }
        _ => Err("no_route"),
    }
}

fn place(sale: &mut Sale, number: usize) -> Answer<Value> {
    let now_ms = sale.now_ms;
    let (state, position) = sale.queue.look(number, now_ms).ok_or("token_missing")?;
    let mut body = json!({"sale": SALE, "number": number, "state": state.word(), "phase": "open",
        "calling": true, "poll_after_ms": 10, "notice": notice(sale)});
    if let Some(position) = position {
        body["position"] = json!(position);
        body["wait"] = json!({"from_ms": 0, "to_ms": 60_000});
    }
    if let State::Called { until_ms } = state {
        body["claim_in_ms"] = json!(until_ms.saturating_sub(now_ms));
    }
    Ok(body)
}

fn pass(sale: &Sale, number: usize) -> Answer<Value> {
    if sale.queue.state(number) != Some(State::Active) {
        return Err("no_pass");
    }
    Ok(json!({"sale": SALE, "pass": number, "state": "active", "idle_span_ms": 300_000}))
}
