//! The words of the waiting page in one language: Fluent messages, and how figures are written.
//!
//! English, French, German and Spanish are part of the program; a venue adds languages and replaces
//! messages. A message that a language lacks is English. Nothing here knows a sale.

use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use minijinja::HtmlEscape;
use minijinja::value::Value;
use unic_langid::LanguageIdentifier;

mod phrase;
#[cfg(test)]
mod tests;

use phrase::Phrase;

/// The languages of the program, the fallback first: tag and messages.
pub const OWN: [(&str, &str); 4] = [
    ("en", include_str!("words/en.ftl")),
    ("de", include_str!("words/de.ftl")),
    ("fr", include_str!("words/fr.ftl")),
    ("es", include_str!("words/es.ftl")),
];

/// Languages that are written from right to left, by the first part of their tag.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "ur", "yi"];

/// What stands in a message for an element of the page: U+FFFC, which is made for that.
pub const ELEMENT: &str = "\u{fffc}";

/// The words of one language.
pub struct Words {
    /// BCP 47 tag.
    pub language: String,
    bundle: FluentBundle<FluentResource>,
    /// What asks for nothing and so says the same each time, as it stands in a page. Most of what a
    /// page says is among it.
    constant: HashMap<String, Value>,
    /// What only shows its figures: the figures of every visitor are said so.
    phrases: HashMap<String, Phrase>,
    /// What stands between thousands, escaped.
    group: String,
}

/// What is wrong with a text of messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The message; empty if the text as a whole cannot be read.
    pub message: String,
    /// What is wrong.
    pub wrong: String,
}

impl Words {
    /// The words of a language. Of two messages of the same name the later text has the one that
    /// counts; what none has is English.
    ///
    /// # Errors
    /// Everything that is wrong with the texts.
    pub fn new(language: &str, texts: &[&str]) -> Result<Self, Vec<Mistake>> {
        let tag: LanguageIdentifier = language.parse().map_err(|_| {
            vec![Mistake::of("", format!("{language:?} is no tag of a language such as \"pt-BR\""))]
        })?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks of direction around each figure would be copied along with it.
        bundle.set_use_isolating(false);
        let [(_, english), ..] = OWN;
        bundle.add_resource_overriding(read(english)?);
        for text in texts {
            bundle.add_resource_overriding(checked(text)?);
        }
        let mut words = Self {
            language: language.to_owned(),
            bundle,
            constant: HashMap::new(),
            phrases: HashMap::new(),
            group: String::new(),
        };
        let group = words.say("figure-group", &FluentArgs::new());
        words.group = HtmlEscape(&group).to_string();
        let grouped = words.bundle.add_function("NUMBER", move |given, _| match given {
            [FluentValue::Number(number), ..] => grouped(number.value, &group).into(),
            _ => FluentValue::Error,
        });
        grouped.expect("the function is added once");
        let english = read(english)?;
        words.constant = messages(&english).filter_map(|name| words.always(name)).collect();
        words.phrases = messages(&english).filter_map(|name| words.simple(name)).collect();
        Ok(words)
    }

