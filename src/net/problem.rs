//! What the edge itself answers: RFC 9457 problem documents with a stable code.
//!
//! Only for what never reaches a handler; the API maps its own refusals.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use super::body::BodyFault;
use super::reply::OutBody;
use crate::metrics::http::Limit;

/// A request that the edge declines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Declined {
    /// The status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What to do, for whoever reads it.
    pub detail: &'static str,
}

impl Declined {
    pub(super) const fn bad(code: &'static str, detail: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, detail }
    }

    /// The answer. The connection is closed after it: what follows could be anything.
    pub fn response(&self) -> Response<OutBody> {
        let mut response = problem(self.status, self.code, self.detail);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// Nobody, or more than one, is named as whom the request is for.
pub const HOST_MISSING: Declined = Declined::bad("host_missing", "send exactly one Host header");

/// A bug of ours, as the one request that met it sees it.
pub(super) const BUG: Declined = Declined {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "internal",
    detail: "something went wrong on our side; try again",
};

/// Too many requests of one connection at once.
pub(super) const CROWDED: Declined = Declined {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "busy",
    detail: "too many requests at once; try again",
};

impl From<&BodyFault> for Declined {
    fn from(fault: &BodyFault) -> Self {
        let detail = match fault {
            BodyFault::TooLarge { .. } => "send a smaller body",
            BodyFault::TooSlow => "send the body faster",
            BodyFault::Broken(_) => "send the whole body",
        };
        Self { status: fault.status(), code: fault.code(), detail }
    }
}

/// A problem document. Nobody keeps it: what was wrong with one request is not wrong with the next,
/// and a cache in front would tell everybody.
pub fn problem(status: StatusCode, code: &str, detail: &str) -> Response<OutBody> {
    let document = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Problem"),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    let mut response = Response::new(OutBody::whole(document.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The bytes for a connection that is refused before anybody reads from it, over plain HTTP/1.
pub(super) fn turned_away(limit: Limit) -> Bytes {
    let (status, code) = match limit {
        Limit::Source => (StatusCode::TOO_MANY_REQUESTS, "too_many_connections"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
    };
    let response = problem(status, code, "too many connections; try again");
    let body = response.body().bytes().cloned().unwrap_or_default();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\nretry-after: 2\r\n\
         cache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes.into()
}
