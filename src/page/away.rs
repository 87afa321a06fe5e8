//! The page for people who come where nobody serves them: to a server that does not serve their
//! sale, as another one does, or this one in a moment; or to an address at which there is nothing.
//!
//! Knows no sale, since whoever stands by shows none. What passes by itself is loaded again without
//! a script. Programs get the problem itself, as from every other address.

use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use http::HeaderMap;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue,
    REFERRER_POLICY, VARY,
};
use minijinja::context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::language;
use super::look::{self, Look, NO_FRAMES};
use super::render::{Speaker, render};
use super::to;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::state::OpenSale;
use crate::clock;

/// The problem that passes by itself, and that people need not know by its name.
const PASSES: &str = "standby";
/// Those of an address at which there is no page.
const NOWHERE: [&str; 3] = ["no_route", "no_sale", "method_not_allowed"];
/// When the page is loaded again. A takeover takes a few seconds; spread, so that a crowd that was
/// sent here at once does not come back at once.
const RELOAD_S: RangeInclusive<u8> = 3..=8;
/// What stays as it is in the address of a sale; anything else could lead elsewhere.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Whoever stands by knows no venue's look.
static LOOK: LazyLock<Look> = LazyLock::new(Look::own);

/// The sale that the path names.
///
/// # Errors
/// As [`Call::sale`]; what people would read of it is a page.
pub fn sale(call: &Call) -> Result<&Arc<OpenSale>, Problem> {
    call.sale().map_err(|problem| {
        let id = utf8_percent_encode(&call.segment("sale"), SEGMENT).to_string();
        let address = to::page(&id, None, to::of(call).as_ref());
        astray(while_standing_by(problem, call.headers(), &address), call.headers())
    })
}

/// What people would read of an address at which there is no page as one; any other problem as it
/// is.
pub fn astray(problem: Problem, asked: &HeaderMap) -> Problem {
    if NOWHERE.contains(&problem.code()) { page(problem, asked, None) } else { problem }
}

/// What people would read of a change of servers as a page, which loads this address again; any
/// other problem as it is.
pub fn while_standing_by(problem: Problem, asked: &HeaderMap, address: &str) -> Problem {
    match problem.code() {
        PASSES => for_people(problem, asked, address),
        _ => problem,
    }
}

/// The same problem as a page for people, which loads this address again; as it is for programs.
pub fn for_people(problem: Problem, asked: &HeaderMap, address: &str) -> Problem {
    page(problem, asked, Some(address))
}

fn page(problem: Problem, asked: &HeaderMap, address: Option<&str>) -> Problem {
    if !reads_pages(asked) {
        return problem;
    }
    let words = LOOK.words(text_of(asked, &ACCEPT_LANGUAGE));
    let nonce = look::nonce();
    let values = context! {
        say => Speaker::of(words),
        language => &words.language,
        nonce => &nonce,
        address,
        reload_after_s => reload_after_s(),
    };
    let language = HeaderValue::from_str(&words.language);
    let headers = HeaderMap::from_iter([
        (CONTENT_SECURITY_POLICY, LOOK.policy(&nonce, NO_FRAMES, &[])),
        (CONTENT_LANGUAGE, language.unwrap_or(HeaderValue::from_static("en"))),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (VARY, HeaderValue::from_static("accept, accept-language")),
    ]);
    problem.as_page(render("away.html", values), headers)
}

pub(super) fn reload_after_s() -> u8 {
    let [random] = clock::random_bytes::<1>();
    RELOAD_S.start() + random % u8::try_from(RELOAD_S.len()).expect("a few seconds")
}

/// Whether who asks wants a page rather than a document for programs. Who takes anything did not
/// ask for a page.
pub fn reads_pages(asked: &HeaderMap) -> bool {
    let accepted = text_of(asked, &ACCEPT);
    let weight = |media: &str| {
        let ranges = language::ranges(accepted);
        let found = ranges.into_iter().find(|(_, range)| range.eq_ignore_ascii_case(media));
        found.map_or(0, |(weight, _)| weight)
    };
    let document = weight("application/problem+json").max(weight("application/json"));
    weight("text/html") > document
}

/// A header field as text; empty if there is none.
pub(super) fn text_of<'h>(asked: &'h HeaderMap, name: &HeaderName) -> &'h str {
    asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_who_asks_for_one() {
        const BROWSER: &str =
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        for (accepted, page) in [
            (Some(BROWSER), true),
            (Some("application/json;q=0.5, text/html"), true),
            (Some("text/HTML"), true),
            (Some("application/json, text/html;q=0.5"), false),
            (Some("application/problem+json, text/html"), false),
            (Some("text/html;q=0, */*"), false),
            (Some("*/*"), false),
            (Some("image/webp,*/*;q=0.8"), false),
            (Some(""), false),
            (None, false),
        ] {
            let header = accepted.map(|text| (ACCEPT, HeaderValue::from_static(text)));
            let asked: HeaderMap = header.into_iter().collect();
            assert_eq!(reads_pages(&asked), page, "{accepted:?}");
        }
    }

    #[test]
    fn a_page_is_loaded_again_within_the_span() {
        assert!((0..500).all(|_| RELOAD_S.contains(&reload_after_s())));
    }
}
