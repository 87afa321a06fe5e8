//! What was found, as the page shows it.

use std::sync::Arc;

use serde_json::{Value, json};
use stanchion_domain::change::{Line, Taken};
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::Number;
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::queue::places::Found as Stands;
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::sale::definition::Definition;

use super::deeds::{about_basket, about_place};
use super::look::{Found, Thing, path, payment};
use super::words::{
    Moment, ago, ahead, basket_in_words, in_short, pass_ends, place_in_words, title,
};
use crate::api::state::OpenSale;
use crate::api::wire::basket::Id;
use crate::console::steps;
use crate::console::written::amount;

/// What a basket is given more if nobody says otherwise.
const MINUTES: u32 = 5;

/// What became of the search, as a sentence.
pub(super) fn outcome(found: &Found, what: &str, sale: &OpenSale) -> Option<String> {
    if what.is_empty() || found.one().is_some() {
        return None;
    }
    let issued = sale.engine.published().places.issued();
    Some(match (found.all, found.nearly) {
        (0, _) if issued <= 1 => "Nothing goes by that, and nobody has joined yet.".to_owned(),
        (0, _) => format!(
            "Nothing goes by that. Queue numbers go from 1 to {} so far; the letters of a basket \
             are eight. A basket that was given back or ran out is forgotten after a while.",
            issued - 1
        ),
        (1, true) => "Nothing goes by exactly that. Is it this one?".to_owned(),
        (all, true) => format!("Nothing goes by exactly that. Is it one of these {all}?"),
        (all, false) => format!("{all} go by that: which one is it?"),
    })
}

/// One of several.
pub(super) fn short(thing: &Thing, sale: &OpenSale) -> Value {
    let (name, told) = match thing {
        Thing::Place(number) => {
            (format!("Place {}", number.0), place_in_words(&sale.engine.published().find(*number)))
        }
        Thing::Basket(basket) => (title(basket), in_short(basket, sale)),
    };
    json!({ "name": name, "told": told, "path": path(&sale.id, &thing.what()) })
}

/// All that is known of one thing.
pub(super) fn whole(thing: &Thing, theirs: &[Arc<Basket>], sale: &OpenSale) -> Value {
    match thing {
        Thing::Place(number) => place(*number, theirs, sale),
        Thing::Basket(basket) => basket_whole(basket, sale),
    }
}

fn place(number: Number, theirs: &[Arc<Basket>], sale: &OpenSale) -> Value {
    let published = sale.engine.published();
    let moment = Moment::of(sale);
    let found = published.find(number);
    let mut facts = Facts::default();
    facts.add("State", place_in_words(&found));
    let seen = published.places.seen_at(number);
    match &found {
        Stands::Place(standing) => {
            facts.add_some("Position", standing.position().map(|ahead| format!("{ahead} ahead")));
        }
        Stands::Pass(view) => {
            facts.add("Since", ago(view.pass.since, moment));
            facts.add("Ends", pass_ends(view, published.idles_at(number, view), moment));
            facts.add("Units in orders", view.units_bought.to_string());
        }
    }
    let unseen = "not since this server began to serve".to_owned();
    facts.add("Last seen", seen.map_or(unseen, |at| ago(at, moment)));
    let moved = published.moved.mark(number).is_some();
    facts.add_some("Device", moved.then(|| "moved to another than it joined on".to_owned()));
    let deeds = match found {
        Stands::Place(Standing::Spent) => json!(["restore_place"]),
        Stands::Place(Standing::Unissued) => json!([]),
        Stands::Place(Standing::Called) | Stands::Pass(_) => json!(["give_code", "end_pass"]),
        Stands::Place(_) => json!(["give_code"]),
    };
    let theirs = theirs.iter().map(|basket| short(&Thing::Basket(basket.clone()), sale));
    json!({
        "kind": "place",
        "title": format!("Place {}", number.0),
        "number": number.0,
        "facts": facts.0,
        "baskets": theirs.collect::<Vec<_>>(),
        "deeds": deeds,
        "history": history(sale, |action| about_place(action, number)),
    })
}

fn basket_whole(basket: &Basket, sale: &OpenSale) -> Value {
    let (desk, moment) = (sale.desk(), Moment::of(sale));
    let (definition, id) = (&desk.definition, basket.id);
    let mut facts = Facts::default();
    facts.add("State", basket_in_words(&basket.state, moment));
    facts.add("First hold", ago(basket.opened_at, moment));
    if basket.live() {
        facts.add("Runs out", ahead(basket.deadline_at, moment));
    }
    facts.add_some("Payment", payment(&basket.state).map(str::to_owned));
    facts.add("Long id", Id::from(id).to_string());
    let deeds = match basket.state {
        BasketState::Open | BasketState::Paying => json!(["extend_basket"]),
        BasketState::Confirmed { .. } => json!(["cancel_order"]),
        BasketState::Closed { .. } | BasketState::Lost { .. } => json!([]),
    };
    json!({
        "kind": "basket",
        "title": title(basket),
        "id": Id::from(id).to_string(),
        "owner": { "name": format!("Place {}", basket.pass.0),
                   "path": path(&sale.id, &basket.pass.0.to_string()) },
        "facts": facts.0,
        "lines": basket.lines().map(|line| row(line, definition)).collect::<Vec<_>>(),
        "total": amount(basket.total_minor(), &definition.currency),
        "deeds": deeds,
        "minutes": MINUTES,
        "history": history(sale, |action| about_basket(action, id)),
    })
}

/// What is known, each with its name.
#[derive(Default)]
struct Facts(Vec<(&'static str, String)>);

impl Facts {
    fn add(&mut self, name: &'static str, told: String) {
        self.0.push((name, told));
    }

    fn add_some(&mut self, name: &'static str, told: Option<String>) {
        self.0.extend(told.map(|told| (name, told)));
    }
}

fn row(line: &Line, definition: &Definition) -> Value {
    let performance = definition.performance(line.performance);
    let plan = definition.plan_of(line.performance);
    let what = match line.what {
        Taken::Seat(seat) => plan.map(|plan| {
            let (section, row) = (&plan.section_of(seat).name, &plan.row_of(seat).label);
            let parts = [("", section), ("row ", row), ("seat ", &plan.seat(seat).label)];
            let parts = parts.iter().filter(|(_, text)| !text.is_empty());
            parts.map(|(before, text)| format!("{before}{text}")).collect::<Vec<_>>().join(", ")
        }),
        Taken::Pool(pool, units) => {
            performance.pools.get(pool.at()).map(|pool| format!("{} × {units}", pool.name))
        }
    };
    let zone = definition.zones.get(line.zone.at());
    let price = zone.and_then(|zone| zone.prices.get(line.price.at()));
    json!({
        "performance": performance.name,
        "what": what,
        "zone": zone.map(|zone| &zone.name),
        "price": price.map(|price| &price.name),
        "units": line.units(),
        "amount": amount(line.amount_minor, &definition.currency),
    })
}

/// What staff did to it.
fn history(sale: &OpenSale, about: impl Fn(&OpsAction) -> bool) -> Vec<Value> {
    let desk = sale.desk();
    let done = desk.operations.audit.iter().rev().filter(|entry| about(&entry.action));
    done.map(steps::row).collect()
}
