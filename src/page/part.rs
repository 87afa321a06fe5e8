//! The visitor's part of the page: made once for all who stand alike, with their own figures in it.
//!
//! Owns the bytes. What is one visitor's alone is in [`Figures`] and never in what is made for all.

use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{HtmlEscape, context};

use super::figures::{self, Figures};
use super::open::Open;
use super::render::{Speaker, render};
use super::view::View;
use super::words::Words;

#[cfg(test)]
mod tests;

/// The part of all to whom the page says the same, but for their figures.
pub struct Part {
    words: Arc<Words>,
    view: View,
    /// The figures that are shown.
    names: [Option<&'static str>; figures::COUNT],
    text: Open<{ figures::COUNT }>,
    title: String,
}

impl Part {
    /// Makes the part of all who see this, and these of their figures.
    pub fn new(words: &Arc<Words>, view: View, figures: &Figures) -> Self {
        let names = figures.names();
        let text = Open::new(names, |own| write(words, &view, own));
        let title = HtmlEscape(view.title()).to_string();
        Self { words: words.clone(), view, names, text, title }
    }

    /// Whether it is the part of who sees this.
    pub fn is_of(&self, words: &Arc<Words>, view: &View, figures: &Figures) -> bool {
        self.view == *view && self.names == figures.names() && Arc::ptr_eq(&self.words, words)
    }

    /// The part of one visitor.
    pub fn with(&self, figures: &Figures) -> String {
        self.text.with(figures.texts())
    }

    /// What the tab is called; escaped.
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// The part with this in the place of the visitor's own figures.
fn write(words: &Arc<Words>, view: &View, own: Value) -> String {
    let values = context! { say => Speaker::of(words), own, ..Value::from(Serde(view)) };
    render("main.html", values)
}
