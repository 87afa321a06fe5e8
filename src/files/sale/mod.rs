//! The sale file: the one file an operator writes, in TOML. `docs/sales.md` describes every key.
//!
//! Reads it, and the plans it names, into a `Definition` that passes `Definition::check`, or
//! refuses it with all mistakes of all files at once. `difference` says what a changed file would
//! change.

use std::path::Path;

use jiff::tz::TimeZone;
use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Definition, Performance};

use super::node::{Node, Table};
use super::plan::{Imported, import_text};
use super::problem::{Problems, quoted};
use super::theme::{self, Theme};
use super::{Mode, text_of, toml};
use ids::Ids;
use layout::Layout;
use money::Currency;

pub mod difference;
mod ids;
mod layout;
mod mirror;
mod moment;
mod money;
mod performance;
mod policy;
mod series;
mod trigger;
mod zone;
#[cfg(test)]
mod tests;

/// A definition, and what is worth knowing about its files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The sale.
    pub definition: Definition,
    /// How its page looks; no part of the sale, so a changed one is shown after the next start.
    pub theme: Theme,
    /// What was repaired or ignored.
    pub remarks: Problems,
}

/// What the later parts of a sale file refer to.
struct Named {
    currency: Currency,
    time_zone: Option<TimeZone>,
    /// Whether the venue's own system keeps the seats.
    mirrored: bool,
    zones: Ids,
    plans: Ids,
    /// By plan; absent where the plan's file has problems of its own.
    layouts: Vec<Option<Layout>>,
}

/// Loads a sale file and the plans it names.
pub fn load(path: &Path, mode: Mode) -> Result<Loaded, Problems> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.display().to_string();
    match text_of(path) {
        Ok(text) => from_text(&name, &text, folder, mode),
        Err((wrong, remedy)) => Err(Problems::of_file(&name, wrong, remedy)),
    }
}

/// Reads the text of a sale file. `name` is what problems call it; plans are sought in `folder`.
pub fn from_text(name: &str, text: &str, folder: &Path, mode: Mode) -> Result<Loaded, Problems> {
    let document = toml::document(name, text, mode)?;
    let mut plans = PlanFiles {
        folder,
        theme: Theme::default(),
        time_zone: TimeZone::UTC,
        problems: Problems::default(),
        remarks: Problems::default(),
    };
    let definition = Node::root(&document).table().map(|root| read(root, &mut plans));
    let remarks = match (document.finish(), plans.problems.is_empty()) {
        (Ok(mut remarks), true) => {
            remarks.absorb(std::mem::take(&mut plans.remarks));
            remarks
        }
        (sale, _) => {
            let mut problems = sale.err().unwrap_or_default();
            problems.absorb(plans.problems);
            return Err(problems);
        }
    };
    let definition = definition.expect("a TOML text is a table");
    definition.check();
    let theme = Theme { time_zone: plans.time_zone, ..plans.theme };
    Ok(Loaded { definition, theme, remarks })
}

/// Digits after the decimal point in amounts of a currency; none if it is unknown.
pub fn decimals(currency: &str) -> u32 {
    let known = Currency::of_code(currency).map(|currency| currency.digits);
    known.and_then(|digits| u32::try_from(digits).ok()).unwrap_or_default()
}

/// Where plans and theme are sought, what was found in their files, and where all this is.
struct PlanFiles<'p> {
    folder: &'p Path,
    theme: Theme,
    time_zone: TimeZone,
    problems: Problems,
    remarks: Problems,
}

impl PlanFiles<'_> {
    /// Loads the theme that a node names.
    fn dress(&mut self, node: Node<'_>) {
        let Some(name) = node.name() else { return };
        match theme::load(&self.folder.join(name)) {
            Ok(theme) => self.theme = theme,
            Err(problems) => self.problems.absorb(problems),
        }
    }

    /// Imports the plan that a node names; a file that cannot be read is a mistake of the node.
    fn open(&mut self, node: Node<'_>) -> Option<Imported> {
        let path = self.folder.join(node.name()?);
        let imported = match text_of(&path) {
            Ok(text) => import_text(&path.display().to_string(), &text, node.document.mode),
            Err((wrong, remedy)) => {
                node.refuse(wrong, remedy);
                return None;
            }
        };
        match imported {
            Ok(mut imported) => {
                self.remarks.absorb(std::mem::take(&mut imported.remarks));
                Some(imported)
            }
            Err(problems) => {
                self.problems.absorb(problems);
                None
            }
        }
    }
}

