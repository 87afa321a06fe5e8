//! All sales, and one sale as it is now: figures, curves, and the stream that keeps them so.
//!
//! The sentences are made here; a script only puts them in their places.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::form::browser_key;
use super::guard::{self, HOME, staff};
use super::pages::Page;
use crate::api::call::Call;
use crate::api::ops::figures::{AGES_S, Figures, POINT_MS, Point, ages};
use crate::api::problem::Problem;
use crate::api::reply::{Frames, Html, PERSONAL, Reply};
use crate::api::state::OpenSale;
use crate::board::{frame, json};
use crate::clock;
use crate::net::reply::OutBody;
use crate::token::role::Duty;

/// Between two looks: what an operator calls at once.
const LOOK_SPAN: Duration = Duration::from_secs(1);
/// A stream that broke is opened again after this.
const RETRY_SPAN: Duration = Duration::from_secs(2);
/// Points between two rows of a table beside a curve: one minute.
const ROW_POINTS: usize = 12;
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
    let who = match guard::admit(call, Duty::Look) {
        Ok(who) => who,
        Err(turned) => return turned.answer(call),
    };
    let sale = match call.sale() {
        Ok(sale) => sale,
        Err(problem) => return Ok(no_sale(Page::of(call, &who), &problem)),
    };
    let mut values = told(sale);
    let points = sale.night.points();
    values["title"] = json!(sale.desk().definition.name);
    values["sale"] = json!(&*sale.id);
    values["tab"] = json!("Now");
    values["point_ms"] = json!(POINT_MS);
    values["rows"] = json!(rows(&points));
    values["points"] = json!(points);
    Ok(Page::of(call, &who).show("now.html", &values))
}

/// What to say where there is no such sale, or none is served here.
pub(super) fn no_sale(page: Page<'_>, problem: &Problem) -> Reply<Html> {
    let page = page.status(StatusCode::NOT_FOUND);
    match problem.code() {
        "standby" => page.trouble(
            "This server stands by",
            "Another one serves the sales. This one follows, and takes over when it falls silent.",
            HOME,
        ),
        _ => page.trouble("No such sale", "It is not served here.", HOME),
    }
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
    let health = health(&figures);
    let per_minute = json!({
        "joined": sale.night.per_minute(|point| u64::from(point.joined)),
        "sold": sale.night.per_minute(|point| point.sold),
    });
    let words = json!({
        "queue": queue_in_words(&figures.point),
        "shop": shop_in_words(&figures.point),
        "stock": stock_in_words(&figures),
        "ages": ages_in_words(&ages),
        "time": time_in_words(&figures),
        "journal": journal_in_words(&figures),
    });
    json!({
        "figures": figures,
        "per_minute": per_minute,
        "health": health,
        "words": words,
        "ages": ages,
        "ages_s": AGES_S,
        "read_at": clock::rfc3339(sale.engine.published().now().wall),
    })
}

/// Whether the night is healthy: a mood for the eye, and a sentence.
fn health(figures: &Figures) -> Value {
    let (mood, told) = match figures {
        Figures { cause: Some(cause), .. } => ("bad", format!("Nothing can be sold: {cause}")),
        Figures { frozen: true, .. } => ("held", "Sale time stands still".to_owned()),
        Figures { phase: "before", .. } => ("calm", "Not open yet".to_owned()),
        Figures { phase: "closed", .. } => ("calm", "Closed".to_owned()),
        Figures { redirected: true, .. } => ("held", "The queue is sent elsewhere".to_owned()),
        Figures { calling_paused: true, .. } => ("held", "Calling is paused".to_owned()),
        Figures { point, .. } if point.active + point.called >= point.cap => {
            ("good", "Healthy: the shop is full".to_owned())
        }
        _ => ("good", "Healthy".to_owned()),
    };
    json!({ "mood": mood, "told": told })
}

fn queue_in_words(point: &Point) -> String {
    format!("{} waiting, of {} who joined.", point.waiting, point.joined)
}

fn shop_in_words(point: &Point) -> String {
    let Point { active, called, cap, .. } = point;
    format!("{active} in the shop and {called} called, of at most {cap}.")
}

fn stock_in_words(figures: &Figures) -> String {
    let Point { available, in_baskets, sold, .. } = figures.point;
    let (capacity, withheld) = (figures.capacity, figures.withheld);
    format!(
        "{available} available, {in_baskets} in baskets, {sold} sold, {withheld} withheld, of \
         {capacity} seats and places."
    )
}

fn ages_in_words(ages: &[u64]) -> String {
    match (ages.iter().sum::<u64>(), ages.last().copied().unwrap_or_default()) {
        (0, _) => "No live basket.".to_owned(),
        (1, old) => format!("1 live basket, {old} older than 15 minutes."),
        (all, old) => format!("{all} live baskets, {old} older than 15 minutes."),
    }
}

fn time_in_words(figures: &Figures) -> &'static str {
    match (figures.frozen, figures.time_running) {
        (true, _) => "stopped by an operator",
        (false, true) => "running",
        (false, false) => "stopped: nothing can be written",
    }
}

fn journal_in_words(figures: &Figures) -> String {
    match &figures.cause {
        Some(cause) => cause.clone(),
        None => format!("writing, record {}", figures.sequence),
    }
}

/// A point each minute, newest first, for who cannot see a curve.
fn rows(points: &[Point]) -> Vec<Value> {
    let at = |point: &Point| {
        let wall = stanchion_domain::time::WallTime(point.at_s.saturating_mul(1_000));
        json!({ "at": clock::rfc3339(wall), "point": point })
    };
    points.iter().rev().step_by(ROW_POINTS).take(ROWS_MAX).map(at).collect()
}
