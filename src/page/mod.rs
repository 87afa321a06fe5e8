//! The waiting page, for whoever stands in the queue: plain HTML that works without a script.
//!
//! Every form posts, is answered with a redirect, and may be sent again. Reloading is harmless.
//! What a visitor sees is their place as the interface tells it, in words; nothing is decided here.
//! `scene` is what the page means, `view` what it shows, `words` and `look` how.

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
pub mod target;
pub mod to;
pub mod view;
pub mod words;

use std::sync::Arc;

use http::StatusCode;
use http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    SET_COOKIE, VARY,
};
use stanchion_domain::board::status::Status;
use stanchion_domain::queue::passes::PassState;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::place;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Foreign, Html, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::place::PlaceState;
use crate::clock;
use crate::net::reply::OutBody;
use crate::token::{Kind, Standing};

use figures::Figures;
use look::NO_FRAMES;
use part::Part;
use ready::{Own, Ready, Source};
use scene::Scene;
use view::{Facts, View};
use words::Words;

/// A page that reloads itself leaves at least so long to read it, and to press a button.
const RELOAD_S_MIN: u64 = 10;
/// What is left is the same for all who read one language; a second old is as good.
const LEFT_CACHE: &str = "public, max-age=1";
/// A file of the venue: another file has another name.
const LOOK_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A drawing may hold a script: nobody runs it.
const LOOK_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Shows the page, or the part of it that a script asks for.
pub fn show(call: &Call) -> Result<Reply<Html>, Problem> {
    let sale = away::sale(call)?;
    let words = sale.look.words(call.header("accept-language").unwrap_or_default());
    let wanted = call.query("part");
    match wanted.as_deref() {
        None => Ok(renewed(call, sale, page_of(call, &facts(call, sale), sale, words))),
        Some("main") => {
            let (part, figures) = part(&facts(call, sale), sale, words);
            Ok(personal(Reply::new(StatusCode::OK, OutBody::whole(part.with(&figures))), words))
        }
        Some("left") => {
            let ready = ready(sale, words);
            let reply = Reply::ready(call.headers(), ready.left.clone(), &ready.etag, LEFT_CACHE);
            Ok(reply.header(VARY, HeaderValue::from_static("accept-language")))
        }
        Some(_) => Err(Problem::not_found("part")),
    }
}

fn page_of(call: &Call, facts: &Facts<'_>, sale: &OpenSale, words: &Arc<Words>) -> Reply<Html> {
    let (part, figures) = part(facts, sale, words);
    let nonce = look::nonce();
    // A code is not reloaded away.
    let asks_again = facts.place.as_ref().and_then(|place| place.poll_after_ms);
    let reloads = asks_again.filter(|_| facts.code.is_none());
    let reload_after_s = reloads.map(|ms| ms.div_ceil(1_000).max(RELOAD_S_MIN));
    let main = part.with(&figures);
    let own = Own { nonce: &nonce, title: part.title(), main: &main, reload_after_s };
    let page = ready(sale, words).with(&own);
    // Browsers hold the end of a form's redirects against its policy.
    let shops = call.state.gate().map_or(&[][..], |gate| &gate.origins);
    personal(Reply::new(StatusCode::OK, OutBody::whole(page)), words)
        .header(CONTENT_SECURITY_POLICY, sale.look.policy(&nonce, NO_FRAMES, shops))
}

/// The visitor's part, and what is theirs alone in it.
fn part(facts: &Facts<'_>, sale: &OpenSale, words: &Arc<Words>) -> (Arc<Part>, Figures) {
    let figures = Figures::new(facts, words);
    (sale.shelf.part(words, View::new(facts, words), &figures), figures)
}

/// The page but for the visitor's part.
fn ready(sale: &OpenSale, words: &Arc<Words>) -> Arc<Ready> {
    let (desk, board) = (sale.desk(), sale.engine.published().board.current());
    let definition = &desk.definition;
    let source = Source { look: &sale.look, words, definition, board: &board, preview: None };
    sale.shelf.page(&source)
}

fn personal(reply: Reply<Html>, words: &Words) -> Reply<Html> {
    let language = HeaderValue::from_str(&words.language);
    let language = language.unwrap_or(HeaderValue::from_static("en"));
    reply
        .personal()
        .header(CONTENT_LANGUAGE, language)
        // Not `no-referrer`: browsers would hide where the page's own forms come from.
        .header(REFERRER_POLICY, HeaderValue::from_static("same-origin"))
        .header(VARY, HeaderValue::from_static("cookie, accept-language"))
}

/// What the page of the visitor who asks follows from.
fn facts<'c>(call: &'c Call, sale: &OpenSale) -> Facts<'c> {
    let place = auth::place_if_any(call, sale).map(|standing| place::standing_of(sale, &standing));
    let moved = place.is_none() && auth::moved(call, sale);
    let published = sale.engine.published();
    let (desk, board) = (published.desk(), published.board.current());
    let head = board.head.picture();
    let first_return_at = match head.status {
        Status::InBaskets { first_return_at: Some(at), .. } => board.wall(at),
        _ => None,
    };
    let as_of = head.known.and_then(|known| known.as_of);
    let host = call.header("host").unwrap_or_default();
    let to = to::of(call);
    let at_ms = clock::monotonic_ms();
    Facts {
        sale: sale.id.clone(),
        place,
        moved,
        code: None,
        arrival_key: clock::random_id(),
        first_return_at,
        as_of: as_of.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok()),
        desk: desk.clone(),
        status: head.status,
        time_zone: sale.look.time_zone.clone(),
        time_running: published.time_runs(at_ms),
        halted: !published.health.serves(at_ms),
        shop: published.shop.state(),
        version: board.head.version,
        shop_url: desk.definition.shop_url.as_deref().map(|url| shop::under_name(url, host)),
        to,
        accepted: call.header("accept-language").unwrap_or_default(),
        said: call.query("said"),
        was_called: call.query("was").is_some_and(|was| {
            [Scene::Called, Scene::Missed].iter().any(|scene| scene.name() == was)
        }),
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
