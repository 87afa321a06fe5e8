//! No state of the page says two things that cannot both be true, nor do any two states together.

use super::*;
use crate::page::scene::Scene;
use crate::page::words::{OWN, Words};

/// Promises of a turn that comes by itself: false once everything is sold.
const PROMISES: [&str; 9] = [
    "welcome-more",
    "early-more",
    "waiting-more",
    "next-more",
    "returning-more",
    "returning-next-more",
    "missed-more",
    "called-more",
    "wait",
];
/// Headings that promise the same.
const NEXT: [&str; 2] = ["next", "returning-next"];
/// Why nothing moves.
const ASIDES: [&str; 5] = ["halted", "stopped", "paused", "shop-away", "nobody-called"];
/// How each language says that a turn may come now.
const AT_ANY_MOMENT: [(&str, &str); 4] = [
    ("en", "any moment"),
    ("de", "jeden Moment"),
    ("fr", "à tout moment"),
    ("es", "cualquier momento"),
];

/// What of one page contradicts something else on it.
fn contradictions(facts: &Facts<'_>, words: &Arc<Words>) -> Vec<String> {
    let figures = Figures::new(facts, words);
    let html = Part::new(words, View::new(facts, words), &figures).with(&figures);
    let said = |message: &str| {
        let said = words.say(message, &fluent_bundle::FluentArgs::new());
        minijinja::HtmlEscape(&said).to_string()
    };
    let says = |message: &str| html.contains(&said(message));
    let headed = |message: &str| html.contains(&format!(">{}</h1>", said(message)));
    let scene = facts.scene();
    let operations = &facts.desk.operations;
    let called = operations.calling() && facts.shop.serves() && facts.time_running;
    let mut found = Vec::new();
    let mut check = |wrong: bool, what: &str| {
        if wrong {
            found.push(what.to_owned());
        }
    };
    let moment = AT_ANY_MOMENT.iter().find(|(tag, _)| *tag == words.language);
    let (_, moment) = moment.expect("the words of each of our languages");
    let comes = scene.waits() || matches!(scene, Scene::Welcome | Scene::Called);
    let sold_out = comes && facts.status == Status::SoldOut;
    check(sold_out && !says("status-sold-out"), "does not say that everything is sold");
    check(sold_out && html.contains(moment), "a turn at any moment, of what is sold");
    for promise in PROMISES {
        check(sold_out && says(promise), promise);
    }
    for heading in NEXT {
        check(sold_out && headed(heading), heading);
    }
    check(sold_out && (says("paused") || says("shop-away")), "goes on, of what is sold");
    check(!called && html.contains(moment), "a turn at any moment, and nobody is called");
    let nobody = ["stopped", "paused", "shop-away", "nobody-called"].into_iter().any(says);
    check(scene == Scene::Called && nobody, "it is their turn, and nobody is called");
    let warns = html.contains("id=\"warning\" class=\"notice\">");
    check(!facts.time_running && warns, "a visit ends soon, and time stands still");
    let open = operations.phase == Phase::Open;
    let silent = !ASIDES.iter().any(|aside| says(aside));
    check(open && scene.waits() && !called && silent, "does not say that nobody is called");
    found
}

#[test]
fn no_state_and_no_two_states_together_contradict_themselves() {
    let (definition, look) = (Definition::default(), Look::own());
    let languages = OWN.map(|(tag, text)| Arc::new(Words::new(tag, &[text]).expect("our own")));
    for (first, change) in STATES {
        for (second, other) in STATES {
            for words in &languages {
                let mut sample = Sample::new(&definition);
                change(&mut sample);
                other(&mut sample);
                let facts = sample.facts(&definition, &look, &words.language);
                let found = contradictions(&facts, words);
                assert!(found.is_empty(), "{first}, {second}, {}: {found:?}", words.language);
            }
        }
    }
}
