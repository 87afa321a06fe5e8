//! The configuration that connectors fetch now and then: which pages of the shop need a pass of
//! which waiting room. It is a file beside the gate file, and given out as it is.

use super::{connector, require_customer};
use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Document, Reply};
use crate::api::sale::etag_of;

/// The header in which a connector sends its key.
const KEY: &str = "api-key";
/// Each connector asks again after five minutes or more.
const CACHE: &str = "private, max-age=60";

/// To whoever has the key.
pub fn secured(call: &Call) -> Result<Reply<Document>, Problem> {
    let (_, _, keys) = connector(call)?;
    let wanted = keys.integrations.as_ref().ok_or_else(|| Problem::new("no_route"))?;
    let text = call.header(KEY);
    let missing = || Problem::new("token_missing").says("send your key in the header api-key");
    if !wanted.is(text.ok_or_else(missing)?) {
        return Err(auth::guessed(call));
    }
    document(call)
}

/// To anybody, if the gate file says so.
pub fn open(call: &Call) -> Result<Reply<Document>, Problem> {
    let (_, of, _) = connector(call)?;
    match of.integrations.as_ref().is_some_and(|integrations| integrations.open) {
        true => document(call),
        false => Err(Problem::new("no_route")),
    }
}

fn document(call: &Call) -> Result<Reply<Document>, Problem> {
    let (_, of, _) = connector(call)?;
    require_customer(of, &call.segment("customer"))?;
    let integrations = of.integrations.as_ref().ok_or_else(|| Problem::new("no_route"))?;
    let json = integrations.json.clone();
    let etag = etag_of(&json);
    Ok(Reply::ready(call.headers(), json, &etag, CACHE))
}