fn read(mut root: Table<'_>, plan_files: &mut PlanFiles<'_>) -> Definition {
    let id = root.need("id").and_then(sale_id).unwrap_or_default();
    let name = root.need("name").and_then(Node::name).unwrap_or_default();
    let currency = root.need("currency").and_then(Currency::read).unwrap_or_default();
    let time_zone = root.get("time_zone").and_then(moment::time_zone);
    plan_files.time_zone = time_zone.clone().unwrap_or(TimeZone::UTC);
    let opens_at = root.get("opens_at").and_then(|node| moment::instant(node, time_zone.as_ref()));
    let shop_url = root.get("shop_url").and_then(url).map(str::to_owned);
    if let Some(node) = root.get("theme") {
        plan_files.dress(node);
    }
    let mirrored = mirror::mirrored(&mut root);
    let (policy, stale_span) = policy::read(&mut root);
    let (zones, zone_ids) = zone::read(&mut root, &currency);
    let mut named = Named {
        currency,
        time_zone,
        mirrored,
        zones: zone_ids,
        plans: Ids::new("plan"),
        layouts: Vec::new(),
    };
    let mirror = mirror::read(mirrored, &mut root, stale_span);
    layout::read(&mut root, &mut named, plan_files);
    let (performances, performance_ids) = read_performances(&mut root, &named);
    let triggers = trigger::read(&mut root, &named, &performance_ids);
    root.finish();
    Definition {
        id: id.to_owned(),
        name: name.to_owned(),
        currency: named.currency.code.to_owned(),
        opens_at,
        shop_url,
        plans: named.layouts.into_iter().flatten().map(|layout| layout.plan).collect(),
        zones,
        performances,
        policy,
        triggers,
        mirror,
    }
}

/// Single performances and series, in the order of the file whichever they are: so that whatever is
/// written below comes after what is above.
fn read_performances(root: &mut Table<'_>, named: &Named) -> (Vec<Performance>, Ids) {
    let mut written: Vec<_> = root.items("performances").map(|n| (n, false)).collect();
    written.extend(root.items("series").map(|node| (node, true)));
    written.sort_by_key(|(node, _)| node.at());
    let mut performances = Vec::new();
    let mut ids = Ids::new("performance");
    for (node, many) in written {
        let read = if many { series::read(node, named) } else { performance::read(node, named) };
        for performance in read {
            ids.add(node, &performance.id);
            performances.push(performance);
        }
        if performances.len() > limits::PERFORMANCES_MAX {
            let remedy = format!("use at most {}", limits::PERFORMANCES_MAX);
            node.refuse("makes too many performances", remedy);
            break;
        }
    }
    if ids.is_empty() {
        root.node.refuse("has no performances", "add [[performances]] or [[series]]");
    }
    performance::check_units(root.node, &performances, named);
    (performances, ids)
}

/// The id of a sale is part of addresses: lower-case letters, digits and hyphens.
fn sale_id(node: Node<'_>) -> Option<&str> {
    let id = node.words(limits::ID_BYTES_MAX)?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.bytes().all(fits) {
        return Some(id);
    }
    let remedy = "use lower-case letters, digits and hyphens";
    node.refuse(format!("{} cannot be the id of a sale", quoted(id)), remedy);
    None
}

/// An absolute address of a page.
fn url(node: Node<'_>) -> Option<&str> {
    let text = node.words(limits::URL_BYTES_MAX)?;
    let parsed = text.parse::<http::Uri>().ok();
    let whole = parsed.filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    if whole.is_some_and(|uri| matches!(uri.scheme_str(), Some("https" | "http"))) {
        return Some(text);
    }
    node.refuse(format!("{} is no address", quoted(text)), "write https:// and the rest");
    None
}
