//! One rule of the gate file: what it fits, and what follows.

use http::{HeaderName, Method};
use stanchion_domain::limits;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use crate::net::proxies::Network;

/// Bytes of a path in a rule.
const PATH_BYTES_MAX: usize = 1_024;
/// Networks of one rule: a payment service has a few.
const NETWORKS_MAX: usize = 64;
/// Methods of one rule: there are nine.
const METHODS_MAX: usize = 16;

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The path, or its beginning.
    pub path: String,
    /// Whether it is a beginning.
    pub begins: bool,
    /// Which methods; any, if none is named.
    pub methods: Vec<Method>,
    /// Which host, in small letters and without a port; any, if none is named.
    pub host: Option<String>,
    /// A header, and a text that stands in it.
    pub header: Option<(HeaderName, String)>,
    /// From where; from anywhere, if nothing is named.
    pub from: Vec<Network>,
    /// What follows.
    pub then: Then,
}

/// What follows from a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Then {
    /// Anybody may.
    Open,
    /// Who has a pass may.
    Protected {
        /// Of this sale; of the gate's own, if none is named.
        sale: Option<String>,
    },
    /// Nobody may.
    Refused,
    /// Nobody comes through here: it is a card page. No rule says so, but the gate's `cards`.
    Card,
}

/// Reads a rule. `renamed`: whatever Host a visitor sends, the shop sees another.
pub(super) fn read(node: Node<'_>, renamed: bool) -> Option<Rule> {
    let mut table = node.table()?;
    let path = table.need("path").and_then(read_path);
    let methods = read_list(&mut table, "methods", METHODS_MAX, read_method);
    let host = table.get("host").map(|node| read_host(node, renamed));
    let header = table.get("header").map(read_header);
    let from = read_list(&mut table, "from", NETWORKS_MAX, read_network);
    let then = read_then(&mut table);
    table.finish();
    let (path, begins) = path?;
    Some(Rule {
        path,
        begins,
        methods: methods?,
        host: host.map_or(Some(None), |host| host.map(Some))?,
        header: header.map_or(Some(None), |header| header.map(Some))?,
        from: from?,
        then: then?,
    })
}

/// A list that fits nothing if it is empty, so it may not be.
fn read_list<T>(
    table: &mut Table<'_>,
    key: &'static str,
    most: usize,
    read: fn(Node<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(node) = table.get(key) else { return Some(Vec::new()) };
    let nodes: Vec<_> = node.list()?.collect();
    if nodes.is_empty() || nodes.len() > most {
        node.refuse(
            format!("has {} entries", nodes.len()),
            format!("use 1 to {most}, or leave it out"),
        );
        return None;
    }
    let read: Vec<_> = nodes.into_iter().map(read).collect();
    read.into_iter().collect()
}

/// A path in the form in which the gate decides, or a beginning that ends in an asterisk.
pub(super) fn read_path(node: Node<'_>) -> Option<(String, bool)> {
    let text = node.words(PATH_BYTES_MAX)?;
    let (path, begins) = text.strip_suffix('*').map_or((text, false), |path| (path, true));
    if path.contains('*') {
        let remedy = "end in it: `/assets/*` is everything below /assets";
        node.refuse(format!("{} has an asterisk inside", quoted(text)), remedy);
    } else if !path.starts_with('/') {
        node.refuse(format!("{} does not begin with a slash", quoted(text)), "begin with one");
    } else if let Some(wrong) = never_asked(path, begins) {
        let remedy = "write the path as the gate decides on it, see docs/gate.md";
        node.refuse(format!("{} fits no request: {wrong}", quoted(text)), remedy);
    } else {
        return Some((path.to_owned(), begins));
    }
    None
}

/// Why no path that is decided on begins so, if none does.
fn never_asked(path: &str, begins: bool) -> Option<&'static str> {
    let (folders, last) = path.rsplit_once('/').unwrap_or(("", path));
    let segments = folders.split('/').skip(1);
    if segments.clone().any(str::is_empty) {
        return Some("slashes are merged");
    }
    // What a beginning ends with may go on: `/.*` is the beginning of `/.well-known`.
    let last = Some(last).filter(|_| !begins);
    if segments.chain(last).any(|segment| matches!(segment, "." | "..")) {
        return Some("dots are resolved");
    }
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let stays = byte.is_ascii_alphanumeric() || b"-._~/!$&'()+,=:@".contains(&byte);
        match byte {
            b'%' if !encoded(bytes.next(), bytes.next()) => {
                return Some("only what needs it is encoded, in capitals");
            }
            b'%' => {}
            b';' => return Some("what stands behind a semicolon is left out"),
            _ if stays => {}
            _ => return Some("it has to be encoded"),
        }
    }
    None
}

