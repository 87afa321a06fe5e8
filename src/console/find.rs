//! Find: one visitor's place, basket or order, by what they read out on the telephone, and what the
//! box office does for them.
//!
//! Whoever looks is in the book, and so is whoever does something. What is done is said first, by
//! the two steps of [`steps`](super::steps); what others changed meanwhile stops it only if it was
//! about the same thing.

use http::StatusCode;
use serde_json::{Value, json};
use stanchion_domain::command::Ops;

use super::controls;
use super::guard::{self, staff};
use super::pages::Page;
use super::steps::{self, Meanwhile, Sure, Undone};
use crate::api::call::Call;
use crate::api::ops::places::{By, give_code};
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::moving::CodeBody;
use crate::staff::{Staff, Who};
use crate::token::role::Duty;

mod deeds;
mod look;
mod told;
mod words;

use deeds::{Asked, Deed};
use look::Found;

/// In the address of the page: what is looked for.
pub const WHAT: &[(&str, &str)] = &[("what", "a queue number, a code, an id or a payment")];

/// What was found.
pub async fn page(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(&call, Duty::Look) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    Ok(shown(&call, &who, sale, Step::Look).await)
}

/// Says what a deed does, or does it.
pub async fn change(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, form, sale) = match guard::admit_form_to_sale(&call, Duty::Serve) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let step = match Asked::read(&form) {
        Err(wrong) => Step::Wrong(wrong),
        Ok(asked) if !asked.done => Step::Sure(asked, None),
        Ok(asked) => match done(&call, &who, sale, &asked).await {
            Ok(Some(code)) => Step::Code(code),
            Ok(None) => return Ok(Reply::see_other(&asked.deed.path(&sale.id))),
            Err(step) => step,
        },
    };
    Ok(shown(&call, &who, sale, step).await)
}

/// How far a deed has come.
enum Step {
    /// Nothing is asked.
    Look,
    /// Something that makes no sense.
    Wrong(String),
    /// Is that what is meant? With what came between, if anything did.
    Sure(Asked, Option<Meanwhile>),
    /// A code to read out: shown once.
    Code(CodeBody),
}

async fn done(
    call: &Call,
    who: &Who,
    sale: &OpenSale,
    asked: &Asked,
) -> Result<Option<CodeBody>, Step> {
    asked.check().map_err(Step::Wrong)?;
    if let Deed::GiveCode(number) = asked.deed {
        let by = By { actor: who.name.clone(), reason: asked.reason.clone() };
        let given = give_code(call, sale, number, by);
        return given.map(Some).map_err(|problem| Step::Wrong(controls::words::problem(&problem)));
    }
    made(sale, who, asked).await.map_err(|undone| match undone.told() {
        Ok(meanwhile) => Step::Sure(asked.clone(), Some(meanwhile)),
        Err(wrong) => Step::Wrong(wrong),
    })?;
    Ok(None)
}

/// Makes a change, if there is one to make.
async fn made(sale: &OpenSale, who: &Who, asked: &Asked) -> Result<(), Undone> {
    let Some(action) = asked.deed.action() else { return Ok(()) };
    let (actor, reason) = (who.name.clone(), asked.reason.clone());
    let ops = Ops { revision: asked.revision, actor, reason, action };
    steps::make(sale, who, ops).await.map(|_revision| ())
}

async fn shown(call: &Call, who: &Who, sale: &OpenSale, step: Step) -> Reply<Html> {
    let what = call.query("what").unwrap_or_default().trim().to_owned();
    let looks = matches!(step, Step::Look);
    let found = looked(call, who, sale, (&what, looks)).await;
    let desk = sale.desk();
    let status = match &step {
        Step::Look | Step::Code(_) => StatusCode::OK,
        Step::Wrong(_) | Step::Sure(..) => StatusCode::ACCEPTED,
    };
    let things = found.listed().map(|thing| told::short(thing, sale)).collect::<Vec<_>>();
    let one = found.one().map(|(thing, theirs)| told::whole(thing, theirs, sale));
    let mut values = json!({
        "title": desk.definition.name,
        "sale": &*sale.id,
        "tab": "Find",
        "what": what,
        "here": look::path(&sale.id, &what),
        "revision": desk.operations.revision,
        "told": told::outcome(&found, &what, sale),
        "things": things,
        "one": one,
        "wrong": Value::Null,
        "sure": Value::Null,
        "code": Value::Null,
    });
    match step {
        Step::Look => {}
        Step::Wrong(wrong) => values["wrong"] = json!(wrong),
        Step::Code(code) => values["code"] = json!(code),
        Step::Sure(asked, between) => {
            values["sure"] = json!(sure(&asked, between, sale));
            // What is typed differs from order to order.
            values["sure"]["typed"] = json!(asked.deed.typed());
        }
    }
    Page::of(call, who).status(status).show("find.html", &values)
}

/// Looks, away from requests, and writes down what was shown to whom, if they came to look.
async fn looked(call: &Call, who: &Who, sale: &OpenSale, (what, looks): (&str, bool)) -> Found {
    let (published, what) = (sale.engine.published().clone(), what.to_owned());
    let (actor, id) = (who.name.clone(), sale.id.clone());
    let look = move |staff: &Staff| {
        let found = look::find(&published, &what);
        if let Some((thing, _)) = found.one().filter(|_| looks) {
            staff.note(&actor, "look_up", &format!("{} of {id}", thing.name()));
        }
        found
    };
    staff(call).work(look).await
}

fn sure(asked: &Asked, between: Option<Meanwhile>, sale: &OpenSale) -> Sure {
    Sure {
        told: words::will(&asked.deed, sale),
        // Whoever is told of it has looked at it.
        revision: between.as_ref().map_or(asked.revision, |other| other.revision),
        between: between.map(|other| other.told),
        fields: asked.deed.fields(),
        reason: asked.reason.clone(),
        typed: None,
    }
}
