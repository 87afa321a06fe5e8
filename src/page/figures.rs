//! What the page shows that is one visitor's alone: figures, their place, their code.
//!
//! Each as it stands in the page: in the words of a language, and escaped. Everything else is the
//! same for all who stand alike.

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::HtmlEscape;

use super::scene::Scene;
use super::view::{Facts, web};
use super::words::Words;
use crate::api::wire::place::PlaceBody;
use crate::board::json;

const MINUTE_MS: u64 = 60_000;

/// How many figures there are.
pub const COUNT: usize = 13;

/// The figures of one visitor, by the names that the template has for them; `None` is not shown.
pub struct Figures([(&'static str, Option<String>); COUNT]);

impl Figures {
    /// Those of a visitor, in the words of their language.
    pub fn new(facts: &Facts<'_>, words: &Words) -> Self {
        let scene = facts.scene();
        let place = facts.place.as_ref();
        let waits = place.filter(|_| scene.waits());
        // Whose place has ended may want it back, and has to say which it was.
        let told = place.filter(|_| scene.waits() || scene == Scene::Ended);
        let number = |n: u32| words.figure("figure", &[("n", n.into())]);
        Self([
            ("version", Some(facts.version.to_string())),
            // As the interface tells it: what the script compares later answers with.
            ("place", place.map(json_of)),
            ("number", told.map(|place| number(place.number))),
            ("position", waits.and_then(|place| place.position).map(number)),
            ("band", waits.and_then(|place| band(place, words))),
            ("progress", waits.and_then(|place| progress(place, words))),
            // The place may be of an older board than the status.
            ("wait", waits.filter(|_| !facts.sold_out()).and_then(|place| wait(place, words))),
            ("claim", place.and_then(|place| Some(on_a_clock(place.claim_in_ms? / 1_000)))),
            ("idle", place.and_then(|place| Some(on_a_clock(place.idle_in_ms? / 1_000)))),
            ("code", facts.code.as_deref().map(escaped)),
            ("arrival_key", scene.arrives().then(|| format!("{:032x}", facts.arrival_key))),
            ("to", facts.to.as_ref().map(|to| escaped(to.as_str()))),
            ("shop_url", facts.shop_url.as_deref().filter(|url| web(url)).map(escaped)),
        ])
    }

    /// The names of those that are shown.
    pub fn names(&self) -> [Option<&'static str>; COUNT] {
        self.0.each_ref().map(|(name, figure)| figure.is_some().then_some(*name))
    }

    /// Each of them; nothing for what is not shown.
    pub fn texts(&self) -> [&str; COUNT] {
        self.0.each_ref().map(|(_, figure)| figure.as_deref().unwrap_or_default())
    }
}

fn band(place: &PlaceBody, words: &Words) -> Option<String> {
    let band = place.band?;
    let number = |n: u32| words.say("figure", &arguments([("n", n.into())]));
    let (from, to) = (number(band.from), number(band.to));
    let between =
        words.say("ahead-between", &arguments([("from", from.into()), ("to", to.into())]));
    Some(escaped(&between))
}

fn progress(place: &PlaceBody, words: &Words) -> Option<String> {
    let percent = place.progress_permille? / 10;
    Some(words.figure("progress-percent", &[("percent", percent.into())]))
}

/// From whole minutes down to whole minutes up, at least one.
fn wait(place: &PlaceBody, words: &Words) -> Option<String> {
    let wait = place.wait?;
    let (from, to) = (wait.from_ms / MINUTE_MS, wait.to_ms.div_ceil(MINUTE_MS).max(1));
    Some(words.figure("wait-minutes", &[("from", from), ("to", to)]))
}

fn on_a_clock(s: u64) -> String {
    format!("{}:{:02}", s / 60, s % 60)
}

/// For an attribute between single quotes: of the double ones every name in it has two.
fn json_of(place: &PlaceBody) -> String {
    let json = String::from_utf8(json::write(place)).expect("JSON is text");
    // It can only be in a text, and there is hardly ever one.
    if !json.contains(['&', '\'']) {
        return json;
    }
    json.replace('&', "&amp;").replace('\'', "&#39;")
}

fn arguments<const N: usize>(
    given: [(&'static str, FluentValue<'static>); N],
) -> FluentArgs<'static> {
    given.into_iter().collect()
}

fn escaped(text: &str) -> String {
    HtmlEscape(text).to_string()
}