/// Whether two digits stand for a byte that stays encoded.
fn encoded(high: Option<u8>, low: Option<u8>) -> bool {
    let digit = |byte: Option<u8>| {
        let byte = byte.filter(|byte| !byte.is_ascii_lowercase())?;
        char::from(byte).to_digit(16)
    };
    let Some(byte) = digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low) else {
        return false;
    };
    let plain = char::from_u32(byte).filter(char::is_ascii);
    plain.is_none_or(|letter| {
        !letter.is_ascii_alphanumeric()
            && !letter.is_ascii_control()
            && !"-._~/\\;%".contains(letter)
    })
}

fn read_method(node: Node<'_>) -> Option<Method> {
    let text = node.words(limits::ID_BYTES_MAX)?;
    let capital = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    let method = Method::from_bytes(text.as_bytes()).ok().filter(|_| capital);
    if method.is_none() {
        node.refuse(format!("{} is no method", quoted(text)), "write GET, HEAD, POST and so on");
    }
    method
}

fn read_host(node: Node<'_>, renamed: bool) -> Option<String> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    if renamed {
        let remedy = "leave it out, or leave `origin.host` out";
        node.refuse("is what a visitor writes, and the shop sees `origin.host` instead", remedy);
        return None;
    }
    if names_host(text, false) {
        return Some(text.to_ascii_lowercase());
    }
    node.refuse(format!("{} is no host", quoted(text)), "write a host as in a URL, without a port");
    None
}

/// Whether a text names a host, and perhaps a port.
pub(super) fn names_host(text: &str, with_port: bool) -> bool {
    let authority = text.parse::<http::uri::Authority>().ok();
    authority.is_some_and(|authority| {
        let whole = with_port || authority.port().is_none() && !text.ends_with(':');
        !authority.host().is_empty() && !text.contains('@') && whole
    })
}

fn read_header(node: Node<'_>) -> Option<(HeaderName, String)> {
    let mut table = node.table()?;
    let name = table.need("name").and_then(|node| {
        let text = node.words(limits::NAME_BYTES_MAX)?;
        let name = HeaderName::from_bytes(text.as_bytes()).ok();
        if name.is_none() {
            node.refuse(
                format!("{} is no name of a header", quoted(text)),
                "write one, as \"user-agent\"",
            );
        }
        name
    });
    let contains = table.need("contains").and_then(|node| node.words(limits::NAME_BYTES_MAX));
    table.finish();
    name.zip(contains.map(str::to_owned))
}

fn read_network(node: Node<'_>) -> Option<Network> {
    let text = node.words(limits::ID_BYTES_MAX)?;
    match text.parse() {
        Ok(network) => Some(network),
        Err(wrong) => {
            node.refuse(format!("{} {wrong}", quoted(text)), "write as 10.0.0.0/8 or 2001:db8::7");
            None
        }
    }
}

fn read_then(table: &mut Table<'_>) -> Option<Then> {
    let node = table.need("then");
    let sale = table.get("sale");
    let id = sale.map_or(Some(None), |sale| sale.id().map(Some));
    let node = node?;
    let then = match node.text()? {
        "open" => Then::Open,
        "refused" => Then::Refused,
        "protected" => Then::Protected { sale: id?.map(str::to_owned) },
        other => {
            let remedy = "write \"open\", \"protected\" or \"refused\"";
            node.refuse(format!("{} is nothing that a rule can do", quoted(other)), remedy);
            return None;
        }
    };
    if let (Some(sale), Then::Open | Then::Refused) = (sale, &then) {
        sale.refuse("has no meaning here", "name a sale only where a rule protects");
        return None;
    }
    Some(then)
}
