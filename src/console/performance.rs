//! One performance: its counts, its seat map, and what is kept off sale.
//!
//! The map is drawn by a script; the same seats stand in lists, row by row, for whoever has no
//! script or cannot see it, and both send the same form.

use std::sync::Arc;

use serde_json::{Value, json};
use stanchion_domain::id::{PerformanceIndex, SeatIndex};

use super::guard::{self, Turned};
use super::pages::Page;
use super::performances::row::{Figures, Row};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Json, Reply};
use crate::api::state::OpenSale;
use crate::board::plan::PlanBody;
use crate::board::seats::SeatsBody;
use crate::board::store::Board;
use crate::engine::desk::Desk;
use crate::staff::Who;
use crate::token::role::Duty;

mod asked;
mod changes;
mod counts;
mod doable;
mod owners;
mod rows;
mod words;

use changes::Step;
use owners::{OwnerBody, Owners};

/// The largest form: 65,536 seats that are no neighbours, nine bytes each as ranges.
pub const FORM_BYTES_MAX: usize = 1 << 20;
/// Query parameters of the page.
pub const QUERY: &[(&str, &str)] = &[
    ("part", "`counts`: only the counts"),
    ("rows", "which part of the seats is listed, from 0"),
    ("done", "the revision that this browser just made"),
    ("asked", "how many units it asked for"),
];
/// A version, to be told only what changed.
pub const SINCE: &[(&str, &str)] = &[("since", "only what changed after this version")];
/// A seat, by its subscript in the plan.
pub const SEAT: &[(&str, &str)] = &[("seat", "its subscript in the plan")];

const SEATS_CACHE: &str = "no-store";
const PLAN_CACHE: &str = "private, max-age=3600";

/// A performance that is looked at.
struct Looked<'l> {
    call: &'l Call,
    who: &'l Who,
    sale: &'l OpenSale,
    desk: &'l Desk,
    at: PerformanceIndex,
}

/// The page of a performance, or its counts alone.
pub fn page(call: &Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(call, Duty::Look) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(call),
    };
    Ok(with(call, (&who, sale), |looked| match call.query("part").as_deref() {
        Some("counts") => looked.counts(),
        _ => looked.show(Step::Look),
    }))
}

/// Says what a change will do, or does it.
pub async fn change(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, form, sale) = match guard::admit_form_to_sale(&call, Duty::Steer) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let Some(at) = find(&call, sale) else { return Ok(nothing(&call, &who)) };
    let desk = sale.desk().clone();
    let looked = Looked { call: &call, who: &who, sale, desk: &desk, at };
    match looked.take_step(&form).await {
        Ok(to) => Ok(Reply::see_other(&to)),
        // Seats and what operators set may have changed by now.
        Err(step) => Ok(with(&call, (&who, sale), |looked| looked.show(step))),
    }
}

/// The seat plan of a performance.
pub fn plan(call: &Call) -> Result<Reply<Json<PlanBody<'static>>>, Problem> {
    let (sale, at) = admitted(call)?;
    let desk = sale.desk();
    let plan = desk.definition.plan_of(at).and_then(|plan| sale.plan(&desk, &plan.id));
    let plan = plan.ok_or_else(|| Problem::not_found("seating"))?;
    Ok(Reply::rendered(call.headers(), &plan, PLAN_CACHE))
}

/// The states of its seats, or those that changed since a version.
pub fn live(call: &Call) -> Result<Reply<Json<SeatsBody<'static>>>, Problem> {
    let (sale, at) = admitted(call)?;
    let seats = sale.engine.published().seats.operated(at, call.query_number("since")?);
    let seats = seats.ok_or_else(|| Problem::not_found("seating"))?;
    Ok(Reply::ready(call.headers(), seats.bytes, &seats.etag, SEATS_CACHE))
}

