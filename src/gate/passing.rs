//! The bodies that pass the gate: the visitor's on its way to the origin, and the origin's back.
//!
//! Neither is kept: a piece is taken when the other side has taken the one before. Only what came
//! together with the head of an answer is taken at once, so that a small one leaves the origin
//! however slowly it is read. Trailers are dropped, since whoever reads them could take them for
//! header fields.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::pool::{Line, Pool};
use super::room::{AtOrigin, Permit, Share};
use crate::clock::coarse_ms;
use crate::net::body::{Body, BodyFault};
use crate::net::problem::Declined;
use crate::net::reply::{BoxFault, OutBody};

/// Bytes of an answer that are taken before anybody reads them, and a piece more.
const EARLY_BYTES_MAX: usize = 64 * 1_024;

/// How long the origin may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the head of its answer, once it has the whole request.
    pub(super) answer_ms: u64,
    /// For the next piece of a request's body.
    pub(super) idle_ms: u64,
}

/// How far a request has come. Relaxed throughout: what is seen late is looked at again.
#[derive(Debug)]
pub(super) struct Progress {
    patience: Patience,
    /// When the origin last took a piece of its body, or when the request began.
    moved_at: AtomicU64,
    /// Whether all of its body is taken.
    ended: AtomicBool,
    /// Whether the visitor's next piece is waited for.
    owed: AtomicBool,
    fault: OnceLock<Declined>,
}

impl Progress {
    /// A request that begins now, or when it is said to.
    pub(super) fn new(patience: Patience) -> Arc<Self> {
        Arc::new(Self {
            patience,
            moved_at: AtomicU64::new(coarse_ms()),
            ended: AtomicBool::new(false),
            owed: AtomicBool::new(false),
            fault: OnceLock::new(),
        })
    }

    /// The request begins now.
    pub(super) fn begin(&self) {
        self.moved_at.store(coarse_ms(), Relaxed);
    }

    /// Milliseconds until the head of the answer is due: none if it is late.
    pub(super) fn left_ms(&self) -> u64 {
        let Patience { answer_ms, idle_ms } = self.patience;
        let span_ms = if self.ended.load(Relaxed) { answer_ms } else { idle_ms };
        (self.moved_at.load(Relaxed) + span_ms).saturating_sub(coarse_ms())
    }

    /// What the visitor did wrong.
    pub(super) fn fault(&self) -> Option<Declined> {
        self.fault.get().copied()
    }

    /// The same once the answer is late: the origin cannot answer what the visitor does not send.
    pub(super) fn fault_when_late(&self) -> Option<Declined> {
        let owed = self.owed.load(Relaxed).then(|| Declined::from(&BodyFault::TooSlow));
        self.fault().or(owed)
    }

    fn moved(&self, ended: bool) {
        self.begin();
        self.ended.store(ended, Relaxed);
    }
}

/// A visitor's body on its way to the origin. Its size is unlimited here, its pace is not.
#[derive(Debug)]
pub(super) struct Sent {
    /// `None` if there are no bytes, as with nearly all requests: a connection has room for 32 of
    /// them.
    body: Option<Box<Body>>,
    progress: Arc<Progress>,
}

