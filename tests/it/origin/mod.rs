//! The gate over real sockets: what it refuses before anything reads it, and what reaches a
//! scripted origin behind it. Nothing is asserted about how long it took, only that it happened in
//! time.

mod faults;
mod forwarding;
pub(crate) mod raw;
pub(crate) mod secure;
pub(crate) mod shop;
mod streams;
mod verified;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode};
use stanchion::clock::Clock;
use stanchion::gate::origin::{Around, Asks, Origin, OriginFault, OriginSettings};
use stanchion::gate::proof::ProofKey;
use stanchion::metrics::Metrics;
use stanchion::net::body::Body;
use stanchion::net::listener::{Listener, Report};
use stanchion::net::problem::problem;
use stanchion::net::reply::OutBody;
use stanchion::net::settings::Settings;
use stanchion::net::source::Source;
use stanchion::net::{Answering, Peer, Serve};
use stanchion_domain::id::Number;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use shop::Shop;

/// Far longer than anything here takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);
/// What signs the proofs.
const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

/// A gate that lets everybody pass: whoever asks for `/pass…` has pass 7.
#[derive(Clone)]
struct Open(Arc<Origin>);

impl Serve for Open {
    fn call(&self, request: Request<Body>, peer: Peer) -> Answering {
        let origin = Arc::clone(&self.0);
        let path = request.uri().path_and_query().expect("a path").clone();
        let pass = path.path().starts_with("/pass").then_some(Number(7));
        let own_cookies = Arc::from(["pass-gala".to_owned()]);
        let asks = Asks { peer, secure: peer.secure, path, pass, own_cookies };
        Answering::later(async move {
            let answer = origin.forward(request, asks).await;
            answer.unwrap_or_else(|fault| failed(&fault))
        })
    }
}

fn failed(fault: &OriginFault) -> Response<OutBody> {
    let (status, code) = match fault {
        OriginFault::Unreachable(_) => (StatusCode::BAD_GATEWAY, "unreachable"),
        OriginFault::Broken(_) => (StatusCode::BAD_GATEWAY, "broken"),
        OriginFault::Silent => (StatusCode::GATEWAY_TIMEOUT, "silent"),
        OriginFault::Crowded => (StatusCode::SERVICE_UNAVAILABLE, "crowded"),
        OriginFault::Share => (StatusCode::SERVICE_UNAVAILABLE, "share"),
        OriginFault::Body(declined) => return declined.response(),
    };
    problem(status, code, "a fault of the origin's")
}

/// A gate in front of a shop.
struct Gate {
    address: SocketAddr,
    origin: Arc<Origin>,
    metrics: Arc<Metrics>,
    shutdown: CancellationToken,
    ended: JoinHandle<Report>,
}

/// Deadlines that no test reaches.
fn patient(shop: SocketAddr) -> OriginSettings {
    OriginSettings {
        url: format!("http://{shop}").parse().expect("an address"),
        host: None,
        authority: None,
        identity: None,
        probe: PathAndQuery::from_static("/"),
        connect_ms: 60_000,
        answer_ms: 60_000,
        idle_ms: 60_000,
        stream_idle_ms: 60_000,
        connections_max: 64,
    }
}

impl Gate {
    fn before(shop: &Shop) -> Self {
        Self::start(patient(shop.address), Settings::default())
    }

    fn start(to: OriginSettings, settings: Settings) -> Self {
        let (metrics, shutdown) = (Metrics::new(), CancellationToken::new());
        let around = Around {
            metrics: Arc::clone(&metrics),
            clock: Clock::machine(),
            drain: shutdown.clone(),
        };
        let proof = ProofKey::new(SECRET).expect("long enough");
        let origin = Arc::new(Origin::new(to, Some(proof), around).expect("an origin"));
        let listener = Listener::bind(settings, Arc::clone(&metrics)).expect("a free port");
        let address = listener.address();
        let serving = listener.serve(Open(Arc::clone(&origin)), shutdown.clone());
        Self { address, origin, metrics, shutdown, ended: tokio::spawn(serving) }
    }

    async fn connect(&self) -> Raw {
        Raw(TcpStream::connect(self.address).await.expect("it listens"))
    }

    /// The answer to a request for a path that ends the connection, with more fields.
    async fn get(&self, path: &str, fields: &str) -> String {
        self.ask(format!("GET {path} HTTP/1.1\r\n{HOST}Connection: close\r\n{fields}\r\n")).await
    }

    /// The answer to somebody with a pass at this address, of which nothing is read.
    async fn forward(&self, from: &str) -> Result<Response<OutBody>, OriginFault> {
        let asker: IpAddr = from.parse().expect("an address");
        let address = SocketAddr::new(asker, 9);
        let source = Source::of(asker);
        let peer = Peer { address, asker, source, proxied: false, secure: false };
        let asks = Asks {
            peer,
            secure: false,
            path: PathAndQuery::from_static("/small"),
            pass: Some(Number(7)),
            own_cookies: Arc::default(),
        };
        Arc::clone(&self.origin).forward(Request::new(Body::whole("")), asks).await
    }

    /// Sends bytes on a connection of their own and reads to its end.
    async fn ask(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut raw = self.connect().await;
        raw.send(bytes).await;
        raw.rest().await
    }

    /// Waits until a line of `/metrics` has this value.
    async fn metric_becomes(&self, series: &str, wanted: u64) {
        metric_becomes(&self.metrics, series, wanted).await;
    }
}

const HOST: &str = "Host: shop.test\r\n";

async fn metric_becomes(metrics: &Metrics, series: &str, wanted: u64) {
    let value = || {
        let text = metrics.render();
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.and_then(|value| value.parse::<u64>().ok())
    };
    let met = async {
        while value() != Some(wanted) {
            tokio::task::yield_now().await;
        }
    };
    assert!(timeout(BOUND, met).await.is_ok(), "{series} is {:?}, not {wanted}", value());
}

/// A visitor that writes what it likes.
struct Raw(TcpStream);

impl Raw {
    /// What the server does not take, since it has closed, is not sent.
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
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

#[track_caller]
fn assert_problem(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!(r#""code":"{code}""#)), "{answer}");
}
