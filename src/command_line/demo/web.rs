//! One way to ask the server something: HTTP/1.1 over kept connections, with patience.
//!
//! Owns the connections, their number, the time one answer may take, and the rule of trying again:
//! the same request with the same key, never sooner than the server asked for. Never looks into a
//! body.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::wire::Problem;

/// Bytes of an answer: a plan of 131,072 seats at about 120 bytes each is 16 MiB.
const ANSWER_BYTES_MAX: usize = 20 * 1024 * 1024;
/// From asking to the end of the answer.
const ANSWER_SPAN: Duration = Duration::from_secs(10);
/// A kept connection is given up before the server, which waits 15 s, closes it.
const IDLE_SPAN: Duration = Duration::from_secs(10);
/// The first pause before trying again; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
/// The longest pause, unless the server asks for a longer one.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The longest pause a server can ask for.
const PAUSE_ASKED_MAX: Duration = Duration::from_secs(60);

/// A way to one server.
pub struct Web {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    room: Semaphore,
}

/// What is asked. Asking again with the same value is always safe where it carries a key.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    bearer: Option<String>,
    key: Option<String>,
    body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// How long to wait before asking again, if the server said so.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Bytes,
    /// How often the question was put before this came.
    pub tries: u32,
}

/// How long to insist on an answer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries in all.
    pub tries: u32,
    /// Spreads the pauses of many who were turned away at the same moment.
    pub seed: u64,
}

/// Why there is no answer, or none that can be understood.
#[derive(thiserror::Error, Debug)]
pub enum WebFault {
    /// The question could not be written down.
    #[error("the request cannot be written")]
    Unspeakable(#[from] http::Error),
    /// Nobody answers at the address.
    #[error("the server cannot be reached")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    /// The answer broke off, or was too long.
    #[error("the answer broke off: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("no answer within {} s", ANSWER_SPAN.as_secs())]
    Slow,
    /// The answer is not what the interface promises.
    #[error("the answer makes no sense")]
    Strange(#[from] serde_json::Error),
}

impl Web {
    /// A way to a server, over so many connections at most.
    pub fn new(address: SocketAddr, connections_max: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(ANSWER_SPAN));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_SPAN)
            .pool_max_idle_per_host(connections_max)
            .build(connector);
        Self { address, client, room: Semaphore::new(connections_max) }
    }

    /// Asks once.
    pub async fn ask(&self, ask: &Ask) -> Result<Reply, WebFault> {
        let _room = self.room.acquire().await.expect("the semaphore is never closed");
        let answer = tokio::time::timeout(ANSWER_SPAN, self.exchange(ask)).await;
        answer.unwrap_or(Err(WebFault::Slow))
    }

    /// Asks until there is an answer that asking again would not change, or patience ends.
    pub async fn insist(&self, ask: &Ask, patience: Patience) -> Result<Reply, WebFault> {
        let mut pauses = Pauses::new(patience.seed);
        for tries in 1.. {
            let answer = self.ask(ask).await.map(|reply| Reply { tries, ..reply });
            if tries >= patience.tries || !worth_asking_again(&answer) {
                return answer;
            }
            let asked = answer.ok().and_then(|reply| reply.retry_after);
            tokio::time::sleep(pauses.next(asked)).await;
        }
        unreachable!("patience ends");
    }

    async fn exchange(&self, ask: &Ask) -> Result<Reply, WebFault> {
        let reply = self.client.request(ask.request(self.address)?).await?;
        let (head, body) = reply.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|fault| WebFault::Broken(fault.to_string()))?.to_bytes();
        let retry_after = retry_after(&head.headers);
        Ok(Reply { status: head.status, retry_after, body, tries: 1 })
    }
}

impl Ask {
    /// A question without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { method, path, bearer: None, key: None, body: Bytes::new() }
    }

    /// Reads something.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Asks for something to be done.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Ends something.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// On behalf of who holds this token or API key.
    pub fn bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    /// To be done once, however often it is asked.
    pub fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// With a body.
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("plain data with text keys is always JSON");
        Self { body: body.into(), ..self }
    }

    fn request(&self, address: SocketAddr) -> Result<Request<Full<Bytes>>, http::Error> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(format!("http://{address}{}", self.path))
            .header(ACCEPT, "application/json");
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if !self.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request.body(Full::new(self.body.clone()))
    }
}

impl Reply {
    /// The body as what the interface promises.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, WebFault> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// What is in the way, if the answer is not a success.
    pub fn problem(&self) -> Option<Problem> {
        let silent = || Problem { code: self.status.as_u16().to_string(), ..Problem::default() };
        (!self.status.is_success()).then(|| self.read().unwrap_or_else(|_| silent()))
    }
}

/// A key for something that is to be done once.
pub fn fresh_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Whether the world failed, or the server asked to come back: not whether the rules said no.
fn worth_asking_again(answer: &Result<Reply, WebFault>) -> bool {
    match answer {
        Ok(reply) => {
            let turned_away = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
            turned_away.contains(&reply.status)
        }
        Err(WebFault::Unreachable(_) | WebFault::Broken(_) | WebFault::Slow) => true,
        Err(WebFault::Unspeakable(_) | WebFault::Strange(_)) => false,
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(PAUSE_ASKED_MAX))
}

/// The pauses between tries.
struct Pauses {
    next: Duration,
    random: StdRng,
}

impl Pauses {
    fn new(seed: u64) -> Self {
        Self { next: PAUSE_FIRST, random: StdRng::seed_from_u64(seed) }
    }

    /// From one to one and a half times the pause, never less than what was asked for.
    fn next(&mut self, asked: Option<Duration>) -> Duration {
        let pause = self.next.max(asked.unwrap_or_default());
        self.next = (self.next * 2).min(PAUSE_MAX);
        pause.mul_f64(self.random.random_range(1.0..1.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_are_never_shorter_than_asked() {
        let mut pauses = Pauses::new(1);
        let asked = Duration::from_secs(7);
        assert!((PAUSE_FIRST..PAUSE_FIRST * 2).contains(&pauses.next(None)));
        assert!((asked..asked * 2).contains(&pauses.next(Some(asked))));
        let last = (0..20).map(|_| pauses.next(None)).last().expect("twenty pauses");
        assert!((PAUSE_MAX..PAUSE_MAX * 2).contains(&last));
    }
}
