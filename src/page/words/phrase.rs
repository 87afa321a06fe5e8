//! A message that shows its figures and says nothing else of them: taken apart once, so that each
//! visitor's figures are only written between its texts. Fluent goes through a message anew each
//! time.

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};
use minijinja::HtmlEscape;

use super::push_grouped;

/// Room for what a phrase usually says.
const USUAL_BYTES: usize = 32;

/// A message in pieces.
pub(super) struct Phrase(Vec<Piece>);

enum Piece {
    /// As it stands in a page.
    Text(String),
    /// The figure of this name, as `{ $n }` writes it.
    Plain(String),
    /// The same in groups, as `{ NUMBER($n) }` writes it.
    Grouped(String),
}

impl Phrase {
    /// The pieces of a message; `None` if it does anything else than show figures: then Fluent has
    /// to say it.
    pub(super) fn of(pattern: &Pattern<&str>) -> Option<Self> {
        pattern.elements.iter().map(Piece::of).collect::<Option<_>>().map(Self)
    }

    /// What it says of these figures, as it stands in a page; `None` if it asks for another one.
    /// `group` stands between thousands, escaped.
    pub(super) fn with(&self, figures: &[(&str, u64)], group: &str) -> Option<String> {
        let of = |wanted: &str| figures.iter().find(|(name, _)| *name == wanted);
        let mut said = String::with_capacity(USUAL_BYTES);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => said.push_str(text),
                Piece::Plain(name) => push_grouped(&mut said, of(name)?.1, ""),
                Piece::Grouped(name) => push_grouped(&mut said, of(name)?.1, group),
            }
        }
        Some(said)
    }
}

impl Piece {
    fn of(element: &PatternElement<&str>) -> Option<Self> {
        let expression = match element {
            PatternElement::TextElement { value } => {
                return Some(Self::Text(HtmlEscape(value).to_string()));
            }
            PatternElement::Placeable { expression: Expression::Inline(expression) } => expression,
            PatternElement::Placeable { expression: Expression::Select { .. } } => return None,
        };
        match expression {
            InlineExpression::VariableReference { id } => Some(Self::Plain(id.name.to_owned())),
            InlineExpression::FunctionReference { id, arguments } if id.name == "NUMBER" => {
                match (&*arguments.positional, &*arguments.named) {
                    ([InlineExpression::VariableReference { id }], []) => {
                        Some(Self::Grouped(id.name.to_owned()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
