//! The waiting page, for whoever stands in the queue: plain HTML that works without a script.
//!
//! Every form posts, is answered with a redirect, and may be sent again. Reloading is harmless.
//! What a visitor sees is their place as the interface tells it, in words; nothing is decided here.
//! `scene` is what the page means, `view` what it shows, `words` and `look` how; `sight` are its
//! answers.

pub mod away;
pub mod down;
pub mod figures;
pub mod language;
pub mod left;
pub mod look;
pub mod moment;
pub mod moving;
pub mod open;
pub mod part;
pub mod preview;
pub mod ready;
pub mod render;
pub mod scene;
pub mod shop;
mod sight;
pub mod target;
pub mod to;
pub mod view;
pub mod words;

use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use stanchion_domain::queue::passes::PassState;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::place;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Foreign, Html, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::place::PlaceState;
use crate::net::reply::OutBody;
use crate::token::{Kind, Standing};

use sight::Sight;

/// A file of the venue: another file has another name.
const LOOK_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A drawing may hold a script: nobody runs it.
const LOOK_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Shows the page, or both parts of it by themselves to its script.
pub fn show(call: &Call) -> Result<Reply<Html>, Problem> {
    let sale = away::sale(call)?;
    match call.query("part").as_deref() {
        None => Ok(renewed(call, sale, Sight::of(call, sale).page(call.headers()))),
        Some("both") => Ok(Sight::of(call, sale).both(call.headers())),
        Some(_) => Err(Problem::not_found("part")),
    }
}

/// A file of the venue: its logo, a font.
pub fn asset(call: &Call) -> Result<Reply<Foreign>, Problem> {
    let sale = call.sale()?;
    let asset = sale.look.asset(&call.segment("name"));
    let asset = asset.ok_or_else(|| Problem::not_found("file"))?;
    let mut reply = Reply::new(StatusCode::OK, OutBody::whole(asset.bytes.clone()));
    let media = HeaderValue::from_static(asset.media);
    reply.response.headers_mut().insert(CONTENT_TYPE, media);
    Ok(reply
        .header(http::header::CACHE_CONTROL, LOOK_CACHE)
        .header(CONTENT_SECURITY_POLICY, LOOK_POLICY))
}

/// Joins; a visitor who has a place keeps it.
pub async fn join(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let standing = auth::place_if_any(&call, sale);
    let place = standing.map(|standing| place::standing_of(sale, &standing));
    if place.is_some_and(|place| place.state != PlaceState::Ended) {
        return Ok(back(&call, sale, None));
    }
    match queue::new_place(&call, sale) {
        Ok((_, token)) => {
            let cookie = sale.cookies.set(Kind::Place, &token, call.secure());
            Ok(back(&call, sale, None).header(SET_COOKIE, cookie))
        }
        Err(problem) => Ok(back(&call, sale, Some(&problem))),
    }
}

/// Claims the visitor's turn, and goes on to where they wanted to be.
pub async fn claim(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let place = auth::place_if_any(&call, sale);
    let Some(standing) = place else { return Ok(back(&call, sale, None)) };
    match queue::take_turn(&call, sale, &standing).await {
        Ok(token) => {
            let cookie = sale.cookies.set(Kind::Pass, &token, call.secure());
            let on = to::of(&call).map(|to| Reply::see_other(to.as_str()));
            let on = on.unwrap_or_else(|| back(&call, sale, None));
            Ok(on.header(SET_COOKIE, cookie))
        }
        Err(problem) => Ok(back(&call, sale, Some(&problem))),
    }
}

/// Says of the visitor that they are still here: their visit lasts an idle span from now.
pub fn stay(call: &Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(call)?;
    let sale = away::sale(call)?;
    if let Some(standing) = auth::place_if_any(call, sale) {
        queue::keep(sale, standing.number);
    }
    Ok(back(call, sale, None))
}

/// Gives up the place, or leaves the shop.
pub async fn leave(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let place = auth::place_if_any(&call, sale);
    let Some(standing) = place else { return Ok(back(&call, sale, None)) };
    match queue::leave(&call, sale, standing.number).await {
        Ok(()) => {
            let secure = call.secure();
            Ok(Reply::see_other(&to::page(&sale.id, Some(view::LEFT), to::of(&call).as_ref()))
                .header(SET_COOKIE, sale.cookies.clear(Kind::Place, secure))
                .header(SET_COOKIE, sale.cookies.clear(Kind::Pass, secure)))
        }
        Err(problem) => Ok(back(&call, sale, Some(&problem))),
    }
}

/// Back to the page, which says what went wrong.
fn back(call: &Call, sale: &OpenSale, problem: Option<&Problem>) -> Reply<Html> {
    let said = problem.map(Problem::code);
    Reply::see_other(&to::page(&sale.id, said, to::of(call).as_ref()))
}

/// The page of who is in the shop, with their pass again if the browser has none that is good: they
/// would come back from the gate for ever. A pass is only ever a claimed place written otherwise.
fn renewed(call: &Call, sale: &OpenSale, page: Reply<Html>) -> Reply<Html> {
    if call.state.gate().is_none() {
        return page;
    }
    let secure = call.secure();
    let lacks = || auth::pass_of_browser(&call.state, sale, call.headers(), secure).is_none();
    let place = auth::place_if_any(call, sale);
    let active = |place: &Standing| {
        let pass = sale.engine.published().pass(place.number);
        pass.is_some_and(|view| view.pass.state == PassState::Active)
    };
    match place.filter(active).filter(|_| lacks()) {
        Some(place) => {
            let token = queue::pass_token(call, &place);
            page.header(SET_COOKIE, sale.cookies.set(Kind::Pass, &token, secure))
        }
        None => page,
    }
}
