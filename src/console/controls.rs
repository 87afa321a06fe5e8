//! Controls: what an operator can change of a sale, said before it is done, and by whom it was.
//!
//! Each form is answered twice, by the two steps of [`steps`](super::steps).

use http::StatusCode;
use serde_json::{Value, json};
use stanchion_domain::command::Ops;
use stanchion_domain::sale::operations::Audit;

use super::guard;
use super::pages::Page;
use super::steps::{self, Meanwhile, Sure};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::clock;
use crate::console::figures::words::health;
use crate::staff::Who;
use crate::token::role::Duty;

mod asked;
mod ground;
mod moments;
pub(super) mod notices;
mod triggers;
mod undo;
pub(super) mod words;

use asked::Asked;
use ground::Ground;

/// Changes that are listed.
const SHOWN_MAX: usize = 12;

/// What can be changed, and what was.
pub fn page(call: &Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(call, Duty::Steer) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(call),
    };
    Ok(shown(Page::of(call, &who), sale, &Step::Look))
}

/// Says what a change will do, or does it.
pub async fn change(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, form, sale) = match guard::admit_form_to_sale(&call, Duty::Steer) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let asked = Asked::read(&form, &Ground::of(sale));
    let step = match asked {
        Err(wrong) => Step::Wrong(wrong),
        Ok(asked) if asked.done => match make(sale, &who, &asked).await {
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
    asked.confirmed().map_err(Step::Wrong)?;
    let (actor, reason, action) = (who.name.clone(), asked.reason.clone(), asked.action.clone());
    let ops = Ops { revision: asked.revision, actor, reason, action };
    let made = steps::make(sale, who, ops).await.map(|_revision| ());
    made.map_err(|undone| match undone.told() {
        Ok(meanwhile) => Step::Sure(asked.clone(), Some(meanwhile)),
        Err(wrong) => Step::Wrong(wrong),
    })
}

fn shown(page: Page<'_>, sale: &OpenSale, step: &Step) -> Reply<Html> {
    let ground = Ground::of(sale);
    let operations = ground.operations();
    let newest: Vec<_> = operations.audit.iter().rev().take(SHOWN_MAX).collect();
    let undo = newest.first().and_then(|entry| undo(entry, &ground));
    let status = if let Step::Look = step { StatusCode::OK } else { StatusCode::ACCEPTED };
    let (wrong, sure, preview) = match step {
        Step::Look => (None, None, Value::Null),
        Step::Wrong(wrong) => (Some(wrong), None, Value::Null),
        Step::Sure(asked, meanwhile) => {
            let preview = notices::preview(&asked.action, &ground);
            (None, Some(sure(asked, meanwhile.as_ref(), &ground)), preview)
        }
    };
    let values = json!({
        "title": ground.definition().name,
        "sale": &*sale.id,
        "tab": "Controls",
        "read_at": clock::rfc3339(ground.now),
        "health": health(&ground.figures),
        "figures": ground.figures,
        "revision": operations.revision,
        "for_what_is_left": operations.call_for_what_is_left,
        "notice": notices::shown(&ground),
        "planned": notices::list(&ground),
        "languages": notices::languages(&ground),
        "triggers": triggers::list(&ground),
        "parts": triggers::parts(&ground),
        "redirect": operations.redirect,
        "changes": newest.iter().map(|entry| steps::row(entry)).collect::<Vec<_>>(),
        "undo": undo,
        "wrong": wrong,
        "sure": sure,
        "preview": preview,
    });
    page.status(status).show("controls.html", &values)
}

fn sure(asked: &Asked, meanwhile: Option<&Meanwhile>, ground: &Ground<'_>) -> Sure {
    Sure {
        told: words::will(&asked.action, ground),
        between: meanwhile.map(|meanwhile| meanwhile.told.clone()),
        // Whoever is told of it has looked at it.
        revision: meanwhile.map_or(asked.revision, |meanwhile| meanwhile.revision),
        fields: vec![asked::carried(&asked.action, ground.definition())],
        reason: asked.reason.clone(),
        typed: asked.grave().then_some(asked::CONFIRMATION),
    }
}

/// The form that takes the newest change back.
fn undo(newest: &Audit, ground: &Ground<'_>) -> Option<Value> {
    let action = undo::of(newest, ground)?;
    Some(json!({
        "fields": [asked::carried(&action, ground.definition())],
        "reason": format!("takes revision {} back", newest.revision),
    }))
}
