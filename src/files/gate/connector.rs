//! What a gate file says of a connector that a shop runs already: by which address it comes here,
//! and which of its waiting rooms is which sale.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use stanchion_domain::limits;

use super::super::node::{Node, Table};
use super::super::problem::{Problems, quoted, some_of};
use super::super::{Mode, json, text_of};

/// Waiting rooms of one venue: a connector's configuration names each of them.
const ROOMS_MAX: usize = 200;
/// Integrations of one venue.
const INTEGRATIONS_MAX: usize = 1_000;
/// What the connector's own addresses begin with, unless the file says otherwise.
const PREFIX: &str = "connector";

/// A connector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connector {
    /// The id by which it names the venue.
    pub customer: String,
    /// What its addresses here begin with, without slashes at the ends; perhaps empty.
    pub prefix: String,
    /// The sale of each waiting room that it names.
    pub rooms: BTreeMap<String, String>,
    /// How long its cookie counts.
    pub cookie: Cookie,
    /// What it may fetch, to know when to ask for what.
    pub integrations: Option<Integrations>,
}

/// How long the cookie counts by which a connector knows again whom it let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Cookie {
    /// For half the span after which a silent pass ends: then the visitor comes by here again.
    #[default]
    Fixed,
    /// As long as it is used, by the connector's own settings: we hear nothing of the visitor.
    Extended,
}

/// The integration configuration that connectors fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Integrations {
    /// The file, as it is.
    pub json: Bytes,
    /// Whether anybody may fetch it.
    pub open: bool,
}

/// Where a gate file stands, and what it makes of us.
pub(super) struct Place<'a> {
    pub folder: &'a Path,
    /// Whether we stand in front of the shop.
    pub proxy: bool,
}

pub(super) fn read(
    mut table: Table<'_>,
    place: &Place<'_>,
    others: &mut Problems,
) -> Option<Connector> {
    let customer = table.need("customer").and_then(Node::id).map(str::to_owned);
    let prefix = match table.get("prefix") {
        Some(node) => read_prefix(node, place.proxy),
        None => Some(PREFIX.to_owned()),
    };
    let rooms = table.need("waiting_rooms").and_then(read_rooms);
    let cookie = table.get("cookie").map_or(Some(Cookie::Fixed), read_cookie);
    let file = table.get("integrations");
    let open = table.is("integrations_open");
    table.finish();
    let (prefix, rooms) = (prefix?, rooms?);
    let integrations = match file {
        Some(node) => {
            let json = read_integrations(node, place.folder, &(&rooms, &prefix), others)?;
            Some(Integrations { json, open })
        }
        None => None,
    };
    Some(Connector { customer: customer?, prefix, rooms, cookie: cookie?, integrations })
}

fn read_prefix(node: Node<'_>, proxy: bool) -> Option<String> {
    let text = node.text()?;
    if text.is_empty() && proxy {
        node.refuse("is empty", "name one: without, the addresses are those of the shop behind");
        return None;
    }
    let plain = |segment: &str| {
        let ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !matches!(segment, "" | "." | "..") && segment.bytes().all(ours)
    };
    if text.is_empty() || text.len() <= limits::ID_BYTES_MAX && text.split('/').all(plain) {
        return Some(text.to_owned());
    }
    let remedy = "use letters, digits, hyphens, underscores and dots, and slashes only inside";
    node.refuse(format!("{} cannot begin a path", quoted(text)), remedy);
    None
}

fn read_rooms(node: Node<'_>) -> Option<BTreeMap<String, String>> {
    let entries: Vec<_> = node.table()?.entries().collect();
    if entries.is_empty() || entries.len() > ROOMS_MAX {
        node.refuse(
            format!("has {} entries", entries.len()),
            format!("use 1 to {ROOMS_MAX}, as `gala2026 = \"gala\"`: the connector's id, the sale"),
        );
        return None;
    }
    let rooms = entries.into_iter().map(|(room, node)| {
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let plain = room.bytes().all(|byte| small(byte) || b"-.".contains(&byte));
        if room.is_empty() || room.len() > limits::ID_BYTES_MAX || !plain {
            let wrong = format!("{} is no id that a connector keeps as it is", quoted(room));
            // It writes its cookie by small letters, and divides its token at `_` and `~`.
            node.refuse(wrong, "use small letters, digits, hyphens and dots, here and there");
            return None;
        }
        node.id().map(|sale| (room.to_owned(), sale.to_owned()))
    });
    rooms.collect::<Vec<_>>().into_iter().collect()
}

fn read_cookie(node: Node<'_>) -> Option<Cookie> {
    match node.text()? {
        "fixed" => Some(Cookie::Fixed),
        "extended" => Some(Cookie::Extended),
        other => {
            let remedy = "write \"fixed\" or \"extended\"";
            node.refuse(format!("{} is no kind of cookie", quoted(other)), remedy);
            None
        }
    }
}

/// The file that connectors fetch, if what concerns us in it fits.
fn read_integrations(
    node: Node<'_>,
    folder: &Path,
    here: &(&BTreeMap<String, String>, &str),
    others: &mut Problems,
) -> Option<Bytes> {
    let path = folder.join(node.name()?);
    let text = match text_of(&path) {
        Ok(text) => text,
        Err((wrong, remedy)) => {
            node.refuse(wrong, remedy);
            return None;
        }
    };
    // Its keys are somebody else's: what we do not know is not our business.
    let checked = json::document(&path.display().to_string(), &text, Mode::Lenient);
    let checked = checked.and_then(|document| {
        if let Some(root) = Node::root(&document).table() {
            check_integrations(root, here);
        }
        document.finish()
    });
    match checked {
        Ok(_) => Some(text.into()),
        Err(problems) => {
            others.absorb(problems);
            None
        }
    }
}

fn check_integrations(mut root: Table<'_>, here: &(&BTreeMap<String, String>, &str)) {
    // The connector takes 0 for no configuration at all.
    root.need("Version").map(|node| node.whole(1..=u64::from(u32::MAX)));
    for node in root.needed_items("Integrations").take(INTEGRATIONS_MAX) {
        let Some(mut table) = node.table() else { continue };
        table.needed_items("Triggers").for_each(drop);
        if table.need("ActionType").and_then(Node::text) == Some("Ignore") {
            continue;
        }
        let (rooms, prefix) = here;
        if let Some(node) = table.need("EventId")
            && let Some(room) = node.text()
            && !rooms.contains_key(room)
        {
            let remedy = format!(
                "the waiting rooms of the gate file are {}",
                some_of(rooms.keys().map(String::as_str))
            );
            node.refuse(format!("{} is no waiting room here", quoted(room)), remedy);
        }
        let found = table.get("QueuePathPrefix").and_then(Node::text).unwrap_or_default();
        if found.trim_matches('/') != *prefix {
            let wrong = format!("`QueuePathPrefix` is {}", quoted(found));
            node.refuse(wrong, format!("write {}, as in the gate file", quoted(prefix)));
        }
    }
}

#[cfg(test)]
mod tests;
