//! Asking the server over real connections, once or until it answers, with every try written down.
//!
//! A question is put again with the same key until the answer is one that asking again would not
//! change. Owns the connections and the list of tries.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
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
const PATIENCE: Duration = Duration::from_secs(60);
/// The same where there is somebody else to ask.
const PATIENCE_OF_TWO: Duration = Duration::from_secs(2);

/// A way to a server that may be away, and come back elsewhere; or to one of several.
pub(crate) struct Web {
    client: Client<HttpConnector, Full<Bytes>>,
    /// The one that is asked comes first.
    reach: Mutex<Vec<Reach>>,
    tries: Mutex<Vec<Try>>,
    /// Nobody turns to another server for want of an answer.
    patient: AtomicBool,
    begun: Instant,
}

/// Where a server listens.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Reach {
    public: SocketAddr,
    ops: SocketAddr,
}

/// One question put once. Times are in microseconds since the crowd began.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    pub(crate) operation: &'static str,
    pub(crate) began: u64,
    pub(crate) ended: u64,
    /// The status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// Nobody listened there, so that nothing was asked.
    pub(crate) unheard: bool,
    /// The answer had been given before.
    pub(crate) again: bool,
}

/// Why there is no answer.
struct NoAnswer {
    unheard: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
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
pub(crate) struct Answer {
    /// When it was first asked.
    pub(crate) began: u64,
    /// When the answer was there.
    pub(crate) ended: u64,
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// It had been given before.
    pub(crate) again: bool,
    headers: HeaderMap,
}

impl Ask {
    /// Asks for something below the sale's address. `operation` is what it is called in tries.
    pub(crate) fn new(operation: &'static str, method: Method, path: &str) -> Self {
        Self::of_process(operation, method, &format!("/v1/sales/{SALE}{path}"))
    }

    /// Asks for something that is not the sale's.
    pub(crate) fn of_process(operation: &'static str, method: Method, path: &str) -> Self {
        let (path, bearer, key, body) = (path.to_owned(), None, None, Bytes::new());
        Self { operation, method, path, bearer, key, body, ops: false }
    }

    pub(crate) fn get(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::GET, path)
    }

    pub(crate) fn post(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::POST, path)
    }

    pub(crate) fn delete(operation: &'static str, path: &str) -> Self {
        Self::new(operation, Method::DELETE, path)
    }

    /// Of the operators' listener.
    pub(crate) fn of_ops(self) -> Self {
        Self { ops: true, ..self }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    pub(crate) fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self { body: body.to_string().into(), ..self }
    }
}

impl Answer {
    /// The stable code of a problem; empty if it is none.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A field that is a text.
    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn retry_after(&self) -> Option<&str> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()
    }

    /// The answer, if it has this status.
    ///
    /// # Errors
    /// What came instead.
    pub(crate) fn is(self, status: u16) -> Result<Self, String> {
        if self.status == status {
            return Ok(self);
        }
        Err(format!("{status} was expected, not {} {}", self.status, self.body))
    }
}

impl Web {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(5))
            .build(connector);
        let (reach, tries, patient) = (Mutex::default(), Mutex::default(), AtomicBool::default());
        Self { client, reach, tries, patient, begun: Instant::now() }
    }

    /// Waits for an answer as long as where there is nobody else to ask, from now on: what is slow
    /// is no loss.
    pub(crate) fn be_patient(&self) {
        self.patient.store(true, Ordering::Relaxed);
    }

    /// Asks this server from now on.
    pub(crate) fn reach(&self, server: &Server) {
        self.reach_either(&[server]);
    }

    /// Asks the first of these servers from now on, and the next one whenever one does not answer,
    /// or answers 503.
    pub(crate) fn reach_either(&self, servers: &[&Server]) {
        let reach = servers.iter().map(|it| Reach { public: it.public, ops: it.ops });
        *lock(&self.reach) = reach.collect();
    }

    /// Asks nobody until there is a server again: somebody else may listen there meanwhile.
    pub(crate) fn lose(&self) {
        lock(&self.reach).clear();
    }

    /// Asks another one from now on, unless somebody has seen to that already.
    fn turn_from(&self, failed: Reach) {
        let mut reach = lock(&self.reach);
        if reach.first() == Some(&failed) {
            reach.rotate_left(1);
        }
    }

    /// Microseconds since this was made.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).expect("a test does not run so long")
    }

    /// Every try so far.
    pub(crate) fn tries(&self) -> Vec<Try> {
        lock(&self.tries).clone()
    }

    /// Asks once; `None` if nobody answers.
    pub(crate) async fn ask(&self, ask: &Ask) -> Option<Answer> {
        let (reach, patience) = {
            let reach = lock(&self.reach);
            let hasty = reach.len() > 1 && !self.patient.load(Ordering::Relaxed);
            let patience = if hasty { PATIENCE_OF_TWO } else { PATIENCE };
            (reach.first().copied()?, patience)
        };
        let began = self.now();
        let answer = tokio::time::timeout(patience, self.exchange(ask, reach)).await;
        let unheard = matches!(answer, Ok(Err(NoAnswer { unheard: true })));
        let answer = answer.ok().and_then(Result::ok);
        let ended = self.now();
        let status = answer.as_ref().map(|(status, ..)| *status);
        let again = answer.as_ref().is_some_and(|(_, headers, _)| {
            headers.get("idempotency-replayed").is_some_and(|value| value == "true")
        });
        let operation = ask.operation;
        lock(&self.tries).push(Try { operation, began, ended, status, unheard, again });
        if status.is_none_or(|status| status == 503) {
            self.turn_from(reach);
        }
        let (status, headers, body) = answer?;
        Some(Answer { began, ended, status, body, again, headers })
    }

    /// Asks until there is an answer that asking again would not change.
    ///
    /// # Errors
    /// If none comes for very long.
    pub(crate) async fn insist(&self, ask: &Ask) -> Result<Answer, String> {
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
    pub(crate) async fn stream(&self, path: &str) -> Option<JoinHandle<bool>> {
        let reach = lock(&self.reach).first().copied()?;
        let ask = Ask::get("stream", path);
        let (head, body) = self.send(&ask, reach).await.ok()?.into_parts();
        let follow = async move { body.collect().await.is_ok() };
        head.status.is_success().then(|| tokio::spawn(follow))
    }

    async fn exchange(&self, ask: &Ask, reach: Reach) -> Result<(u16, HeaderMap, Value), NoAnswer> {
        let (head, body) = self.send(ask, reach).await?.into_parts();
        let bytes = body.collect().await.map_err(|_| NoAnswer { unheard: false })?.to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok((head.status.as_u16(), head.headers, body))
    }

    async fn send(&self, ask: &Ask, reach: Reach) -> Result<Response<Incoming>, NoAnswer> {
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
        let response = self.client.request(request).await;
        response.map_err(|fault| NoAnswer { unheard: fault.is_connect() })
    }
}

/// A lock whose holder never leaves its content half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
