//! A question and its answer, as plain values.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, ETAG, HOST, RETRY_AFTER, SET_COOKIE,
};
use http::{HeaderMap, Method, Request, StatusCode, Uri, Version};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::WebFault;
use super::address::Address;
use crate::measure::{Ended, Operation};

/// The longest that a server can put somebody off.
const PUT_OFF_MAX: Duration = Duration::from_secs(120);

/// What is asked. Asking again with the same value is always safe where it carries a key.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What it is measured as.
    pub operation: Operation,
    method: Method,
    path: String,
    bearer: Option<String>,
    cookie: Option<String>,
    key: Option<String>,
    accept: &'static str,
    body: Bytes,
}

/// What came back, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long to stay away, if the server said so.
    pub retry_after: Option<Duration>,
    /// Which state of the thing this is.
    pub etag: Option<String>,
    /// The cookie that was set, as `name=value`.
    pub cookie: Option<String>,
    /// The body.
    pub body: Bytes,
    /// When it was asked, on the run's clock.
    pub asked_us: u64,
    /// When the answer was whole.
    pub told_us: u64,
}

impl Ask {
    /// A question without a body.
    pub fn new(operation: Operation, method: Method, path: impl Into<String>) -> Self {
        Self {
            operation,
            method,
            path: path.into(),
            bearer: None,
            cookie: None,
            key: None,
            accept: "application/json",
            body: Bytes::new(),
        }
    }

    /// Reads something.
    pub fn get(operation: Operation, path: impl Into<String>) -> Self {
        Self::new(operation, Method::GET, path)
    }

    /// Asks for something to be done.
    pub fn post(operation: Operation, path: impl Into<String>) -> Self {
        Self::new(operation, Method::POST, path)
    }

    /// Ends something.
    pub fn delete(operation: Operation, path: impl Into<String>) -> Self {
        Self::new(operation, Method::DELETE, path)
    }

    /// On behalf of who holds this token or API key.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    /// With the cookie that a browser keeps, as `name=value`.
    #[must_use]
    pub fn cookie(self, cookie: Option<&str>) -> Self {
        Self { cookie: cookie.map(str::to_owned), ..self }
    }

    /// To be done once, however often it is asked.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Of this media type.
    #[must_use]
    pub fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// With a body.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("plain data with text keys is always JSON");
        Self { body: body.into(), ..self }
    }

    /// Whether asking twice does no more than asking once: a browser repeats it by itself when a
    /// kept connection turns out to be closed.
    pub(super) fn safe_twice(&self) -> bool {
        self.method == Method::GET || self.method == Method::DELETE || self.key.is_some()
    }

    pub(super) fn request(
        &self,
        to: &Address,
        version: Version,
    ) -> Result<Request<Full<Bytes>>, WebFault> {
        let mut request = Request::builder().method(self.method.clone()).version(version);
        request = if version == Version::HTTP_2 {
            let scheme = if to.secure { "https" } else { "http" };
            let uri = Uri::builder().scheme(scheme).authority(to.authority.clone());
            request.uri(uri.path_and_query(self.path.as_str()).build()?)
        } else {
            request.uri(self.path.as_str()).header(HOST, to.authority.as_str())
        };
        request = request.header(ACCEPT, self.accept);
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if !self.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

impl Answer {
    pub(super) fn new(
        status: StatusCode,
        headers: &HeaderMap,
        body: Bytes,
        (asked_us, told_us): (u64, u64),
    ) -> Self {
        let text = |name| headers.get(name)?.to_str().ok().map(str::to_owned);
        let cookie = text(SET_COOKIE).and_then(|set| set.split(';').next().map(str::to_owned));
        let (retry_after, etag) = (retry_after(headers), text(ETAG));
        Self { status, retry_after, etag, cookie, body, asked_us, told_us }
    }

    /// The body as what the interface promises; `None` if it is not that.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it is a success.
    pub fn well(&self) -> bool {
        self.status.is_success()
    }

    /// Whether it is of a server that stands by, or is about to: another one serves.
    pub(super) fn sends_elsewhere(&self) -> bool {
        #[derive(Deserialize)]
        struct Problem {
            code: String,
        }
        let turned_away = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let problem = turned_away.then(|| self.read::<Problem>()).flatten();
        problem.is_some_and(|problem| ["standby", "stopping"].contains(&problem.code.as_str()))
    }

    /// How it counts.
    pub fn ended(&self) -> Ended {
        ended(self.status, self.retry_after)
    }
}

/// How an answer counts.
pub(super) fn ended(status: StatusCode, retry_after: Option<Duration>) -> Ended {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Ended::PutOff,
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => Ended::PutOff,
        _ if status.is_server_error() => Ended::Failed,
        _ if status.is_client_error() => Ended::Refused,
        _ => Ended::Well,
    }
}

/// In whole seconds, as the standard has it.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(PUT_OFF_MAX))
}
