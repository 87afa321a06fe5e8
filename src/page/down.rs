//! The page for people whose shop does not answer, or does not let them in: the venue's look, and
//! words that their place is kept. Loads itself again without a script.

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, VARY,
};
use minijinja::context;
use minijinja::value::Value;

use super::away::{self, text_of};
use super::look::NO_FRAMES;
use super::render::{Speaker, render};
use super::words;
use crate::api::problem::Problem;
use crate::api::state::OpenSale;
use crate::clock;

/// The shop answers, and does not take its visitors' passes.
const REFUSED: &str = "pass_refused";

/// The same problem as a page in the look of a sale, for people; as it is for programs. `address`
/// is loaded again, if it may be.
pub fn for_people(
    problem: Problem,
    sale: &OpenSale,
    asked: &HeaderMap,
    address: Option<&str>,
) -> Problem {
    if !away::reads_pages(asked) {
        return problem;
    }
    let spoken = sale.look.words(text_of(asked, &ACCEPT_LANGUAGE));
    let nonce = BASE64URL_NOPAD.encode(&clock::random_bytes::<16>());
    let logo = sale.look.logo.as_ref().map(|logo| format!("/{}/look/{logo}", sale.id));
    let values = context! {
        say => Speaker::of(spoken),
        language => &spoken.language,
        direction => words::direction(&spoken.language),
        style => Value::from_safe_string(sale.look.style.clone()),
        name => &sale.desk().definition.name,
        nonce => &nonce,
        reload_after_s => away::reload_after_s(),
        logo,
        address,
        refused => problem.code() == REFUSED,
    };
    let language = HeaderValue::from_str(&spoken.language);
    let headers = HeaderMap::from_iter([
        (CONTENT_SECURITY_POLICY, sale.look.policy(&nonce, NO_FRAMES, &[])),
        (CONTENT_LANGUAGE, language.unwrap_or(HeaderValue::from_static("en"))),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (VARY, HeaderValue::from_static("accept, accept-language")),
    ]);
    problem.as_page(render("down.html", values), headers)
}
