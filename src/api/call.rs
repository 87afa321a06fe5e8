//! One request as a handler sees it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use percent_encoding::percent_decode;

use super::problem::Problem;
use super::state::{OpenSale, State};
use crate::net::Peer;

/// One request: its head, its body, who sent it, and what all handlers share.
pub struct Call {
    /// What all handlers share.
    pub state: Arc<State>,
    /// Method, address and headers.
    pub head: Parts,
    /// The whole body; empty for routes that take none.
    pub body: Bytes,
    /// Who sent it.
    pub peer: Peer,
    /// The template of the route, such as `/v1/sales/{sale}`.
    pub template: &'static str,
    /// The operation's id.
    pub operation: &'static str,
}

impl Call {
    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// The segment of the path that stands where the template has `{name}`; empty if nowhere.
    pub fn segment(&self, name: &str) -> Cow<'_, str> {
        // As bytes: looking for a letter in a text costs more, and every request comes here.
        let slash = |byte: &u8| *byte == b'/';
        let pairs = self.template.as_bytes().split(slash).zip(self.path().as_bytes().split(slash));
        let named = |template: &[u8]| {
            let bare = template.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
            bare == Some(name.as_bytes())
        };
        let found = pairs.into_iter().find(|(template, _)| named(template));
        // What is not UTF-8 names nothing of ours.
        found.and_then(|(_, text)| percent_decode(text).decode_utf8().ok()).unwrap_or_default()
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.head.uri.query()?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The first field of this name in a form that was sent; empty if there is none.
    pub fn field(&self, name: &str) -> Cow<'_, str> {
        let mut fields = form_urlencoded::parse(&self.body);
        fields.find(|(found, _)| found == name).map(|(_, text)| text).unwrap_or_default()
    }

    /// A query parameter that is a number.
    ///
    /// # Errors
    /// `malformed` if it is not one.
    pub fn query_number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let wrong = || Problem::new("malformed").says(format!("{name}: a whole number"));
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// The sale that the path names.
    ///
    /// # Errors
    /// `no_sale`; `standby` while this process serves none, or does no longer.
    pub fn sale(&self) -> Result<&Arc<OpenSale>, Problem> {
        self.sale_of(&self.segment("sale"))
    }

    /// The sale of this id.
    ///
    /// # Errors
    /// As [`Self::sale`].
    pub fn sale_of(&self, id: &str) -> Result<&Arc<OpenSale>, Problem> {
        let hand_over = &self.state.role().hand_over;
        if hand_over.over() {
            hand_over.turn_away();
            return Err(Problem::standby());
        }
        let sale = self.state.sale(id);
        sale.ok_or_else(|| match self.state.stands_by() {
            true => Problem::standby(),
            false => Problem::new("no_sale"),
        })
    }

    /// Whether cookies travel over TLS.
    pub fn secure(&self) -> bool {
        self.state.secure(&self.peer)
    }
}
