//! The pages: templates, money, times, and the headers that keep a page to itself.
//!
//! Templates escape everything put into them. No page runs or loads anything from elsewhere, and
//! none has a script or a style inside.

use std::net::SocketAddr;

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use http_body_util::Full;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value as Shown};
use serde::Serialize;
use serde_json::{Value, json};

use super::routes::Answer;
use super::stanchion::Trouble;
use super::words;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
/// What pages load: path, type, text. Every page works without the scripts.
const ASSETS: [(&str, &str, &str); 6] = [
    ("/style.css", "text/css; charset=utf-8", include_str!("templates/style.css")),
    ("/map.css", "text/css; charset=utf-8", include_str!("templates/map.css")),
    ("/map.js", "text/javascript; charset=utf-8", include_str!("templates/map.js")),
    ("/house.js", "text/javascript; charset=utf-8", include_str!("templates/house.js")),
    ("/countdown.js", "text/javascript; charset=utf-8", include_str!("templates/countdown.js")),
    ("/visit.js", "text/javascript; charset=utf-8", include_str!("templates/visit.js")),
];
const TEMPLATES: [(&str, &str); 11] = [
    ("layout.html", include_str!("templates/layout.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("outside.html", include_str!("templates/outside.html")),
    ("welcome.html", include_str!("templates/welcome.html")),
    ("choose.html", include_str!("templates/choose.html")),
    ("section.html", include_str!("templates/section.html")),
    ("basket.html", include_str!("templates/basket.html")),
    ("card.html", include_str!("templates/card.html")),
    ("order.html", include_str!("templates/order.html")),
    ("goodbye.html", include_str!("templates/goodbye.html")),
    ("trouble.html", include_str!("templates/trouble.html")),
];
/// Currencies without a minor unit, of those a demonstration may meet.
const WHOLE_CURRENCIES: [&str; 3] = ["JPY", "KRW", "ISK"];

/// All pages.
pub(super) struct Pages {
    templates: Environment<'static>,
    public: SocketAddr,
    sale: String,
}

/// A page and what is put into it.
pub(super) struct View {
    template: &'static str,
    values: Value,
}

/// How the same question is put again.
#[derive(Serialize)]
pub(super) struct Retry<'a> {
    /// Whether it was a form.
    pub(super) posted: bool,
    /// Where to.
    pub(super) path: &'a str,
    /// What the form said.
    pub(super) fields: &'a [(String, String)],
}

impl View {
    pub(super) fn new(template: &'static str, values: Value) -> Self {
        Self { template, values }
    }
}

impl Pages {
    /// # Panics
    /// If a template is not one: they are part of the program, and a test reads them all.
    pub(super) fn new(public: SocketAddr, sale: &str) -> Self {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        templates.add_filter("money", |minor: u64, currency: &str| money(minor, currency));
        templates.add_filter("span", span);
        templates.add_filter("clock", |at: &str| at.get(11..19).map(|at| format!("{at} UTC")));
        for (name, source) in TEMPLATES {
            templates.add_template(name, source).expect("templates are tested");
        }
        Self { templates, public, sale: sale.to_owned() }
    }

    /// The sale's id.
    pub(super) fn sale(&self) -> &str {
        &self.sale
    }

    /// A page.
    pub(super) fn show(&self, status: StatusCode, view: &View, host: Option<&str>) -> Answer {
        let template = self.templates.get_template(view.template).expect("a name from this file");
        let values = json!({"view": view.values, "queue": self.queue(host)});
        let page = template.render(Shown::from(Serde(values))).expect("templates are tested");
        let answer = Response::builder()
            .status(status)
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CACHE_CONTROL, "no-store");
        secured(answer.body(Full::from(page)).expect("constant headers"))
    }

    /// What is said when something is in the way.
    pub(super) fn trouble(
        &self,
        trouble: &Trouble,
        retry: &Retry<'_>,
        host: Option<&str>,
    ) -> Answer {
        let status = match trouble {
            Trouble::Declined(_) => StatusCode::CONFLICT,
            Trouble::Fault(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let values = json!({"message": words::message(trouble), "retry": retry});
        self.show(status, &View::new("trouble.html", values), host)
    }

    /// What pages load.
    pub(super) fn asset(&self, path: &str) -> Option<Answer> {
        let (_, kind, text) = ASSETS.into_iter().find(|(known, ..)| *known == path)?;
        let answer = Response::builder().header(CONTENT_TYPE, kind);
        Some(secured(answer.body(Full::from(text)).expect("constant headers")))
    }

    /// What a script asked for.
    pub(super) fn json(&self, value: &Value) -> Answer {
        let answer = Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .header(CACHE_CONTROL, "no-store");
        secured(answer.body(Full::from(value.to_string())).expect("constant headers"))
    }

    /// The waiting page, under the name by which the visitor knows this machine: a cookie set for
    /// one name is not sent to another.
    fn queue(&self, host: Option<&str>) -> String {
        let (public, sale) = (self.public, &self.sale);
        match host.and_then(|host| host.split(':').next()) {
            Some("localhost") => format!("http://localhost:{}/{sale}", public.port()),
            _ => format!("http://{public}/{sale}"),
        }
    }
}

/// Headers that every answer has.
pub(super) fn secured(mut answer: Answer) -> Answer {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: browsers would hide where a form comes from.
        (REFERRER_POLICY, "same-origin"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// An amount as people read it.
pub(super) fn money(minor: u64, currency: &str) -> String {
    if WHOLE_CURRENCIES.contains(&currency) {
        return format!("{minor} {currency}");
    }
    format!("{}.{:02} {currency}", minor / 100, minor % 100)
}

/// A span as people read it; the script of the countdown writes the same.
fn span(ms: u64) -> String {
    match (ms / 60_000, ms / 1_000 % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
