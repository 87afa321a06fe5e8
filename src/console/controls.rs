//! Controls: what an operator can change of a sale, said before it is done, and by whom it was.
//!
//! Each form is answered twice, by the two steps of [`steps`](super::steps).

use http::StatusCode;
use serde_json::{Value, json};
use stanchion_domain::command::Ops;

use super::figures::no_sale;
use super::guard;
use super::pages::Page;
use super::steps::{self, Meanwhile, Sure};
use crate::api::call::Call;
use crate::api::ops::figures::Figures;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
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

async fn make(sale: &OpenSale, who: &Who, asked: &Asked) -> Result<(), Step> {
    let action = asked.action().map_err(Step::Wrong)?;
    let (actor, reason) = (who.name.clone(), asked.reason.clone());
    let ops = Ops { revision: asked.revision, actor, reason, action };
    steps::make(sale, who, ops).await.map_err(|undone| match undone.told() {
        Ok(meanwhile) => Step::Sure(asked.clone(), Some(meanwhile)),
        Err(wrong) => Step::Wrong(wrong),
    })
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
        "changes": newest.iter().map(|entry| steps::row(entry)).collect::<Vec<_>>(),
        "undo": undo,
        "wrong": Value::Null,
        "sure": Value::Null,
    });
    match step {
        Step::Look => {}
        Step::Wrong(wrong) => values["wrong"] = json!(wrong),
        Step::Sure(asked, meanwhile) => match asked.shape() {
            Ok(action) => {
                values["sure"] =
                    json!(sure(asked, words::will(&action, &figures), meanwhile.as_ref()));
            }
            Err(wrong) => values["wrong"] = json!(wrong),
        },
    }
    page.status(status).show("controls.html", &values)
}

fn sure(asked: &Asked, told: String, meanwhile: Option<&Meanwhile>) -> Sure {
    Sure {
        told,
        between: meanwhile.map(|meanwhile| meanwhile.told.clone()),
        // Whoever is told of it has looked at it.
        revision: meanwhile.map_or(asked.revision, |meanwhile| meanwhile.revision),
        fields: asked.fields(),
        reason: asked.reason.clone(),
        typed: asked.grave().then_some(asked::CONFIRMATION),
    }
}
