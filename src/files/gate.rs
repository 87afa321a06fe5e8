//! The gate file: how a shop is connected, and who needs a pass for what. `docs/gate.md` describes
//! every key.
//!
//! Reads it whole, or refuses it with all mistakes at once. Holds no secret, decides nothing: what
//! the rules mean for a request is the gate's business.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};
use stanchion_domain::limits;

use super::node::{Node, Table};
use super::problem::{Problems, quoted, some_of};
use super::{Mode, text_of, toml};
pub use rule::{Rule, Then};
pub use trust::Identity;

mod rule;
mod trust;
#[cfg(test)]
mod tests;

/// Rules of one gate: each request is held against them one by one.
const RULES_MAX: usize = 200;
/// Hosts of one venue that visitors may be sent to.
const ORIGINS_MAX: usize = 32;
/// No span of the gate is shorter than a tenth of a second or longer than an hour.
const SPAN_MS: std::ops::RangeInclusive<u64> = 100..=3_600_000;

/// How a shop is connected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gate {
    /// The file, as it was named to us.
    pub file: String,
    /// Whose pass opens what is protected and names no sale.
    pub sale: Option<String>,
    /// The shop behind us; without one, we are no proxy.
    pub origin: Option<Origin>,
    /// The first that fits decides; if none does, the path is protected.
    pub rules: Vec<Rule>,
    /// Where visitors may be sent back to, besides this host: scheme and authority.
    pub origins: Vec<String>,
}

/// The shop's server behind the gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// Where it is: scheme, host, perhaps a port.
    pub url: Uri,
    /// What it is to see as Host; `None`: what the visitor sent.
    pub host: Option<HeaderValue>,
    /// Whose certificates are believed, PEM; those of the system if none are given.
    pub authority: Option<Arc<[u8]>>,
    /// As whom it knows us, over TLS; as nobody, if nothing is named.
    pub identity: Option<Identity>,
    /// What it is asked for to learn whether it answers.
    pub probe: PathAndQuery,
    /// Longest wait for a connection.
    pub connect_ms: u64,
    /// Longest wait for the head of an answer.
    pub answer_ms: u64,
    /// Longest time without a byte.
    pub idle_ms: u64,
    /// The same for WebSockets and event streams.
    pub stream_idle_ms: u64,
    /// Connections at once.
    pub connections_max: usize,
}

/// Loads a gate file and the files of certificates it may name.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<Gate, Problems> {
    let name = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    let text = text_of(path);
    let text = text.map_err(|(wrong, remedy)| Problems::of_file(&name, wrong, remedy))?;
    let document = toml::document(&name, &text, Mode::Strict)?;
    let gate = Node::root(&document).table().map(|root| read(root, folder));
    document.finish()?;
    Ok(Gate { file: name, ..gate.expect("a TOML text is a table") })
}

impl Gate {
    /// Checks that every sale it names is served, and that it is clear which one is meant where
    /// none is named.
    ///
    /// # Errors
    /// Every name that is not.
    pub fn check_sales(&self, served: &BTreeSet<&str>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let mut wrong = |path: String, wrong: String, remedy: String| {
            let problem = super::problem::Problem::at(&self.file, path, wrong, remedy);
            problems.add(problem);
        };
        let offered = || format!("the sales served here are {}", some_of(served.iter().copied()));
        let known = |sale: &String| served.contains(sale.as_str());
        for (at, rule) in self.rules.iter().enumerate() {
            if let Then::Protected { sale: Some(sale) } = &rule.then
                && !known(sale)
            {
                wrong(format!("rules[{at}].sale"), unserved(sale), offered());
            }
        }
        match &self.sale {
            Some(sale) if !known(sale) => wrong("sale".to_owned(), unserved(sale), offered()),
            None if served.len() != 1 => {
                let remedy = "name the sale whose pass opens what no rule speaks of".to_owned();
                wrong(String::new(), "`sale` is missing".to_owned(), remedy);
            }
            _ => {}
        }
        problems.or_else_ok()
    }
}

fn unserved(sale: &str) -> String {
    format!("the sale {} is not served", quoted(sale))
}

