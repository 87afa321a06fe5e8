//! The body of a request: limited in size, and with a deadline that grows with what arrives.
//!
//! Never buffers more than the caller's limit, and stops at the limit, not after it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::limits::{BODY_BYTES_PER_S_MIN, BODY_MS};
use super::settings::Deadlines;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    /// Larger than allowed.
    #[error("body is larger than {most} bytes")]
    TooLarge {
        /// What is allowed.
        most: u64,
    },
    /// Slower than allowed.
    #[error("body came too slowly")]
    TooSlow,
    /// Cut off, or framed wrongly.
    #[error("body could not be read")]
    Broken(#[from] hyper::Error),
}

impl BodyFault {
    /// The status that the request is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The stable code of the problem document.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "body_too_large",
            Self::TooSlow => "body_too_slow",
            Self::Broken(_) => "body_broken",
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    from: Origin,
    most: u64,
    read: u64,
    grace: Duration,
    bytes_per_s_min: u64,
    /// Set when the body first keeps us waiting.
    pace: Option<Pace>,
}

#[derive(Debug)]
enum Origin {
    Peer(Incoming),
    /// Made in this process.
    Us(Option<Bytes>),
}

#[derive(Debug)]
struct Pace {
    begun_at: Instant,
    over: Pin<Box<Sleep>>,
}

impl Body {
    pub(super) fn new(incoming: Incoming, most: u64, deadlines: &Deadlines) -> Self {
        Self {
            from: Origin::Peer(incoming),
            most,
            read: 0,
            grace: Duration::from_millis(deadlines.body_ms),
            bytes_per_s_min: deadlines.body_bytes_per_s_min.max(1),
            pace: None,
        }
    }

    /// A body made in this process, for requests that come from no socket.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self {
            from: Origin::Us(Some(bytes.into())),
            most: u64::MAX,
            read: 0,
            grace: Duration::from_millis(BODY_MS),
            bytes_per_s_min: BODY_BYTES_PER_S_MIN,
            pace: None,
        }
    }

    /// Lets this body be larger, or smaller, than the listener allows; for routes that pass bodies
    /// on without keeping them.
    #[must_use]
    pub fn with_most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// Reads the whole body, of `most` bytes or fewer if the listener allows fewer.
    ///
    /// # Errors
    /// [`BodyFault`]; the request should be answered with its status.
    pub async fn collect(mut self, most: usize) -> Result<Bytes, BodyFault> {
        self.most = self.most.min(u64::try_from(most).unwrap_or(u64::MAX));
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while let Some(more) = self.next().await? {
            whole.extend_from_slice(&more);
        }
        Ok(whole.freeze())
    }

    /// The next bytes; trailers are dropped.
    async fn next(&mut self) -> Result<Option<Bytes>, BodyFault> {
        while let Some(frame) = self.frame().await {
            if let Ok(bytes) = frame?.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn poll_from(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        match &mut self.from {
            Origin::Peer(incoming) => {
                http_body::Body::poll_frame(Pin::new(incoming), context).map_err(BodyFault::Broken)
            }
            Origin::Us(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    /// Whether the peer has kept us waiting too long: the grace, and a second for every
    /// `bytes_per_s_min` that arrived.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let earned = Duration::from_millis(self.read.saturating_mul(1_000) / self.bytes_per_s_min);
        let grace = self.grace;
        let pace = self.pace.get_or_insert_with(|| {
            let begun_at = Instant::now();
            Pace { begun_at, over: Box::pin(sleep_until(begun_at + grace)) }
        });
        let over_at = pace.begun_at + grace + earned;
        if pace.over.deadline() != over_at {
            pace.over.as_mut().reset(over_at);
        }
        pace.over.as_mut().poll(context)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        // One that is announced as too large is refused before it comes.
        if self.read == 0 && self.size_hint().lower() > self.most {
            return Poll::Ready(Some(Err(BodyFault::TooLarge { most: self.most })));
        }
        let Poll::Ready(frame) = self.poll_from(context) else {
            ready!(self.poll_over(context));
            return Poll::Ready(Some(Err(BodyFault::TooSlow)));
        };
        if let Some(bytes) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.read = self.read.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if self.read > self.most {
                return Poll::Ready(Some(Err(BodyFault::TooLarge { most: self.most })));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.from {
            Origin::Peer(incoming) => incoming.is_end_stream(),
            Origin::Us(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.from {
            Origin::Peer(incoming) => incoming.size_hint(),
            Origin::Us(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_of_the_allowed_size_is_read_and_one_byte_more_is_not() {
        let read = Body::whole("12345678").collect(8).await.expect("it fits");
        assert_eq!(read, "12345678");
        let fault = Body::whole("123456789").collect(8).await.expect_err("too large");
        assert_eq!(fault.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(Body::whole("").collect(0).await.expect("nothing fits").is_empty());
    }
}
