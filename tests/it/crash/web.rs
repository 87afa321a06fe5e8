//! Asking the server over real connections, once or until it answers, with every try written down.
//!
//! A question is put again with the same key until the answer is one that asking again would not
//! change. Owns the connections and the list of tries.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::server::{BOUND, SALE, Server};

/// Between two tries, so that a server that is away is not asked all the time.
const PAUSE: Duration = Duration::from_millis(10);
/// One answer; a server that is stopped for a while answers after that.
const PATIENCE: Duration = Duration::from_secs(30);

/// A way to a server that may be away, and come back elsewhere.
pub(super) struct Web {
    client: Client<HttpConnector, Full<Bytes>>,
    reach: Mutex<Option<Reach>>,
    tries: Mutex<Vec<Try>>,
    begun: Instant,
}

/// Where a server listens.
#[derive(Clone, Copy)]
struct Reach {
    public: SocketAddr,
    ops: SocketAddr,
}

/// One question put once. Times are in microseconds since the crowd began.
#[derive(Clone, Debug)]
pub(super) struct Try {
    pub(super) operation: &'static str,
    pub(super) began: u64,
    pub(super) ended: u64,
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// The answer had been given before.
    pub(super) again: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    operation: &'static str,
    method: Method,
    path: String,
    bearer: Option<String>,
    key: Option<String>,
    body: Bytes,
    ops: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// When it was first asked.
    pub(super) began: u64,
    /// When the answer was there.
    pub(super) ended: u64,
    pub(super) status: u16,
    pub(super) body: Value,
    /// It had been given before.
    pub(super) again: bool,
    headers: HeaderMap,
}

impl Ask {
    /// Asks for something below the sale's address. `operation` is what it is called in tries.
    pub(super) fn new(operation: &'static str, method: Method, path: &str) -> Self {
        let path = format!("/v1/sales/{SALE}{path}");
        let (bearer, key, body) = (None, None, Bytes::new());
        Self { operation, method, path, bearer, key, body, ops: false }
    }

    pub(super) fn get(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::GET, path)
    }

    pub(super) fn post(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::POST, path)
    }

    pub(super) fn delete(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::DELETE, path)
    }

    /// Of the operators' listener.
    pub(super) fn of_ops(self) -> Self {
        Self { ops: true, ..self }
    }

    pub(super) fn bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    pub(super) fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    pub(super) fn json(self, body: &Value) -> Self {
        Self { body: body.to_string().into(), ..self }
    }
}

impl Answer {
    /// The stable code of a problem; empty if it is none.
    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A field that is a text.
    pub(super) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn retry_after(&self) -> Option<&str> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()
    }

    /// The answer, if it has this status.
    ///
    /// # Errors
    /// What came instead.
    pub(super) fn is(self, status: u16) -> Result<Self, String> {
        if self.status == status {
            return Ok(self);
        }
        Err(format!("{status} was expected, not {} {}", self.status, self.body))
    }
}

impl Web {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(5))
            .build(connector);
        let (reach, tries) = (Mutex::default(), Mutex::default());
        Self { client, reach, tries, begun: Instant::now() }
    }

    /// Asks this server from now on.
    pub(super) fn reach(&self, server: &Server) {
        *lock(&self.reach) = Some(Reach { public: server.public, ops: server.ops });
    }

    /// Asks nobody until there is a server again: somebody else may listen there meanwhile.
    pub(super) fn lose(&self) {
        *lock(&self.reach) = None;
    }

    /// Microseconds since this was made.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).expect("a test does not run so long")
    }

    /// Every try so far.
    pub(super) fn tries(&self) -> Vec<Try> {
        lock(&self.tries).clone()
    }

    /// Asks once; `None` if nobody answers.
    pub(super) async fn ask(&self, ask: &Ask) -> Option<Answer> {
        let reach = *lock(&self.reach);
        let reach = reach?;
        let began = self.now();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(ask, reach)).await;
        let answer = answer.ok().flatten();
        let ended = self.now();
        let status = answer.as_ref().map(|(status, ..)| *status);
        let again = answer.as_ref().is_some_and(|(_, headers, _)| {
            headers.get("idempotency-replayed").is_some_and(|value| value == "true")
        });
        let operation = ask.operation;
        lock(&self.tries).push(Try { operation, began, ended, status, again });
        let (status, headers, body) = answer?;
        Some(Answer { began, ended, status, body, again, headers })
    }

    /// Asks until there is an answer that asking again would not change.
    ///
    /// # Errors
    /// If none comes for very long.
    pub(super) async fn insist(&self, ask: &Ask) -> Result<Answer, String> {
        let (began, begun) = (self.now(), Instant::now());
        let mut last = None;
        while begun.elapsed() < BOUND {
            if let Some(answer) = self.ask(ask).await {
                if answer.status < 500 && answer.status != 429 {
                    return Ok(Answer { began, ..answer });
                }
                last = Some(answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("no answer to {}; the last was {last:?}", ask.operation))
    }

    /// Opens an event stream, and follows it; whether it came to its end in the end.
    pub(super) async fn stream(&self, path: &str) -> Option<JoinHandle<bool>> {
        let reach = *lock(&self.reach);
        let ask = Ask::get("stream", path);
        let (head, body) = self.send(&ask, reach?).await?.into_parts();
        let follow = async move { body.collect().await.is_ok() };
        head.status.is_success().then(|| tokio::spawn(follow))
    }

    async fn exchange(&self, ask: &Ask, reach: Reach) -> Option<(u16, HeaderMap, Value)> {
        let (head, body) = self.send(ask, reach).await?.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Some((head.status.as_u16(), head.headers, body))
    }

    async fn send(&self, ask: &Ask, reach: Reach) -> Option<Response<Incoming>> {
        let address = if ask.ops { reach.ops } else { reach.public };
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("http://{address}{}", ask.path));
        if let Some(bearer) = &ask.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(key) = &ask.key {
            request = request.header("idempotency-key", key);
        }
        if !ask.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(ask.body.clone())).expect("a request");
        self.client.request(request).await.ok()
    }
}

/// A lock whose holder never leaves its content half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