fn read(mut root: Table<'_>, folder: &Path) -> Gate {
    let sale = root.get("sale").and_then(Node::id).map(str::to_owned);
    let origin = root.get("origin").and_then(Node::table);
    let origin = origin.and_then(|table| read_origin(table, folder));
    let mut rules = Vec::new();
    for node in root.items("rules") {
        if rules.len() == RULES_MAX {
            node.refuse("is one rule too many", format!("use at most {RULES_MAX}"));
            break;
        }
        rules.extend(rule::read(node));
    }
    let mut origins = Vec::new();
    if let Some(mut targets) = root.get("targets").and_then(Node::table) {
        for node in targets.items("origins") {
            if origins.len() == ORIGINS_MAX {
                node.refuse("is one origin too many", format!("use at most {ORIGINS_MAX}"));
                break;
            }
            origins.extend(read_url(node).map(|url| address(&url)));
        }
        targets.finish();
    }
    root.finish();
    Gate { file: String::new(), sale, origin, rules, origins }
}

fn read_origin(mut table: Table<'_>, folder: &Path) -> Option<Origin> {
    let url = table.need("url").and_then(read_url);
    let host = match table.get("host") {
        Some(node) => read_host(node),
        None => Some(None),
    };
    let authority = match table.get("authority") {
        Some(node) => trust::read_authority(node, folder).map(Some),
        None => Some(None),
    };
    let secure = url.as_ref().is_none_or(|url| url.scheme_str() == Some("https"));
    let identity = trust::read_identity(&mut table, folder, secure);
    let probe = match table.get("probe") {
        Some(node) => read_probe(node),
        None => Some(PathAndQuery::from_static("/")),
    };
    let mut span =
        |key, default_ms| table.get(key).map_or(Some(default_ms), |node| node.whole(SPAN_MS));
    let connect_ms = span("connect_ms", 2_000);
    let answer_ms = span("answer_ms", 30_000);
    let idle_ms = span("idle_ms", 60_000);
    let stream_idle_ms = span("stream_idle_ms", 300_000);
    let connections = table.get("connections_max");
    let connections_max = connections.map_or(Some(256), |node| node.count(1..=10_000));
    table.finish();
    Some(Origin {
        url: url?,
        host: host?,
        authority: authority?,
        identity: identity?,
        probe: probe?,
        connect_ms: connect_ms?,
        answer_ms: answer_ms?,
        idle_ms: idle_ms?,
        stream_idle_ms: stream_idle_ms?,
        connections_max: usize::try_from(connections_max?).ok()?,
    })
}

/// Scheme, host and perhaps a port.
fn read_url(node: Node<'_>) -> Option<Uri> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    let whole = |url: &Uri| {
        let path = url.path_and_query().map_or("", PathAndQuery::as_str);
        let plain = !text.contains(['@', '#', '\\']) && !text.ends_with(':');
        matches!(url.scheme_str(), Some("http" | "https"))
            && url.host().is_some_and(|host| !host.is_empty())
            && matches!(path, "" | "/")
            && plain
    };
    let url = text.parse().ok().filter(whole);
    if url.is_none() {
        let remedy = "write http:// or https://, a host, perhaps a port, and no path";
        node.refuse(format!("{} is no address of a server", quoted(text)), remedy);
    }
    url
}

/// The form in which addresses are compared.
fn address(url: &Uri) -> String {
    let (scheme, authority) = (url.scheme_str(), url.authority());
    let authority = authority.map(|authority| authority.as_str().to_ascii_lowercase());
    format!("{}://{}", scheme.unwrap_or_default(), authority.unwrap_or_default())
}

/// `keep`, or a host.
fn read_host(node: Node<'_>) -> Option<Option<HeaderValue>> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    if text == "keep" {
        return Some(None);
    }
    if !rule::names_host(text, true) {
        node.refuse(
            format!("{} is no host", quoted(text)),
            "write \"keep\", or a host as in a URL",
        );
        return None;
    }
    HeaderValue::from_str(text).ok().map(Some)
}

/// A path of the origin, perhaps with a query.
fn read_probe(node: Node<'_>) -> Option<PathAndQuery> {
    let text = node.words(limits::NAME_BYTES_MAX)?;
    let whole = text.starts_with('/') && !text.contains('#');
    let path = PathAndQuery::try_from(text).ok().filter(|_| whole);
    if path.is_none() {
        let remedy = "begin with a slash, and encode what needs it";
        node.refuse(format!("{} is no path", quoted(text)), remedy);
    }
    path
}
