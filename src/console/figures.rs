//! All sales, and one sale as it is now: figures, curves, and the stream that keeps them so.
//!
//! The sentences are made here; a script only puts them in their places.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::form::browser_key;
use super::guard::{self, staff};
use super::pages::Page;
use crate::api::call::Call;
use crate::api::ops::figures::{AGES_S, Figures, ages};
use crate::api::ops::night::POINT_S;
use crate::api::ops::night::curves::Curves;
use crate::api::ops::night::point::Point;
use crate::api::problem::Problem;
use crate::api::reply::{Frames, Html, PERSONAL, Reply};
use crate::api::state::OpenSale;
use crate::board::{frame, json};
use crate::clock;
use crate::net::reply::OutBody;
use crate::token::role::Duty;

pub(super) mod words;

use words::health;

/// Between two looks: what an operator calls at once.
const LOOK_SPAN: Duration = Duration::from_secs(1);
/// A stream that broke is opened again after this.
const RETRY_SPAN: Duration = Duration::from_secs(2);
/// Moments of a curve that a page draws, and that its script goes on with: more than it has pixels.
const DRAWN_MAX: usize = 720;
/// Between two rows of a table beside a curve.
const ROW_S: i64 = 60;
/// Rows of such a table: half an hour.
const ROWS_MAX: usize = 30;

/// All sales.
pub fn sales(call: &Call) -> Result<Reply<Html>, Problem> {
    let who = match guard::admit(call, Duty::Look) {
        Ok(who) => who,
        Err(turned) => return turned.answer(call),
    };
    let sales: Vec<_> = call.state.sales().values().map(|sale| row(sale)).collect();
    let values = json!({ "title": "Sales", "sales": sales });
    Ok(Page::of(call, &who).show("sales.html", &values))
}

fn row(sale: &OpenSale) -> Value {
    let figures = Figures::of(sale);
    json!({
        "id": &*sale.id,
        "name": sale.desk().definition.name,
        "health": health(&figures),
        "figures": figures,
    })
}

/// One sale as it is now.
pub fn now(call: &Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(call, Duty::Look) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(call),
    };
    let mut values = told(sale);
    let points = sale.night.points();
    values["title"] = json!(sale.desk().definition.name);
    values["sale"] = json!(&*sale.id);
    values["tab"] = json!("Now");
    values["point_s"] = json!(POINT_S);
    values["drawn_max"] = json!(DRAWN_MAX);
    values["rows"] = rows(&points);
    values["curves"] = json!(Curves::of(&points, DRAWN_MAX));
    Ok(Page::of(call, &who).show("now.html", &values))
}

/// Figures as they change.
pub fn live(call: &Call) -> Result<Reply<Frames>, Problem> {
    let key = browser_key(call).map(str::to_owned);
    let admitted = guard::admit(call, Duty::Look).ok().and(key);
    let key = admitted.ok_or_else(|| Problem::new("token_missing"))?;
    let id = call.sale()?.id.to_string();
    let busy = || Problem::new("busy").retry_after_ms(RETRY_SPAN.as_millis() as u64);
    let permit = call.state.watch(call.peer.source).map_err(|_| busy())?;
    let (out, body) = OutBody::stream(frame::goodbye(RETRY_SPAN));
    let _ = out.try_send(frame::hello(RETRY_SPAN));
    let (state, staff) = (call.state.clone(), staff(call).clone());
    tokio::spawn(async move {
        let _permit = permit;
        // Ends with the reader, with what signed them in, and with the sale being served here.
        let served = || state.sale(&id).filter(|_| !state.role().hand_over.over());
        while let Some(sale) = staff.who(&key).and_then(|_| served()) {
            if out.try_send(now_frame(&told(sale))).is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_SPAN) => {}
                () = out.ended() => return,
            }
        }
        let _ = out.try_send("event: out\ndata: {}\n\n".into());
    });
    Ok(Reply::new(StatusCode::OK, body)
        .header(CACHE_CONTROL, PERSONAL)
        .header(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
}

fn now_frame(values: &Value) -> bytes::Bytes {
    let mut frame = b"event: now\ndata: ".to_vec();
    frame.extend_from_slice(&json::write(values));
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

/// Everything that is shown of a moment.
fn told(sale: &OpenSale) -> Value {
    let figures = Figures::of(sale);
    let ages = ages(sale);
    json!({
        "values": values(&figures),
        "health": health(&figures),
        "words": words::of(&figures, &ages),
        "ages": ages,
        "ages_s": AGES_S,
        "read_at": clock::rfc3339(sale.engine.published().now().wall),
    })
}

/// Every figure by its name; the curves go on with those of their names.
fn values(figures: &Figures) -> Value {
    let (minute, times) = (&figures.minute, &figures.times);
    let mut values = json!(figures);
    let mut set = |name: &str, value: Value| values[name] = value;
    set("calls_per_minute", json!(figures.calls_per_minute));
    set("present_percent", json!(figures.present_percent));
    set("joined_per_minute", json!(minute.joined));
    set("claims_per_minute", json!(minute.claims));
    set("holds_per_minute", json!(minute.holds));
    set("crowded_per_minute", json!(minute.crowded));
    set("crowding_percent", json!(minute.crowding_percent));
    set("orders_per_minute", json!(minute.orders));
    set("sold_per_minute", json!(minute.sold));
    let milliseconds = |us: Option<u64>| json!(us.map(|us| us as f64 / 1e3));
    set("answer_ms", milliseconds(times.answers.mean_us()));
    set("append_ms", milliseconds(times.appends.mean_us()));
    set("answers_half", json!(times.answers.within_us(50).map(words::within)));
    set("answers_most", json!(times.answers.within_us(99).map(words::within)));
    set("appends_most", json!(times.appends.within_us(99).map(words::within)));
    values
}

/// A moment each minute, newest first, for who cannot see a curve.
fn rows(points: &[Point]) -> Value {
    let curves = Curves::of(points, usize::MAX);
    let mut rows = Vec::new();
    let mut next_s = i64::MAX;
    for (at, at_s) in curves.at_s.iter().enumerate().rev() {
        let figure = |name| curves.column(name).get(at).copied().flatten();
        if *at_s > next_s || figure("waiting").is_none() || rows.len() == ROWS_MAX {
            continue;
        }
        next_s = at_s - ROW_S;
        let wall = stanchion_domain::time::WallTime(at_s.saturating_mul(1_000));
        let figures = Curves::names().map(|name| (name.to_owned(), json!(figure(name))));
        rows.push(json!({
            "at": clock::rfc3339(wall),
            "figures": figures.collect::<serde_json::Map<_, _>>(),
        }));
    }
    json!(rows)
}
