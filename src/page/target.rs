//! Where a visitor may be sent back to: a page of this host, or of one that the gate file names.
//! Pure.
//!
//! What anybody may write into an address is read here, and nothing of it is believed: it is
//! written anew from what was understood, or dropped.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::net::path;

/// Bytes of a target: twice what shops have, and short enough to be carried in another address.
pub const TARGET_BYTES_MAX: usize = 2_048;
/// What stays as it is in a query that carries a target.
const IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// What is encoded in a target's own query, besides what is no ASCII: what could end an address,
/// or an attribute or a header that it stands in.
const OF_QUERY: &AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'\'');

/// A place to go back to: an address that is ours to send somebody to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target(String);

impl Target {
    /// Reads what was asked for. `origins` are those that visitors may be sent to, as
    /// `https://shop.example.org`. `None` for anything else, as if nothing had been asked for.
    pub fn read(text: &str, origins: &[String]) -> Option<Self> {
        let forbidden = |letter: char| letter.is_control() || letter == '\\' || letter == '#';
        if text.len() > TARGET_BYTES_MAX || text.contains(forbidden) {
            return None;
        }
        if text.starts_with('/') {
            return local(text).map(Self);
        }
        let (origin, rest) = split(text, origins)?;
        let rest = if rest.starts_with('/') { local(rest) } else { local(&format!("/{rest}")) };
        rest.map(|rest| Self(format!("{origin}{rest}")))
    }

    /// The front page of the named origin that an address begins with, whatever stands behind it:
    /// for an address that [`Self::read`] refuses.
    pub fn front(text: &str, origins: &[String]) -> Option<Self> {
        split(text, origins).map(|(origin, _)| Self(format!("{origin}/")))
    }

    /// The address: it begins with one slash, or with an origin that was named.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a page of this host.
    pub fn here(&self) -> bool {
        self.0.starts_with('/')
    }

    /// The origin it is of, if that is another.
    pub fn origin(&self) -> Option<&str> {
        let authority_at = self.0.find("://")? + "://".len();
        let end = self.0.get(authority_at..)?.find('/').map(|at| authority_at + at);
        self.0.get(..end?).filter(|_| !self.here())
    }

    /// The same as the value of a query parameter.
    pub fn in_query(&self) -> String {
        utf8_percent_encode(&self.0, IN_QUERY).to_string()
    }
}

/// The origin that an address begins with, as it is named, and what stands behind it.
fn split<'a>(text: &'a str, origins: &'a [String]) -> Option<(&'a str, &'a str)> {
    origins.iter().find_map(|origin| {
        let (named, rest) = text.split_at_checked(origin.len())?;
        let ends = rest.is_empty() || rest.starts_with(['/', '?']);
        (ends && named.eq_ignore_ascii_case(origin)).then_some((origin.as_str(), rest))
    })
}

/// A path and its query, in the form that cannot be understood as another host.
fn local(text: &str) -> Option<String> {
    let (path, query) =
        text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    // Two slashes at its beginning would name a host; browsers even drop dots between them.
    if path.starts_with("//") {
        return None;
    }
    let path = path::normal(path).ok()?;
    Some(match query {
        Some(query) => format!("{path}?{}", utf8_percent_encode(query, OF_QUERY)),
        None => path.into_owned(),
    })
}

#[cfg(test)]
mod tests;
