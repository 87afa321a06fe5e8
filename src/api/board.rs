//! The board over HTTP: ready bytes for everybody, and the HTTP event stream.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use stanchion_domain::id::PerformanceIndex;

use super::call::Call;
use super::problem::Problem;
use super::queue::active_pass;
use super::reply::{Frames, Json, PERSONAL, Reply};
use super::state::OpenSale;
use crate::board::frame;
use crate::board::json;
use crate::board::plan::PlanBody;
use crate::board::seats::SeatsBody;
use crate::board::stream::{Follower, PING_SPAN, Step};
use crate::board::wire::{HeadBody, PerformanceBody, PerformancesBody};
use crate::clock;
use crate::metrics::http::Limit;
use crate::net::reply::{OutBody, OutStream};
use crate::net::source::{NoRoom, Permit};

/// Whoever loses a stream comes back after 2 s to 10 s, each at another moment.
const RETRY_MS: (u64, u64) = (2_000, 10_000);

const BOARD_CACHE: &str = "public, max-age=1";
const PLAN_CACHE: &str = "public, max-age=3600";
const SEATS_CACHE: &str = "private, no-cache";

/// The head of the board.
pub fn head(call: &Call) -> Result<Reply<Json<HeadBody<'static>>>, Problem> {
    let board = call.sale()?.engine.published().board.current();
    Ok(Reply::rendered(call.headers(), &board.head.body, BOARD_CACHE))
}

/// The board as it changes.
pub fn follow(call: &Call) -> Result<Reply<Frames>, Problem> {
    let sale = call.sale()?;
    let permit = call.state.streams.admit(call.peer.source).map_err(|why| no_room(call, why))?;
    let open = Open::new(sale, permit);
    let retry = retry_span();
    let last_seen = call.header("last-event-id").and_then(frame::last_seen);
    let follower = Follower::new(&sale.engine.published().board, last_seen);
    let (out, body) = OutBody::stream(frame::goodbye(retry));
    // There is room: the stream was just made.
    let _ = out.try_send(frame::hello(retry));
    tokio::spawn(feed(follower, out, open));
    let reply = Reply::new(StatusCode::OK, body).header(CACHE_CONTROL, PERSONAL);
    Ok(reply
        .header(http::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
}

/// Sends what there is until the reader goes, lags too far behind, or the server stops.
async fn feed(mut follower: Follower, out: OutStream, _open: Open) {
    loop {
        let step = tokio::select! {
            step = follower.next(tokio::time::sleep(PING_SPAN)) => step,
            () = out.ended() => return,
        };
        let frame = match step {
            Step::Send(frame) => frame,
            Step::Ping => frame::ping(),
            Step::End => {
                let _ = out.try_send(frame::goodbye(retry_span()));
                return;
            }
        };
        if out.try_send(frame).is_err() {
            return;
        }
    }
}

/// No stream can be opened; reading the board now and then shows the same.
fn no_room(call: &Call, why: NoRoom) -> Problem {
    let (limit, code) = match why {
        NoRoom::InTotal => (Limit::Streams, "busy"),
        NoRoom::OfSource => (Limit::SourceStreams, "rate_limited"),
    };
    call.state.metrics.http.refused(limit);
    Problem::new(code).says("Read the board instead.").retry_after_ms(RETRY_MS.1)
}

/// One open stream, counted.
struct Open {
    gauge: metrics::Gauge,
    _permit: Permit,
}

impl Open {
    fn new(sale: &OpenSale, permit: Permit) -> Self {
        let gauge = sale.metrics.sale.streams.clone();
        gauge.increment(1);
        Self { gauge, _permit: permit }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.gauge.decrement(1);
    }
}

fn retry_span() -> Duration {
    let (least, most) = RETRY_MS;
    let random = u64::from_be_bytes(clock::random_bytes());
    Duration::from_millis(least + random % (most - least))
}

/// All performances, or what changed since a version.
pub fn performances(call: &Call) -> Result<Reply<Json<PerformancesBody<'static>>>, Problem> {
    let sale = call.sale()?;
    let since = call.query_number("since")?;
    let performances = sale.engine.published().board.current().performances.clone();
    let bytes = since.map_or_else(|| performances.all(), |since| performances.since(since));
    Ok(Reply::ready(call.headers(), bytes, &performances.etag, BOARD_CACHE))
}

/// One performance.
pub fn performance(call: &Call) -> Result<Reply<Json<PerformanceBody<'static>>>, Problem> {
    let sale = call.sale()?;
    let at = performance_of(call, sale)?;
    let found = sale.engine.published().board.current().performances.get(at);
    let (version, bytes) = found.ok_or_else(|| Problem::not_found("performance"))?;
    Ok(Reply::ready(call.headers(), bytes, &json::etag(version), BOARD_CACHE))
}

/// The seats of a performance, or those that changed since a version.
pub fn seats(call: &Call) -> Result<Reply<Json<SeatsBody<'static>>>, Problem> {
    let sale = call.sale()?;
    active_pass_or_shop(call, sale)?;
    let at = performance_of(call, sale)?;
    let seats = &sale.engine.published().seats;
    let rendered = match call.query_number("since")? {
        None => seats.render(at),
        Some(since) => seats.since(at, since),
    };
    let rendered = rendered.ok_or_else(|| Problem::not_found("seating"))?;
    Ok(Reply::ready(call.headers(), rendered.bytes, &rendered.etag, SEATS_CACHE))
}

fn active_pass_or_shop(call: &Call, sale: &OpenSale) -> Result<(), Problem> {
    let caller = super::auth::caller(call, sale)?;
    if !caller.shop() {
        active_pass(call, sale)?;
    }
    Ok(())
}

/// A seat plan.
pub fn plan(call: &Call) -> Result<Reply<Json<PlanBody<'static>>>, Problem> {
    let sale = call.sale()?;
    let plan = sale.plan(&sale.desk(), &call.segment("plan"));
    let plan = plan.ok_or_else(|| Problem::not_found("plan"))?;
    Ok(Reply::rendered(call.headers(), &plan, PLAN_CACHE))
}

fn performance_of(call: &Call, sale: &OpenSale) -> Result<PerformanceIndex, Problem> {
    let names = sale.names(&sale.desk());
    let found = names.performance(&call.segment("performance"));
    found.ok_or_else(|| Problem::not_found("performance"))
}
