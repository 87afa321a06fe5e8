//! The bodies that pass the gate: the visitor's on its way to the origin, and the origin's back.
//!
//! Neither is kept: a piece is taken when the other side has taken the one before. Trailers are
//! dropped, since whoever reads them could take them for header fields.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::clock::coarse_ms;
use crate::net::body::{Body, BodyFault};
use crate::net::problem::Declined;
use crate::net::reply::BoxFault;

/// How far a request's body has come. Relaxed throughout: what is seen late is looked at again.
#[derive(Debug)]
pub(super) struct Progress {
    /// When the origin last took a piece, or when the request began.
    moved_at: AtomicU64,
    /// Whether all of it is taken.
    ended: AtomicBool,
    fault: OnceLock<Declined>,
}

impl Progress {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            moved_at: AtomicU64::new(coarse_ms()),
            ended: AtomicBool::new(false),
            fault: OnceLock::new(),
        })
    }

    /// When the head of the answer is due.
    pub(super) fn due(&self, answer_ms: u64, idle_ms: u64) -> u64 {
        let span_ms = if self.ended.load(Relaxed) { answer_ms } else { idle_ms };
        self.moved_at.load(Relaxed) + span_ms
    }

    /// What the visitor did wrong.
    pub(super) fn fault(&self) -> Option<Declined> {
        self.fault.get().copied()
    }

    fn moved(&self, ended: bool) {
        self.moved_at.store(coarse_ms(), Relaxed);
        self.ended.store(ended, Relaxed);
    }
}

/// A visitor's body on its way to the origin. Its size is unlimited here, its pace is not.
#[derive(Debug)]
pub(super) struct Sent {
    body: Body,
    progress: Arc<Progress>,
}

impl Sent {
    pub(super) fn new(body: Body, progress: Arc<Progress>) -> Self {
        let body = body.with_most(u64::MAX);
        progress.moved(body.is_end_stream());
        Self { body, progress }
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
            match &frame {
                Some(Ok(frame)) if !frame.is_data() => continue,
                Some(Ok(_)) => self.progress.moved(self.body.is_end_stream()),
                Some(Err(fault)) => {
                    let _ = self.progress.fault.set(Declined::from(fault));
                }
                None => self.progress.moved(true),
            }
            return Poll::Ready(frame);
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why an answer of the origin's broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cut {
    #[error("the origin sent nothing more in time")]
    Silent,
    #[error("the origin broke off")]
    Broken(#[from] hyper::Error),
}

/// The origin's body on its way to a visitor.
pub(super) struct Passed {
    body: Incoming,
    idle: Duration,
    /// When the origin keeps us waiting.
    over: Option<Pin<Box<Sleep>>>,
    /// A piece came since `over` was set.
    moved: bool,
    /// For event streams: the order to end.
    drain: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    cut: metrics::Counter,
    _permit: OwnedSemaphorePermit,
}

impl Passed {
    pub(super) fn new(
        body: Incoming,
        idle: Duration,
        drain: Option<CancellationToken>,
        (permit, cut): (OwnedSemaphorePermit, metrics::Counter),
    ) -> Self {
        let drain = drain.map(|drain| Box::pin(drain.cancelled_owned()));
        Self { body, idle, over: None, moved: true, drain, cut, _permit: permit }
    }

    /// Whether the origin has sent nothing for too long.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let over = self.over.get_or_insert_with(|| Box::pin(sleep(idle)));
        if std::mem::take(&mut self.moved) {
            over.set(sleep(idle));
        }
        over.as_mut().poll(context)
    }

    fn cut(&self, cut: Cut) -> Poll<Option<Result<Frame<Bytes>, BoxFault>>> {
        self.cut.increment(1);
        Poll::Ready(Some(Err(cut.into())))
    }
}

impl http_body::Body for Passed {
    type Data = Bytes;
    type Error = BoxFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxFault>>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) if !frame.is_data() => continue,
                Poll::Ready(Some(Err(fault))) => return self.cut(fault.into()),
                Poll::Ready(frame) => {
                    self.moved = true;
                    return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
                }
                Poll::Pending => {}
            }
            if self.drain.as_mut().is_some_and(|drain| drain.as_mut().poll(context).is_ready()) {
                return Poll::Ready(None);
            }
            ready!(self.poll_over(context));
            return self.cut(Cut::Silent);
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
