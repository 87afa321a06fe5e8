//! Sorts of people, what they do in the queue and in the shop: `[[kinds]]`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::mistakes::quoted;
use super::node::Node;
use super::table::Keys;
use crate::scenario::{Chance, Chooses, Ending, Kind, Looks, Shops, Waits, limits};

/// Keys of `[[kinds]]`.
pub(super) const KIND: Keys = &["name", "share", "waits", "shops"];
/// Keys of `[kinds.waits]`.
pub(super) const WAITS: Keys = &[
    "loads_page",
    "looks",
    "tabs",
    "streams",
    "sleeps",
    "sleeps_after",
    "gives_up",
    "no_show",
    "ring",
    "ghosts",
];
/// Keys of `[kinds.shops]`.
pub(super) const SHOPS: Keys = &[
    "wants",
    "chooses",
    "thinks",
    "tries",
    "changes_mind",
    "ending",
    "pays_within",
    "grabs_again",
    "browses",
];
/// Keys of `sleeps` and `gives_up`.
pub(super) const CHANCE: Keys = &["share", "span"];
/// Keys of `looks`, where it is a table.
pub(super) const LOOKS: Keys = &["every", "refreshes"];

/// How people part from the shop, in the words of a file.
const ENDINGS: [(&str, Ending); 6] = [
    ("buys", Ending::Buys),
    ("walks_away", Ending::WalksAway),
    ("leaves", Ending::Leaves),
    ("walks_away_from_card", Ending::WalksAwayFromCard),
    ("cancels_on_card", Ending::CancelsOnCard),
    ("pays_late", Ending::PaysLate),
];
/// The keys of `ending`: the words above.
pub(super) const ENDING: Keys =
    &["buys", "walks_away", "leaves", "walks_away_from_card", "cancels_on_card", "pays_late"];
/// The words of `chooses`.
const CHOOSES: [(&str, Chooses); 3] =
    [("best", Chooses::Best), ("seats", Chooses::Seats), ("hottest", Chooses::Hottest)];

/// Reads `[[kinds]]`: at least one that anybody can be, no two of one name.
pub(super) fn kinds(node: &Node<'_>) -> Option<Vec<Kind>> {
    let kinds = node.each(limits::KINDS_MAX, kind)?;
    let mut names = BTreeSet::new();
    for kind in &kinds {
        if !kind.name.is_empty() && !names.insert(&kind.name) {
            let wrong = format!("two kinds are called {}", quoted(&kind.name));
            node.refuse::<()>(wrong, "give each a name of its own");
        }
    }
    if kinds.iter().all(|kind| kind.share == 0) {
        return node.refuse("nobody is of any kind", "give one of them a share");
    }
    Some(kinds)
}

fn kind(node: &Node<'_>) -> Option<Kind> {
    let table = node.table(KIND)?;
    let waits = table.or("waits", patient(), waits);
    if let (true, Some(shops)) = (waits.ghosts, table.get("shops")) {
        shops.refuse::<()>("ghosts never shop", "leave it out");
    }
    Some(Kind {
        name: table.need("name", |node| node.name(limits::NAME_BYTES_MAX)).unwrap_or_default(),
        share: table.or("share", 1, |node| node.count(limits::WEIGHT)),
        waits,
        shops: table.or("shops", willing(), shops),
    })
}

/// Somebody who waits as they are told.
fn patient() -> Waits {
    Waits {
        loads_page: true,
        looks: Looks::AsTold,
        tabs: 1,
        streams: false,
        sleeps: Chance::default(),
        // A screen goes dark half a minute after the last touch; some keep touching it.
        sleeps_after: (Duration::from_secs(30), Duration::from_mins(2)),
        gives_up: Chance::default(),
        no_show: 0.0,
        ring: 1,
        ghosts: false,
    }
}

