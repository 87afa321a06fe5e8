//! Connections to the origin, each moved by whoever uses it.
//!
//! A request, its answer and the connection between them are one task: the connection is polled
//! where its answer is waited for, so nobody is woken to hand anything over. What waits here is
//! polled by nobody: what happened to it meanwhile is met by the next request, before one byte of
//! it has left. It is closed once it has waited for long.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, SendRequest};
use tokio::time::{Sleep, sleep};

use super::link::{Brought, Link, Links};
use super::passing::{Progress, Sent};
use crate::clock::coarse_ms;
use crate::net::reply::BoxFault;
use crate::net::threads;

/// Bytes of an answer's head. nginx and HAProxy allow 32 KiB and less. Of its fields hyper takes a
/// hundred.
const HEAD_BYTES_MAX: usize = 64 * 1_024;
/// Bytes until the head of an answer has come: that of one, and answers before it (1xx), of which
/// nobody needs more than one or two.
const FOREWORD_BYTES_MAX: usize = 2 * HEAD_BYTES_MAX;
/// How much later than it is due a missing answer may be noticed.
const LATE_MS: u64 = 1_000;
/// An idle connection is kept for less than servers keep theirs: Node 5 s, Apache 5 s, nginx 75 s.
const KEPT_MS: u64 = 4_000;

/// Why a connection gave no answer.
#[derive(Debug)]
pub(super) enum LineFault {
    /// Not one byte of the request had left.
    Unasked(Box<Request<Sent>>),
    /// The origin took longer than it may.
    Silent,
    /// The origin took it, or part of it, and answered with what is no answer, or not at all.
    Broken(BoxFault),
}

impl LineFault {
    fn of(mut fault: TrySendError<Request<Sent>>) -> Self {
        match fault.take_message() {
            Some(request) => Self::Unasked(Box::new(request)),
            None => Self::Broken(fault.into_error().into()),
        }
    }
}

/// What moves the bytes of a connection, to its end.
type Moves = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// One connection. Dropped, it is closed.
pub(super) struct Line {
    asks: SendRequest<Sent>,
    /// `None` once it has ended.
    moves: Option<Moves>,
    /// What came since the last request.
    brought: Brought,
    /// When to look again whether an answer is late. It goes on from one request to the next, so
    /// that not each of them sets a timer and takes it back.
    look: Pin<Box<Sleep>>,
}

impl Line {
    /// A new connection.
    async fn open(links: &Links) -> Result<Box<Self>, BoxFault> {
        let mut builder = Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX);
        let brought = Brought::default();
        let (asks, moves): (_, Moves) = match links.connect(Arc::clone(&brought)).await? {
            Link::Plain(link) => {
                let (asks, moves) = builder.handshake(link).await?;
                (asks, Box::pin(moves.with_upgrades()))
            }
            Link::Secure(link) => {
                let (asks, moves) = builder.handshake(link).await?;
                (asks, Box::pin(moves.with_upgrades()))
            }
        };
        let look = Box::pin(sleep(Duration::ZERO));
        Ok(Box::new(Self { asks, moves: Some(moves), brought, look }))
    }

    /// Moves what can be moved, in both directions.
    pub(super) fn step(&mut self, context: &mut Context<'_>) {
        let ended =
            self.moves.as_mut().is_some_and(|moves| moves.as_mut().poll(context).is_ready());
        if ended {
            // Whatever it still owed is told to whoever waits for it.
            self.moves = None;
        }
    }

    /// Whether it can take another request.
    fn is_free(&mut self) -> bool {
        if !self.asks.is_ready() {
            self.step(&mut Context::from_waker(Waker::noop()));
        }
        self.moves.is_some() && self.asks.is_ready()
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn ask(
        &mut self,
        request: Box<Request<Sent>>,
        progress: &Progress,
    ) -> Result<Response<Incoming>, LineFault> {
        let mut answer = pin!(self.asks.try_send_request(*request));
        self.brought.store(0, Relaxed);
        poll_fn(|context| {
            self.step(context);
            // Only the step before can have brought it: nobody need be woken for it.
            match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => Poll::Ready(answer.map_err(LineFault::of)),
                Poll::Pending if self.brought.load(Relaxed) > FOREWORD_BYTES_MAX => {
                    let fault = "it answers without an answer".into();
                    Poll::Ready(Err(LineFault::Broken(fault)))
                }
                Poll::Pending => self.poll_late(progress, context).map(Err),
            }
        })
        .await
    }

    /// Whether the answer is late.
    fn poll_late(&mut self, progress: &Progress, context: &mut Context<'_>) -> Poll<LineFault> {
        while self.look.as_mut().poll(context).is_ready() {
            let left_ms = progress.left_ms();
            if left_ms == 0 {
                return Poll::Ready(LineFault::Silent);
            }
            self.look.set(sleep(Duration::from_millis(left_ms.min(LATE_MS))));
        }
        Poll::Pending
    }

    /// Goes on by itself to its end: what it carries now is no longer an answer.
    pub(super) fn let_go(mut self) {
        if let Some(moves) = self.moves.take() {
            tokio::spawn(moves);
        }
    }
}

