//! A place on its way to another device: a code on the old one, typed into the new one.
//!
//! From then on only the new device is believed. A code counts as a guess, so that nobody tries
//! many.

use http::StatusCode;
use http::header::SET_COOKIE;
use stanchion_domain::command::Command;
use stanchion_domain::id::PlaceMark;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing as Stands;

use super::auth;
use super::call::Call;
use super::idempotency::{self, Scope};
use super::moves::{CODE_SPAN_MS, Code, Taken};
use super::place::standing_of;
use super::problem::Problem;
use super::queue::ask;
use super::reply::{Json, Reply};
use super::state::OpenSale;
use super::wire::moving::{ArrivalBody, CodeBody};
use super::wire::place::PlaceBody;
use crate::clock;
use crate::token::{Kind, Standing, Token};

/// When too many codes are about: some run out every minute.
const BUSY_RETRY_MS: u64 = 60_000;

/// A code for the place that asks.
pub fn offer(call: &Call) -> Result<Reply<Json<CodeBody>>, Problem> {
    let sale = call.sale()?;
    let standing = auth::place(call, sale)?;
    Ok(Reply::own(StatusCode::CREATED, &code_for(call, sale, standing)?))
}

/// A code for a place that is there.
///
/// # Errors
/// `gone` if it has ended, `busy` while too many codes are about.
pub fn code_for(call: &Call, sale: &OpenSale, standing: Standing) -> Result<CodeBody, Problem> {
    let found = sale.engine.published().find(standing.number);
    if matches!(found, Found::Place(Stands::Spent | Stands::Unissued)) {
        return Err(Problem::new("gone"));
    }
    let code = call.state.moves().offer(standing, clock::monotonic_ms());
    let busy = || Problem::new("busy").retry_after_ms(BUSY_RETRY_MS);
    let code = code.ok_or_else(busy)?.to_string();
    Ok(CodeBody { code, expires_in_ms: CODE_SPAN_MS })
}

/// The place arrives on the device that asks.
pub async fn arrive(call: Call, body: ArrivalBody) -> Result<Reply<Json<PlaceBody>>, Problem> {
    let sale = call.sale()?;
    let scope = Scope { caller: "arrival", operation: call.operation, path: call.path() };
    let key = idempotency::required(call.headers(), scope, &call.body)?;
    let (standing, token) = take(&call, sale, &body.code, key.key).await?;
    let mut place = standing_of(sale, &standing);
    place.token = Some(token.as_str().to_owned());
    let cookie = sale.cookies.set(Kind::Place, &token, call.secure());
    Ok(Reply::own(StatusCode::OK, &place).header(SET_COOKIE, cookie))
}

/// Moves the place of a code to whoever asks, and signs its new token. `key`: whoever asks again
/// under it is answered again.
///
/// # Errors
/// `rate_limited`, `code_invalid`, `gone`, `limit_reached`, and what the engine declines.
pub async fn take(
    call: &Call,
    sale: &OpenSale,
    typed: &str,
    key: u128,
) -> Result<(Standing, Token), Problem> {
    let allowed = call.state.guesses().check(call.peer.source);
    allowed.map_err(|retry| Problem::new("rate_limited").retry_after_ms(retry.seconds * 1_000))?;
    let invalid = || Problem::new("code_invalid");
    let code = Code::read(typed).ok_or_else(invalid)?;
    let taken = call.state.moves().take(code, key, clock::monotonic_ms());
    let standing = match taken.filter(|taken| taken.standing.sale == sale.mark) {
        Some(taken) => go_on(sale, taken).await?,
        None => arrived(sale, code.mark(key)).ok_or_else(invalid)?,
    };
    Ok((standing, call.state.signers().now().ring.sign(Kind::Place, &standing)))
}

/// Moves a place, unless that was done when the same was asked before.
async fn go_on(sale: &OpenSale, taken: Taken) -> Result<Standing, Problem> {
    let Taken { standing, to } = taken;
    let (moved, number) = (&sale.engine.published().moved, standing.number);
    if moved.mark(number) != Some(to) {
        if !moved.believes(number, standing.mark()) {
            return Err(Problem::new("code_invalid"));
        }
        ask(sale, Command::Move { number, to }, None).await?;
    }
    Ok(Standing { id: to.0, ..standing })
}

/// A place that moved to there while a server died which could not say so any more.
fn arrived(sale: &OpenSale, to: PlaceMark) -> Option<Standing> {
    let published = sale.engine.published();
    let number = published.moved.whose(to)?;
    let ahead = published.places.standing(number).position().unwrap_or_default();
    Some(Standing { sale: sale.mark, lane: 0, number, id: to.0, issue: u64::from(ahead) })
}
