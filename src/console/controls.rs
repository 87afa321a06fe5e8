//! Controls: what an operator can change of a sale, said before it is done, and by whom it was.
//!
//! Each form is answered twice: first with what it will do, then, once that is confirmed, by doing
//! it. The revision that somebody looked at goes with it; if another change came between, it is
//! shown, and asked again.

use http::StatusCode;
use serde_json::{Value, json};
use stanchion_domain::command::{Command, Ops};
use stanchion_domain::sale::operations::Audit;

use super::figures::no_sale;
use super::guard;
use super::pages::Page;
use crate::api::call::Call;
use crate::api::ops::change::duty_of;
use crate::api::ops::figures::Figures;
use crate::api::problem::Problem;
use crate::api::queue::ask;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::clock;
use crate::staff::Who;
use crate::token::role::Duty;

mod asked;
pub(super) mod words;

use asked::Asked;

/// Changes that are listed.
const SHOWN_MAX: usize = 12;

/// What can be changed, and what was.
pub fn page(call: &Call) -> Result<Reply<Html>, Problem> {
    let who = match guard::admit(call, Duty::Steer) {
        Ok(who) => who,
        Err(turned) => return turned.answer(call),
    };
    match call.sale() {
        Ok(sale) => Ok(shown(Page::of(call, &who), sale, &Step::Look)),
        Err(problem) => Ok(no_sale(Page::of(call, &who), &problem)),
    }
}

/// Says what a change will do, or does it.
pub async fn change(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, form) = match guard::admit_form(&call, Duty::Steer) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let sale = match call.sale() {
        Ok(sale) => sale,
        Err(problem) => return Ok(no_sale(Page::of(&call, &who), &problem)),
    };
    let step = match Asked::read(&form) {
        Err(wrong) => Step::Wrong(wrong),
        Ok(asked) if form.text("step") == "do" => match make(sale, &who, &asked).await {
            Ok(()) => return Ok(Reply::see_other(&format!("/console/sales/{}/controls", sale.id))),
            Err(step) => step,
        },
        Ok(asked) => Step::Sure(asked, None),
    };
    Ok(shown(Page::of(&call, &who), sale, &step))
}

/// How far a change has come.
enum Step {
    /// Nothing is asked.
    Look,
    /// Something that makes no sense.
    Wrong(String),
    /// Is that what is meant? With what came between, if anything did.
    Sure(Asked, Option<Meanwhile>),
}

/// What others changed after somebody looked.
struct Meanwhile {
    told: String,
    /// The newest revision that is told of.
    revision: u64,
}

async fn make(sale: &OpenSale, who: &Who, asked: &Asked) -> Result<(), Step> {
    let action = asked.action().map_err(Step::Wrong)?;
    if !who.role.may(duty_of(&action)) {
        return Err(Step::Wrong("Your role does not allow this.".to_owned()));
    }
    let (actor, reason) = (who.name.clone(), asked.reason.clone());
    let ops = Ops { revision: asked.revision, actor, reason, action };
    match ask(sale, Command::Ops(ops), None).await {
        Ok(_) => Ok(()),
        Err(problem) if problem.code() == "stale_revision" => {
            Err(Step::Sure(asked.clone(), Some(Meanwhile::since(sale, asked.revision))))
        }
        Err(problem) => Err(Step::Wrong(words::problem(&problem))),
    }
}

impl Meanwhile {
    fn since(sale: &OpenSale, revision: u64) -> Self {
        let desk = sale.desk();
        let later = desk.operations.audit.iter().filter(|entry| entry.revision > revision);
        let told = later.map(|entry| format!("{} {}", entry.actor, words::done(&entry.action)));
        Self { told: told.collect::<Vec<_>>().join("; "), revision: desk.operations.revision }
    }
}

fn shown(page: Page<'_>, sale: &OpenSale, step: &Step) -> Reply<Html> {
    let desk = sale.desk();
    let operations = &desk.operations;
    let figures = Figures::of(sale);
    let newest: Vec<_> = operations.audit.iter().rev().take(SHOWN_MAX).collect();
    let undo = newest.first().and_then(|entry| words::undo(entry, &desk));
    let status = if let Step::Look = step { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut values = json!({
        "title": desk.definition.name,
        "sale": &*sale.id,
        "tab": "Controls",
        "figures": figures,
        "revision": operations.revision,
        "notice": operations.notice.as_ref().map(|notice| &notice.texts),
        "redirect": operations.redirect,
        "changes": newest.iter().map(|entry| row(entry)).collect::<Vec<_>>(),
        "undo": undo,
        "wrong": Value::Null,
        "sure": Value::Null,
    });
    match step {
        Step::Look => {}
        Step::Wrong(wrong) => values["wrong"] = json!(wrong),
        Step::Sure(asked, meanwhile) => match asked.shape() {
            Ok(action) => {
                values["sure"] = sure(asked, &words::will(&action, &figures), meanwhile.as_ref());
            }
            Err(wrong) => values["wrong"] = json!(wrong),
        },
    }
    page.status(status).show("controls.html", &values)
}

fn sure(asked: &Asked, told: &str, meanwhile: Option<&Meanwhile>) -> Value {
    json!({
        "told": told,
        "between": meanwhile.map(|meanwhile| &meanwhile.told),
        // Whoever is told of it has looked at it.
        "revision": meanwhile.map_or(asked.revision, |meanwhile| meanwhile.revision),
        "fields": asked.fields(),
        "reason": asked.reason,
        "typed": asked.grave().then_some(asked::CONFIRMATION),
    })
}

fn row(entry: &Audit) -> Value {
    json!({
        "revision": entry.revision,
        "at": clock::rfc3339(entry.now.wall),
        "actor": entry.actor,
        "did": words::done(&entry.action),
        "reason": entry.reason,
    })
}
