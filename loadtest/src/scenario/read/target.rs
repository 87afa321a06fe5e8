//! Where the server is, the server of our own, and how visitors connect.

use std::net::IpAddr;
use std::time::Duration;

use super::mistakes::quoted;
use super::node::Node;
use super::table::Keys;
use super::text_of;
use crate::scenario::{Http, OwnServer, Target, Wires, limits};

/// Keys of `[target]`.
pub(super) const TARGET: Keys =
    &["sale", "url", "ops_url", "gate_url", "api_key_file", "staff_key_file", "authority_file"];
/// Keys of `[own]`.
pub(super) const OWN: Keys = &["sale", "set", "opens_after", "standby"];
/// Keys of `[wires]`.
pub(super) const WIRES: Keys = &["http", "sources", "answer_span"];
/// Longest wait for an answer: what browsers' own timeouts and people's patience come to.
const ANSWER_SPAN: Duration = Duration::from_secs(30);

/// Reads `[target]`.
pub(super) fn target(node: &Node<'_>) -> Option<Target> {
    let table = node.table(TARGET)?;
    let address = |key| table.or(key, None, |node| url(node).map(Some));
    let file = |key| table.get(key).and_then(|node| node.file());
    Some(Target {
        sale: table.need("sale", |node| node.name(limits::NAME_BYTES_MAX)).unwrap_or_default(),
        url: address("url"),
        ops_url: address("ops_url"),
        gate_url: address("gate_url"),
        api_key_file: file("api_key_file"),
        staff_key_file: file("staff_key_file"),
        authority_file: file("authority_file"),
    })
}

/// An address without a path: `http://host:port`.
fn url(node: &Node<'_>) -> Option<String> {
    let text = node.words(limits::ADDRESS_BYTES_MAX)?;
    let parsed: Option<http::Uri> = text.parse().ok();
    let good = parsed.filter(|uri| {
        let scheme = uri.scheme_str().is_some_and(|scheme| scheme == "http" || scheme == "https");
        let host = uri.host().is_some_and(|host| !host.is_empty());
        let port = uri.port().is_none() || uri.port_u16().is_some();
        scheme && host && port && uri.path() == "/" && uri.query().is_none()
    });
    if good.is_some() {
        return Some(text.trim_end_matches('/').to_owned());
    }
    node.refuse(format!("{} is no address", quoted(text)), "write http:// or https://, host, port")
}

/// Reads `[own]`; its sale file must be that of the target.
pub(super) fn own(node: &Node<'_>, sale: &str) -> Option<OwnServer> {
    let table = node.table(OWN)?;
    let file = table.need("sale", |node| {
        let file = node.file()?;
        same_sale(node, &file, sale)?;
        Some(file)
    });
    let set = table.or("set", Vec::new(), |node| node.each(limits::SET_MAX, setting));
    let opens = table.get("opens_after").and_then(|node| node.span(limits::SPAN));
    let standby = table.or("standby", false, |node| node.flag());
    Some(OwnServer { sale: file?, set, opens_after: opens, standby })
}

/// The server reads the sale file; here only the id is compared, since two that differ would look
/// like a server that answers nothing.
fn same_sale(node: &Node<'_>, file: &std::path::Path, sale: &str) -> Option<()> {
    let text = match text_of(file, limits::SALE_BYTES_MAX) {
        Ok(text) => text,
        Err(mistakes) => return node.refuse(mistakes.to_string(), "name a sale file"),
    };
    let table: Option<toml::Table> = text.parse().ok();
    let id = table.as_ref().and_then(|table| table.get("id")).and_then(|id| id.as_str());
    match id {
        Some(id) if id == sale || sale.is_empty() => Some(()),
        Some(id) => {
            let wrong = format!("{} defines the sale {}", file.display(), quoted(id));
            node.refuse(wrong, format!("name the file of {}, as in `target.sale`", quoted(sale)))
        }
        None => node.refuse(format!("{} has no `id`", file.display()), "name a sale file"),
    }
}

/// A setting of the server: `key=value`.
fn setting(node: &Node<'_>) -> Option<String> {
    let text = node.words(limits::ADDRESS_BYTES_MAX)?;
    match text.split_once('=') {
        Some((key, _)) if !key.trim().is_empty() => Some(text.to_owned()),
        _ => node.refuse(format!("{} is no setting", quoted(text)), "write \"key=value\""),
    }
}

/// How visitors connect if nothing is said about it.
pub(super) fn plain_wires() -> Wires {
    Wires { http: Http::One, sources: Vec::new(), answer_span: ANSWER_SPAN }
}

/// Reads `[wires]`.
pub(super) fn wires(node: &Node<'_>) -> Option<Wires> {
    let table = node.table(WIRES)?;
    let plain = plain_wires();
    let versions = [("1.1", Http::One), ("2", Http::Two)];
    Some(Wires {
        http: table.or("http", plain.http, |node| node.one_of(&versions)),
        sources: table.or("sources", plain.sources, |node| node.each(limits::SOURCES_MAX, source)),
        answer_span: table
            .or("answer_span", plain.answer_span, |node| node.span(limits::ANSWER_SPAN)),
    })
}

fn source(node: &Node<'_>) -> Option<IpAddr> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    let parsed = text.parse().ok();
    parsed.or_else(|| node.refuse(format!("{} is no IP address", quoted(text)), "write one"))
}