impl Sent {
    pub(super) fn new(body: Body, progress: Arc<Progress>) -> Self {
        let ended = body.is_end_stream();
        progress.moved(ended);
        let body = (!ended).then(|| Box::new(body.with_most(u64::MAX)));
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
        let Self { body: Some(body), progress } = &mut *self else { return Poll::Ready(None) };
        loop {
            let polled = Pin::new(&mut **body).poll_frame(context);
            progress.owed.store(polled.is_pending(), Relaxed);
            let frame = ready!(polled);
            match &frame {
                Some(Ok(frame)) if !frame.is_data() => continue,
                Some(Ok(_)) => progress.moved(body.is_end_stream()),
                Some(Err(fault)) => {
                    let _ = progress.fault.set(Declined::from(fault));
                }
                None => progress.moved(true),
            }
            return Poll::Ready(frame);
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), |body| body.size_hint())
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

/// What the origin's body comes by: a connection, which is kept once the body has ended.
pub(super) struct Way {
    pub(super) line: Box<Line>,
    pub(super) pool: Arc<Pool>,
    pub(super) permit: Permit,
    pub(super) cut: metrics::Counter,
}

/// The next of a body.
type Piece = Result<Bytes, hyper::Error>;

/// The origin's body on its way to a visitor.
pub(super) struct Passed {
    body: Incoming,
    /// What came together with the head.
    early: VecDeque<Piece>,
    /// `None` once the body has ended.
    line: Option<(Box<Line>, AtOrigin)>,
    pool: Arc<Pool>,
    idle: Duration,
    /// When the origin keeps us waiting.
    over: Option<Pin<Box<Sleep>>>,
    /// A piece came since `over` was set.
    moved: bool,
    /// How it broke off, once what came before has gone on its way.
    broken: Option<hyper::Error>,
    /// For event streams: the order to end.
    drain: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    cut: metrics::Counter,
    share: Share,
}

impl Passed {
    /// The body of an answer of which the head has come.
    pub(super) fn start(
        body: Incoming,
        way: Way,
        idle: Duration,
        drain: Option<CancellationToken>,
    ) -> OutBody {
        let drain = drain.map(|drain| Box::pin(drain.cancelled_owned()));
        let Way { line, pool, permit, cut } = way;
        let Permit { at_origin, share } = permit;
        let line = Some((line, at_origin));
        let (early, over, moved, broken) = (VecDeque::new(), None, true, None);
        let mut passed =
            Self { body, early, line, pool, idle, over, moved, broken, drain, cut, share };
        passed.take_early();
        match passed.whole() {
            Some(bytes) => OutBody::brought(bytes, passed.share),
            None => OutBody::foreign(passed),
        }
    }

    /// Takes what is there already. Whoever reads the rest looks again before they wait for it.
    fn take_early(&mut self) {
        let (mut bytes, mut ended) = (0, self.body.is_end_stream());
        while !ended && bytes < EARLY_BYTES_MAX {
            match self.poll_piece(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(Ok(piece))) => {
                    bytes += piece.len();
                    self.early.push_back(Ok(piece));
                    ended = self.body.is_end_stream();
                }
                Poll::Ready(Some(fault)) => return self.early.push_back(fault),
                Poll::Ready(None) => ended = true,
                Poll::Pending => return,
            }
        }
        self.keep_if(ended);
    }

    /// All of the body, if it came together with the head and in one piece, as nearly always.
    fn whole(&mut self) -> Option<Bytes> {
        let whole = self.line.is_none() && self.early.len() <= 1;
        whole.then(|| self.early.pop_front()?.ok()).map(Option::unwrap_or_default)
    }

    /// The next piece: what the connection brought already, or what it brings now. Trailers are
    /// the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        self.poll_brought(context).map(|frame| match frame? {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(fault) => Some(Err(fault)),
        })
    }

    fn poll_brought(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // Only a step brings a piece, and it is taken right after: nobody need be woken for it.
        let nobody = &mut Context::from_waker(Waker::noop());
        let brought = Pin::new(&mut self.body).poll_frame(nobody);
        let Some((line, _)) = self.line.as_mut().filter(|_| brought.is_pending()) else {
            return brought;
        };
        line.step(context);
        Pin::new(&mut self.body).poll_frame(nobody)
    }

    /// The connection waits for the next request once all of the body has come.
    fn keep_if(&mut self, ended: bool) {
        if ended && let Some((line, _)) = self.line.take() {
            self.pool.keep(line);
        }
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
        if let Some(fault) = self.broken.take() {
            return self.cut(fault.into());
        }
        let early = self.early.pop_front();
        match early.map_or_else(|| self.poll_piece(context), |piece| Poll::Ready(Some(piece))) {
            Poll::Ready(Some(Ok(piece))) => {
                self.moved = true;
                let ended = self.is_end_stream();
                self.keep_if(ended);
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            Poll::Ready(Some(Err(fault))) => {
                // Whoever writes these bytes drops what is not yet written when it meets a fault,
                // and the fault may have come together with the head.
                self.broken = Some(fault);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(None) => {
                self.keep_if(true);
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        if self.drain.as_mut().is_some_and(|drain| drain.as_mut().poll(context).is_ready()) {
            return Poll::Ready(None);
        }
        ready!(self.poll_over(context));
        self.cut(Cut::Silent)
    }

    fn is_end_stream(&self) -> bool {
        self.early.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let early = self.early.iter().flatten().map(Bytes::len).sum::<usize>() as u64;
        let rest = self.body.size_hint().exact();
        rest.map_or_else(SizeHint::default, |rest| SizeHint::with_exact(early + rest))
    }
}
