//! Takes settings out one by one, checks each, and keeps a list of what is wrong.
//!
//! A wrong setting gives `None` and a mistake; reading goes on, so that all mistakes come at once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use config::{Value, ValueKind};

use super::Mistake;

/// Settings by key, and the mistakes so far.
#[derive(Debug)]
pub(super) struct Reader {
    values: BTreeMap<String, Value>,
    mistakes: Vec<Mistake>,
}

impl Reader {
    pub(super) fn new(values: BTreeMap<String, Value>, mistakes: Vec<Mistake>) -> Self {
        Self { values, mistakes }
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// Says what is wrong with a setting.
    pub(super) fn wrong(&mut self, key: &str, wrong: impl Into<String>) {
        let place = self.place(key);
        self.mistakes.push(Mistake { place, key: key.to_owned(), wrong: wrong.into() });
    }

    /// Notes a mistake that stands elsewhere than in the settings.
    pub(super) fn mistaken(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Where a setting came from.
    pub(super) fn place(&self, key: &str) -> String {
        let origin = self.values.get(key).and_then(Value::origin);
        origin.unwrap_or("built-in default").to_owned()
    }

    /// Whether a setting came from the environment, or was left alone.
    pub(super) fn private(&self, key: &str) -> bool {
        let origin = self.values.get(key).and_then(Value::origin);
        origin.is_none_or(|origin| origin.starts_with("environment variable "))
    }

    /// A text, possibly empty.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let text = self.values.get(key).and_then(scalar);
        if text.is_none() {
            self.wrong(key, "must be a single value");
        }
        text
    }

    /// A whole number in a range.
    pub(super) fn number<T>(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<T>
    where
        T: TryFrom<u64>,
    {
        let text = self.text(key)?;
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        let fitting = number.and_then(|number| T::try_from(number).ok());
        if fitting.is_none() {
            let (least, most) = range.into_inner();
            self.wrong(key, format!("{text:?} is not a whole number from {least} to {most}"));
        }
        fitting
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            self.wrong(key, format!("{text:?} is none of: {}", words.join(", ")));
        }
        chosen
    }

    /// A path; `None` if it is empty.
    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        self.text(key).filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    /// A list; in the environment and in flags, separated by commas.
    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let items = self.values.get(key).and_then(|value| match &value.kind {
            ValueKind::Array(items) => items.iter().map(scalar).collect(),
            _ => scalar(value).map(|text| text.split(',').map(|item| item.trim().into()).collect()),
        });
        if items.is_none() {
            self.wrong(key, "must be a list of texts");
        }
        items.map(|items: Vec<String>| items.into_iter().filter(|item| !item.is_empty()).collect())
    }
}

fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::String(text) => Some(text.clone()),
        ValueKind::I64(number) => Some(number.to_string()),
        ValueKind::I128(number) => Some(number.to_string()),
        ValueKind::U64(number) => Some(number.to_string()),
        ValueKind::U128(number) => Some(number.to_string()),
        ValueKind::Float(number) => Some(number.to_string()),
        ValueKind::Boolean(truth) => Some(truth.to_string()),
        ValueKind::Nil | ValueKind::Table(_) | ValueKind::Array(_) => None,
    }
}
