//! The bytes of one connection: counted, watched, and given back what was read to tell the
//! protocol.
//!
//! Owns what counts the connection, so that an upgraded one still counts. Holds no deadline: it
//! only tells the [`Vitals`] what happens. Passes on nothing that could be read in two ways.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::framing::Framing;
use super::framing::refused::{Refused, Why};
use super::source::Permit;
use super::threads::Dealt;
use super::vitals::Vitals;
use crate::metrics::Metrics;
use crate::metrics::http::Limit;

/// What every HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A head and a body up to this size are written with one plain call: cheaper than a list of
/// slices. Of the answers that everybody asks for all the time, none is larger.
const WRITE_TOGETHER_BYTES_MAX: usize = 4_096;

/// A stream of bytes with somebody watching.
#[derive(Debug)]
pub struct Socket<S> {
    inner: S,
    /// Read already, to be read again.
    prefix: Bytes,
    framing: Framing,
    /// Nothing more is taken after this.
    refused: bool,
    vitals: Arc<Vitals>,
    tally: Tally,
    _counted: Counted,
}

/// One open connection, counted while it lives.
#[derive(Debug)]
pub struct Counted {
    _permit: Permit,
    _dealt: Dealt,
    /// The last to be dropped: whoever sees fewer finds room.
    shown: Shown,
}

#[derive(Debug)]
struct Shown(Arc<Metrics>);

impl Counted {
    pub(super) fn new(metrics: Arc<Metrics>, permit: Permit, dealt: Dealt) -> Self {
        metrics.http.sockets.connections.increment(1);
        Self { _permit: permit, _dealt: dealt, shown: Shown(metrics) }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.http.sockets.connections.decrement(1);
    }
}

/// Bytes of one connection that are not yet counted with those of all: every request adding to two
/// numbers that all share would make the cores wait for one another.
#[derive(Debug)]
struct Tally {
    metrics: Arc<Metrics>,
    received: u64,
    sent: u64,
}

/// Bytes of one direction that are counted together.
const TALLY_BYTES: u64 = 16_384;

impl Tally {
    fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, received: 0, sent: 0 }
    }

    fn received(&mut self, count: usize) {
        self.received += count as u64;
        if self.received >= TALLY_BYTES {
            self.count();
        }
    }

    fn sent(&mut self, count: usize) {
        self.sent += count as u64;
        if self.sent >= TALLY_BYTES {
            self.count();
        }
    }

    fn count(&mut self) {
        let sockets = &self.metrics.http.sockets;
        sockets.received.increment(std::mem::take(&mut self.received));
        sockets.sent.increment(std::mem::take(&mut self.sent));
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.count();
    }
}

/// The protocol the peer has begun to speak, and the bytes that told.
#[derive(Debug)]
pub struct Greeting {
    /// HTTP/2 by prior knowledge.
    pub multiplexed: bool,
    /// What was read.
    pub read: Bytes,
}

/// A connection that has begun.
#[derive(Debug)]
pub(super) struct Begun<S> {
    pub inner: S,
    /// What was read of it.
    pub read: Bytes,
    /// Follows the rest.
    pub framing: Framing,
}

