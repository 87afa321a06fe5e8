//! The HTTP event stream of heads: its frames, and who follows the board through it.
//!
//! Each head is one frame, made once and shared by all. A follower that is slow misses heads and
//! gets the newest one: there is no backlog. Owns no socket and no clock; whoever serves a stream
//! passes in how long to be silent ([`PING_SPAN`]) and when the visitor may come back.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::store::{BoardStore, News};

/// A silent stream says that it lives this often: proxies commonly cut one after 30 s or 60 s.
pub const PING_SPAN: Duration = Duration::from_secs(15);

/// A comment, which browsers ignore.
pub fn ping() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// The first frame: after how long a browser may connect again when the stream breaks. Give each
/// visitor another span, so that they do not all come back at once.
pub fn hello(retry_after: Duration) -> Bytes {
    format!("retry: {}\n\n", retry_after.as_millis()).into()
}

/// The last frame: this server is about to stop, and another will answer after that span.
pub fn goodbye(retry_after: Duration) -> Bytes {
    let retry_ms = retry_after.as_millis();
    format!("retry: {retry_ms}\nevent: goodbye\ndata: {{\"retry_ms\":{retry_ms}}}\n\n").into()
}

/// A head as a frame. The JSON is one line.
pub(super) fn head_frame(version: u64, head: &[u8]) -> Bytes {
    assert!(!head.contains(&b'\n') && !head.contains(&b'\r'), "one line of data");
    let mut frame = format!("event: head\nid: {version}\ndata: ").into_bytes();
    frame.extend_from_slice(head);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

/// The version that a `Last-Event-ID` header names; none if it is not one that we could have sent.
pub fn last_seen(header: &str) -> Option<u64> {
    header.trim().parse().ok()
}

/// One open stream.
#[derive(Debug)]
pub struct Follower {
    store: Arc<BoardStore>,
    news: watch::Receiver<News>,
    sent: Option<u64>,
}

/// What to do next on a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Send this frame.
    Send(Bytes),
    /// Nothing happened: send a [`ping`].
    Ping,
    /// Send a [`goodbye`] and end the stream.
    End,
}

impl Follower {
    /// Follows a board. Whoever has seen the newest head waits for the next; everybody else, also
    /// with a version from who knows where, gets the newest at once.
    pub fn new(store: &Arc<BoardStore>, last_seen: Option<u64>) -> Self {
        Self { store: store.clone(), news: store.news(), sent: last_seen }
    }

    /// What to do next: at once if there is something new, else when there is or when `silence`
    /// ends. Loses nothing when it is dropped before it is done.
    pub async fn next(&mut self, silence: impl Future<Output = ()>) -> Step {
        let mut silence = pin!(silence);
        loop {
            // Marked as seen before the board is read, so that news in between wake us again.
            if self.news.borrow_and_update().draining {
                return Step::End;
            }
            let board = self.store.current();
            if self.sent != Some(board.head.version) {
                self.sent = Some(board.head.version);
                return Step::Send(board.head.frame.clone());
            }
            tokio::select! {
                changed = self.news.changed() => {
                    if changed.is_err() {
                        return Step::End;
                    }
                }
                () = &mut silence => return Step::Ping,
            }
        }
    }
}
