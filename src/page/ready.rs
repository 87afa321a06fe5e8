//! The page but for one visitor's part: made once per language and state of the performances.
//!
//! Owns the bytes. A visitor's page is these with their own part put in between, so that thousands
//! who look at the same table do not have it written thousands of times. On the shelf beside it are
//! the visitors' parts, each made once for all who stand alike.

use std::sync::{Arc, LazyLock, OnceLock};

use arc_swap::ArcSwap;
use minijinja::value::{Serde, Value};
use minijinja::{HtmlEscape, context};
use stanchion_domain::sale::definition::Definition;

use super::figures::Figures;
use super::left::Left;
use super::look::Look;
use super::open::Open;
use super::open::packed::Packed;
use super::part::Part;
use super::render::{Speaker, render};
use super::view::View;
use super::words::{self, Words};
use crate::board::store::Board;

/// What the page is made of, but for the visitor.
pub struct Source<'a> {
    /// How it looks.
    pub look: &'a Look,
    /// What it speaks.
    pub words: &'a Arc<Words>,
    /// What is sold.
    pub definition: &'a Arc<Definition>,
    /// What is left.
    pub board: &'a Board,
    /// For a preview: the scheme it is shown in. Such a page has no script.
    pub preview: Option<&'a str>,
}

/// A page without its visitor.
pub struct Ready {
    language: String,
    definition: Arc<Definition>,
    version: u64,
    text: Open<{ SPOTS.len() }>,
    /// The same for who reads gzip, made for the first of them.
    packed: OnceLock<Packed<{ SPOTS.len() }>>,
    /// What is left, with the element around it.
    pub left: String,
}

/// What one visitor's page adds.
pub struct Own<'a> {
    /// Marks style and script.
    pub nonce: &'a str,
    /// What the tab is called; escaped.
    pub title: &'a str,
    /// The visitor's part.
    pub main: &'a str,
    /// For who has no script: after how many seconds the page is loaded again, and from where.
    pub reload: Option<(u64, String)>,
}

/// What [`Own`] fills in.
const SPOTS: [&str; 4] = ["nonce", "title", "reload", "main"];

/// Parts that are ready: 14 scenes in 4 languages are 56, of 3 KB each.
pub(super) const PARTS_MAX: usize = 64;

/// The pages of one sale that are ready.
#[derive(Default)]
pub struct Shelf {
    pages: ArcSwap<Vec<Arc<Ready>>>,
    /// The newest first.
    parts: ArcSwap<Vec<Arc<Part>>>,
}

impl Shelf {
    /// The page of a source, made if it is not there yet. Two who ask at once may both make it:
    /// nobody waits for the other.
    pub fn page(&self, source: &Source<'_>) -> Arc<Ready> {
        let known = self.pages.load();
        if let Some(ready) = known.iter().find(|ready| ready.is_of(source)) {
            return ready.clone();
        }
        let made = Arc::new(Ready::new(source));
        self.pages.rcu(|known| {
            let mut known = Vec::clone(known);
            known.retain(|ready| ready.language != made.language);
            known.push(made.clone());
            known
        });
        made
    }

    /// The part of who sees this, likewise.
    pub fn part(&self, words: &Arc<Words>, view: View, figures: &Figures) -> Arc<Part> {
        let known = self.parts.load();
        if let Some(part) = known.iter().find(|part| part.is_of(words, &view, figures)) {
            return part.clone();
        }
        let made = Arc::new(Part::new(words, view, figures));
        self.parts.rcu(|known| {
            let older = known.iter().take(PARTS_MAX - 1);
            std::iter::once(&made).chain(older).cloned().collect::<Vec<_>>()
        });
        made
    }
}

#[cfg(test)]
impl Shelf {
    pub(super) fn parts(&self) -> usize {
        self.parts.load().len()
    }
}

impl Ready {
    /// Makes the page of a source.
    pub fn new(source: &Source<'_>) -> Self {
        let Source { look, words, definition, board, preview } = *source;
        let say = Speaker::of(words);
        let left = Left::new(definition, board, (words, &look.time_zone));
        let left =
            render("left.html", context! { say => say.clone(), left => Value::from(Serde(&left)) });
        let schemes = preview.map_or("", |_| look.schemes.as_str());
        let style = format!("{}{schemes}", look.style);
        let values = context! {
            say,
            left => Value::from_safe_string(left.clone()),
            language => words.language.as_str(),
            direction => words::direction(&words.language),
            sale => definition.id.as_str(),
            name => definition.name.as_str(),
            logo => look.logo.as_ref().map(|logo| format!("/{}/look/{logo}", definition.id)),
            style => Value::from_safe_string(style),
            script => preview.is_none().then(|| Value::from_safe_string(script().to_owned())),
            scheme => preview,
        };
        let write = |spots| render("page.html", context! { spots, ..values });
        Self {
            language: words.language.clone(),
            definition: definition.clone(),
            version: board.performances.version,
            text: Open::new(SPOTS.map(Some), write),
            packed: OnceLock::new(),
            left,
        }
    }

    fn is_of(&self, source: &Source<'_>) -> bool {
        self.version == source.board.performances.version
            && self.language == source.words.language
            // Prices and names may have changed without a unit that moved.
            && Arc::ptr_eq(&self.definition, source.definition)
    }

    /// The page of one visitor.
    pub fn with(&self, own: &Own<'_>) -> String {
        self.text.with(own.given(&own.reload()))
    }

    /// The same as a gzip stream.
    pub fn packed(&self, own: &Own<'_>) -> Vec<u8> {
        let packed = self.packed.get_or_init(|| Packed::new(&self.text));
        packed.with(own.given(&own.reload()))
    }
}

impl<'a> Own<'a> {
    /// What fills the spots, in their order.
    fn given(&self, reload: &'a str) -> [&'a str; SPOTS.len()] {
        [self.nonce, self.title, reload, self.main]
    }

    /// What says to a browser without a script when to load the page again.
    fn reload(&self) -> String {
        let Some((after_s, from)) = &self.reload else { return String::new() };
        let from = HtmlEscape(from);
        format!(
            "<noscript><meta http-equiv=\"refresh\" content=\"{after_s}; url={from}\"></noscript>"
        )
    }
}

/// The script without its comments, indentation and empty lines: they are for who reads the source.
fn script() -> &'static str {
    static SCRIPT: LazyLock<String> = LazyLock::new(|| {
        let lines = include_str!("assets/page.js").lines().map(str::trim);
        let said = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
        said.collect::<Vec<_>>().join("\n")
    });
    &SCRIPT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_the_script_goes_over_a_line_where_it_would_lose_its_indentation() {
        for line in script().lines() {
            let quotes = line.matches('`').count();
            assert!(quotes.is_multiple_of(2), "a text that goes on in the next line: {line}");
        }
    }
}
