//! Answers, and what their bodies are for the OpenAPI document.
//!
//! A handler's return type names its body, so the document says what the handler really does.

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::board::json::{self, Rendered};
use crate::net::reply::OutBody;

/// Schemas by name, as the document collects them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The kind of a body.
pub trait Shape {
    /// Its media type; `None` for no body.
    const MEDIA: Option<&'static str>;

    /// Adds its schemas and says the name of its own.
    fn collect(_: &mut Schemas) -> Option<String> {
        None
    }
}

/// A JSON body like `T`.
#[derive(Debug)]
pub struct Json<T>(PhantomData<T>);

/// An OpenAPI document: JSON that describes itself.
#[derive(Debug)]
pub struct Document;

/// No body.
#[derive(Debug)]
pub struct Empty;

/// A page for people.
#[derive(Debug)]
pub struct Html;

/// An HTTP event stream.
#[derive(Debug)]
pub struct Frames;

/// A file of somebody else, of whatever type it is.
#[derive(Debug)]
pub struct Foreign;

/// Plain text.
#[derive(Debug)]
pub struct Text;

impl<T: ToSchema> Shape for Json<T> {
    const MEDIA: Option<&'static str> = Some("application/json");

    fn collect(schemas: &mut Schemas) -> Option<String> {
        T::schemas(schemas);
        let name = T::name().into_owned();
        schemas.push((name.clone(), T::schema()));
        Some(name)
    }
}

impl Shape for Document {
    const MEDIA: Option<&'static str> = Some("application/json");
}

impl Shape for Empty {
    const MEDIA: Option<&'static str> = None;
}

impl Shape for Html {
    const MEDIA: Option<&'static str> = Some("text/html");
}

impl Shape for Foreign {
    const MEDIA: Option<&'static str> = Some("*/*");
}

impl Shape for Frames {
    const MEDIA: Option<&'static str> = Some("text/event-stream");
}

impl Shape for Text {
    const MEDIA: Option<&'static str> = Some("text/plain");
}

/// An answer with a body of this shape.
#[derive(Debug)]
pub struct Reply<S> {
    /// The answer.
    pub response: Response<OutBody>,
    shape: PhantomData<S>,
}

/// Room for header fields.
const FIELDS: usize = 12;

/// Nobody may keep it.
pub const PERSONAL: HeaderValue = HeaderValue::from_static("no-store");

impl<S: Shape> Reply<S> {
    /// An answer with this body.
    pub fn new(status: StatusCode, body: OutBody) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        // A page has a dozen, and what grows on the way is moved.
        *response.headers_mut() = HeaderMap::with_capacity(FIELDS);
        if let Some(media) = S::MEDIA {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        }
        Self { response, shape: PhantomData }
    }

    /// The same answer where another shape is named: a page instead of a file.
    pub fn shaped<T: Shape>(self) -> Reply<T> {
        Reply { response: self.response, shape: PhantomData }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.response.headers_mut().append(name, value);
        self
    }

    /// Nobody may keep it: it is about one visitor.
    #[must_use]
    pub fn personal(self) -> Self {
        self.header(CACHE_CONTROL, PERSONAL)
    }

    /// Its body is a gzip stream.
    #[must_use]
    pub fn in_gzip(self) -> Self {
        self.header(CONTENT_ENCODING, HeaderValue::from_static("gzip"))
    }

    /// Bytes that are ready, unless the asker has them: then 304. `cache` is for `Cache-Control`.
    pub fn ready(asked: &HeaderMap, bytes: Bytes, etag: &Bytes, cache: &'static str) -> Self {
        Self::made(asked, || bytes, etag, cache)
    }

    /// The same of bytes that are made only for who does not have them.
    pub fn made(
        asked: &HeaderMap,
        make: impl FnOnce() -> Bytes,
        etag: &Bytes,
        cache: &'static str,
    ) -> Self {
        let mut reply = if known(asked, etag) {
            Self::new(StatusCode::NOT_MODIFIED, OutBody::empty())
        } else {
            Self::new(StatusCode::OK, OutBody::whole(make()))
        };
        let headers = reply.response.headers_mut();
        if let Ok(etag) = HeaderValue::from_maybe_shared(etag.clone()) {
            headers.insert(ETAG, etag);
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        reply
    }

    /// Rendered bytes, compressed for who can read that.
    pub fn rendered(asked: &HeaderMap, rendered: &Rendered, cache: &'static str) -> Self {
        let compressed = takes_gzip(asked);
        let bytes = if compressed { &rendered.gzip } else { &rendered.bytes };
        let mut reply = Self::ready(asked, bytes.clone(), &rendered.etag, cache);
        let headers = reply.response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if compressed && reply.response.status() == StatusCode::OK {
            return reply.in_gzip();
        }
        reply
    }
}

impl<T: ToSchema + Serialize> Reply<Json<T>> {
    /// A value as JSON.
    pub fn json(status: StatusCode, value: &T) -> Self {
        Self::new(status, OutBody::whole(json::write(value)))
    }

    /// A value as JSON about one visitor.
    pub fn own(status: StatusCode, value: &T) -> Self {
        Self::json(status, value).personal()
    }
}

impl Reply<Empty> {
    /// Done, with nothing to say.
    pub fn done() -> Self {
        Self::new(StatusCode::NO_CONTENT, OutBody::empty()).personal()
    }
}

impl Reply<Html> {
    /// Look there, with GET.
    pub fn see_other(to: &str) -> Self {
        let reply = Self::new(StatusCode::SEE_OTHER, OutBody::empty()).personal();
        match HeaderValue::from_str(to) {
            Ok(to) => reply.header(http::header::LOCATION, to),
            Err(_) => reply,
        }
    }
}

/// Whether the asker says that it has this version, by weak comparison.
fn known(asked: &HeaderMap, etag: &Bytes) -> bool {
    let bare = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    asked.get_all(IF_NONE_MATCH).iter().any(|header| {
        let tags = header.as_bytes().split(|byte| *byte == b',');
        tags.map(<[u8]>::trim_ascii).any(|tag| tag == b"*" || bare(tag) == bare(etag))
    })
}

/// Whether the asker reads gzip.
pub fn takes_gzip(asked: &HeaderMap) -> bool {
    asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next() == Some("gzip");
            named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_known_is_not_sent_again() {
        let etag = Bytes::from_static(b"W/\"2a\"");
        for (header, same) in [
            ("W/\"2a\"", true),
            ("\"2a\"", true),
            ("\"1\", W/\"2a\"", true),
            ("*", true),
            ("\"2b\"", false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(IF_NONE_MATCH, HeaderValue::from_static(header));
            assert_eq!(known(&asked, &etag), same, "{header}");
        }
    }

    #[test]
    fn gzip_is_for_who_takes_it() {
        for (header, taken) in
            [("gzip, br", true), ("br;q=1, gzip;q=0.5", true), ("gzip;q=0", false), ("br", false)]
        {
            let mut asked = HeaderMap::new();
            asked.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(takes_gzip(&asked), taken, "{header}");
        }
    }
}
