//! Shows each version of a sale's board in Redis as well, for readers who ask there.
//!
//! Owns a thread and a connection, and holds nobody up: it looks at the newest board at the rhythm
//! in which boards are published. While Redis is away versions are left out; the next one that gets
//! through is shown whole.

use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{self, Receiver, RecvTimeoutError, Sender};

use crate::engine::limits::BOARD_MS;
use crate::engine::published::Published;
use crate::journal::fault::JournalFault;
use crate::journal::redis::settings::Settings;
use crate::journal::redis::showcase::{Showcase, Showing};

/// After a failure, so long until the next try: as long as a visitor's stream waits at least.
const RETRY: Duration = Duration::from_secs(2);

/// A running outlet. When this is dropped it ends after the try that is under way, for which nobody
/// waits: what it shows late is measured by its version, and a hand-over must not wait for Redis.
pub struct Outlet {
    _stop: Sender<()>,
}

struct Run {
    published: Arc<Published>,
    showcase: Showcase,
    /// The version that is shown; none if that is not known.
    shown: Option<u64>,
    /// Whether the last try failed.
    failing: bool,
}

impl Outlet {
    /// Begins to show the board of a sale that is served here.
    ///
    /// # Panics
    /// If no thread can be started.
    pub fn start(settings: &Settings, published: Arc<Published>) -> Self {
        let sale = published.desk().definition.id.clone();
        let showcase = Showcase::new(settings, &sale);
        let (stop, stopped) = channel::bounded(0);
        let mut run = Run { published, showcase, shown: None, failing: false };
        std::thread::Builder::new()
            .name(format!("outlet-{sale}"))
            .spawn(move || run.until(&stopped))
            .expect("a thread can be started");
        Self { _stop: stop }
    }
}

impl Run {
    fn until(&mut self, stopped: &Receiver<()>) {
        let mut pause = Duration::ZERO;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let shown = self.show();
            if let (Err(fault), false) = (&shown, self.failing) {
                tracing::warn!(%fault, "the board is not shown in Redis");
            }
            self.failing = shown.is_err();
            pause = if self.failing { RETRY } else { Duration::from_millis(BOARD_MS) };
        }
    }

    /// Shows what is new, if anything is.
    fn show(&mut self) -> Result<(), JournalFault> {
        let board = self.published.board.current();
        if self.shown == Some(board.version) {
            return Ok(());
        }
        let desk = self.published.desk();
        let since = self.shown.take();
        let performances = board.performances.newer(since.unwrap_or(0)).filter_map(|(at, json)| {
            let performance = desk.definition.performances.get(at.at())?;
            Some((performance.id.as_str(), &json[..]))
        });
        let showing = Showing {
            version: board.version,
            head: (board.head.version > since.unwrap_or(0)).then_some(&board.head.body.bytes[..]),
            whole: since.is_none(),
            performances: performances.collect(),
        };
        self.showcase.show(&showing)?;
        self.shown = Some(board.version);
        Ok(())
    }
}