fn waits(node: &Node<'_>) -> Option<Waits> {
    let table = node.table(WAITS)?;
    let patient = patient();
    Some(Waits {
        loads_page: table.or("loads_page", patient.loads_page, Node::flag),
        looks: table.or("looks", patient.looks, looks),
        tabs: table.or("tabs", patient.tabs, |node| node.count(limits::TABS)),
        streams: table.or("streams", patient.streams, Node::flag),
        sleeps: table.or("sleeps", patient.sleeps, chance),
        sleeps_after: table
            .or("sleeps_after", patient.sleeps_after, |node| node.spans(limits::SPAN)),
        gives_up: table.or("gives_up", patient.gives_up, chance),
        no_show: table.or("no_show", patient.no_show, |node| node.number(limits::SHARE)),
        ring: table.or("ring", patient.ring, |node| node.count(limits::RING)),
        ghosts: table.or("ghosts", patient.ghosts, Node::flag),
    })
}

fn looks(node: &Node<'_>) -> Option<Looks> {
    if node.value.is_str() {
        return node.one_of(&[("as_told", Looks::AsTold)]);
    }
    let table = node.table(LOOKS)?;
    let span = |node: &Node<'_>| node.span(limits::LOOK_SPAN);
    match (table.get("every"), table.get("refreshes")) {
        (Some(every), None) => span(&every).map(Looks::Every),
        (None, Some(refreshes)) => span(&refreshes).map(Looks::Refreshes),
        _ => table.refuse("is not one way of looking", "write `every` or `refreshes`"),
    }
}

fn chance(node: &Node<'_>) -> Option<Chance> {
    let table = node.table(CHANCE)?;
    let share = table.need("share", |node| node.number(limits::SHARE));
    let spans = table.need("span", |node| node.spans(limits::SPAN));
    let (at_least, at_most) = spans?;
    Some(Chance { share: share?, at_least, at_most })
}

/// Somebody who takes one or two of the best, and buys them.
fn willing() -> Shops {
    Shops {
        wants: vec![1, 1],
        chooses: Chooses::Best,
        thinks: (Duration::from_secs(5), Duration::from_secs(30)),
        tries: 3,
        changes_mind: 0.0,
        ending: vec![(Ending::Buys, 1)],
        pays_within: (Duration::from_secs(20), Duration::from_secs(90)),
        grabs_again: 0,
        browses: Vec::new(),
    }
}

fn shops(node: &Node<'_>) -> Option<Shops> {
    let table = node.table(SHOPS)?;
    let willing = willing();
    Some(Shops {
        wants: table.or("wants", willing.wants, wants),
        chooses: table.or("chooses", willing.chooses, |node| node.one_of(&CHOOSES)),
        thinks: table.or("thinks", willing.thinks, |node| node.spans(limits::SPAN)),
        tries: table.or("tries", willing.tries, |node| node.count(limits::TRIES)),
        changes_mind: table
            .or("changes_mind", willing.changes_mind, |node| node.number(limits::SHARE)),
        ending: table.or("ending", willing.ending, ending),
        pays_within: table.or("pays_within", willing.pays_within, |node| node.spans(limits::SPAN)),
        grabs_again: table.or("grabs_again", willing.grabs_again, |node| node.count(limits::GRABS)),
        browses: table.or("browses", willing.browses, |node| node.each(limits::BROWSES_MAX, page)),
    })
}

fn wants(node: &Node<'_>) -> Option<Vec<u32>> {
    let weights = node.each(limits::WANTS_MAX, |node| node.count(limits::WEIGHT))?;
    if weights.iter().all(|weight| *weight == 0) {
        return node.refuse("nobody wants anything", "write weights of wanting 1, 2, 3 …");
    }
    Some(weights)
}

fn ending(node: &Node<'_>) -> Option<Vec<(Ending, u32)>> {
    let table = node.table(ENDING)?;
    let weight = |key| table.or(key, 0, |node| node.count(limits::WEIGHT));
    let weights: Vec<_> = ENDINGS.iter().map(|(key, ending)| (*ending, weight(key))).collect();
    if weights.iter().all(|(_, weight)| *weight == 0) {
        return table.refuse("nobody parts from the shop", "give one ending a weight");
    }
    Some(weights.into_iter().filter(|(_, weight)| *weight > 0).collect())
}

fn page(node: &Node<'_>) -> Option<String> {
    let text = node.words(limits::ADDRESS_BYTES_MAX)?;
    let parsed: Option<http::uri::PathAndQuery> = text.parse().ok();
    if text.starts_with('/') && parsed.is_some() {
        return Some(text.to_owned());
    }
    node.refuse(format!("{} is no path", quoted(text)), "write a path such as \"/seats?day=1\"")
}
