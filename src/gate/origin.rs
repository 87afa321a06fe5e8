//! The shop's server behind the gate, and how a request is passed on to it.
//!
//! Owns the pool of connections and the bound on them, and every deadline of an exchange. Decides
//! nothing about who may pass; keeps no body. A request is written anew from what was understood of
//! it, so nothing of its framing reaches the origin; and it is never asked twice, but when not one
//! byte of it had left.

use std::sync::Arc;
use std::time::Duration;

use http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, TRANSFER_ENCODING, USER_AGENT,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use stanchion_domain::id::Number;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::fields;
use super::health::{Health, OriginHealth, Word};
use super::link::Links;
use super::passing::{Passed, Patience, Progress, Sent, Way};
use super::pool::{Line, LineFault, Pool};
use super::proof::{PROOF, ProofKey};
use super::room::{NoRoom, Permit, Room};
use super::tunnel::Tunnel;
use crate::clock::{Clock, coarse_ms, instant};
use crate::engine::shop::ShopState;
pub use crate::files::gate::Origin as OriginSettings;
use crate::metrics::Metrics;
use crate::metrics::http::Route;
use crate::metrics::origin::{OriginMetrics, Outcome};
use crate::net::Peer;
use crate::net::body::Body;
use crate::net::problem::Declined;
use crate::net::reply::{BoxFault, OutBody};

/// Longest wait for a probe's answer, if `answer_ms` is not less: what takes longer is no answer to
/// whoever waits for a page, and one that hangs is tried again soon.
const PROBE_MS_MAX: u64 = 5_000;
/// Who asks, for the logs of the shop.
const PROBE: HeaderValue = HeaderValue::from_static("stanchion-probe");

/// What the origin shares with the rest of the server.
#[derive(Clone, Debug)]
pub struct Around {
    /// Where answers are counted.
    pub metrics: Arc<Metrics>,
    /// What the proof is dated by.
    pub clock: Clock,
    /// Cancelled when the sockets are drained: tunnels and event streams end then.
    pub drain: CancellationToken,
}

