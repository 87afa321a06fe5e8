//! The queue over HTTP: join, ask, give up, claim one's turn, leave the shop.
//!
//! Joining and asking read and write atomics alone: no lock, no journal, no waiting. `me` is what a
//! waiting crowd asks all the time; it does nothing that it need not.

use std::sync::Arc;

use http::StatusCode;
use http::header::SET_COOKIE;
use stanchion_domain::command::Command;
use stanchion_domain::id::{Number, RequestKey};
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing as Stands;
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::sale::operations::Phase;

use super::auth::{self, Caller};
use super::call::Call;
use super::idempotency::{self, Scope};
use super::place::standing_of;
use super::problem::Problem;
use super::reply::{Empty, Json, Reply};
use super::state::OpenSale;
use super::wire::place::{PassBody, PlaceBody, PlaceState};
use crate::clock;
use crate::engine::PassView;
use crate::engine::ask::{Accepted, Declined};
use crate::engine::desk::Desk;
use crate::token::{Kind, Standing, Token};

/// When all reserved numbers are taken, more are reserved within a tick or two.
const LATER_RETRY_MS: u64 = 1_000;

/// Joins the queue, or finds the place again that the request proves.
pub fn join(call: &Call) -> Result<Reply<Json<PlaceBody>>, Problem> {
    let sale = call.sale()?;
    if let Some(standing) = auth::place_if_any(call, sale) {
        let place = standing_of(sale, &standing);
        if place.state != PlaceState::Ended {
            return Ok(Reply::own(StatusCode::OK, &place));
        }
    }
    let (standing, token) = new_place(call, sale)?;
    let mut place = standing_of(sale, &standing);
    place.token = Some(token.as_str().to_owned());
    let cookie = sale.cookies.set(Kind::Place, &token, call.secure());
    Ok(Reply::own(StatusCode::CREATED, &place).header(SET_COOKIE, cookie))
}

/// A new place at the end of the queue. Its token remembers how many were ahead then.
///
/// # Errors
/// `not_open` once the sale is closed, `rate_limited`, `later`
pub fn new_place(call: &Call, sale: &OpenSale) -> Result<(Standing, Token), Problem> {
    if sale.desk().operations.phase == Phase::Closed {
        return Err(Problem::new("not_open").says("The sale is closed."));
    }
    let allowed = call.state.joins.check(call.peer.source);
    allowed.map_err(|retry| Problem::new("rate_limited").retry_after_ms(retry.seconds * 1_000))?;
    let later = || Problem::new("later").retry_after_ms(LATER_RETRY_MS);
    let number = sale.engine.join().ok_or_else(later)?;
    sale.metrics.sale.joins.increment(1);
    let ahead = sale.engine.published().places.standing(number).position();
    let standing = Standing {
        sale: sale.mark,
        lane: 0,
        number,
        id: clock::random_mark(),
        issue: u64::from(ahead.unwrap_or_default()),
    };
    Ok((standing, call.state.signers().now().ring.sign(Kind::Place, &standing)))
}

/// Where the visitor stands. Asked by everybody who waits, all the time.
pub fn me(call: &Call) -> Result<Reply<Json<PlaceBody>>, Problem> {
    let sale = call.sale()?;
    let standing = auth::place(call, sale)?;
    sale.metrics.sale.polls.increment(1);
    Ok(Reply::own(StatusCode::OK, &standing_of(sale, &standing)))
}

/// Gives up a place, or the pass it led to. Doing it again changes nothing.
pub async fn give_up(call: Call) -> Result<Reply<Empty>, Problem> {
    let sale = call.sale()?;
    let standing = auth::place(&call, sale)?;
    leave(&call, sale, standing.number).await?;
    let cleared = sale.cookies.clear(Kind::Place, call.secure());
    Ok(Reply::done().header(SET_COOKIE, cleared))
}

/// Takes the turn that a called visitor was offered.
pub async fn claim(call: Call) -> Result<Reply<Json<PassBody>>, Problem> {
    let sale = call.sale()?;
    let standing = auth::place(&call, sale)?;
    let token = take_turn(&call, sale, &standing).await?;
    let desk = sale.desk();
    let view = sale.engine.published().pass(standing.number);
    let mut pass = pass_body(sale, &desk, standing.number, view);
    pass.token = Some(token.as_str().to_owned());
    let cookie = sale.cookies.set(Kind::Pass, &token, call.secure());
    Ok(Reply::own(StatusCode::OK, &pass).header(SET_COOKIE, cookie))
}

/// Claims a turn and signs the pass.
///
/// # Errors
/// `not_called` with the place, `gone`, and what the engine declines.
pub async fn take_turn(
    call: &Call,
    sale: &OpenSale,
    standing: &Standing,
) -> Result<Token, Problem> {
    let number = standing.number;
    let place = standing_of(sale, standing);
    match place.state {
        PlaceState::Called | PlaceState::Active => {}
        PlaceState::Ended => return Err(Problem::new("gone")),
        PlaceState::Waiting | PlaceState::Returning => return Err(not_called(place)),
    }
    let key = optional_key(call, number)?;
    match sale.engine.ask(Command::Claim { number }, key).await {
        Ok(_) => {}
        Err(Declined::Refused(Refusal { code: Code::NoPass | Code::Expired, .. })) => {
            return Err(not_called(standing_of(sale, standing)));
        }
        Err(declined) => return Err(declined_of(sale, declined)),
    }
    Ok(pass_token(call, standing))
}

