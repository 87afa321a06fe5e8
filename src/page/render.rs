//! The templates, and what they can say: messages in the words of one language.
//!
//! Whatever anybody wrote is text: a message is escaped as a whole, and only then gets the elements
//! that stand in it.

use std::sync::{Arc, LazyLock};

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Object, Value, from_args};
use minijinja::{Environment, Error, HtmlEscape, State, UndefinedBehavior};

use super::words::{ELEMENT, Words};

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let tidy = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(tidy.expect("the usual delimiters"));
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, text) in [
        ("page.html", include_str!("assets/page.html")),
        ("main.html", include_str!("assets/main.html")),
        ("left.html", include_str!("assets/left.html")),
        ("away.html", include_str!("assets/away.html")),
        ("down.html", include_str!("assets/down.html")),
        ("preview.html", include_str!("assets/preview.html")),
    ] {
        templates.add_template(name, text).expect("the template is part of the program");
    }
    templates.add_function("moment", |moment: Value| Value::from_safe_string(element(&moment)));
    templates
});

/// A template with these values.
pub fn render(template: &str, values: Value) -> String {
    let template = TEMPLATES.get_template(template).expect("it was added");
    template.render(values).expect("the template fits its values")
}

/// What a template calls to say something.
pub struct Speaker(Arc<Words>);

impl Speaker {
    /// Speaks the language of these words.
    pub fn of(words: &Arc<Words>) -> Value {
        Value::from_object(Self(words.clone()))
    }
}

impl std::fmt::Debug for Speaker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "the words of {}", self.0.language)
    }
}

impl Object for Speaker {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, given: &[Value]) -> Result<Value, Error> {
        let (message, named): (&str, Kwargs) = from_args(given)?;
        if let Some(said) = self.0.constant(message) {
            return Ok(said.clone());
        }
        let mut arguments = FluentArgs::new();
        let mut inside = None;
        for name in named.args() {
            let value: Value = named.peek(name)?;
            if let Some(argument) = argument(&value) {
                arguments.set(name.to_owned(), argument);
            } else if !value.is_none() && !value.is_undefined() {
                arguments.set(name.to_owned(), ELEMENT);
                inside = Some(element(&value));
            }
        }
        let said = HtmlEscape(&self.0.say(message, &arguments)).to_string();
        let said = said.replace(ELEMENT, inside.as_deref().unwrap_or_default());
        Ok(Value::from_safe_string(said))
    }
}

/// A figure or a text.
fn argument(value: &Value) -> Option<FluentValue<'static>> {
    if value.is_number() {
        return u64::try_from(value.clone()).ok().map(FluentValue::from);
    }
    value.as_str().map(|text| FluentValue::from(text.to_owned()))
}

/// The element of a [`Moment`](super::moment::Moment).
fn element(moment: &Value) -> String {
    let field = |name| {
        let field = moment.get_attr(name).unwrap_or_default();
        HtmlEscape(field.as_str().unwrap_or_default()).to_string()
    };
    let (iso, form, text) = (field("iso"), field("form"), field("text"));
    format!("<time datetime=\"{iso}\" data-form=\"{form}\">{text}</time>")
}
