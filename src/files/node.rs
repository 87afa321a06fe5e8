//! Reads a tree of values, noting everything that is wrong on the way.
//!
//! A reader asks a [`Node`] for what it should be and gets it, or `None` after the problem has been
//! noted with its place. So readers go on after a mistake and find the next one.

use std::ops::RangeInclusive;

use stanchion_domain::limits;

use super::Mode;
use super::document::Document;
use super::problem::{quoted, some_of};
use super::tree::{At, Kind, Value, key_shown};

/// A value of a document.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) document: &'a Document,
}

/// A table of a document, and the keys that were asked for.
pub(super) struct Table<'a> {
    pub(super) node: Node<'a>,
    entries: &'a [(String, Value)],
    known: Vec<&'static str>,
}

impl<'a> Node<'a> {
    /// The value that is the whole file.
    pub(super) fn root(document: &'a Document) -> Self {
        Self { value: document.root(), document }
    }

    /// Where it stands.
    pub(super) fn at(self) -> At {
        self.value.at
    }

    /// The path of keys to it.
    pub(super) fn path(self) -> String {
        self.document.root().path_to(self.at().order)
    }

    /// Notes that the file cannot be taken because of this value.
    pub(super) fn refuse(self, wrong: impl Into<String>, remedy: impl Into<String>) {
        self.document.refuse(self.at(), wrong.into(), remedy.into());
    }

    /// Notes something worth knowing about this value.
    pub(super) fn remark(self, what: impl Into<String>, done: impl Into<String>) {
        self.document.remark(self.at(), what.into(), done.into());
    }

    /// Notes a mistake that the caller repairs: a problem in strict mode, else a remark that says
    /// what was done.
    pub(super) fn repair(self, wrong: impl Into<String>, remedy: &str, done: impl Into<String>) {
        match self.document.mode {
            Mode::Strict => self.refuse(wrong, remedy),
            Mode::Lenient => self.remark(wrong, done),
        }
    }

    /// Notes that it is another kind of value than it should be.
    pub(super) fn wrong_kind<T>(self, wanted: &str) -> Option<T> {
        let found = self.value.kind.name();
        self.refuse(format!("is {found}, not {wanted}"), format!("write {wanted}"));
        None
    }

    /// Any text.
    pub(super) fn text(self) -> Option<&'a str> {
        match &self.value.kind {
            Kind::Text(text) => Some(text),
            _ => self.wrong_kind("a text"),
        }
    }

    /// A text of 1 to `bytes_max` bytes without control characters.
    pub(super) fn words(self, bytes_max: usize) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim().is_empty() {
            self.refuse("is empty", "write something");
        } else if text.len() > bytes_max {
            let wrong = format!("{} has {} bytes", quoted(text), text.len());
            self.refuse(wrong, format!("use at most {bytes_max}"));
        } else if text.chars().any(char::is_control) {
            self.refuse(format!("{} has control characters", quoted(text)), "take them out");
        } else {
            return Some(text);
        }
        None
    }

    /// What people call something.
    pub(super) fn name(self) -> Option<&'a str> {
        self.words(limits::NAME_BYTES_MAX)
    }

    /// A stable id: letters, digits, hyphen, underscore and dot.
    pub(super) fn id(self) -> Option<&'a str> {
        let id = self.words(limits::ID_BYTES_MAX)?;
        if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Some(id);
        }
        let remedy = "use letters, digits, hyphens, underscores and dots";
        self.refuse(format!("{} cannot be an id", quoted(id)), remedy);
        None
    }

    /// A whole number within a range. 5.0 counts as 5.
    pub(super) fn whole(self, range: RangeInclusive<u64>) -> Option<u64> {
        let whole = match self.value.kind {
            Kind::Whole(whole) => u64::try_from(whole).ok(),
            Kind::Number(number) if number.fract() == 0.0 => format!("{number:.0}").parse().ok(),
            Kind::Number(number) if number.is_infinite() => None,
            _ => return self.wrong_kind("a whole number"),
        };
        match whole {
            Some(whole) if range.contains(&whole) => Some(whole),
            _ => {
                let remedy = format!("use {} to {}", range.start(), range.end());
                self.refuse(format!("{} is out of range", self.value.kind.shown()), remedy);
                None
            }
        }
    }

    /// [`Node::whole`] for what is counted in 32 bits.
    pub(super) fn count(self, range: RangeInclusive<u32>) -> Option<u32> {
        let whole = self.whole(u64::from(*range.start())..=u64::from(*range.end()))?;
        u32::try_from(whole).ok()
    }

    /// A number within plus or minus `most`.
    pub(super) fn number(self, most: i32) -> Option<f64> {
        let number = match self.value.kind {
            Kind::Whole(whole) => i32::try_from(whole).map_or(f64::INFINITY, f64::from),
            Kind::Number(number) => number,
            _ => return self.wrong_kind("a number"),
        };
        // Written so that what is not a number is refused too.
        if number.abs() <= f64::from(most) {
            return Some(number);
        }
        let wrong = format!("{} is out of range", self.value.kind.shown());
        self.refuse(wrong, format!("use -{most} to {most}"));
        None
    }

    /// True or false.
    pub(super) fn flag(self) -> Option<bool> {
        match self.value.kind {
            Kind::Flag(flag) => Some(flag),
            _ => self.wrong_kind("true or false"),
        }
    }

    /// Whether it is `false`; notes nothing.
    pub(super) fn is_false(self) -> bool {
        self.value.kind == Kind::Flag(false)
    }

    /// The items of a list, up to where reading is given up.
    pub(super) fn list(self) -> Option<impl Iterator<Item = Self> + use<'a>> {
        let Node { document, value } = self;
        match &value.kind {
            Kind::List(items) => {
                let items = items.iter().take_while(|_| !document.given_up());
                Some(items.map(move |value| Node { value, document }))
            }
            _ => self.wrong_kind("a list"),
        }
    }

    /// The items, if it is a list and nothing else.
    pub(super) fn if_list(self) -> Option<impl Iterator<Item = Self> + use<'a>> {
        matches!(self.value.kind, Kind::List(_)).then(|| self.list()).flatten()
    }

    /// A table, whose keys are then asked for by name.
    pub(super) fn table(self) -> Option<Table<'a>> {
        match &self.value.kind {
            Kind::Table(entries) => Some(Table { node: self, entries, known: Vec::new() }),
            _ => self.wrong_kind("a table"),
        }
    }
}

