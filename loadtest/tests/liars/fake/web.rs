//! The fake over HTTP: the routes of the public interface and of the ops interface, on one port of
//! this machine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::sale::Sale;
use super::{Lie, Spans};
use super::{show_words, words};

/// The sale's id.
pub(crate) const SALE: &str = "night";
/// The shop's key.
pub(crate) const API_KEY: &str = "sk_shop_secret";
/// A key of the staff.
pub(crate) const STAFF_KEY: &str = "sk_staff_secret";
/// How often time is looked at.
const TICK: Duration = Duration::from_millis(5);
/// How long the stall of the lie is.
const STALL: Duration = Duration::from_secs(1);
/// The request that stalls.
const STALLS_AT: u64 = 120;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A fake that serves until it is dropped.
pub(crate) struct Fake {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Stops it when dropped.
    _stop: oneshot::Sender<()>,
}

struct Desk {
    sale: Mutex<Sale>,
    began: Instant,
    asked: Mutex<u64>,
    version: watch::Sender<u64>,
}

/// What was asked, taken apart.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Below `/v1/sales/{sale}`.
    pub(crate) path: Vec<String>,
    pub(crate) since: Option<u64>,
    pub(crate) bearer: String,
    /// The number of the pass that a shop acts for.
    pub(crate) pass: Option<usize>,
    pub(crate) key: String,
    pub(crate) body: Value,
}

/// What is answered.
pub(crate) type Reply = (u16, Value);

impl Fake {
    /// Serves on a free port, on threads of its own: when it stands still, nobody else does.
    pub(crate) async fn serve(lie: Lie, cap: usize, stock: (usize, u32)) -> Self {
        let sale = Mutex::new(Sale::new(lie, cap, Spans::default(), stock));
        let (asked, version) = (Mutex::new(0), watch::Sender::new(0));
        let desk = Arc::new(Desk { sale, began: Instant::now(), asked, version });
        let (ready, bound) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                // Who does not wait for us needs no address.
                let _ = ready.send(listener.local_addr().expect("it is bound"));
                tokio::select! {
                    () = desk.clone().run() => {}
                    () = desk.accept(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address: bound.await.expect("it is ready"), _stop: stop }
    }
}

impl Desk {
    /// Lets time pass.
    async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            let version = {
                let mut sale = self.sale();
                let now_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
                sale.tick(now_ms + 1);
                sale.publish();
                sale.head.version
            };
            self.version.send_replace(version);
        }
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((socket, _)) = listener.accept().await {
            let desk = self.clone();
            let service = service_fn(move |request| desk.clone().answer(request));
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(async move {
                // A visitor who hangs up is no fault of ours.
                let _ = http.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    }

    fn sale(&self) -> MutexGuard<'_, Sale> {
        self.sale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands still with everybody in it, once.
    fn stall(&self) {
        let sale = self.sale();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked += 1;
        if sale.lie == Lie::Stalls && *asked == STALLS_AT {
            std::thread::sleep(STALL);
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        self.stall();
        let (parts, body) = request.into_parts();
        let path: Vec<String> = parts.uri.path().split('/').skip(1).map(str::to_owned).collect();
        let Some(path) = path.strip_prefix(&["v1".to_owned(), "sales".to_owned(), SALE.to_owned()])
        else {
            return Ok(if path == [SALE] {
                page()
            } else {
                reply(words::problem(404, "no_route"))
            });
        };
        if path.ends_with(&["stream".to_owned()]) {
            return Ok(self.stream());
        }
        let since = parts.uri.query().and_then(|query| query.strip_prefix("since=")?.parse().ok());
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let asked = Asked {
            method: parts.method,
            path: path.to_vec(),
            since,
            bearer: bearer(&parts.headers),
            pass: header(&parts.headers, "stanchion-pass").parse().ok(),
            key: header(&parts.headers, "idempotency-key"),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        Ok(reply(words::answer(&mut self.sale(), &asked)))
    }

    /// Every head, as it comes.
    fn stream(self: &Arc<Self>) -> Response<Body> {
        let (desk, mut version) = (self.clone(), self.version.subscribe());
        let (out, frames) = mpsc::channel(8);
        tokio::spawn(async move {
            let mut sent = 0;
            loop {
                let head = show_words::head(&desk.sale());
                let now = *version.borrow_and_update();
                if now > sent {
                    sent = now;
                    let frame = format!("event: head\nid: {now}\ndata: {head}\n\n");
                    if out.send(Bytes::from(frame)).await.is_err() {
                        return;
                    }
                }
                if version.changed().await.is_err() {
                    return;
                }
            }
        });
        let response = Response::builder().header("content-type", "text/event-stream");
        response.body(Frames(frames).boxed_unsync()).expect("a plain response")
    }
}

/// The body of a stream.
struct Frames(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|frame| frame.map(|bytes| Ok(Frame::data(bytes))))
    }
}

fn reply((status, body): Reply) -> Response<Body> {
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Full::new(bytes).boxed_unsync()).expect("a plain response")
}

/// The waiting page, as far as anybody here reads it.
fn page() -> Response<Body> {
    let response = Response::builder().header("content-type", "text/html");
    let text = Full::new(Bytes::from_static(b"<!doctype html><title>A night</title>"));
    response.body(text.boxed_unsync()).expect("a plain response")
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn bearer(headers: &HeaderMap) -> String {
    let value = header(headers, "authorization");
    value.strip_prefix("Bearer ").unwrap_or_default().to_owned()
}