    /// What a message says each time, escaped; `None` if that depends on anything.
    fn always(&self, message: &str) -> Option<(String, Value)> {
        let pattern = self.bundle.get_message(message)?.value()?;
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, None, &mut faults);
        let said = || Value::from_safe_string(HtmlEscape(&text).to_string());
        faults.is_empty().then(|| (message.to_owned(), said()))
    }

    /// A message in pieces; `None` if it does more than show its figures.
    fn simple(&self, message: &str) -> Option<(String, Phrase)> {
        let pattern = self.bundle.get_message(message)?.value()?;
        Some((message.to_owned(), Phrase::of(pattern)?))
    }

    /// A message that says the same each time, as it stands in a page.
    pub fn constant(&self, message: &str) -> Option<&Value> {
        self.constant.get(message)
    }

    /// A message; empty if there is none of this name, which a test excludes for our own.
    pub fn say(&self, message: &str, arguments: &FluentArgs<'_>) -> String {
        let found = self.bundle.get_message(message);
        let Some(pattern) = found.and_then(|message| message.value()) else {
            return String::new();
        };
        let mut faults = Vec::new();
        self.bundle.format_pattern(pattern, Some(arguments), &mut faults).into_owned()
    }

    /// A message of nothing but figures, as it stands in a page.
    pub fn figure(&self, message: &str, figures: &[(&str, u64)]) -> String {
        let phrase = self.phrases.get(message);
        let said = phrase.and_then(|phrase| phrase.with(figures, &self.group));
        said.unwrap_or_else(|| {
            let arguments = figures.iter().map(|(name, figure)| (*name, *figure)).collect();
            HtmlEscape(&self.say(message, &arguments)).to_string()
        })
    }

    /// A range of amounts that are written already; one amount if both are the same.
    pub fn range(&self, low: String, high: String) -> String {
        if low == high {
            return low;
        }
        let mut arguments = FluentArgs::new();
        arguments.set("from", low);
        arguments.set("to", high);
        self.say("price-range", &arguments)
    }

    /// An amount in a currency's minor unit, of which `digits` stand after the point. Whole amounts
    /// have no point.
    pub fn price(&self, minor: u64, digits: u32, currency: &str) -> String {
        let unit = 10_u64.saturating_pow(digits).max(1);
        let none = FluentArgs::new();
        let mut amount = grouped(minor / unit, &self.say("figure-group", &none));
        if !minor.is_multiple_of(unit) {
            let width = usize::try_from(digits).unwrap_or_default();
            let point = self.say("figure-point", &none);
            amount = format!("{amount}{point}{:0width$}", minor % unit);
        }
        let symbol = SYMBOLS.iter().find(|(code, _)| *code == currency);
        let mut arguments = FluentArgs::new();
        arguments.set("form", if symbol.is_some() { "symbol" } else { "code" });
        arguments.set("currency", symbol.map_or(currency, |(_, symbol)| symbol).to_owned());
        arguments.set("amount", amount);
        self.say("price", &arguments)
    }
}

/// Signs that everybody reads; other currencies keep their code.
const SYMBOLS: [(&str, &str); 4] = [("EUR", "€"), ("GBP", "£"), ("JPY", "¥"), ("USD", "$")];

/// How a language is written, as HTML says it: by the first part of its tag.
pub fn direction(language: &str) -> &'static str {
    let first = language.split('-').next().unwrap_or_default();
    let backwards = RIGHT_TO_LEFT.iter().any(|tag| tag.eq_ignore_ascii_case(first));
    if backwards { "rtl" } else { "ltr" }
}

impl Mistake {
    fn of(message: &str, wrong: impl Into<String>) -> Self {
        Self { message: message.to_owned(), wrong: wrong.into() }
    }
}

/// A number in groups of three digits, from one thousand on.
fn grouped(number: impl Into<Whole>, group: &str) -> String {
    let mut written = String::new();
    push_grouped(&mut written, number.into().0, group);
    written
}

/// The same after what is written already.
fn push_grouped(written: &mut String, number: u64, group: &str) {
    let digits = number.to_string();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push_str(group);
        }
        written.push(digit);
    }
}

/// A count as it may come out of a message's arguments.
struct Whole(u64);

impl From<u64> for Whole {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<f64> for Whole {
    fn from(number: f64) -> Self {
        // Counts are far below 2^53, and below nothing there is nothing.
        Self(number.round().max(0.0) as u64)
    }
}

fn read(text: &str) -> Result<FluentResource, Vec<Mistake>> {
    FluentResource::try_new(text.to_owned()).map_err(|(_, faults)| {
        faults.iter().map(|fault| Mistake::of("", fault.to_string())).collect()
    })
}

/// The names of the messages of a text.
fn messages(resource: &FluentResource) -> impl Iterator<Item = &str> {
    resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name),
        _ => None,
    })
}

/// Messages of a venue: each has to be one of ours.
fn checked(text: &str) -> Result<FluentResource, Vec<Mistake>> {
    let resource = read(text)?;
    let [(_, english), ..] = OWN;
    let ours = read(english)?;
    let mut mistakes = Vec::new();
    for message in messages(&resource) {
        if !messages(&ours).any(|known| known == message) {
            mistakes.push(Mistake::of(message, "there is no such message"));
        }
    }
    if mistakes.is_empty() { Ok(resource) } else { Err(mistakes) }
}
