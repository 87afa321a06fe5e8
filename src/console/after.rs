//! After: the night as a report, to read, to print and to keep, and its figures as tables for other
//! programs.
//!
//! Whatever leaves the console is noted in the book before it does.

mod chart;
mod csv;
mod report;
mod tables;

use std::sync::Arc;

use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};

use super::files::{Asset, STYLE};
use super::guard::{self, staff};
use super::pages::Page;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::clock;
use crate::staff::Who;
use crate::token::role::Duty;
use tables::Table;

/// The report; with `?save` as one file that needs no server.
pub async fn page(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(&call, Duty::Look) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let mut values = worked(&call, sale, report::of).await;
    let page = Page::of(&call, &who);
    if call.query("save").is_none() {
        let may = |table: &Table| who.role.may(table.duty());
        let tables = Table::ALL.into_iter().filter(may).map(Table::name);
        values["tables"] = tables.collect();
        return Ok(page.show("after.html", &values));
    }
    note(&call, &who, "save_report", &sale.id).await;
    values["style"] = STYLE.into();
    let saved = page.show("saved.html", &values);
    Ok(saved.header(CONTENT_DISPOSITION, as_file(sale, "report.html")))
}

/// One table of the night, as comma-separated values.
pub async fn table(call: Call) -> Result<Reply<Asset>, Problem> {
    let table = Table::named(&call.segment("table"));
    let duty = table.map_or(Duty::Look, Table::duty);
    let (who, sale) = match guard::admit_to_sale(&call, duty) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call).map(Reply::shaped),
    };
    let Some(table) = table else {
        let page = Page::of(&call, &who).status(StatusCode::NOT_FOUND);
        let back = format!("/console/sales/{}/after", sale.id);
        return Ok(page.trouble("No such table", "After lists all of them.", &back).shaped());
    };
    note(&call, &who, "export", &format!("{} of {}", table.name(), sale.id)).await;
    let body = worked(&call, sale, move |sale| table.body(sale)).await;
    let reply = Reply::new(StatusCode::OK, body).personal();
    let media = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    let file = as_file(sale, table.name());
    Ok(reply.header(CONTENT_TYPE, media).header(CONTENT_DISPOSITION, file))
}

/// Looks through what may be many orders away from requests.
async fn worked<T: Send + 'static>(
    call: &Call,
    sale: &Arc<OpenSale>,
    work: impl FnOnce(&OpenSale) -> T + Send + 'static,
) -> T {
    let sale = sale.clone();
    staff(call).work(move |_| work(&sale)).await
}

async fn note(call: &Call, who: &Who, did: &'static str, about: &str) {
    let (actor, about) = (who.name.clone(), about.to_owned());
    staff(call).work(move |staff| staff.note(&actor, did, &about)).await;
}

/// A name for the file of who keeps an answer.
fn as_file(sale: &OpenSale, name: &str) -> HeaderValue {
    let at = clock::rfc3339(sale.engine.published().now().wall).unwrap_or_default();
    let day = at.get(..10).unwrap_or("night");
    let text = format!("attachment; filename=\"{}-{day}-{name}\"", sale.id);
    HeaderValue::try_from(text).expect("ids of sales are plain letters")
}
