//! What is made once is, for every visitor, what the template says of them alone.

use std::collections::BTreeMap;

use stanchion_domain::sale::definition::Definition;

use super::*;
use crate::api::wire::place::{BandBody, WaitBody};
use crate::journal::faulty::dice::Dice;
use crate::page::look::Look;
use crate::page::preview::{STATES, Sample};
use crate::page::ready::{PARTS_MAX, Shelf};
use crate::page::target::Target;
use crate::page::view::Facts;
use crate::page::words::OWN;

const SEED: u64 = 20_260_327;
/// Visitors of each state in each language.
const VISITORS: u32 = 8;
/// A venue's words: what they say depends on the figures themselves, and some of it is no HTML.
const VENUE: &str = "
figure-group = '
figure = <{ NUMBER($n) }>
wait-minutes = { $to ->
    [one] a minute & less
   *[other] { $from }\u{2026}{ $to } & more
}
progress-percent = { $percent ->
    [0] nothing \"yet\"
   *[other] { $percent }
}
";

fn languages() -> Vec<Arc<Words>> {
    let own = OWN.iter().map(|(tag, text)| Words::new(tag, &[text]));
    let all = own.chain([Words::new("de-CH", &[VENUE])]);
    all.map(|words| Arc::new(words.expect("good words"))).collect()
}

fn definition() -> Definition {
    Definition { id: "night".into(), name: "A & \"B\" <night>".into(), ..Definition::default() }
}

/// One visitor, of whom some figures are there and others not, as the state says; all are random.
fn visitor<'a>(state: usize, words: &'a Words, dice: &mut Dice) -> Facts<'a> {
    let (definition, look) = (definition(), Look::own());
    let mut sample = Sample::new(&definition);
    STATES[state].1(&mut sample);
    let mut number = || dice.number(u32::MAX.into()) as u32;
    if let Some(place) = &mut sample.place {
        place.number = number();
        place.position = place.position.map(|_| number());
        place.band = place.band.map(|_| BandBody { from: number(), to: number() });
        place.progress_permille = place.progress_permille.map(|_| number() % 1_001);
        place.wait =
            place.wait.map(|_| WaitBody { from_ms: number().into(), to_ms: number().into() });
        place.claim_in_ms = place.claim_in_ms.map(|_| number().into());
        place.token = Some(format!("'>{}", number()));
    }
    let facts = sample.facts(&definition, &look, &words.language);
    let shop_url = Some(format!("https://shop.example/?\"><i>{}", number()));
    let code = facts.code.as_ref().map(|_| format!("<{}>", number()));
    let arrival_key = number().into();
    let to = Target::read(&format!("/buy?\"><i>&n={}", number()), &[]);
    let to = to.filter(|_| number().is_multiple_of(2));
    Facts { shop_url, to, code, arrival_key, version: number().into(), ..facts }
}

/// What the template says of a visitor with their figures put into it at once.
fn plain(words: &Arc<Words>, facts: &Facts<'_>) -> String {
    let figures = Figures::new(facts, words);
    let shown = figures.names().into_iter().zip(figures.texts());
    let shown =
        shown.filter_map(|(name, text)| Some((name?, Value::from_safe_string(text.to_owned()))));
    let own = shown.collect::<BTreeMap<_, _>>();
    write(words, &View::new(facts, words), own.into())
}

fn shared(shelf: &Shelf, words: &Arc<Words>, facts: &Facts<'_>) -> Arc<Part> {
    shelf.part(words, View::new(facts, words), &Figures::new(facts, words))
}

#[test]
fn what_is_made_once_says_to_each_visitor_what_the_template_says_to_them_alone() {
    let (shelf, mut dice) = (Shelf::default(), Dice::new(SEED));
    let languages = languages();
    for round in 0..VISITORS {
        for (state, (name, _)) in STATES.iter().enumerate() {
            for words in &languages {
                let facts = visitor(state, words, &mut dice);
                let part = shared(&shelf, words, &facts);
                let html = part.with(&Figures::new(&facts, words));
                let language = &words.language;
                assert_eq!(html, plain(words, &facts), "{name}, {language}, {round}, {SEED}");
            }
        }
    }
}

#[test]
fn who_stands_alike_shares_a_part_and_the_shelf_stays_small() {
    let (shelf, mut dice) = (Shelf::default(), Dice::new(SEED));
    let words = &languages()[0];
    let waiting = STATES.iter().position(|(name, _)| *name == "waiting").expect("a state");
    let first = shared(&shelf, words, &visitor(waiting, words, &mut dice));
    let second = shared(&shelf, words, &visitor(waiting, words, &mut dice));
    assert!(Arc::ptr_eq(&first, &second), "their figures alone differ");
    for sale in 0..2 * PARTS_MAX {
        let facts = visitor(waiting, words, &mut dice);
        shared(&shelf, words, &Facts { sale: sale.to_string().into(), ..facts });
        assert!(shelf.parts() <= PARTS_MAX);
    }
    assert_eq!(shelf.parts(), PARTS_MAX);
}
