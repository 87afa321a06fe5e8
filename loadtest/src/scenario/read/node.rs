//! Reads a TOML tree, noting everything that is wrong on the way.
//!
//! A reader asks a [`Node`] for what it should be and gets it, or `None` after the mistake has been
//! noted with its line. So readers go on with the default after a mistake and find the next one;
//! what they make is thrown away if there was any.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::mistakes::{Mistake, Mistakes, choice, meant, quoted};
use super::span::{SPAN_ALLOWED, read_span, span_shown};
use super::table::{Keys, Table};

/// A file that is being read.
pub(super) struct Page<'a> {
    /// As it was named to us.
    pub(super) name: String,
    /// What its paths are relative to.
    pub(super) folder: PathBuf,
    /// All of it.
    pub(super) text: &'a str,
    mistakes: RefCell<Mistakes>,
}

impl<'a> Page<'a> {
    pub(super) fn new(path: &Path, text: &'a str) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = path.display().to_string();
        Self { name, folder, text, mistakes: RefCell::default() }
    }

    /// Notes a mistake in this file or another.
    pub(super) fn note(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().add(mistake);
    }

    /// Notes a mistake at a byte of the text.
    pub(super) fn refuse_at(&self, byte: usize, key: &str, wrong: String, allowed: String) {
        let before = self.text.as_bytes().get(..byte).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let (file, key) = (self.name.clone(), key.to_owned());
        self.note(Mistake { file, line: Some(line), key, wrong, allowed });
    }

    /// Ends reading.
    pub(super) fn into_mistakes(self) -> Mistakes {
        self.mistakes.into_inner().sorted()
    }
}

/// A value of a file.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) value: &'a DeValue<'a>,
    /// The byte where its key stands: that is where people look.
    pub(super) at: usize,
    /// The path of keys to it.
    pub(super) path: String,
}

impl<'a> Node<'a> {
    /// Notes a mistake here, and gives nothing.
    pub(super) fn refuse<T>(
        &self,
        wrong: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Option<T> {
        self.page.refuse_at(self.at, &self.path, wrong.into(), allowed.into());
        None
    }

    fn wrong_kind<T>(&self, wanted: &str) -> Option<T> {
        self.refuse(format!("is {}", kind(self.value)), format!("write {wanted}"))
    }

    /// A text of 1 to `bytes_max` bytes without control characters but line breaks.
    pub(super) fn words(&self, bytes_max: usize) -> Option<&'a str> {
        let Some(text) = self.value.as_str() else { return self.wrong_kind("a text") };
        let odd = |letter: char| letter.is_control() && letter != '\n';
        if text.trim().is_empty() || text.len() > bytes_max {
            let wrong = format!("has {} bytes", text.trim().len());
            return self.refuse(wrong, format!("write 1 to {bytes_max} bytes"));
        }
        if text.contains(odd) {
            return self.refuse("has control characters", "take them out");
        }
        Some(text)
    }

    /// A name that can be part of a file's name: letters, digits, hyphens, underscores, dots.
    pub(super) fn name(&self, bytes_max: usize) -> Option<String> {
        let name = self.words(bytes_max)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.bytes().all(plain) {
            return Some(name.to_owned());
        }
        let allowed = "use letters, digits, hyphens, underscores and dots";
        self.refuse(format!("{} has other characters", quoted(name)), allowed)
    }

