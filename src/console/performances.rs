//! All performances of a sale: a table to filter, to sort and to turn the pages of.
//!
//! The page works by links and one form. Its script asks for the rows that it shows, and gets those
//! that changed.

use serde_json::json;
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::sale::definition::Definition;

use super::guard;
use super::pages::Page;
use super::written;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::board::store::Board;
use crate::engine::desk::Desk;
use crate::staff::Who;
use crate::token::role::Duty;

mod asked;
pub(super) mod row;

use asked::Asked;
use row::Row;

/// Query parameters of the table.
pub const QUERY: &[(&str, &str)] = &[
    ("text", "only those with this in their name or id"),
    ("status", "only those of this status"),
    ("from", "only those that begin on this day or later"),
    ("to", "only those that begin on this day or earlier"),
    ("sort", "the column that they are sorted by; with a hyphen before it, the other way round"),
    ("page", "which page"),
    ("part", "`rows`: only rows that changed"),
    ("of", "with `part`: the rows that are shown"),
    ("since", "with `part`: the version that they are of"),
];

/// Rows of a page: one look at a screen, and 100 KB.
const ROWS_MAX: usize = 200;

/// The table, or its rows that changed.
pub fn page(call: &Call) -> Result<Reply<Html>, Problem> {
    let (who, sale) = match guard::admit_to_sale(call, Duty::Look) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(call),
    };
    match call.query("part").as_deref() {
        Some("rows") => news(call, &who, sale),
        _ => Ok(table(call, &who, sale)),
    }
}

/// The moment that a page is made of: one version of everything.
struct Moment<'m> {
    sale: &'m str,
    desk: &'m Desk,
    board: &'m Board,
}

impl Moment<'_> {
    fn row(&self, at: PerformanceIndex) -> Option<Row> {
        let picture = self.board.performances.picture(at)?;
        let performance = self.desk.definition.performances.get(at.at())?;
        Some(Row::new(self.sale, performance, picture, self.board))
    }
}

fn table(call: &Call, who: &Who, sale: &OpenSale) -> Reply<Html> {
    let (desk, board) = (sale.desk(), sale.engine.published().board.current());
    let moment = Moment { sale: &sale.id, desk: &desk, board: &board };
    let asked = Asked::read(call);
    let found = asked.find(&desk.definition, &board);
    let all = desk.definition.performances.len();
    let pages = found.len().div_ceil(ROWS_MAX).max(1);
    let page = asked.page.clamp(1, pages);
    let first = (page - 1) * ROWS_MAX;
    let shown = found.iter().skip(first).take(ROWS_MAX);
    let rows: Vec<_> = shown.filter_map(|at| moment.row(*at)).collect();
    let turn = |to: usize| (1..=pages).contains(&to).then(|| asked.link(&asked.sort, to));
    let values = json!({
        "title": desk.definition.name,
        "sale": &*sale.id,
        "tab": "Performances",
        "told": told(all, found.len(), first, rows.len()),
        "asked": asked.fields(),
        "filtered": asked.filters(),
        "wrong": asked.wrong,
        "columns": asked.columns(),
        "statuses": statuses(&desk.definition),
        "version": board.performances.version,
        "rows": rows,
        "pages": written::grouped(pages as u64),
        "page": written::grouped(page as u64),
        "before": page.checked_sub(1).and_then(turn),
        "after": turn(page + 1),
        "first": (page > 2).then(|| asked.link(&asked.sort, 1)),
        "last": (page + 1 < pages).then(|| asked.link(&asked.sort, pages)),
    });
    Page::of(call, who).show("performances.html", &values)
}

/// The statuses that can be asked for.
fn statuses(definition: &Definition) -> Vec<(&'static str, &'static str)> {
    let unknown = definition.mirrored().then_some(row::UNKNOWN);
    row::STATUSES.iter().copied().chain(unknown).collect()
}

fn told(all: usize, found: usize, first: usize, shown: usize) -> String {
    let grouped = |count: usize| written::grouped(count as u64);
    let (from, to) = (grouped(first + 1), grouped(first + shown));
    match (found == all, shown) {
        (true, 0) => "This sale has no performance.".to_owned(),
        (false, 0) => format!("None of {} performances is like that.", grouped(all)),
        (true, _) => format!("{from} to {to} of {}.", grouped(all)),
        (false, _) => format!(
            "{from} to {to} of {} that are like that, of {} in all.",
            grouped(found),
            grouped(all)
        ),
    }
}

/// Of the rows that a page shows, those that changed after a version.
fn news(call: &Call, who: &Who, sale: &OpenSale) -> Result<Reply<Html>, Problem> {
    let since = call.query_number("since")?.unwrap_or_default();
    let of = written::read_ranges(&call.query("of").unwrap_or_default(), ROWS_MAX);
    let of = of.ok_or_else(|| Problem::new("malformed").says("of: ranges of rows"))?;
    let (desk, board) = (sale.desk(), sale.engine.published().board.current());
    let moment = Moment { sale: &sale.id, desk: &desk, board: &board };
    let newer = of.iter().filter_map(|at| {
        let at = PerformanceIndex(u16::try_from(*at).ok()?);
        let (version, _) = board.performances.get(at)?;
        // How old a report is changes without a version.
        let newer = version > since || desk.definition.mirrored();
        newer.then(|| moment.row(at)).flatten()
    });
    let values = json!({
        "version": board.performances.version,
        "rows": newer.collect::<Vec<_>>(),
    });
    Ok(Page::of(call, who).show("rows.html", &values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_honestly_which_rows_it_shows() {
        assert_eq!(told(13_000, 13_000, 400, 200), "401 to 600 of 13,000.");
        let some = "1 to 7 of 7 that are like that, of 13,000 in all.";
        assert_eq!(told(13_000, 7, 0, 7), some);
        assert_eq!(told(13_000, 0, 0, 0), "None of 13,000 performances is like that.");
        assert_eq!(told(0, 0, 0, 0), "This sale has no performance.");
    }
}
