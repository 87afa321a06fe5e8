//! The words of all languages are whole, and figures are written as people write them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::page::scene::Scene;

/// Messages that the program names itself, beside those of scenes and templates.
const NAMED: [&str; 34] = [
    "figure-group",
    "figure-point",
    "price",
    "price-range",
    "next-still",
    "waits-sold-out",
    "welcome-sold-out",
    "called-nothing-free",
    "nobody-called",
    "paused",
    "shop-away",
    "stopped",
    "time-stopped",
    "halted",
    "status-low",
    "status-in-baskets",
    "status-in-baskets-at",
    "status-sold-out",
    "status-as-of",
    "status-not-reported",
    "then-seconds",
    "then-minutes",
    "available",
    "available-low",
    "in-baskets",
    "in-baskets-at",
    "sold-out",
    "as-of",
    "not-reported",
    "called",
    "lost",
    "figure",
    "try-again",
    "code-wrong",
];
const TEMPLATES: [&str; 5] = [
    include_str!("../assets/down.html"),
    include_str!("../assets/away.html"),
    include_str!("../assets/page.html"),
    include_str!("../assets/main.html"),
    include_str!("../assets/left.html"),
];

/// The messages of a text, each with the variables it uses.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    let mut here = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            here = name.to_owned();
        }
        let of = found.entry(here.clone()).or_default();
        let ends = |letter: char| !letter.is_alphanumeric();
        of.extend(line.split('$').skip(1).filter_map(|rest| Some(rest.split(ends).next()?.into())));
    }
    found.remove("");
    found
}

#[test]
fn every_language_has_every_message_and_asks_for_nothing_else() {
    let [(_, english), others @ ..] = OWN;
    let english = messages(english);
    for (tag, text) in others {
        let theirs = messages(text);
        let names =
            |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&theirs), names(&english), "{tag}");
        for (name, variables) in theirs {
            assert!(variables.is_subset(&english[&name]), "{tag}: {name}: {variables:?}");
        }
    }
}

#[test]
fn every_message_is_said_somewhere_and_every_message_said_is_there() {
    let mut said: BTreeSet<String> = NAMED.iter().map(|name| (*name).to_owned()).collect();
    for scene in Scene::ALL {
        said.extend([scene.name().to_owned(), format!("{}-more", scene.name())]);
    }
    for template in TEMPLATES {
        let names = template.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next());
        said.extend(names.map(str::to_owned));
    }
    let [(_, english), ..] = OWN;
    let there: BTreeSet<String> = messages(english).into_keys().collect();
    assert_eq!(there, said);
}

#[test]
fn figures_and_prices_are_written_as_the_language_does() {
    for (tag, number, price, odd, code) in [
        ("en", "1,234,567", "£45", "€1,234.50", "CHF 45"),
        ("de", "1.234.567", "45 £", "1.234,50 €", "45 CHF"),
        ("fr", "1\u{202f}234\u{202f}567", "45 £", "1\u{202f}234,50 €", "45 CHF"),
        ("es", "1.234.567", "45 £", "1.234,50 €", "45 CHF"),
    ] {
        let (_, text) = OWN.iter().find(|(own, _)| *own == tag).expect("our own");
        let words = Words::new(tag, &[text]).expect("our own words can be read");
        let mut arguments = FluentArgs::new();
        arguments.set("n", 1_234_567);
        assert_eq!(words.say("figure", &arguments), number, "{tag}");
        assert_eq!(words.price(4_500, 2, "GBP"), price, "{tag}");
        assert_eq!(words.price(123_450, 2, "EUR"), odd, "{tag}");
        assert_eq!(words.price(4_500, 2, "CHF"), code, "{tag}");
        assert_eq!(words.price(7, 0, "JPY").trim_matches(['¥', ' ']), "7", "{tag}");
    }
}

#[test]
fn a_venue_replaces_some_messages_and_the_rest_are_english() {
    let words = Words::new("ar", &["join = انضم إلى الطابور\n"]).expect("good messages");
    let none = FluentArgs::new();
    assert_eq!(words.say("join", &none), "انضم إلى الطابور");
    assert_eq!(words.say("claim", &none), "Go in now");
    assert_eq!((direction("ar-EG"), direction("de")), ("rtl", "ltr"));
}

#[test]
fn what_a_venue_misspells_is_named() {
    let wrong = |tag, text| Words::new(tag, &[text]).err().expect("it is refused");
    assert_eq!(wrong("de", "jion = x\n")[0].message, "jion");
    assert!(!wrong("de", "join = { $x\n").is_empty());
    assert!(wrong("not a tag", "")[0].wrong.contains("no tag"));
}

#[test]
fn what_asks_for_nothing_is_made_once_and_a_venue_s_words_are_text_there_too() {
    let words = Words::new("en", &["join = <b>Line up</b>\nwelcome = A { $n } queue\n"]);
    let words = words.expect("good words");
    let join = words.constant("join").expect("it asks for nothing");
    assert!(join.is_safe());
    assert_eq!(join.as_str(), Some("&lt;b&gt;Line up&lt;&#x2f;b&gt;"));
    for asks in ["welcome", "figure", "status-low", "opens", "ahead-between"] {
        assert!(words.constant(asks).is_none(), "{asks}");
    }
    let [(_, english), ..] = OWN;
    for (message, variables) in messages(english) {
        let made = words.constant(&message).is_some();
        assert_eq!(made, variables.is_empty() && message != "welcome", "{message}");
    }
}

/// What a venue may write: some of it is no HTML, some Fluent alone can say.
const VENUE: &str = "
figure-group = '
figure = <b>{ NUMBER($n) }</b> & { $n }
progress-percent = { $percent ->
    [0] nothing yet
   *[other] { NUMBER($percent) } %
}
wait-minutes = { $from } or { NUMBER($to, minimumFractionDigits: 1) } { figure-point }
then-seconds = { $seconds } { $n }
";

#[test]
fn figures_are_written_into_a_message_as_fluent_writes_them() {
    let own = OWN.iter().map(|(tag, text)| Words::new(tag, &[text]));
    for words in own.chain([Words::new("de-CH", &[VENUE])]) {
        let words = words.expect("good words");
        let [(_, english), ..] = OWN;
        for (message, variables) in messages(english) {
            for figure in [0, 1, 2, 12, 999, 1_000, 1_234_567, u64::from(u32::MAX)] {
                let figures: Vec<(&str, u64)> =
                    variables.iter().map(String::as_str).zip(figure..).collect();
                let fluent = figures.iter().map(|(name, figure)| (*name, *figure)).collect();
                let fluent = HtmlEscape(&words.say(&message, &fluent)).to_string();
                let ours = words.figure(&message, &figures);
                assert_eq!(ours, fluent, "{}: {message} of {figures:?}", words.language);
            }
        }
    }
}

#[test]
fn our_own_figures_are_in_pieces_and_what_does_more_than_show_them_is_left_to_fluent() {
    let (figures, others) = (
        ["figure", "progress-percent", "wait-minutes", "ahead-between"],
        ["status-low", "then-minutes", "as-of"],
    );
    for (tag, text) in OWN {
        let words = Words::new(tag, &[text]).expect("our own words can be read");
        assert!(figures.iter().all(|message| words.phrases.contains_key(*message)), "{tag}");
        assert!(!others.iter().any(|message| words.phrases.contains_key(*message)), "{tag}");
    }
    let venue = Words::new("de-CH", &[VENUE]).expect("good words");
    assert!(venue.phrases.contains_key("figure"));
    assert!(!venue.phrases.contains_key("progress-percent"));
    assert!(!venue.phrases.contains_key("wait-minutes"));
}
