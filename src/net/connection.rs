//! One connection from its first byte to its last.
//!
//! Tells the protocol, hands the socket to hyper, and watches the vitals beside it: at a deadline
//! the connection is cut, after a rest or when the server drains it is ended politely.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::DerefMut;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::aside::{First, race};
use super::desk::{Desk, House};
use super::framing::ending::BEYOND_BYTES_MAX;
use super::framing::{Framing, HeadLimits};
use super::limits;
use super::socket::{Begun, Counted, Greeting, Socket, greeting};
use super::source::Source;
use super::tls::{self, Tls};
use super::vitals::{Verdict, Vitals};
use super::{Peer, Serve};
use crate::clock::coarse_ms;
use crate::metrics::http::Limit;

/// A connection just accepted.
#[derive(Debug)]
pub(super) struct Arrival {
    pub stream: TcpStream,
    pub address: SocketAddr,
    pub source: Source,
    pub proxied: bool,
    pub counted: Counted,
}

/// What serves the connections of one listener.
#[derive(Clone)]
pub(super) struct Server<S> {
    pub service: S,
    pub house: Arc<House>,
    pub tls: Option<Arc<Tls>>,
    pub tasks: Tasks,
}

/// Where the requests of HTTP/2 run: counted, and cut when the drain is over.
#[derive(Clone)]
pub(super) struct Tasks {
    pub tracker: TaskTracker,
    pub cut: CancellationToken,
}

impl<F> Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.tracker.spawn(self.cut.clone().run_until_cancelled_owned(future));
    }
}

impl<S: Serve> Server<S> {
    /// Serves a connection to its end.
    pub(super) async fn serve(self, arrival: Arrival) {
        let Arrival { stream, address, source, proxied, counted } = arrival;
        let (asker, secure) = (address.ip(), self.tls.is_some());
        let peer = Peer { address, asker, source, proxied, secure };
        let house = Arc::clone(&self.house);
        let drained = async {
            house.draining.cancelled().await;
            sleep(Duration::from_millis(limits::DRAIN_FIRST_BYTE_MS)).await;
        };
        let greeted = tokio::select! {
            greeted = self.greet(stream) => greeted,
            // Nothing was asked, and the server drains.
            () = drained => return,
        };
        let over = match greeted {
            None => Some(Limit::FirstByte),
            Some(Greeted::Plain(stream, greeting)) => {
                self.speak(stream, greeting, peer, counted).await
            }
            Some(Greeted::Secure(stream, greeting)) => {
                self.speak(stream, greeting, peer, counted).await
            }
        };
        if let Some(limit) = over {
            house.metrics.http.refused(limit);
        }
    }

    /// Waits until it is clear which protocol is spoken; `None` if that took too long or failed.
    async fn greet(&self, mut stream: TcpStream) -> Option<Greeted> {
        let deadline = Duration::from_millis(self.house.settings.deadlines.first_byte_ms);
        match &self.tls {
            None => {
                let greeting = timeout(deadline, greeting(&mut stream)).await.ok()?.ok()?;
                Some(Greeted::Plain(stream, greeting))
            }
            Some(offered) => {
                let stream = timeout(deadline, offered.accept(stream)).await.ok()?.ok()?;
                let multiplexed = tls::multiplexed(&stream);
                let greeting = Greeting { multiplexed, read: Bytes::new() };
                Some(Greeted::Secure(Box::new(stream), greeting))
            }
        }
    }

