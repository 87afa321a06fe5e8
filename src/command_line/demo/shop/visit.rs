//! One request of a browser, as far as the shop reads it.

use http::{Method, Request};
use hyper::body::Incoming;

use super::form::{self, Form};
use super::stanchion::{Trouble, Wish};

/// What was asked for, by whom.
pub(super) struct Visit {
    pub(super) method: Method,
    pub(super) path: String,
    /// The version that a script has seen, if it says one.
    pub(super) since: Option<u64>,
    /// Whether the payment of the order that is asked for came late.
    pub(super) late: bool,
    pub(super) host: Option<String>,
    pub(super) pass: Option<String>,
    pub(super) form: Form,
}

impl Visit {
    /// Reads a request; `None` for a form of another page, and one that cannot be read.
    pub(super) async fn read(request: Request<Incoming>, sale: &str) -> Option<Self> {
        let (head, body) = request.into_parts();
        let form = match head.method {
            Method::POST if form::from_own_page(&head.headers) => Form::read(body).await?,
            Method::POST => return None,
            _ => Form::default(),
        };
        let host = head.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let since = head.uri.query().and_then(|query| query.strip_prefix("since="));
        Some(Self {
            pass: form::pass(&head.headers, sale),
            host: host.map(ToOwned::to_owned),
            path: head.uri.path().to_owned(),
            late: head.uri.query() == Some("late"),
            since: since.and_then(|version| version.parse().ok()),
            method: head.method,
            form,
        })
    }

    /// The visitor's pass token.
    pub(super) fn token(&self) -> Result<&str, Trouble> {
        self.pass.as_deref().ok_or_else(|| Trouble::of("token_missing"))
    }

    /// The idempotency key that was made with the page.
    pub(super) fn key(&self) -> Result<&str, Trouble> {
        self.form.id("key").ok_or_else(|| Trouble::of("invalid"))
    }

    /// The basket that the page was about.
    pub(super) fn basket(&self) -> Result<&str, Trouble> {
        self.form.id("basket").ok_or_else(|| Trouble::of("invalid"))
    }

    /// Who asks, once.
    pub(super) fn wish(&self) -> Result<Wish<'_>, Trouble> {
        Ok(Wish { pass: self.token()?, key: self.key()? })
    }
}
