//! The book of what staff did, as a page.

use http::StatusCode;
use serde_json::json;

use super::guard::{self, HOME, staff};
use super::pages::Page;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::token::role::Duty;

/// Entries of the page; the file has all.
const SHOWN_MAX: usize = 300;

/// The newest entries.
pub async fn page(call: Call) -> Result<Reply<Html>, Problem> {
    let who = match guard::admit(&call, Duty::Look) {
        Ok(who) => who,
        Err(turned) => return turned.answer(&call),
    };
    let newest = staff(&call).work(|staff| staff.book.newest(SHOWN_MAX)).await;
    Ok(match newest {
        Ok(entries) => {
            let values = json!({ "title": "Book", "entries": entries, "shown_max": SHOWN_MAX });
            Page::of(&call, &who).show("history.html", &values)
        }
        Err(fault) => {
            tracing::error!(%fault, "the book cannot be shown");
            let page = Page::of(&call, &who).status(StatusCode::INTERNAL_SERVER_ERROR);
            let told = "The file is damaged or cannot be read. The log of the server says where.";
            page.trouble("The book cannot be shown", told, HOME)
        }
    })
}