    async fn speak<I>(
        self,
        stream: I,
        greeting: Greeting,
        peer: Peer,
        counted: Counted,
    ) -> Option<Limit>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { service, house, tasks, .. } = self;
        let Greeting { multiplexed, read } = greeting;
        let greeted = !read.is_empty();
        let vitals = Vitals::new(house.settings.deadlines, multiplexed, greeted);
        let framing = if multiplexed { Framing::unseen() } else { framing(&house) };
        let begun = Begun { inner: stream, read, framing };
        let socket = Socket::new(begun, Arc::clone(&vitals), counted);
        let socket = TokioIo::new(socket);
        let desk = Arc::new(Desk { service, house: Arc::clone(&house), peer });
        let requests = Arc::clone(&vitals);
        let answer = service_fn(move |request: http::Request<Incoming>| {
            let answer = Arc::clone(&desk).answer(request, requests.begin());
            async move { Ok::<_, Infallible>(answer.await) }
        });
        if multiplexed {
            // Apart, or every connection of HTTP/1 would have room for one of HTTP/2.
            let connection = Box::pin(http_2(&house, tasks).serve_connection(socket, answer));
            watch(connection, http2::Connection::graceful_shutdown, &vitals, &house).await
        } else {
            let connection = http_1(&house).serve_connection(socket, answer).with_upgrades();
            let end = http1::UpgradeableConnection::graceful_shutdown;
            watch(pin!(connection), end, &vitals, &house).await
        }
    }
}

enum Greeted {
    Plain(TcpStream, Greeting),
    Secure(Box<tokio_rustls::server::TlsStream<TcpStream>>, Greeting),
}

/// Ends a head that is too large before hyper would, which answers such a one with nothing but a
/// status.
fn framing(house: &House) -> Framing {
    let settings = &house.settings;
    let limits =
        HeadLimits { bytes_max: settings.head_bytes_max, fields_max: settings.headers_max };
    Framing::new(limits)
}

fn http_1(house: &House) -> http1::Builder {
    let head_bytes = house.settings.head_bytes_max + BEYOND_BYTES_MAX;
    let mut builder = http1::Builder::new();
    builder
        // The vitals watch the head; hyper's own timer would cost one reset a request.
        .header_read_timeout(None)
        .max_header_size(head_bytes)
        .max_buf_size(limits::BUFFER_BYTES_MAX.max(head_bytes));
    builder
}

fn http_2(house: &House, tasks: Tasks) -> http2::Builder<Tasks> {
    let head_bytes = house.settings.head_bytes_max + limits::HEAD_REFUSED_BYTES;
    let head_bytes = u32::try_from(head_bytes).unwrap_or(u32::MAX);
    let mut builder = http2::Builder::new(tasks);
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_millis(limits::PING_MS))
        .keep_alive_timeout(Duration::from_millis(limits::PONG_MS))
        .max_concurrent_streams(house.settings.streams_max)
        .max_pending_accept_reset_streams(limits::RESETS_PENDING_MAX)
        .max_local_error_reset_streams(limits::RESETS_PROVOKED_MAX)
        .max_header_list_size(head_bytes)
        .max_send_buf_size(limits::SEND_BYTES_MAX)
        .initial_stream_window_size(limits::WINDOW_BYTES)
        .initial_connection_window_size(limits::WINDOW_CONNECTION_BYTES);
    builder
}

/// Drives a connection until it ends, or a deadline passes; then returns the deadline's limit.
/// `end` asks the connection to end politely. The connection stays where it is: a future that takes
/// another one by value has room for it twice.
async fn watch<C: Future, P: DerefMut<Target = C>>(
    mut connection: Pin<P>,
    end: fn(Pin<&mut C>),
    vitals: &Vitals,
    house: &House,
) -> Option<Limit> {
    let mut asked_to_end_at = None;
    let mut draining = false;
    loop {
        let now = coarse_ms();
        let until = match vitals.judge(now) {
            Verdict::Over(limit) => return Some(limit),
            Verdict::Until(until) => until,
            Verdict::Rest => {
                let until = *asked_to_end_at.get_or_insert_with(|| {
                    end(connection.as_mut());
                    now + house.settings.deadlines.head_ms
                });
                if until <= now {
                    return None;
                }
                until
            }
        };
        let nap_ms = until.saturating_sub(now).min(vitals.look_every_ms());
        let nap = sleep(Duration::from_millis(nap_ms));
        let drain = async {
            tokio::select! {
                () = house.draining.cancelled(), if !draining => true,
                () = nap => false,
            }
        };
        match race(connection.as_mut(), drain).await {
            // A fault of the peer's making is no news to anybody.
            First::Main(_) => return None,
            First::Aside(true) => {
                draining = true;
                end(connection.as_mut());
            }
            First::Aside(false) => {}
        }
    }
}