/// Who has a seat.
pub fn owner(call: &Call) -> Result<Reply<Json<OwnerBody>>, Problem> {
    let (sale, at) = admitted(call)?;
    let seat = call.query_number("seat")?.and_then(|seat| u32::try_from(seat).ok());
    let seat = seat.ok_or_else(|| Problem::not_found("seat"))?;
    let basket = Owners::of(sale, at).of_seat(SeatIndex(seat));
    Ok(Reply::own(http::StatusCode::OK, &OwnerBody { basket }))
}

/// For what a script asks: a sale and a performance, if somebody is signed in.
fn admitted(call: &Call) -> Result<(&OpenSale, PerformanceIndex), Problem> {
    let (_, sale) = guard::admit_to_sale(call, Duty::Look).map_err(|turned| match turned {
        Turned::Out => Problem::new("token_missing"),
        Turned::Role(..) | Turned::Form(_) => Problem::new("forbidden"),
        Turned::Sale(_, problem) => problem,
    })?;
    Ok((sale, find(call, sale).ok_or_else(|| Problem::not_found("performance"))?))
}

fn find(call: &Call, sale: &OpenSale) -> Option<PerformanceIndex> {
    sale.names(&sale.desk()).performance(&call.segment("performance"))
}

/// Shows the performance that the path names.
fn with(
    call: &Call,
    (who, sale): (&Who, &OpenSale),
    show: impl FnOnce(&Looked<'_>) -> Reply<Html>,
) -> Reply<Html> {
    match find(call, sale) {
        Some(at) => show(&Looked { call, who, sale, desk: &sale.desk(), at }),
        None => nothing(call, who),
    }
}

fn nothing(call: &Call, who: &Who) -> Reply<Html> {
    let back = format!("/console/sales/{}/performances", call.segment("sale"));
    let page = Page::of(call, who).status(http::StatusCode::NOT_FOUND);
    page.trouble("No such performance", "This sale has none of this id.", &back)
}

impl Looked<'_> {
    fn board(&self) -> Arc<Board> {
        self.sale.engine.published().board.current()
    }

    /// The page of this performance.
    fn url(&self) -> String {
        let performance = self.desk.definition.performance(self.at);
        super::performances::row::url(&self.sale.id, &performance.id)
    }

    fn show(&self, step: Step) -> Reply<Html> {
        let desk = self.desk;
        let performance = desk.definition.performance(self.at);
        // What the venue's own system keeps is not kept off sale here.
        let mirrored = desk.definition.mirrored();
        let pools = performance.pools.iter().filter(|_| !mirrored);
        let pools = pools.map(|pool| json!({ "id": pool.id, "name": pool.name }));
        let board = self.board();
        let mut values = json!({
            "title": desk.definition.name,
            "sale": &*self.sale.id,
            "tab": "Performances",
            "url": self.url(),
            "row": board.performances.picture(self.at).map(|picture| {
                Row::new(&self.sale.id, performance, picture, &board)
            }),
            "counts": self.counted(&board),
            "revision": desk.operations.revision,
            "plan": desk.definition.plan_of(self.at).map(|plan| &plan.name),
            "zones": self.zones_of_categories(),
            "parts": self.parts(),
            "listed": self.listed(),
            "mirrored": mirrored,
            "pools": pools.collect::<Vec<_>>(),
            "changes": self.changes(),
            "done": self.done(),
            "chosen": step.chosen(),
            "wrong": Value::Null,
            "sure": Value::Null,
        });
        let status = step.status();
        match step {
            Step::Look => {}
            Step::Wrong(wrong) => values["wrong"] = json!(wrong),
            Step::Sure(sure) => values["sure"] = json!(sure),
        }
        Page::of(self.call, self.who).status(status).show("performance.html", &values)
    }

    fn counts(&self) -> Reply<Html> {
        let values = json!({ "counts": self.counted(&self.board()) });
        Page::of(self.call, self.who).show("counts.html", &values)
    }
}