    /// One of some words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let Some(text) = self.value.as_str() else {
            return self.wrong_kind(&choice(&names));
        };
        if let Some((_, found)) = words.iter().find(|(name, _)| *name == text) {
            return Some(*found);
        }
        let mut allowed = format!("write {}", choice(&names));
        if let Some(meant) = meant(text, &names) {
            allowed = format!("did you mean `{meant}`? {allowed}");
        }
        self.refuse(format!("{} is not known", quoted(text)), allowed)
    }

    /// A whole number within a range.
    pub(super) fn whole(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let DeValue::Integer(number) = self.value else {
            return self.wrong_kind("a whole number");
        };
        let whole = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let whole = whole.filter(|whole| range.contains(whole));
        whole.or_else(|| self.out_of(number.as_str(), range.start(), range.end()))
    }

    /// [`Node::whole`] for what is counted in 32 bits.
    pub(super) fn count(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let whole = self.whole(u64::from(*range.start())..=u64::from(*range.end()))?;
        u32::try_from(whole).ok()
    }

    /// A number within a range, whole or not.
    pub(super) fn number(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let (text, number) = match self.value {
            DeValue::Integer(whole) if whole.radix() == 10 => {
                (whole.as_str(), whole.as_str().parse().ok())
            }
            DeValue::Float(number) => (number.as_str(), number.as_str().parse::<f64>().ok()),
            _ => return self.wrong_kind("a number"),
        };
        // What is not a number is in no range.
        let number = number.filter(|number| range.contains(number));
        number.or_else(|| self.out_of(text, range.start(), range.end()))
    }

    fn out_of<T>(
        &self,
        found: &str,
        least: impl std::fmt::Display,
        most: impl std::fmt::Display,
    ) -> Option<T> {
        let found = found.chars().take(30).collect::<String>();
        self.refuse(format!("{found} is out of range"), format!("write {least} to {most}"))
    }

    /// True or false.
    pub(super) fn flag(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.wrong_kind("true or false"))
    }

    /// A span within a range.
    pub(super) fn span(&self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let Some(text) = self.value.as_str() else { return self.wrong_kind("a span in quotes") };
        let Some(span) = read_span(text) else {
            return self.refuse(format!("{} is no span", quoted(text)), SPAN_ALLOWED);
        };
        if range.contains(&span) {
            return Some(span);
        }
        self.out_of(text, span_shown(*range.start()), span_shown(*range.end()))
    }

    /// A span, or the shortest and the longest of one that is drawn.
    pub(super) fn spans(&self, range: RangeInclusive<Duration>) -> Option<(Duration, Duration)> {
        if self.value.is_str() {
            return self.span(range).map(|span| (span, span));
        }
        let items = self.list(2)?;
        let [least, most] = items.as_slice() else {
            return self.refuse("is not a pair", "write [shortest, longest]");
        };
        let (least, most) = (least.span(range.clone()), most.span(range));
        let (least, most) = (least?, most?);
        if least > most {
            return self.refuse("ends before it begins", "write [shortest, longest]");
        }
        Some((least, most))
    }

    /// The items of a list.
    pub(super) fn list(&self, items_max: usize) -> Option<Vec<Self>> {
        let Some(items) = self.value.as_array() else { return self.wrong_kind("a list") };
        if items.len() > items_max {
            let wrong = format!("has {} items", items.len());
            return self.refuse(wrong, format!("write at most {items_max}"));
        }
        Some(items.iter().enumerate().map(|(at, item)| self.item(at, item)).collect())
    }

    fn item(&self, at: usize, item: &'a Spanned<DeValue<'a>>) -> Self {
        let path = format!("{}[{at}]", self.path);
        Node { page: self.page, value: item.get_ref(), at: item.span().start, path }
    }

    /// What each item of a list is read as; those that are wrong are noted and left out.
    pub(super) fn each<T>(
        &self,
        items_max: usize,
        read: impl Fn(&Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        Some(self.list(items_max)?.iter().filter_map(read).collect())
    }

    /// A table with these keys and no others.
    pub(super) fn table(&self, keys: Keys) -> Option<Table<'a>> {
        match self.value.as_table() {
            Some(entries) => Some(Table::open(self.clone(), entries, keys)),
            None => self.wrong_kind("a table"),
        }
    }

    /// The path of a file that is there, from where this file is.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let name = self.words(super::super::limits::ADDRESS_BYTES_MAX)?;
        let path = self.page.folder.join(name);
        if path.is_file() {
            return Some(path);
        }
        let wrong = format!("{} is not there", path.display());
        self.refuse(wrong, "name a file, relative to this one")
    }
}

/// What people call this kind of value.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
