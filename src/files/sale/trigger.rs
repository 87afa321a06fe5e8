//! Triggers: `[[triggers]]`, conditions set before the night that post a notice, stop calling, or
//! send everyone to another page.

use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::limits;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::ids::Ids;
use super::layout::zone_index;
use super::moment::instant;
use super::{Named, url};

const STATUSES: [StatusKind; 4] =
    [StatusKind::OnSale, StatusKind::Low, StatusKind::InBaskets, StatusKind::SoldOut];
/// The longest tag of a language that BCP 47 asks anybody to keep.
const LANGUAGE_BYTES_MAX: usize = 35;

pub(super) fn read(root: &mut Table<'_>, named: &Named, performances: &Ids) -> Vec<Trigger> {
    let mut ids = Ids::new("trigger");
    let nodes: Vec<_> = root.items("triggers").collect();
    if nodes.len() > limits::TRIGGERS_MAX {
        root.node.refuse("too many triggers", format!("use at most {}", limits::TRIGGERS_MAX));
    }
    let read = |node| read_trigger(node, named, performances, &mut ids);
    nodes.into_iter().filter_map(read).collect()
}

fn read_trigger(
    node: Node<'_>,
    named: &Named,
    performances: &Ids,
    ids: &mut Ids,
) -> Option<Trigger> {
    let mut table = node.table()?;
    let id = table.need("id").and_then(Node::id).unwrap_or_default();
    ids.add(node, id);
    let scope = scope(&mut table, named, performances);
    let condition = condition(&mut table, named);
    let deeds = deeds(&mut table);
    table.finish();
    Some(Trigger { id: id.to_owned(), scope: scope?, condition: condition?, deeds })
}

/// One performance, one zone, or the whole sale if neither is named.
fn scope(table: &mut Table<'_>, named: &Named, performances: &Ids) -> Option<Scope> {
    match (table.get("performance"), table.get("zone")) {
        (None, None) => Some(Scope::Sale),
        (Some(node), None) => {
            let at = u16::try_from(performances.find(node)?).ok()?;
            Some(Scope::Performance(PerformanceIndex(at)))
        }
        (None, Some(node)) => Some(Scope::Zone(zone_index(named.zones.find(node)?))),
        (Some(_), Some(_)) => {
            table
                .node
                .refuse("has both `performance` and `zone`", "keep one, or make two triggers");
            None
        }
    }
}

/// Exactly one of the conditions.
fn condition(table: &mut Table<'_>, named: &Named) -> Option<Condition> {
    let keys = ["status", "available_at_most", "sold_at_least_percent", "at"];
    let [status, available, sold, at] = keys.map(|key| table.get(key));
    match (status, available, sold, at) {
        (Some(node), None, None, None) => status_kind(node).map(Condition::StatusIs),
        (None, Some(node), None, None) => {
            node.whole(0..=u64::from(u32::MAX)).map(Condition::AvailableAtMost)
        }
        (None, None, Some(node), None) => {
            let percent = node.count(0..=100)?;
            Some(Condition::SoldAtLeastPermille(percent * 10))
        }
        (None, None, None, Some(node)) => {
            instant(node, named.time_zone.as_ref()).map(Condition::TimeReached)
        }
        _ => {
            let remedy = format!("give exactly one of `{}`", keys.join("`, `"));
            table.node.refuse("waits for none or several things", remedy);
            None
        }
    }
}

fn status_kind(node: Node<'_>) -> Option<StatusKind> {
    let text = node.text()?;
    let found = STATUSES.into_iter().find(|kind| kind.name() == text);
    if found.is_none() {
        let remedy = "use \"on_sale\", \"low\", \"in_baskets\" or \"sold_out\"";
        node.refuse(format!("{} is no status", quoted(text)), remedy);
    }
    found
}

/// Everything the trigger does: words first, so that nobody is sent away without them.
fn deeds(table: &mut Table<'_>) -> Vec<Deed> {
    let keys = ["notice", "stop_calling", "redirect"];
    let [words, stop, redirect] = keys.map(|key| table.get(key));
    let mut deeds = Vec::new();
    deeds.extend(words.and_then(notice).map(Deed::PostNotice));
    if stop.and_then(Node::flag) == Some(true) {
        deeds.push(Deed::StopCalling);
    }
    deeds.extend(redirect.and_then(url).map(|url| Deed::Redirect(url.to_owned())));
    let nothing = words.is_none() && redirect.is_none() && stop.is_none_or(|stop| stop.is_false());
    if nothing {
        let remedy = format!("give at least one of `{}`", keys.join("`, `"));
        table.node.refuse("does nothing", remedy);
    }
    deeds
}

/// A table of languages and texts, in the order of the file.
fn notice(node: Node<'_>) -> Option<Notice> {
    let table = node.table()?;
    let mut texts = Vec::new();
    for (language, text) in table.entries() {
        let plain = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if language.is_empty() || language.len() > LANGUAGE_BYTES_MAX || !plain {
            let wrong = format!("{} is no language", quoted(language));
            text.refuse(wrong, "write a tag such as `en` or `de-AT`");
        }
        let words = text.words(limits::NOTICE_BYTES_MAX).unwrap_or_default();
        texts.push((language.to_owned(), words.to_owned()));
    }
    if texts.is_empty() || texts.len() > limits::NOTICE_LANGUAGES_MAX {
        let remedy = format!("give 1 to {}", limits::NOTICE_LANGUAGES_MAX);
        node.refuse(format!("has {} languages", texts.len()), remedy);
    }
    Some(Notice { texts })
}