/// The pass of a place whose turn was claimed.
pub fn pass_token(call: &Call, place: &Standing) -> Token {
    call.state.signers().now().ring.sign(Kind::Pass, &Standing { issue: 0, ..*place })
}

/// The pass, kept alive by asking unless that was to be silent.
pub fn pass(call: &Call) -> Result<Reply<Json<PassBody>>, Problem> {
    let sale = call.sale()?;
    let number = auth::caller(call, sale)?.pass()?;
    let silent = call.query("silent").is_some();
    if !(if silent { is_inside(sale, number) } else { keep(sale, number) }) {
        return Err(Problem::new("no_pass"));
    }
    let view = sale.engine.published().pass(number);
    Ok(Reply::own(StatusCode::OK, &pass_body(sale, &sale.desk(), number, view)))
}

/// Leaves the shop; a live basket is given back. Doing it again changes nothing.
pub async fn leave_shop(call: Call) -> Result<Reply<Empty>, Problem> {
    let sale = call.sale()?;
    let number = auth::caller(&call, sale)?.pass()?;
    leave(&call, sale, number).await?;
    let cleared = sale.cookies.clear(Kind::Pass, call.secure());
    Ok(Reply::done().header(SET_COOKIE, cleared))
}

/// Who acts, and the active pass they act for. Counts as a sign of life of its visitor.
///
/// # Errors
/// What [`auth::caller`] refuses, and `no_pass`.
pub fn active_pass(call: &Call, sale: &OpenSale) -> Result<(Caller, Number), Problem> {
    let caller = auth::caller(call, sale)?;
    let number = caller.pass()?;
    if keep(sale, number) { Ok((caller, number)) } else { Err(Problem::new("no_pass")) }
}

/// Notes a sign of life of a visitor; whether they are in the shop, which it is one of alone.
pub fn keep(sale: &OpenSale, number: Number) -> bool {
    let published = sale.engine.published();
    let inside = is_inside(sale, number);
    if inside {
        published.places.see(number, published.now().sale);
    }
    inside
}

fn is_inside(sale: &OpenSale, number: Number) -> bool {
    let pass = sale.engine.published().pass(number);
    pass.is_some_and(|view| view.pass.state == PassState::Active)
}

/// Gives up what a number stands for.
///
/// # Errors
/// What the engine declines, but not that it was given up before.
pub async fn leave(call: &Call, sale: &OpenSale, number: Number) -> Result<(), Problem> {
    let ended = Found::Place(Stands::Spent);
    if sale.engine.published().find(number) == ended {
        return Ok(());
    }
    let key = optional_key(call, number)?;
    match sale.engine.ask(Command::Leave { number }, key).await {
        Ok(_) | Err(Declined::Refused(Refusal { code: Code::Gone(_), .. })) => Ok(()),
        Err(declined) => Err(declined_of(sale, declined)),
    }
}

/// Asks the writer, and counts what it refuses.
///
/// # Errors
/// What it declines.
pub async fn ask(
    sale: &OpenSale,
    command: Command,
    key: Option<RequestKey>,
) -> Result<Accepted, Problem> {
    sale.engine.ask(command, key).await.map_err(|declined| declined_of(sale, declined))
}

fn declined_of(sale: &OpenSale, declined: Declined) -> Problem {
    match declined {
        Declined::Refused(refusal) => sale.metrics.refused(&refusal.code),
        Declined::Busy => sale.metrics.writer.shed.increment(1),
        Declined::Down | Declined::Stopping => {}
    }
    Problem::declined(declined, sale.engine.published().now())
}

fn optional_key(call: &Call, number: Number) -> Result<Option<RequestKey>, Problem> {
    let caller = format!("place {}", number.0);
    let scope = Scope { caller: &caller, operation: call.operation, path: call.path() };
    idempotency::optional(call.headers(), scope, &call.body)
}

fn not_called(place: PlaceBody) -> Problem {
    let retry_after_ms = place.poll_after_ms;
    Problem::new("not_called").with(|extra| {
        extra.place = Some(Box::new(place));
        extra.retry_after_ms = retry_after_ms;
    })
}

fn pass_body(sale: &OpenSale, desk: &Desk, number: Number, view: Option<PassView>) -> PassBody {
    let (published, idle_span) = (sale.engine.published(), desk.definition.policy.idle_span);
    let idle_in = |view: &PassView| published.idles_at(number, view).since(published.now().sale);
    PassBody {
        sale: Arc::clone(&sale.id),
        pass: number.0,
        state: PlaceState::Active,
        basket: view.and_then(|view| view.basket).map(Into::into),
        token: None,
        shop_url: desk.definition.shop_url.clone(),
        idle_span_ms: idle_span.0,
        idle_in_ms: view.as_ref().map_or(idle_span, idle_in).0,
        time_running: published.time_runs(clock::monotonic_ms()),
    }
}
