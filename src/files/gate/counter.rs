//! What a gate file says about clients of a retired waiting room.

use stanchion_domain::limits;

use super::super::node::{Node, Table};

/// What clients of a retired waiting room are answered by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counter {
    /// The sale that is counted; the gate's own, if none is named.
    pub sale: Option<String>,
    /// Who signs tokens, as they say it.
    pub issuer: String,
    /// Whether every call needs the API key of a shop.
    pub api_key: bool,
}

pub(super) fn read(mut table: Table<'_>) -> Option<Counter> {
    let sale = table.get("sale").and_then(Node::id).map(str::to_owned);
    let issuer = table.need("issuer").and_then(|node| node.words(limits::NAME_BYTES_MAX));
    let api_key = table.get("api_key").map_or(Some(false), Node::flag);
    table.finish();
    Some(Counter { sale, issuer: issuer?.to_owned(), api_key: api_key? })
}
