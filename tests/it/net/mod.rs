//! The edge as a peer sees it. Deadlines are set short; nothing is asserted about how long it took,
//! only that it happened within a generous bound.

mod drain;
mod http1;
mod http2;
mod limits;
mod slow;
mod threads;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use stanchion::metrics::Metrics;
use stanchion::net::body::Body;
use stanchion::net::listener::{Listener, Report};
use stanchion::net::problem::{self, Declined};
use stanchion::net::reply::{OutBody, OutStream};
use stanchion::net::settings::{Deadlines, Settings};
use stanchion::net::source::Source;
use stanchion::net::{Answering, Peer, Serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Far longer than anything here takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);
/// More than the buffers of two sockets.
const LARGE: usize = 32 * 1_024 * 1_024;

/// Whom `/who` knows.
const VISITOR: &str = "203.0.113.5";

/// Answers by path; what the tests need to see or to hold back is shared.
#[derive(Clone)]
struct Handler {
    /// `/held` answers when a permit is there.
    held: Arc<Semaphore>,
    /// One permit for every request that reached `/held`.
    reached: Arc<Semaphore>,
    /// Where `/stream` hands the sending end to.
    streams: mpsc::UnboundedSender<OutStream>,
}

impl Serve for Handler {
    fn call(&self, request: Request<Body>, peer: Peer) -> Answering {
        if request.uri().path() == "/who" {
            let visitor = peer.source == Source::of(VISITOR.parse().expect("an address"));
            let answer = if visitor { "the visitor" } else { "somebody else" };
            return Answering::Now(Response::new(OutBody::whole(answer)));
        }
        let handler = self.clone();
        Answering::later(async move { handler.answer(request).await })
    }
}

impl Handler {
    async fn answer(&self, request: Request<Body>) -> Response<OutBody> {
        match request.uri().path() {
            "/echo" => match request.into_body().collect(1_000_000).await {
                Ok(bytes) => Response::new(OutBody::whole(bytes)),
                Err(fault) => Declined::from(&fault).response(),
            },
            "/panic" => panic!("a bug in a handler"),
            "/large" => Response::new(OutBody::whole(Bytes::from(vec![b'x'; LARGE]))),
            "/stream" => {
                let (sender, body) = OutBody::stream(Bytes::from_static(b"farewell\n"));
                self.streams.send(sender).expect("the test listens");
                Response::new(body)
            }
            "/held" => {
                self.reached.add_permits(1);
                self.held.acquire().await.expect("open").forget();
                Response::new(OutBody::whole("held"))
            }
            "/thread" => {
                let name = std::thread::current().name().unwrap_or_default().to_owned();
                Response::new(OutBody::whole(name))
            }
            "/" => Response::new(OutBody::whole("hello")),
            _ => problem::problem(StatusCode::NOT_FOUND, "not_found", "ask for something else"),
        }
    }
}

/// A running server.
struct Server {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    handler: Handler,
    streams: mpsc::UnboundedReceiver<OutStream>,
    shutdown: CancellationToken,
    ended: JoinHandle<Report>,
}

impl Server {
    fn start(settings: Settings) -> Self {
        let metrics = Metrics::new();
        let listener = Listener::bind(settings, Arc::clone(&metrics)).expect("a free port");
        let address = listener.address();
        let (sender, streams) = mpsc::unbounded_channel();
        let nothing = || Arc::new(Semaphore::new(0));
        let handler = Handler { held: nothing(), reached: nothing(), streams: sender };
        let shutdown = CancellationToken::new();
        let ended = tokio::spawn(listener.serve(handler.clone(), shutdown.clone()));
        Self { address, metrics, handler, streams, shutdown, ended }
    }

    async fn connect(&self) -> Raw {
        Raw(TcpStream::connect(self.address).await.expect("it listens"))
    }

    /// Sends bytes on a connection of their own and reads the answer to its end.
    async fn ask(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut raw = self.connect().await;
        raw.send(bytes).await;
        raw.rest().await
    }

    /// The value of a line of `/metrics`.
    fn metric(&self, series: &str) -> u64 {
        let text = self.metrics.render();
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{series}\n{text}"))
    }

    /// Waits until a line of `/metrics` has this value.
    async fn metric_becomes(&self, series: &str, wanted: u64) {
        let met = async {
            while self.metric(series) != wanted {
                tokio::task::yield_now().await;
            }
        };
        let met = timeout(BOUND, met).await;
        assert!(met.is_ok(), "{series} is {}, not {wanted}", self.metric(series));
    }
}

/// A peer that writes what it likes.
struct Raw(TcpStream);

impl Raw {
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("the server takes it");
    }

    /// Everything until the server closes; a reset counts as closing.
    async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(BOUND, self.0.read_to_end(&mut bytes)).await;
        let _ = read.expect("the server closes the connection");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads until `end` has come.
    async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.contains(end) {
            let mut some = [0; 4_096];
            let read = timeout(BOUND, self.0.read(&mut some)).await.expect("in time");
            let count = read.expect("the server does not reset");
            assert!(count > 0, "closed after {text:?}");
            text.push_str(&String::from_utf8_lossy(&some[..count]));
        }
        text
    }
}

/// Every deadline short, but the one under test long enough to be told from the others.
fn brief() -> Deadlines {
    Deadlines {
        first_byte_ms: 200,
        head_ms: 200,
        body_ms: 200,
        body_bytes_per_s_min: 1_000_000,
        idle_ms: 200,
        write_stall_ms: 300,
        drain_ms: 300,
        life_ms: None,
    }
}

fn settings(deadlines: Deadlines) -> Settings {
    Settings { deadlines, ..Settings::default() }
}

/// Deadlines that no test reaches.
fn patient() -> Settings {
    let long = 60_000;
    settings(Deadlines {
        first_byte_ms: long,
        head_ms: long,
        body_ms: long,
        body_bytes_per_s_min: 1,
        idle_ms: long,
        write_stall_ms: long,
        drain_ms: long,
        life_ms: None,
    })
}

#[track_caller]
fn assert_problem(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains("content-type: application/problem+json"), "{answer}");
    assert!(answer.contains(&format!(r#""code":"{code}""#)), "{answer}");
}