impl<'a> Table<'a> {
    /// The value of a key, if it is there and not null.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Node<'a>> {
        self.known.push(key);
        self.entries().find(|(other, _)| *other == key).map(|(_, node)| node)
    }

    /// The value of a key that must be there.
    pub(super) fn need(&mut self, key: &'static str) -> Option<Node<'a>> {
        let found = self.get(key);
        if found.is_none() {
            self.node.refuse(format!("`{key}` is missing"), "add it");
        }
        found
    }

    /// The items of a list that may be absent; none if it is no list.
    pub(super) fn items(&mut self, key: &'static str) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.get(key).and_then(Node::list).into_iter().flatten()
    }

    /// The items of a list that must be there.
    pub(super) fn needed_items(
        &mut self,
        key: &'static str,
    ) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.need(key).and_then(Node::list).into_iter().flatten()
    }

    /// Whether a flag is set; false without one.
    pub(super) fn is(&mut self, key: &'static str) -> bool {
        self.get(key).and_then(Node::flag).unwrap_or(false)
    }

    /// All keys with their values, nulls left out.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> + use<'a> {
        let document = self.node.document;
        let present = self.entries.iter().filter(|(_, value)| value.kind != Kind::Null);
        present.map(move |(key, value)| (key.as_str(), Node { value, document }))
    }

    /// Names keys that are known but mean nothing to us.
    pub(super) fn ignore(&mut self, keys: &[&'static str]) {
        self.known.extend_from_slice(keys);
    }

    /// Ends reading: every key that nobody asked for is unknown, which is a mistake to repair by
    /// ignoring it.
    pub(super) fn finish(self) {
        for (key, node) in self.entries().filter(|(key, _)| !self.known.contains(key)) {
            let wrong = format!("the key `{}` is unknown", key_shown(key));
            match node.document.mode {
                Mode::Strict => node.refuse(wrong, self.remedy_for(key)),
                Mode::Lenient => node.remark(wrong, "it was ignored"),
            }
            if node.document.given_up() {
                break;
            }
        }
    }

    /// What to do about an unknown key: use the nearest known one, or one of all.
    fn remedy_for(&self, key: &str) -> String {
        const KEY_BYTES_MAX: usize = 40;
        const EDITS_MAX: usize = 2;
        let edits = |known: &str| strsim::osa_distance(key, known);
        let nearest = match key.len() {
            ..=KEY_BYTES_MAX => self.known.iter().min_by_key(|known| edits(known)),
            _ => None,
        };
        match nearest {
            Some(known) if edits(known) <= EDITS_MAX => format!("did you mean `{known}`?"),
            _ => format!("the keys here are {}", some_of(self.known.iter().copied())),
        }
    }
}