/// Connections that wait for a request.
pub(super) struct Pool {
    links: Links,
    most: usize,
    /// For each thread that serves visitors, and for all others, what was kept there: woken on one
    /// thread, it would be moved on another.
    free: Vec<Mutex<Free>>,
}

/// With the time since when each waits, in coarse milliseconds: the longest first.
type Free = Vec<(u64, Box<Line>)>;

impl Pool {
    /// No connection yet. Where `most` are open, what waits for one thread is used by another.
    pub(super) fn new(links: Links, most: usize) -> Self {
        let free = (0..=threads::cores()).map(|_| Mutex::default());
        Self { links, most, free: free.collect() }
    }

    /// A connection that was used before: of those the one that waited least. If the origin ended
    /// it since, the request comes back before one byte of it has left.
    pub(super) fn take(&self) -> Option<Box<Line>> {
        let here = lock(self.free_here()).pop();
        let (_, line) = here.or_else(|| self.take_elsewhere())?;
        Some(line)
    }

    fn take_elsewhere(&self) -> Option<(u64, Box<Line>)> {
        let full = self.links.open() >= self.most;
        full.then(|| self.free.iter().find_map(|free| lock(free).pop()))?
    }

    /// A new connection.
    ///
    /// # Errors
    /// There is none, within the time for it.
    pub(super) async fn open(&self) -> Result<Box<Line>, BoxFault> {
        // Apart, or every request would have room for what few do.
        Box::pin(Line::open(&self.links)).await
    }

    /// Keeps a connection for the next request, if it can take one.
    pub(super) fn keep(&self, mut line: Box<Line>) {
        if line.is_free() {
            lock(self.free_here()).push((coarse_ms(), line));
        }
    }

    /// Closes those that have waited for long.
    pub(super) fn sweep(&self, now: u64) {
        for free in &self.free {
            let mut free = lock(free);
            let kept_from = free.partition_point(|(since, _)| since + KEPT_MS <= now);
            let over: Vec<_> = free.drain(..kept_from).collect();
            drop(free);
            drop(over);
        }
    }

    fn free_here(&self) -> &Mutex<Free> {
        &self.free[threads::here().min(self.free.len() - 1)]
    }
}

fn lock(free: &Mutex<Free>) -> MutexGuard<'_, Free> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool").field("open", &self.links.open()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::uri::PathAndQuery;
    use http_body_util::BodyExt;
    use metrics::Gauge;
    use tokio::net::TcpListener;

    use super::*;
    use crate::gate::origin::OriginSettings;
    use crate::gate::passing::Patience;
    use crate::net::body::Body;

    #[tokio::test]
    async fn what_nobody_needs_for_long_or_the_origin_ended_is_not_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let settings = OriginSettings {
            url: format!("http://{address}").parse().expect("an address"),
            host: None,
            authority: None,
            identity: None,
            probe: PathAndQuery::from_static("/"),
            connect_ms: 60_000,
            answer_ms: 60_000,
            idle_ms: 60_000,
            stream_idle_ms: 60_000,
            connections_max: 2,
        };
        let pool = Pool::new(Links::new(&settings, Gauge::noop()).expect("plain"), 2);
        let opened = || async {
            let (line, taken) = tokio::join!(pool.open(), listener.accept());
            (line.expect("it listens"), taken.expect("somebody came").0)
        };
        let (line, _stays) = opened().await;
        pool.keep(line);
        pool.sweep(coarse_ms());
        pool.keep(pool.take().expect("it was used a moment ago"));
        pool.sweep(coarse_ms() + KEPT_MS);
        assert!(pool.take().is_none(), "it waited for long");
        let (line, goes) = opened().await;
        pool.keep(line);
        drop(goes);
        // Whatever the system has to tell is heard where this test waits for it.
        let (other, _stays) = opened().await;
        let mut ended = pool.take().expect("nobody knows yet");
        let progress = Progress::new(Patience { answer_ms: 60_000, idle_ms: 60_000 });
        let body = Sent::new(Body::whole("all of it"), Arc::clone(&progress));
        let request = Box::new(Request::new(body));
        let Err(LineFault::Unasked(request)) = ended.ask(request, &progress).await else {
            panic!("it went into a connection that had ended");
        };
        let body = request.into_body().collect().await.expect("nothing of it was taken");
        assert_eq!(body.to_bytes(), "all of it");
        pool.keep(ended);
        assert!(pool.take().is_none(), "the origin ended it");
        drop(other);
        let (line, _stays) = opened().await;
        lock(&pool.free[1]).push((coarse_ms(), line));
        assert!(pool.take().is_none(), "another thread keeps it, and one more may be opened");
        let (_another, _stays) = opened().await;
        assert!(pool.take().is_some(), "as many are open as may be");
    }
}
