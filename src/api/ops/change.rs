//! Ops changes: each names the revision it was made against, and a reason.

use std::sync::Arc;

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::RequestKey;
use stanchion_domain::sale::definition::Definition;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::idempotency::{self, REPLAYED_HEADER, Scope};
use crate::api::problem::Problem;
use crate::api::queue::ask;
use crate::api::reply::{Json, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::action::read_action;
use crate::api::wire::desk::{ChangeBody, ChangedBody, FileBody};
use crate::files::Mode;
use crate::files::problem::Problems;
use crate::files::sale::difference::difference;
use crate::files::sale::{self as sale_file, Loaded};
use crate::journal::record;
use crate::token::role::Duty;

/// A change may name 100,000 seats of about 20 bytes.
pub const BODY_BYTES_MAX: usize = 2 << 20;
/// A sale file with 13,000 performances of about 150 bytes.
pub const FILE_BYTES_MAX: usize = 2 << 20;
/// Query parameters of a changed sale file.
pub const DRY_RUN: &[(&str, &str)] = &[("dry_run", "true: show the differences, change nothing")];

/// Makes a change.
pub async fn make(call: Call, body: ChangeBody) -> Result<Reply<Json<ChangedBody>>, Problem> {
    let holder = auth::holder(&call)?;
    let sale = call.sale()?;
    let names = sale.names(&sale.desk());
    let action = read_action(body.action, &names)?;
    auth::allow(holder.role, duty_of(&action))?;
    let actor = holder.name.clone();
    let key = key_of(&call, &actor)?.ok_or_else(|| Problem::new("key_missing"))?;
    let ops = Ops { revision: body.revision, actor, reason: body.reason, action };
    apply(sale, ops, Some(key), Vec::new()).await
}

/// Applies a changed sale file, or shows what it would change.
pub async fn redefine(call: Call, body: FileBody) -> Result<Reply<Json<ChangedBody>>, Problem> {
    let actor = auth::operator(&call, Duty::Define)?;
    let sale = call.sale()?;
    let key = key_of(&call, &actor)?;
    let dry_run = call.query("dry_run").is_some_and(|value| value == "true");
    let Loaded { definition, .. } = load(sale, body.file).await?;
    let desk = sale.desk();
    let differences = difference(&desk.definition, &definition).map_err(|found| flawed(&found))?;
    if dry_run || differences.is_empty() {
        let revision = desk.operations.revision;
        let body = ChangedBody { revision, differences, applied: false };
        return Ok(Reply::own(StatusCode::OK, &body));
    }
    let action = OpsAction::Redefine(Arc::new(definition));
    let ops = Ops { revision: body.revision, actor, reason: body.reason, action };
    apply(sale, ops, key, differences).await
}

/// What an action is, as far as roles tell.
pub fn duty_of(action: &OpsAction) -> Duty {
    match action {
        OpsAction::EndPass(_)
        | OpsAction::CancelOrder(_)
        | OpsAction::ExtendBasket { .. }
        | OpsAction::RestorePlace(_) => Duty::Serve,
        OpsAction::Redefine(_) => Duty::Define,
        _ => Duty::Steer,
    }
}

async fn apply(
    sale: &OpenSale,
    ops: Ops,
    key: Option<RequestKey>,
    differences: Vec<String>,
) -> Result<Reply<Json<ChangedBody>>, Problem> {
    // The revision that this change makes, and made if it comes again: one past what it named.
    let revision = ops.revision + 1;
    let accepted = ask(sale, Command::Ops(ops), key).await?;
    let body = ChangedBody { revision, differences, applied: true };
    let reply = Reply::own(StatusCode::OK, &body);
    Ok(match accepted.again {
        true => {
            reply.header(HeaderName::from_static(REPLAYED_HEADER), HeaderValue::from_static("true"))
        }
        false => reply,
    })
}

fn key_of(call: &Call, actor: &str) -> Result<Option<RequestKey>, Problem> {
    let caller = format!("operator {actor}");
    let scope = Scope { caller: &caller, operation: call.operation, path: call.path() };
    idempotency::optional(call.headers(), scope, &call.body)
}

/// Reads a sale file and the plans beside the server's own, away from other requests.
async fn load(sale: &OpenSale, file: String) -> Result<Loaded, Problem> {
    let folder = sale.folder.clone();
    let read = move || {
        let loaded = sale_file::from_text("sale.toml", &file, &folder, Mode::Strict);
        let loaded = loaded.map_err(|found| flawed(&found))?;
        check_size(&loaded.definition).map(|()| loaded)
    };
    tokio::task::spawn_blocking(read).await.expect("reading a file does not panic")
}

/// Refuses what could not be recorded, and says how large it is.
fn check_size(definition: &Definition) -> Result<(), Problem> {
    record::check_definition(definition).map_err(|fault| {
        Problem::new("limit_reached").says(fault.to_string()).with(|extra| {
            let most = record::DEFINITION_BYTES_MAX as u64;
            (extra.limit, extra.most) = (Some("definition_bytes"), Some(most));
        })
    })
}

fn flawed(found: &Problems) -> Problem {
    let problems = found.listed.iter().map(ToString::to_string).collect();
    Problem::invalid("The sale file cannot be applied: see problems.").with(|extra| {
        extra.problems = problems;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_that_no_record_holds_is_refused_with_its_size() {
        let name = "x".repeat(record::DEFINITION_BYTES_MAX);
        let mut definition = Definition { name, ..Definition::default() };
        let refused = check_size(&definition).expect_err("too large");
        assert_eq!(refused.code(), "limit_reached");
        let said = format!("{refused:?}");
        assert!(said.contains("more than the 67107840 of a record"), "{said}");
        definition.name.truncate(record::DEFINITION_BYTES_MAX - 1_000);
        check_size(&definition).expect("it fits");
    }
}