/// Reads until it is clear which protocol the peer speaks. The caller sets the deadline: a lone `P`
/// is not clear.
///
/// # Errors
/// What the system said, or `UnexpectedEof` if nothing came.
pub async fn greeting<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Greeting> {
    let mut read = BytesMut::with_capacity(1_024);
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let told = read.len().min(PREFACE.len());
        let alike = read.iter().zip(PREFACE).all(|(got, wanted)| got == wanted);
        if !alike || told == PREFACE.len() {
            return Ok(Greeting { multiplexed: alike, read: read.freeze() });
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.prefix.has_remaining() {
            self.give_prefix(into);
            return Poll::Ready(Ok(()));
        }
        if self.refused {
            // Whoever answers what was refused closes the connection; there is nothing to wait for.
            return Poll::Pending;
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        let count = into.filled().len().saturating_sub(before);
        if count > 0 {
            self.vitals.read();
            self.tally.received(count);
            self.look(into, before)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Socket<S> {
    /// A connection that has begun.
    pub(super) fn new(begun: Begun<S>, vitals: Arc<Vitals>, counted: Counted) -> Self {
        let tally = Tally::new(Arc::clone(&counted.shown.0));
        let Begun { inner, read: prefix, framing } = begun;
        let (refused, _counted) = (false, counted);
        let mut socket = Self { inner, prefix, framing, refused, vitals, tally, _counted };
        let looked = socket.framing.read(&socket.prefix, socket.vitals.answered());
        if let Err(Refused { why, from, instead }) = looked {
            let kept = socket.prefix.get(..from).unwrap_or_default();
            socket.prefix = [kept, instead].concat().into();
            socket.refuse(why);
        }
        socket
    }

    fn give_prefix(&mut self, into: &mut ReadBuf<'_>) {
        let count = self.prefix.len().min(into.remaining());
        into.put_slice(&self.prefix.split_to(count));
        self.tally.received(count);
    }

    /// Looks at what was read behind `before`. What could be read in two ways or is too large is
    /// not passed on, but something in its place that is refused, after what came before it was
    /// answered.
    fn look(&mut self, into: &mut ReadBuf<'_>, before: usize) -> io::Result<()> {
        if self.framing.blind() {
            return Ok(());
        }
        let read = into.filled().get(before..).unwrap_or_default();
        let looked = self.framing.read(read, self.vitals.answered());
        let Err(Refused { why, from, instead }) = looked else { return Ok(()) };
        self.refuse(why);
        into.set_filled(before + from);
        self.prefix = Bytes::from_static(instead);
        if from == 0 {
            self.give_prefix(into);
        }
        if instead.is_empty() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }

    fn refuse(&mut self, why: Why) {
        self.refused = true;
        // What is too large is counted when it is answered.
        if let Why::Ambiguous(why) = why {
            tracing::debug!(why = why.label(), "a request could be read in two ways");
            self.tally.metrics.http.refused(Limit::Framing);
        }
    }
}

/// Writes slices, with one plain call if they are small.
pub(crate) fn poll_write_slices<S: AsyncWrite>(
    stream: Pin<&mut S>,
    context: &mut Context<'_>,
    slices: &[io::IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    if let [slice] = slices {
        return stream.poll_write(context, slice);
    }
    let length = slices.iter().map(|slice| slice.len()).sum();
    if length > WRITE_TOGETHER_BYTES_MAX {
        return stream.poll_write_vectored(context, slices);
    }
    let mut whole = Vec::with_capacity(length);
    for slice in slices {
        whole.extend_from_slice(slice);
    }
    stream.poll_write(context, &whole)
}

impl<S> Socket<S> {
    /// Tells the vitals how a write went.
    fn wrote(&mut self, went: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &went {
            Poll::Pending => self.vitals.blocked(),
            Poll::Ready(Ok(count)) => {
                self.vitals.wrote();
                self.tally.sent(*count);
            }
            Poll::Ready(Err(_)) => {}
        }
        went
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let went = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.wrote(went)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let went = poll_write_slices(Pin::new(&mut self.inner), context, slices);
        self.wrote(went)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let went = Pin::new(&mut self.inner).poll_flush(context);
        match &went {
            Poll::Pending => self.vitals.blocked(),
            Poll::Ready(_) => self.vitals.flushed(),
        }
        went
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let went = Pin::new(&mut self.inner).poll_shutdown(context);
        if went.is_pending() {
            self.vitals.blocked();
        }
        went
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(bytes: &'static [u8]) -> io::Result<Greeting> {
        greeting(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn the_first_bytes_tell_the_protocol_and_none_is_lost() {
        for (bytes, multiplexed) in [
            (&b"GET / HTTP/1.1\r\n"[..], false),
            (b"POST /", false),
            (b"PRI * HTTP/1.1\r\n\r\n", false),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore", true),
            (b"\x16\x03\x01", false),
        ] {
            let greeting = check(bytes).await.expect("clear");
            assert_eq!(greeting.multiplexed, multiplexed, "{bytes:?}");
            assert_eq!(greeting.read, bytes);
        }
    }

    #[tokio::test]
    async fn nothing_and_a_part_of_the_preface_are_not_clear() {
        for bytes in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
            let fault = check(bytes).await.expect_err("not clear");
            assert_eq!(fault.kind(), io::ErrorKind::UnexpectedEof, "{bytes:?}");
        }
    }
}
