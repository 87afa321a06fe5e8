//! The page but for one visitor's part: made once per language and state of the performances.
//!
//! Owns the bytes. A visitor's page is these with their own part put in between, so that thousands
//! who look at the same table do not have it written thousands of times.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use minijinja::context;
use minijinja::value::{Serde, Value};
use stanchion_domain::sale::definition::Definition;

use super::left::Left;
use super::look::Look;
use super::render::{Speaker, render};
use super::words::{self, Words};
use crate::api::sale::etag_of;
use crate::board::store::Board;
use crate::clock;

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
    pieces: Vec<Piece>,
    /// The table of what is left.
    pub left: Bytes,
    /// Its version, for who has it already.
    pub etag: Bytes,
}

/// A part of the page, in its order.
#[derive(Clone, Copy)]
enum Spot {
    Nonce,
    Title,
    Reload,
    Main,
    Left,
}

enum Piece {
    Fixed(String),
    Open(Spot),
}

/// What one visitor's page adds.
pub struct Own<'a> {
    /// Marks style and script.
    pub nonce: &'a str,
    /// What the tab is called; escaped.
    pub title: &'a str,
    /// The visitor's part.
    pub main: &'a str,
    /// For who has no script: when the page is loaded again.
    pub reload_after_s: Option<u64>,
}

/// The pages of one sale that are ready.
#[derive(Default)]
pub struct Shelf(ArcSwap<Vec<Arc<Ready>>>);

impl Shelf {
    /// The page of a source, made if it is not there yet. Two who ask at once may both make it:
    /// nobody waits for the other.
    pub fn page(&self, source: &Source<'_>) -> Arc<Ready> {
        let known = self.0.load();
        if let Some(ready) = known.iter().find(|ready| ready.is_of(source)) {
            return ready.clone();
        }
        let made = Arc::new(Ready::new(source));
        self.0.rcu(|known| {
            let mut known = Vec::clone(known);
            known.retain(|ready| ready.language != made.language);
            known.push(made.clone());
            known
        });
        made
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
        let marks = Marks::new();
        let values = context! {
            say,
            marks => marks.values(),
            language => words.language.as_str(),
            direction => words::direction(&words.language),
            sale => definition.id.as_str(),
            name => definition.name.as_str(),
            logo => look.logo.as_ref().map(|logo| format!("/{}/look/{logo}", definition.id)),
            style => Value::from_safe_string(look.style.clone()),
            script => preview.is_none().then(|| Value::from_safe_string(script().to_owned())),
            scheme => preview,
        };
        Self {
            language: words.language.clone(),
            definition: definition.clone(),
            version: board.performances.version,
            pieces: marks.cut(&render("page.html", values)),
            etag: etag_of(left.as_bytes()),
            left: left.into(),
        }
    }

    fn is_of(&self, source: &Source<'_>) -> bool {
        self.version == source.board.performances.version
            && self.language == source.words.language
            // Prices and names may have changed without a unit that moved.
            && Arc::ptr_eq(&self.definition, source.definition)
    }

    /// The page of one visitor.
    pub fn with(&self, own: &Own<'_>) -> Vec<u8> {
        let reload = own.reload_after_s.map(reload).unwrap_or_default();
        let mut page = Vec::with_capacity(40 << 10);
        for piece in &self.pieces {
            page.extend_from_slice(match piece {
                Piece::Fixed(text) => text.as_bytes(),
                Piece::Open(Spot::Nonce) => own.nonce.as_bytes(),
                Piece::Open(Spot::Title) => own.title.as_bytes(),
                Piece::Open(Spot::Reload) => reload.as_bytes(),
                Piece::Open(Spot::Main) => own.main.as_bytes(),
                Piece::Open(Spot::Left) => &self.left,
            });
        }
        page
    }
}

/// What says to a browser without a script when to load the page again.
fn reload(after_s: u64) -> String {
    format!("<noscript><meta http-equiv=\"refresh\" content=\"{after_s}\"></noscript>")
}

/// The script without its comments: they are for who reads the source.
fn script() -> &'static str {
    static SCRIPT: LazyLock<String> = LazyLock::new(|| {
        let lines = include_str!("assets/page.js").lines();
        lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    });
    &SCRIPT
}

/// What stands for the open spots while the page is made: a text that nobody can have written.
struct Marks(String);

impl Marks {
    const SPOTS: [(&'static str, Spot); 5] = [
        ("nonce", Spot::Nonce),
        ("title", Spot::Title),
        ("reload", Spot::Reload),
        ("main", Spot::Main),
        ("left", Spot::Left),
    ];

    fn new() -> Self {
        Self(HEXLOWER.encode(&clock::random_bytes::<16>()))
    }

    fn values(&self) -> Value {
        let marks = Self::SPOTS.iter().map(|(name, _)| (*name, format!("{}{name}.", self.0)));
        Value::from(marks.collect::<BTreeMap<_, _>>())
    }

    /// Takes a page apart at its open spots.
    fn cut(&self, page: &str) -> Vec<Piece> {
        let mut parts = page.split(self.0.as_str());
        let mut pieces = vec![Piece::Fixed(parts.next().unwrap_or_default().to_owned())];
        for part in parts {
            let (name, rest) = part.split_once('.').expect("a mark ends");
            let spot = Self::SPOTS.iter().find(|(known, _)| *known == name);
            pieces.push(Piece::Open(spot.expect("a spot of ours").1));
            pieces.push(Piece::Fixed(rest.to_owned()));
        }
        pieces
    }
}
