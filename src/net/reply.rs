//! The body of an answer: whole, a stream of frames, or somebody else's body passed on.
//!
//! A stream has a bounded buffer; its producer never waits for a slow reader. When the server
//! drains, a stream gives out what it has, then its farewell, and ends.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::limits::FRAMES_MAX;
use super::vitals::Inside;
use crate::metrics::http::Route;

/// What may go wrong in a body that is passed on.
pub type BoxFault = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer.
pub struct OutBody {
    kind: Kind,
    route: Route,
}

enum Kind {
    Whole(Bytes),
    Stream(Frames),
    Foreign(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxFault> + Send>>),
    Brought { bytes: Bytes, _held: Box<dyn Send> },
}

struct Frames {
    waiting: mpsc::Receiver<Bytes>,
    farewell: Bytes,
}

/// Where the frames of a stream come from. Dropping it ends the stream after what it has.
#[derive(Clone, Debug)]
pub struct OutStream(mpsc::Sender<Bytes>);

/// Why a frame was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StreamFault {
    /// The reader lags by the whole buffer: drop it, it will come back.
    #[error("the reader is {FRAMES_MAX} frames behind")]
    Behind,
    /// The reader went away, or the server drains.
    #[error("the stream has ended")]
    Ended,
}

impl OutBody {
    /// No bytes.
    pub fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    /// Bytes that are all there.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::of(Kind::Whole(bytes.into()))
    }

    /// A stream with room for [`FRAMES_MAX`] frames. `farewell` is its last frame when the server
    /// drains; it may be empty.
    pub fn stream(farewell: Bytes) -> (OutStream, Self) {
        let (sender, waiting) = mpsc::channel(FRAMES_MAX);
        (OutStream(sender), Self::of(Kind::Stream(Frames { waiting, farewell })))
    }

    /// A body from elsewhere, passed on as it comes; so are the header fields of its answer.
    pub fn foreign<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxFault>,
    {
        Self::of(Kind::Foreign(Box::pin(http_body_util::BodyExt::map_err(body, Into::into))))
    }

    /// The same for a body that is all there; `held` is dropped once it has left.
    pub fn brought(bytes: Bytes, held: impl Send + 'static) -> Self {
        Self::of(Kind::Brought { bytes, _held: Box::new(held) })
    }

    fn of(kind: Kind) -> Self {
        Self { kind, route: Route::Other }
    }

    /// Counts the answer under this route.
    #[must_use]
    pub fn counted(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// Whether the answer is passed on from elsewhere: no security header is added to it.
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign(_) | Kind::Brought { .. })
    }

    /// What the answer is counted under.
    pub(super) fn route(&self) -> Route {
        self.route
    }

    /// All bytes of an answer that is no stream, for who asks within this process; of a stream,
    /// none.
    ///
    /// # Errors
    /// What went wrong in a body that is passed on.
    pub async fn gathered(self) -> Result<Bytes, BoxFault> {
        match self.kind {
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } => Ok(bytes),
            Kind::Foreign(body) => Ok(http_body_util::BodyExt::collect(body).await?.to_bytes()),
            Kind::Stream(_) => Ok(Bytes::new()),
        }
    }

    /// The bytes, if they are all there.
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } => Some(bytes),
            Kind::Stream(_) | Kind::Foreign(_) => None,
        }
    }

    pub(super) fn streams(&self) -> bool {
        matches!(self.kind, Kind::Stream(_))
    }
}

impl fmt::Debug for OutBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.kind {
            Kind::Whole(_) => "OutBody::Whole",
            Kind::Stream(_) => "OutBody::Stream",
            Kind::Foreign(_) | Kind::Brought { .. } => "OutBody::Foreign",
        })
    }
}

impl OutStream {
    /// Hands a frame over without waiting.
    ///
    /// # Errors
    /// [`StreamFault`]: the frame is lost, and the stream should be dropped.
    pub fn try_send(&self, frame: Bytes) -> Result<(), StreamFault> {
        self.0.try_send(frame).map_err(|fault| match fault {
            mpsc::error::TrySendError::Full(_) => StreamFault::Behind,
            mpsc::error::TrySendError::Closed(_) => StreamFault::Ended,
        })
    }

    /// Waits until nobody reads any more.
    pub async fn ended(&self) {
        self.0.closed().await;
    }
}

/// An answer's body on its way out, with who watches it.
pub(super) struct Reply {
    body: Kind,
    /// For streams only: the order to end.
    draining: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// `None` where no request was let in.
    inside: Option<Inside>,
    gone: Option<Gone>,
}

/// Called when an answer's body is dropped, whether it came to its end or not.
type Gone = Box<dyn FnOnce() + Send>;

impl Reply {
    pub(super) fn new(body: OutBody, inside: Option<Inside>, drain: &CancellationToken) -> Self {
        let draining = body.streams().then(|| Box::pin(drain.clone().cancelled_owned()));
        if let Some(inside) = &inside {
            inside.waits_for_peer();
        }
        Self { body: body.kind, draining, inside, gone: None }
    }

    pub(super) fn on_gone(&mut self, gone: impl FnOnce() + Send + 'static) {
        self.gone = Some(Box::new(gone));
    }

    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxFault>>> {
        let bytes = match &mut self.body {
            Kind::Foreign(body) => return body.as_mut().poll_frame(context),
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } if bytes.is_empty() => None,
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } => Some(std::mem::take(bytes)),
            Kind::Stream(frames) => {
                if let Some(draining) = &mut self.draining
                    && draining.as_mut().poll(context).is_ready()
                {
                    self.draining = None;
                    frames.waiting.close();
                }
                let frame = ready!(frames.waiting.poll_recv(context));
                frame.or_else(|| frames.farewell(self.draining.is_none()))
            }
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Frames {
    fn farewell(&mut self, draining: bool) -> Option<Bytes> {
        let farewell = std::mem::take(&mut self.farewell);
        (draining && !farewell.is_empty()).then_some(farewell)
    }
}

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = BoxFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxFault>>> {
        // Bytes that are all there wait for the peer from the first.
        let whole = matches!(self.body, Kind::Whole(_) | Kind::Brought { .. });
        let polled = self.poll_body(context);
        match &self.inside {
            Some(inside) if polled.is_pending() => inside.works(),
            Some(inside) if !whole => inside.waits_for_peer(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } => bytes.is_empty(),
            Kind::Stream(_) => false,
            Kind::Foreign(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Kind::Whole(bytes) | Kind::Brought { bytes, .. } => {
                SizeHint::with_exact(bytes.len() as u64)
            }
            Kind::Stream(_) => SizeHint::default(),
            Kind::Foreign(body) => body.size_hint(),
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(gone) = self.gone.take() {
            gone();
        }
    }
}
