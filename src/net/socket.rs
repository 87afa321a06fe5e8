//! The bytes of one connection: counted, watched, and given back what was read to tell the
//! protocol.
//!
//! Owns the permit of the connection, so that an upgraded one still counts. Holds no deadline: it
//! only tells the [`Vitals`] what happens.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::source::Permit;
use super::vitals::Vitals;
use crate::metrics::Metrics;

/// What every HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream of bytes with somebody watching.
#[derive(Debug)]
pub struct Socket<S> {
    pub(super) inner: S,
    /// Read already, to be read again.
    pub(super) prefix: Bytes,
    pub(super) vitals: Arc<Vitals>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) _permit: Permit,
}

/// The protocol the peer has begun to speak, and the bytes that told.
#[derive(Debug)]
pub struct Greeting {
    /// HTTP/2 by prior knowledge.
    pub multiplexed: bool,
    /// What was read.
    pub read: Bytes,
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
            let count = self.prefix.len().min(into.remaining());
            into.put_slice(&self.prefix.split_to(count));
            self.metrics.http.sockets.received.increment(count as u64);
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        let count = into.filled().len().saturating_sub(before);
        if count > 0 {
            self.vitals.read();
            self.metrics.http.sockets.received.increment(count as u64);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Socket<S> {
    /// Tells the vitals how a write went.
    fn wrote(&self, went: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &went {
            Poll::Pending => self.vitals.blocked(),
            Poll::Ready(Ok(count)) => {
                self.vitals.wrote();
                self.metrics.http.sockets.sent.increment(*count as u64);
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
        let went = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
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