/// Why there is no origin.
#[derive(Debug, thiserror::Error)]
pub enum OriginSettingsFault {
    /// The address is none of a server.
    #[error("must be http:// or https://, a host, perhaps a port, and no path")]
    Url,
    /// None of the certificates can be read.
    #[error("there is no authority whose certificates could be believed")]
    Authority,
    /// TLS as a whole.
    #[error("TLS cannot be offered")]
    Tls(#[from] rustls::Error),
}

/// Who asks for what.
#[derive(Debug)]
pub struct Asks {
    /// Who asks.
    pub peer: Peer,
    /// Whether the visitor came over TLS, as far as is known.
    pub secure: bool,
    /// The normal form of the path, with the query: what was decided on is what is asked for.
    pub path: PathAndQuery,
    /// Whose pass opened it; `None` if it is open to all.
    pub pass: Option<Number>,
    /// Names of our own cookies: the origin neither sees nor sets them.
    pub own_cookies: Arc<[String]>,
}

/// Why there is no answer of the origin's.
#[derive(Debug, thiserror::Error)]
pub enum OriginFault {
    /// No connection.
    #[error("the origin cannot be reached")]
    Unreachable(#[source] BoxFault),
    /// No answer in time.
    #[error("the origin does not answer in time")]
    Silent,
    /// An answer that is none, or ended before its head did.
    #[error("the origin's answer is broken")]
    Broken(#[source] BoxFault),
    /// As many requests as may be are with the origin, or wait for it.
    #[error("too many requests wait for the origin")]
    Crowded,
    /// As many of this source, or of all who have no pass, as may be: others find room.
    #[error("too many requests of one source, or without a pass, wait for the origin")]
    Share,
    /// The visitor's own body failed: no fault of the origin's.
    #[error("the body of the request could not be read")]
    Body(Declined),
}

/// A request on its way to the origin.
struct Outgoing {
    request: Box<Request<Sent>>,
    progress: Arc<Progress>,
    /// The visitor's connection, if it is to be switched to a WebSocket.
    visitor: Option<OnUpgrade>,
}

/// The shop's server behind the gate.
#[derive(Debug)]
pub struct Origin {
    settings: OriginSettings,
    authority: Authority,
    proof: Option<ProofKey>,
    pool: Arc<Pool>,
    room: Arc<Room>,
    health: Health,
    clock: Clock,
    drain: CancellationToken,
    metrics: OriginMetrics,
}

impl Origin {
    /// An origin, not yet connected to. With a `proof` every request carries a signed header by
    /// which the origin can tell that it came through here.
    ///
    /// # Errors
    /// [`OriginSettingsFault`].
    pub fn new(
        settings: OriginSettings,
        proof: Option<ProofKey>,
        around: Around,
    ) -> Result<Self, OriginSettingsFault> {
        let authority = address(&settings.url).ok_or(OriginSettingsFault::Url)?;
        let metrics = around.metrics.origin();
        metrics.sockets.up.set(1);
        let links = Links::new(&settings, metrics.sockets.connections.clone())?;
        let pool = Arc::new(Pool::new(links, settings.connections_max));
        let patience = Duration::from_millis(settings.connect_ms);
        let waiting = metrics.sockets.waiting.clone();
        Ok(Self {
            room: Arc::new(Room::new(settings.connections_max, patience, waiting)),
            settings,
            authority,
            proof,
            pool,
            health: Health::default(),
            clock: around.clock,
            drain: around.drain,
            metrics,
        })
    }

    /// How the origin has done of late.
    pub fn health(&self) -> OriginHealth {
        self.health.view(coarse_ms())
    }

    /// Passes a request on, and its answer back. The answer's body streams; it is counted as
    /// [`Route::Gate`].
    ///
    /// What the origin is to see is made before the future is, so that what is moved about is
    /// small.
    ///
    /// # Errors
    /// [`OriginFault`]; nothing of an answer was taken then.
    pub fn forward(
        self: Arc<Self>,
        request: Request<Body>,
        asks: Asks,
    ) -> impl Future<Output = Result<Response<OutBody>, OriginFault>> + Send {
        let begun_at = instant();
        let outgoing = self.outgoing(request, &asks);
        async move {
            let went = self.exchange(outgoing, &asks).await;
            let took = begun_at.elapsed();
            let outcome = went.as_ref().map_or_else(OriginFault::outcome, |_| Outcome::Answered);
            self.metrics.answered(outcome, took);
            let status = went.as_ref().ok().map(Response::status);
            self.health.note(Word::of(outcome, status, took), coarse_ms());
            went
        }
    }

    /// Closes connections that nobody needs.
    pub(super) fn sweep(&self) {
        self.pool.sweep(coarse_ms());
    }

    /// Whether it is to be asked how it does.
    pub(super) fn asks(&self) -> bool {
        self.health.asks(coarse_ms())
    }

    /// Shows operators how it does.
    pub(super) fn show(&self, state: ShopState) {
        self.metrics.sockets.up.set(if state == ShopState::Down { 0 } else { 1 });
    }

    /// Asks it how it does. One more than `connections_max`, since requests that hang may have
    /// taken all of those; any answer counts but one that speaks of a fault of its own.
    pub(super) async fn probe(&self) {
        let begun_at = instant();
        let within = Duration::from_millis(self.settings.answer_ms.min(PROBE_MS_MAX));
        let progress = Progress::new(self.patience());
        let asked = self.ask(Box::new(self.probing(&progress)), &progress);
        let answer = timeout(within, asked).await;
        let status = answer.ok().and_then(Result::ok).map(|(answer, _)| answer.status());
        self.health.note(Word::of_probe(status, begun_at.elapsed()), coarse_ms());
    }

    fn probing(&self, progress: &Arc<Progress>) -> Request<Sent> {
        let path = &self.settings.probe;
        let mut request = Request::new(Sent::new(Body::whole(""), Arc::clone(progress)));
        *request.uri_mut() = Uri::from(path.clone());
        let host = HeaderValue::try_from(self.authority.as_str());
        let host = self.settings.host.clone().or(host.ok());
        request.headers_mut().extend(host.map(|host| (HOST, host)));
        request.headers_mut().insert(USER_AGENT, PROBE);
        self.prove(&mut request, (path, None));
        request
    }

    fn patience(&self) -> Patience {
        Patience { answer_ms: self.settings.answer_ms, idle_ms: self.settings.idle_ms }
    }

    fn unix_s(&self) -> i64 {
        self.clock.wall().0.div_euclid(1_000)
    }

    async fn exchange(
        &self,
        outgoing: Outgoing,
        asks: &Asks,
    ) -> Result<Response<OutBody>, OriginFault> {
        let Outgoing { mut request, progress, visitor } = outgoing;
        let room = self.room.enter(asks.peer.source, asks.pass.is_some()).await;
        let permit = room.map_err(|full| match full {
            NoRoom::InTotal => OriginFault::Crowded,
            NoRoom::OfThese => OriginFault::Share,
        })?;
        // It may have waited for the room.
        progress.begin();
        self.prove(&mut request, (&asks.path, asks.pass));
        let (answer, line) = self.ask(request, &progress).await?;
        self.answered(answer, visitor, (line, permit), asks)
    }

    /// Lets the origin tell that a request came through here, a moment ago.
    fn prove(&self, request: &mut Request<Sent>, wanted: (&PathAndQuery, Option<Number>)) {
        if let Some(key) = &self.proof {
            let proof = key.header(request.method(), wanted, self.unix_s());
            request.headers_mut().insert(PROOF, proof);
        }
    }

    /// The request as the origin sees it, but for its proof.
    fn outgoing(&self, mut request: Request<Body>, asks: &Asks) -> Outgoing {
        let tunnels = fields::asks_for_tunnel(&request);
        let visitor = tunnels.then(|| hyper::upgrade::on(&mut request));
        let (mut head, body) = request.into_parts();
        let host = self.settings.host.as_ref();
        fields::towards(&mut head, fields::Added { asks, host, tunnels });
        frame(&mut head.headers, &head.method, &body);
        let progress = Progress::new(self.patience());
        let mut request = Box::new(Request::new(Sent::new(body, Arc::clone(&progress))));
        *request.method_mut() = head.method;
        *request.headers_mut() = head.headers;
        *request.version_mut() = Version::HTTP_11;
        *request.uri_mut() = Uri::from(asks.path.clone());
        Outgoing { request, progress, visitor }
    }

    /// The answer as the visitor sees it.
    fn answered(
        &self,
        mut answer: Response<Incoming>,
        visitor: Option<OnUpgrade>,
        (line, permit): (Box<Line>, Permit),
        asks: &Asks,
    ) -> Result<Response<OutBody>, OriginFault> {
        if !fields::framed_once(&answer) {
            return Err(OriginFault::Broken("its body has two lengths, or none".into()));
        }
        let ends = match (answer.status(), visitor) {
            (StatusCode::SWITCHING_PROTOCOLS, Some(visitor)) if fields::is_tunnel(&answer) => {
                Some((visitor, hyper::upgrade::on(&mut answer)))
            }
            (StatusCode::SWITCHING_PROTOCOLS, _) => {
                return Err(OriginFault::Broken("it switched to what nobody asked for".into()));
            }
            _ => None,
        };
        let (mut head, body) = answer.into_parts();
        fields::back(&mut head, asks);
        // Our own connection goes on, whatever the origin's speaks.
        head.version = Version::HTTP_11;
        let body = match ends {
            Some(ends) => {
                line.let_go();
                self.tunnel(ends, permit);
                OutBody::foreign(http_body_util::Empty::new())
            }
            None => self.passed(&head.headers, body, (line, permit)),
        };
        Ok(Response::from_parts(head, body.counted(Route::Gate)))
    }

    /// The head of the answer, over a connection that stands, or over a new one.
    async fn ask(
        &self,
        mut request: Box<Request<Sent>>,
        progress: &Arc<Progress>,
    ) -> Result<(Response<Incoming>, Box<Line>), OriginFault> {
        loop {
            let (mut line, stood) = match self.pool.take() {
                Some(line) => (line, true),
                None => (self.pool.open().await.map_err(OriginFault::Unreachable)?, false),
            };
            let broken = match line.ask(request, progress).await {
                Ok(answer) => return Ok((answer, line)),
                // It had ended, and nobody knew.
                Err(LineFault::Unasked(unasked)) if stood => {
                    request = unasked;
                    continue;
                }
                Err(LineFault::Unasked(_)) => "it ended the connection at once".into(),
                Err(LineFault::Silent) => {
                    let late = progress.fault_when_late();
                    return Err(late.map_or(OriginFault::Silent, OriginFault::Body));
                }
                Err(LineFault::Broken(fault)) => fault,
            };
            return Err(match progress.fault() {
                Some(declined) => OriginFault::Body(declined),
                None => OriginFault::Broken(broken),
            });
        }
    }

    fn passed(
        &self,
        headers: &HeaderMap,
        body: Incoming,
        (line, permit): (Box<Line>, Permit),
    ) -> OutBody {
        let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let streams = kind.starts_with(b"text/event-stream");
        let idle_ms = if streams { self.settings.stream_idle_ms } else { self.settings.idle_ms };
        let drain = streams.then(|| self.drain.clone());
        let (pool, cut) = (Arc::clone(&self.pool), self.metrics.sockets.cut.clone());
        let way = Way { line, pool, permit, cut };
        Passed::start(body, way, Duration::from_millis(idle_ms), drain)
    }

    fn tunnel(&self, ends: (OnUpgrade, OnUpgrade), permit: Permit) {
        let tunnel = Tunnel {
            idle_ms: self.settings.stream_idle_ms,
            drain: self.drain.clone(),
            open: self.metrics.sockets.tunnels.clone(),
            permit,
        };
        tokio::spawn(tunnel.run(ends.0, ends.1));
    }
}

/// Gives the request one framing: what is known of its body, and nothing that was sent.
fn frame(headers: &mut HeaderMap, method: &Method, body: &Body) {
    use http_body::Body as _;
    let exact = body.size_hint().exact();
    if let Some(length) = exact.filter(|length| *length > 0) {
        headers.insert(CONTENT_LENGTH, length.into());
    } else if !body.is_end_stream() && exact.is_none() {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    } else if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

/// Host and port of an address of a server.
fn address(url: &Uri) -> Option<Authority> {
    let (scheme, authority) = (url.scheme()?, url.authority()?.clone());
    let known = *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none();
    let named = !authority.host().is_empty() && !authority.as_str().contains('@');
    (known && bare && named).then_some(authority)
}

impl OriginFault {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Unreachable(_) => Outcome::Unreachable,
            Self::Silent => Outcome::Silent,
            Self::Broken(_) => Outcome::Broken,
            Self::Crowded => Outcome::Crowded,
            Self::Share => Outcome::Share,
            Self::Body(_) => Outcome::Body,
        }
    }
}
