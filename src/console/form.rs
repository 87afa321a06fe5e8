//! What a browser sends: a form and a cookie.

use std::ops::RangeInclusive;

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use stanchion_domain::limits::ADD_TIME_MS_MAX;

use crate::api::call::Call;
use crate::console::written::grouped;

/// Over TLS: no other host and no plain page can set it.
const COOKIE_SECURE: &str = "__Host-staff";
/// In the clear, on this machine.
const COOKIE_PLAIN: &str = "staff";

/// Minutes that can be given at once.
const MINUTES_MAX: u32 = (ADD_TIME_MS_MAX / 60_000) as u32;

/// The fields of a form, in their order.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The form in the body of a request.
    pub(super) fn of(call: &Call) -> Self {
        Self(form_urlencoded::parse(&call.body).into_owned().collect())
    }

    /// The first field of this name; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    /// All fields of this name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// A number, if it is one.
    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.text(name).trim().parse().ok()
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// What is wanted, as a sentence.
    pub(super) fn whole(
        &self,
        name: &str,
        what: &str,
        range: RangeInclusive<u32>,
    ) -> Result<u32, String> {
        self.number(name).filter(|number| range.contains(number)).ok_or_else(|| {
            let [least, most] = [range.start(), range.end()].map(|end| grouped((*end).into()));
            format!("{what}: a whole number from {least} to {most}.")
        })
    }

    /// Minutes to give.
    ///
    /// # Errors
    /// What is wanted, as a sentence.
    pub(super) fn minutes(&self) -> Result<u32, String> {
        self.whole("minutes", "Minutes", 1..=MINUTES_MAX)
    }
}

#[cfg(test)]
impl From<Vec<(String, String)>> for Form {
    fn from(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

/// The key in the cookie of a browser.
pub(super) fn browser_key(call: &Call) -> Option<&str> {
    find(call.headers(), name(call))
}

/// Sets the cookie. It ends with the browser, or when the server says so.
pub(super) fn set_cookie(call: &Call, key: &str) -> HeaderValue {
    cookie(call, key, "")
}

/// Takes the cookie away.
pub(super) fn clear_cookie(call: &Call) -> HeaderValue {
    cookie(call, "", "; Max-Age=0")
}

fn cookie(call: &Call, key: &str, life: &str) -> HeaderValue {
    let secure = if call.secure() { "; Secure" } else { "" };
    let name = name(call);
    let text = format!("{name}={key}; Path=/{life}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).expect("keys are visible ASCII");
    value.set_sensitive(true);
    value
}

fn name(call: &Call) -> &'static str {
    if call.secure() { COOKIE_SECURE } else { COOKIE_PLAIN }
}

fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get_all(COOKIE).iter().find_map(|header| {
        let pairs = header.to_str().ok()?.split(';');
        let mut pairs = pairs.filter_map(|pair| pair.trim_ascii().split_once('='));
        pairs.find_map(|(found, text)| (found == name).then_some(text))
    })
}
