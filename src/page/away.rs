//! The page for people who come to a server that does not serve their sale: another one does, or
//! this one in a moment.
//!
//! Knows no sale, since whoever stands by shows none. Loads itself again without a script. Programs
//! get the problem itself, as from every other address.

use std::ops::RangeInclusive;

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, VARY};
use minijinja::value::Serde;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{TEMPLATES, language, policy};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::state::OpenSale;
use crate::clock;

/// The problem that passes by itself, and that people need not know by its name.
const PASSES: &str = "standby";
/// When the page is loaded again. A takeover takes a few seconds; spread, so that a crowd that was
/// sent here at once does not come back at once.
const RELOAD_S: RangeInclusive<u8> = 3..=8;
/// What stays as it is in the address of a sale; anything else could lead elsewhere.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Everything the page says, in each language it speaks. The first is the fallback.
const ALL: &[Words] = &[
    Words {
        language: "en",
        title: "One moment, please",
        kept: "Your place in the queue is kept, and so is everything in your basket.",
        again: "We are changing over to another machine. This page goes on by itself in a few \
                seconds; you need not do anything.",
    },
    Words {
        language: "de",
        title: "Einen Moment bitte",
        kept: "Ihr Platz in der Warteschlange ist sicher, und alles in Ihrem Warenkorb auch.",
        again: "Wir wechseln gerade auf einen anderen Rechner. Diese Seite geht in wenigen \
                Sekunden von selbst weiter; Sie müssen nichts tun.",
    },
];

#[derive(Debug, Serialize)]
struct Words {
    /// BCP 47 tag.
    language: &'static str,
    title: &'static str,
    kept: &'static str,
    again: &'static str,
}

/// Everything the template shows.
#[derive(Debug, Serialize)]
struct View<'a> {
    nonce: &'a str,
    words: &'static Words,
    /// Where the waiting page of the sale is.
    address: String,
    reload_after_s: u8,
}

/// The sale that the path names.
///
/// # Errors
/// As [`Call::sale`]; what people would read of a change of servers is a page.
pub(super) fn sale(call: &Call) -> Result<&OpenSale, Problem> {
    call.sale().map_err(|problem| {
        let for_people = problem.code() == PASSES && reads_pages(call.header("accept"));
        if for_people { with_page(call, problem) } else { problem }
    })
}

fn with_page(call: &Call, problem: Problem) -> Problem {
    let accepted = call.header("accept-language").unwrap_or_default();
    let words = &ALL[language::best(accepted, ALL.iter().map(|words| words.language))];
    let nonce = BASE64URL_NOPAD.encode(&clock::random_bytes::<16>());
    let address = format!("/{}", utf8_percent_encode(&call.segment("sale"), SEGMENT));
    let view = View { nonce: &nonce, words, address, reload_after_s: reload_after_s() };
    let template = TEMPLATES.get_template("away.html").expect("it was added");
    let page = template.render(Serde(&view)).expect("the template fits its view");
    let headers = HeaderMap::from_iter([
        (CONTENT_SECURITY_POLICY, policy(&nonce)),
        (CONTENT_LANGUAGE, HeaderValue::from_static(words.language)),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (VARY, HeaderValue::from_static("accept, accept-language")),
    ]);
    problem.as_page(page, headers)
}

fn reload_after_s() -> u8 {
    let [random] = clock::random_bytes::<1>();
    RELOAD_S.start() + random % u8::try_from(RELOAD_S.len()).expect("a few seconds")
}

/// Whether who asks wants a page rather than a document for programs. Who takes anything did not
/// ask for a page.
fn reads_pages(accepted: Option<&str>) -> bool {
    let weight = |media: &str| {
        let ranges = language::ranges(accepted.unwrap_or_default());
        let found = ranges.into_iter().find(|(_, range)| range.eq_ignore_ascii_case(media));
        found.map_or(0, |(weight, _)| weight)
    };
    let document = weight("application/problem+json").max(weight("application/json"));
    weight("text/html") > document
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
            assert_eq!(reads_pages(accepted), page, "{accepted:?}");
        }
    }

    #[test]
    fn a_page_is_loaded_again_within_the_span() {
        assert!((0..500).all(|_| RELOAD_S.contains(&reload_after_s())));
    }
}
