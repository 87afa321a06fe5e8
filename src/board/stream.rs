//! The HTTP event stream of heads: who follows the board through it.
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
