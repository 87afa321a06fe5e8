//! Templates, and the headers that keep a page to itself.
//!
//! Templates escape everything that is put into them. A page runs and loads only what this server
//! has in it; no style and no script stands in a page.

use std::sync::LazyLock;

use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::{Value, json};

use super::files;
use crate::api::call::Call;
use crate::api::reply::{Html, Reply};
use crate::net::reply::OutBody;
use crate::staff::Who;
use crate::token::role::Duty;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// All templates, by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("templates/layout.html")),
    ("sign_in.html", include_str!("templates/sign_in.html")),
    ("guest.html", include_str!("templates/guest.html")),
    ("welcome.html", include_str!("templates/welcome.html")),
    ("sales.html", include_str!("templates/sales.html")),
    ("tabs.html", include_str!("templates/tabs.html")),
    ("now.html", include_str!("templates/now.html")),
    ("sure.html", include_str!("templates/sure.html")),
    ("controls.html", include_str!("templates/controls.html")),
    ("controls_parts.html", include_str!("templates/controls_parts.html")),
    ("controls_notice.html", include_str!("templates/controls_notice.html")),
    ("controls_triggers.html", include_str!("templates/controls_triggers.html")),
    ("performances.html", include_str!("templates/performances.html")),
    ("rows.html", include_str!("templates/rows.html")),
    ("performance.html", include_str!("templates/performance.html")),
    ("counts.html", include_str!("templates/counts.html")),
    ("after.html", include_str!("templates/after.html")),
    ("report.html", include_str!("templates/report.html")),
    ("saved.html", include_str!("templates/saved.html")),
    ("find.html", include_str!("templates/find.html")),
    ("accounts.html", include_str!("templates/accounts.html")),
    ("history.html", include_str!("templates/history.html")),
    ("trouble.html", include_str!("templates/trouble.html")),
];

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    let tidy = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(tidy.expect("the usual delimiters"));
    // A name that is misspelled in a template is a mistake, not an empty text.
    pages.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    for &(name, text) in TEMPLATES {
        pages.add_template(name, text).expect("the templates are part of the program");
    }
    pages
});

/// A page to be shown.
pub(super) struct Page<'c> {
    call: &'c Call,
    status: StatusCode,
    who: Option<&'c Who>,
}

#[derive(Serialize)]
struct View<'v> {
    page: &'v Value,
    files: &'static files::Urls,
    rehearsal: bool,
    stands_by: bool,
    /// `None` for who is not signed in.
    who: Option<Value>,
}

impl<'c> Page<'c> {
    /// For whoever is signed in.
    pub(super) fn of(call: &'c Call, who: &'c Who) -> Self {
        Self { call, status: StatusCode::OK, who: Some(who) }
    }

    /// For somebody who is not.
    pub(super) fn outside(call: &'c Call) -> Self {
        Self { call, status: StatusCode::OK, who: None }
    }

    /// With another status than 200.
    #[must_use]
    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Renders a template with these values, which it finds under `page`.
    pub(super) fn show(self, template: &str, values: &Value) -> Reply<Html> {
        let view = View {
            page: values,
            files: files::urls(),
            rehearsal: self.call.state.rehearsal(),
            stands_by: self.call.state.stands_by(),
            who: self.who.map(shown),
        };
        let template = PAGES.get_template(template).expect("it was added");
        let text = template.render(Serde(&view)).expect("the template fits its values");
        Reply::new(self.status, OutBody::whole(text))
            .personal()
            .header(CONTENT_SECURITY_POLICY, POLICY)
            // Not `no-referrer`: browsers would hide where the page's own forms come from.
            .header(REFERRER_POLICY, HeaderValue::from_static("same-origin"))
    }

    /// Says what is wrong, and where to go on.
    pub(super) fn trouble(self, title: &str, told: &str, back: &str) -> Reply<Html> {
        self.show("trouble.html", &json!({ "title": title, "told": told, "back": back }))
    }
}

fn shown(who: &Who) -> Value {
    json!({
        "name": who.name,
        "role": who.role.name(),
        "form_token": who.form_token,
        "serves": who.role.may(Duty::Serve),
        "steers": who.role.may(Duty::Steer),
        "keeps_accounts": who.role.may(Duty::KeepAccounts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read_and_escapes() {
        for &(name, _) in TEMPLATES {
            PAGES.get_template(name).expect("it was added");
        }
        let page = json!({ "title": "<b>", "told": "\"'><script>", "back": "/console" });
        let view = View {
            page: &page,
            files: files::urls(),
            rehearsal: true,
            stands_by: false,
            who: None,
        };
        let text = PAGES.get_template("trouble.html").expect("there").render(Serde(&view));
        let text = text.expect("it fits");
        assert!(!text.contains("<b>") && !text.contains("<script>"), "{text}");
    }
}
