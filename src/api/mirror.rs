//! What the venue's own system says of a mirrored sale: counts per performance and price zone, one
//! report or all of them at once.
//!
//! No idempotency key is needed: each report has the venue's own number, and one that comes again
//! says the same once more.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::StatusCode;
use stanchion_domain::change::Change;
use stanchion_domain::command::{Command, Report};
use stanchion_domain::limits::REPORTS_PER_REQUEST_MAX;
use stanchion_domain::refusal::{Code, Refusal};

use super::call::Call;
use super::names::Names;
use super::problem::Problem;
use super::queue::ask;
use super::reply::{Json, Reply};
use super::wire::mirror::{OutcomeBody, ReportBody, ReportedBody, ReportsBody};

/// A report with ids of 20 letters takes some 150 bytes, one with the longest 280.
pub const BODY_BYTES_MAX: usize = REPORTS_PER_REQUEST_MAX * 256;

/// Takes reports: all of them, or none if one of them cannot be. Who asks has shown a shop's key.
pub async fn report(call: Call, body: ReportsBody) -> Result<Reply<Json<ReportedBody>>, Problem> {
    let sale = call.sale()?;
    let names = sale.names(&sale.desk());
    if !names.definition().mirrored() {
        let refusal = Refusal::whole(Code::WrongState { state: "not mirrored" });
        return Err(Problem::refused(&refusal, sale.engine.published().now()));
    }
    let reports = body.reports.iter().zip(0_u32..).map(|(report, at)| {
        read(&names, report).map_err(|problem| problem.with(|extra| extra.item = Some(at)))
    });
    let reports: Arc<[Report]> = reports.collect::<Result<Vec<_>, _>>()?.into();
    let accepted = ask(sale, Command::Report(reports.clone()), None).await?;
    let Change::Reported { newer, same } = accepted.change else {
        unreachable!("reports lead to what was reported");
    };
    let taken: BTreeSet<_> = newer.iter().map(Report::of).chain(same.iter().copied()).collect();
    let outcome = |report: &Report| match taken.contains(&report.of()) {
        true => OutcomeBody::Taken,
        false => OutcomeBody::Older,
    };
    let older = reports.len() - taken.len();
    let reports = reports.iter().map(outcome).collect();
    Ok(Reply::own(StatusCode::OK, &ReportedBody { taken: taken.len(), older, reports }))
}

fn read(names: &Names, body: &ReportBody) -> Result<Report, Problem> {
    let performance = names.performance(&body.performance);
    let performance = performance.ok_or_else(|| Problem::not_found("performance"))?;
    let zone = names.zone(&body.zone).ok_or_else(|| Problem::not_found("zone"))?;
    let ReportBody { version, available, held, sold, withheld, .. } = *body;
    Ok(Report { performance, zone, version, available, held, sold, withheld })
}
