//! The waiting page: plain HTML that works without a script, for whoever stands in the queue.
//!
//! Every form posts, is answered with a redirect, and may be sent again. Reloading is harmless.
//! What a visitor sees is their place as the interface tells it, in words; nothing is decided here.

mod away;
pub mod language;
pub mod view;
pub mod words;

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, SET_COOKIE, VARY};
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::place;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::place::PlaceState;
use crate::clock;
use crate::net::reply::OutBody;
use crate::token::Kind;

use view::View;

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let tidy = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(tidy.expect("the usual delimiters"));
    for (name, text) in [
        ("waiting.html", include_str!("templates/waiting.html")),
        ("away.html", include_str!("templates/away.html")),
    ] {
        templates.add_template(name, text).expect("the template is part of the program");
    }
    templates
});

/// Shows the page.
pub fn show(call: &Call) -> Result<Reply<Html>, Problem> {
    let sale = away::sale(call)?;
    let place = auth::place_if_any(call, sale).map(|standing| place::standing_of(sale, &standing));
    let nonce = BASE64URL_NOPAD.encode(&clock::random_bytes::<16>());
    let view = View::new(call, sale, place, nonce);
    let template = TEMPLATES.get_template("waiting.html").expect("it was added");
    let page = template.render(Serde(&view)).expect("the template fits its view");
    let reply = Reply::new(StatusCode::OK, OutBody::whole(page)).personal();
    Ok(reply
        .header(CONTENT_SECURITY_POLICY, policy(&view.nonce))
        // Not `no-referrer`: browsers would hide where the page's own forms come from.
        .header(REFERRER_POLICY, HeaderValue::from_static("same-origin"))
        .header(VARY, HeaderValue::from_static("cookie, accept-language")))
}

/// Nothing is loaded from anywhere; style and script are the page's own.
fn policy(nonce: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a nonce is visible ASCII")
}

/// Joins; a visitor who has a place keeps it.
pub async fn join(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let standing = auth::place_if_any(&call, sale);
    let place = standing.map(|standing| place::standing_of(sale, &standing));
    if place.is_some_and(|place| place.state != PlaceState::Ended) {
        return Ok(back(sale, None));
    }
    match queue::new_place(&call, sale) {
        Ok((_, token)) => {
            let cookie = sale.cookies.set(Kind::Place, &token, call.secure());
            Ok(back(sale, None).header(SET_COOKIE, cookie))
        }
        Err(problem) => Ok(back(sale, Some(&problem))),
    }
}

/// Claims the visitor's turn.
pub async fn claim(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let Some(standing) = auth::place_if_any(&call, sale) else { return Ok(back(sale, None)) };
    match queue::take_turn(&call, sale, &standing).await {
        Ok(token) => {
            let cookie = sale.cookies.set(Kind::Pass, &token, call.secure());
            Ok(back(sale, None).header(SET_COOKIE, cookie))
        }
        Err(problem) => Ok(back(sale, Some(&problem))),
    }
}

/// Gives up the place, or leaves the shop.
pub async fn leave(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let Some(standing) = auth::place_if_any(&call, sale) else { return Ok(back(sale, None)) };
    match queue::leave(&call, sale, standing.number).await {
        Ok(()) => {
            let secure = call.secure();
            Ok(Reply::see_other(&format!("/{}?said={}", sale.id, view::LEFT))
                .header(SET_COOKIE, sale.cookies.clear(Kind::Place, secure))
                .header(SET_COOKIE, sale.cookies.clear(Kind::Pass, secure)))
        }
        Err(problem) => Ok(back(sale, Some(&problem))),
    }
}

/// Back to the page, which says what went wrong.
fn back(sale: &OpenSale, problem: Option<&Problem>) -> Reply<Html> {
    match problem {
        None => Reply::see_other(&format!("/{}", sale.id)),
        Some(problem) => Reply::see_other(&format!("/{}?said={}", sale.id, problem.code())),
    }
}
