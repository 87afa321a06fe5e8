//! A WebSocket, or what else was switched to: bytes in both directions, unread.
//!
//! Owns both ends, and with them the visitor's connection and the place among those to the origin.
//! Ends when both sides have, when nothing moves for too long, or when the server drains.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::room::Permit;
use crate::clock::coarse_ms;

/// Bytes read at a time, each way: 32 KiB a tunnel.
const PIECE_BYTES: usize = 16 * 1_024;

/// What a tunnel needs besides its ends.
pub(super) struct Tunnel {
    pub(super) idle_ms: u64,
    pub(super) drain: CancellationToken,
    pub(super) open: metrics::Gauge,
    pub(super) permit: Permit,
}

impl Tunnel {
    /// Runs to its end, once both sides have switched.
    pub(super) async fn run(self, visitor: OnUpgrade, origin: OnUpgrade) {
        let Self { idle_ms, drain, open, permit } = self;
        let both = async { tokio::try_join!(visitor, origin) };
        // One that left before it was switched has nothing more to be told.
        let switched = drain.run_until_cancelled(both).await;
        let Some(Ok((visitor, origin))) = switched else { return };
        open.increment(1);
        let (from_visitor, to_visitor) = split(TokioIo::new(visitor));
        let (from_origin, to_origin) = split(TokioIo::new(origin));
        let moved_at = AtomicU64::new(coarse_ms());
        let both = async {
            tokio::try_join!(
                pump(from_visitor, to_origin, &moved_at),
                pump(from_origin, to_visitor, &moved_at),
            )
        };
        tokio::select! {
            _ = both => {}
            () = idle(&moved_at, idle_ms) => {}
            () = drain.cancelled() => {}
        }
        open.decrement(1);
        drop(permit);
    }
}

/// Moves bytes until there are no more, then says so to the other side.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut into: impl AsyncWrite + Unpin,
    moved_at: &AtomicU64,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).await?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return into.shutdown().await;
        };
        // Relaxed: a lone number.
        moved_at.store(coarse_ms(), Relaxed);
        into.write_all(bytes).await?;
        into.flush().await?;
    }
}

/// Waits until nothing has moved for so long.
async fn idle(moved_at: &AtomicU64, idle_ms: u64) {
    loop {
        let left = (moved_at.load(Relaxed) + idle_ms).saturating_sub(coarse_ms());
        if left == 0 {
            return;
        }
        sleep(Duration::from_millis(left)).await;
    }
}
