//! A scenario from its file, or everything that is wrong with it.
//!
//! `docs/scenarios.md` describes the format; a test compares it with the keys and defaults here.
//! Nothing in a file can make this panic.

pub mod mistakes;
pub mod span;
mod action;
mod curve;
mod goals;
mod node;
mod people;
mod table;
mod target;
mod time;
mod waves;
#[cfg(test)]
pub(crate) mod tests;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use self::mistakes::{Mistake, Mistakes};
use self::node::{Node, Page};
use self::table::{Keys, Table};
use super::{Scenario, limits, waves as crowd};

/// Keys of the file itself.
const KEYS: Keys = &[
    "name",
    "about",
    "seed",
    "pace_of_life",
    "span_max",
    "target",
    "own",
    "wires",
    "arrivals",
    "kinds",
    "timeline",
    "phases",
    "thresholds",
];
/// The seed, unless another is given: so that a run without one can be repeated too.
const SEED: u64 = 1;
/// The end of a run that never says when it ends.
const SPAN_MAX: Duration = Duration::from_mins(30);

/// Reads a scenario. Its paths are relative to the file; those it returns can be opened from here.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn read(path: &Path) -> Result<Scenario, Mistakes> {
    let text = text_of(path, limits::FILE_BYTES_MAX)?;
    read_text(path, &text)
}

/// Reads a scenario from its text, as if it stood in the file of that path.
///
/// # Errors
/// As [`read`].
pub fn read_text(path: &Path, text: &str) -> Result<Scenario, Mistakes> {
    let page = Page::new(path, text);
    let (root, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let byte = fault.span().map_or(0, |span| span.start);
        let wrong = format!("not readable as TOML: {}", fault.message().replace('\n', ", "));
        page.refuse_at(byte, "", wrong, "mend it".to_owned());
    }
    if !faults.is_empty() {
        return Err(page.into_mistakes());
    }
    let root = DeValue::Table(root.into_inner());
    let node = Node { page: &page, value: &root, at: 0, path: String::new() };
    let scenario = node.table(KEYS).map(|table| scenario(&table, path));
    let mistakes = page.into_mistakes();
    match scenario {
        Some(scenario) if mistakes.is_empty() => Ok(scenario),
        _ => Err(mistakes),
    }
}

fn scenario(table: &Table<'_>, path: &Path) -> Scenario {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let stem = stem.replace(|letter| !plain(letter), "-");
    let name = table.or("name", stem, |node| node.name(limits::NAME_BYTES_MAX));
    let about = table.or("about", "", |node| node.words(limits::ABOUT_BYTES_MAX));
    let span_max = table.or("span_max", SPAN_MAX, |node| node.span(limits::SPAN_MAX));
    let target = table.need("target", target::target).unwrap_or_default();
    let own = table.get("own").and_then(|node| target::own(&node, &target.sale));
    let phases = table.or("phases", time::whole_run(), |node| time::phases(node, span_max));
    let scenario = Scenario {
        seed: table.or("seed", SEED, |node| node.whole(limits::SEED)),
        pace_of_life: table.or("pace_of_life", 1.0, |node| node.number(limits::PACE_OF_LIFE)),
        span_max,
        wires: table.or("wires", target::plain_wires(), target::wires),
        arrivals: table.need("arrivals", |node| waves::waves(node, span_max)).unwrap_or_default(),
        kinds: table.need("kinds", people::kinds).unwrap_or_default(),
        timeline: table.or("timeline", Vec::new(), |node| {
            time::timeline(node, span_max, table.get("own").is_some())
        }),
        thresholds: table.or("thresholds", Vec::new(), |node| goals::thresholds(node, &phases)),
        about: about.trim().to_owned(),
        name,
        target,
        own,
        phases,
    };
    check_crowd(table, &scenario);
    check_standby(table, &scenario);
    scenario
}

/// Notes it if there cannot be a standby that was asked for.
fn check_standby(table: &Table<'_>, scenario: &Scenario) {
    let asked_for = scenario.own.as_ref().is_some_and(|own| own.standby);
    let (Some(node), true) = (table.get("timeline"), asked_for) else { return };
    if let Err(why) = scenario.clone().with_standby() {
        node.refuse::<()>(why, "write `kill` instead of `stop`, or leave `own.standby` out");
    }
}

/// Notes it if nobody comes, or more than may.
fn check_crowd(table: &Table<'_>, scenario: &Scenario) {
    let (Some(node), false) = (table.get("arrivals"), scenario.arrivals.is_empty()) else {
        return;
    };
    let people = crowd::people(&scenario.arrivals);
    if !(1..=limits::PEOPLE_MAX).contains(&people) {
        let allowed = format!("let 1 to {} come in all", limits::PEOPLE_MAX);
        node.refuse::<()>(format!("{people} people come in all"), allowed);
    }
}

/// A file as text, if it is one and small enough.
fn text_of(path: &Path, bytes_max: u64) -> Result<String, Mistakes> {
    let refuse = |wrong: String, allowed: String| {
        let (file, key) = (path.display().to_string(), String::new());
        Mistakes { listed: vec![Mistake { file, line: None, key, wrong, allowed }], more: 0 }
    };
    let unreadable = |fault: std::io::Error| {
        refuse(format!("cannot be read: {fault}"), "name a text file that is there".to_owned())
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let read = file.take(bytes_max + 1).read_to_string(&mut text).map_err(unreadable)?;
    if u64::try_from(read).is_ok_and(|read| read <= bytes_max) {
        return Ok(text);
    }
    Err(refuse("is too large".to_owned(), format!("keep it to {bytes_max} bytes")))
}
