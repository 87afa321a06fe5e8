//! The gate file: how a shop is connected, and who needs a pass for what. `docs/gate.md` describes
//! every key.
//!
//! Reads it whole, or refuses it with all mistakes at once. Holds no secret, decides nothing: what
//! the rules mean for a request is the gate's business.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderValue, StatusCode, Uri};
use stanchion_domain::limits;

use super::node::{Node, Table};
use super::problem::{Problems, quoted, some_of};
use super::{Mode, text_of, toml};
pub use cards::Cards;
pub use connector::{Connector, Cookie, Integrations};
pub use counter::Counter;
pub use rule::{Rule, Then};
pub use trust::{Identity, Unfit};

mod cards;
mod connector;
mod counter;
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
    /// What is not passed on to the shop behind us.
    pub cards: Cards,
    /// Where visitors may be sent back to, besides this host: scheme and authority.
    pub origins: Vec<String>,
    /// The address of this server as shops know it that check passes by themselves; without one,
    /// there are none.
    pub issuer: Option<String>,
    /// The status with which apps are told that they wait.
    pub app_status: StatusCode,
    /// For clients of a retired waiting room, if there are any.
    pub counter: Option<Counter>,
    /// A connector that a shop runs already, and that lets in by tokens of somebody else's form.
    pub connector: Option<Connector>,
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
    let mut others = Problems::default();
    let gate = Node::root(&document).table().map(|root| read(root, folder, &mut others));
    if let Err(mut problems) = document.finish() {
        problems.absorb(others);
        return Err(problems);
    }
    others.or_else_ok()?;
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
        if let Some(sale) = self.counter.as_ref().and_then(|counter| counter.sale.as_ref())
            && !known(sale)
        {
            wrong("counter.sale".to_owned(), unserved(sale), offered());
        }
        for (room, sale) in self.connector.iter().flat_map(|connector| &connector.rooms) {
            if !known(sale) {
                let path = format!("connector.waiting_rooms.{room}");
                wrong(path, unserved(sale), offered());
            }
        }
        if let Some(connector) = &self.connector
            && served.contains(connector.prefix.as_str())
        {
            let remedy = "choose a prefix that is no sale's id".to_owned();
            wrong("connector.prefix".to_owned(), "is the id of a sale".to_owned(), remedy);
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

/// `others` takes what is wrong with the files that it names.
fn read(mut root: Table<'_>, folder: &Path, others: &mut Problems) -> Gate {
    let sale = root.get("sale").and_then(Node::id).map(str::to_owned);
    let origin = root.get("origin").and_then(Node::table);
    let origin = origin.and_then(|table| read_origin(table, folder));
    let renamed = origin.as_ref().is_some_and(|origin| origin.host.is_some());
    let mut rules = Vec::new();
    for node in root.items("rules") {
        if rules.len() == RULES_MAX {
            node.refuse("is one rule too many", format!("use at most {RULES_MAX}"));
            break;
        }
        rules.extend(rule::read(node, renamed));
    }
    let cards = match root.get("cards") {
        Some(node) => node.table().map(cards::read),
        None => origin.as_ref().map(|_| Cards::usual()),
    };
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
    let mut issuer = None;
    if let Some(mut pass) = root.get("pass").and_then(Node::table) {
        issuer = pass.need("issuer").and_then(read_url).map(|url| address(&url));
        pass.finish();
    }
    let mut app_status = StatusCode::OK;
    if let Some(mut apps) = root.get("apps").and_then(Node::table) {
        app_status = apps.get("status").and_then(read_app_status).unwrap_or(app_status);
        apps.finish();
    }
    let counter = root.get("counter").and_then(Node::table).and_then(counter::read);
    let place = connector::Place { folder, proxy: origin.is_some() };
    let connector = root.get("connector").and_then(Node::table);
    let connector = connector.and_then(|table| connector::read(table, &place, others));
    root.finish();
    Gate {
        file: String::new(),
        sale,
        origin,
        rules,
        cards: cards.unwrap_or_default(),
        origins,
        issuer,
        app_status,
        counter,
        connector,
    }
}

/// One of those that readers of the object look into.
fn read_app_status(node: Node<'_>) -> Option<StatusCode> {
    let status = node.whole(200..=429)?;
    let known = [StatusCode::OK, StatusCode::ACCEPTED, StatusCode::TOO_MANY_REQUESTS];
    let found = known.into_iter().find(|known| u64::from(known.as_u16()) == status);
    if found.is_none() {
        node.refuse(format!("{status} is no status for it"), "use 200, 202 or 429");
    }
    found
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
