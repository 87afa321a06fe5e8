//! Screens: streams of the board that people keep open while they wait.
//!
//! Measures how far apart the first and every other screen of this worker have a new head. A sample
//! of the screens also writes down each new notice, for the checks: with the whole head, which is
//! as true on a visitor's screen as on the observer's.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::Crowd;
use super::watch::Watched;
use super::wire::Head;
use crate::history::What;
use crate::measure::{Ended, Exchange, Operation};
use crate::web::ask::Ask;
use crate::web::browser::Browser;

/// Heads remembered: a stream that is so far behind is told the newest one.
const HEADS_KEPT: usize = 64;
/// After how long a broken stream is opened again, in microseconds: as the server itself asks.
const AGAIN_US: (u64, u64) = (2_000_000, 10_000_000);

/// Screens of one worker that write down notices, about: enough for the slowest in a hundred, few
/// enough for their heads, of 200 bytes, not to weigh anything.
const NOTED_MAX: usize = 500;

/// Which screens write down notices: one in so many.
pub(super) struct Sample(u64);

impl Sample {
    /// Of so many screens in all.
    pub(super) fn of(screens: usize) -> Self {
        Self(u64::try_from(screens.div_ceil(NOTED_MAX)).unwrap_or(u64::MAX).max(1))
    }

    /// Whether somebody with this seed does.
    fn has(&self, seed: u64) -> bool {
        seed.is_multiple_of(self.0)
    }
}

/// What a screen that writes down notices has shown.
struct Noted {
    who: u32,
    /// The notice of the last head that was written down, if one was.
    notice: Option<Option<String>>,
}

impl Noted {
    /// Writes down a head whose notice is another one. It was true at some instant since the stream
    /// was opened: what lay in buffers was not true when it was read.
    fn see(&mut self, crowd: &Crowd, data: &str, times: (u64, Option<u64>)) {
        let Ok(head) = serde_json::from_str::<Head>(data) else { return };
        let board = head.board();
        if self.notice.as_ref() != Some(&board.notice) {
            self.notice = Some(board.notice.clone());
            crowd.told(self.who, times, What::Board(board));
        }
    }
}

/// When each head was first seen.
#[derive(Default)]
pub(super) struct Heads(Mutex<BTreeMap<u64, u64>>);

impl Heads {
    /// When this head was first on a screen of ours, this one included. `None` if it is so old that
    /// nobody remembers.
    fn first_us(&self, version: u64, told_us: u64) -> Option<u64> {
        // A holder never leaves them half changed.
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = heads.first_key_value().map_or(0, |(version, _)| *version);
        if heads.len() >= HEADS_KEPT && version < oldest {
            return None;
        }
        let first_us = *heads.entry(version).or_insert(told_us);
        if heads.len() > HEADS_KEPT {
            heads.pop_first();
        }
        Some(first_us)
    }
}

/// Follows the board for as long as somebody looks. Never has news of a place.
pub(super) async fn follow(crowd: &Crowd, browser: &Browser, (who, seed): (u32, u64)) -> Watched {
    let mut noted = crowd.sample.has(seed).then_some(Noted { who, notice: None });
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let ask = Ask::get(Operation::Board, crowd.path("board/stream")).accept("text/event-stream");
    let mut opens_us = crowd.clock.now_us();
    loop {
        crowd.until(opens_us).await;
        if let Ok(mut stream) = browser.stream(&ask, opens_us).await {
            while let Some(piece) = stream.next().await {
                let version = piece.id.as_deref().and_then(|id| id.parse().ok());
                if let Some(version) = version.filter(|_| piece.name == "head") {
                    shown(crowd, version, piece.told_us);
                    if let Some(noted) = &mut noted {
                        noted.see(crowd, &piece.data, (opens_us, Some(piece.told_us)));
                    }
                }
            }
        }
        opens_us = crowd.clock.now_us() + random.random_range(AGAIN_US.0..AGAIN_US.1);
    }
}

fn shown(crowd: &Crowd, version: u64, ended_us: u64) {
    let Some(intended_us) = crowd.heads.first_us(version, ended_us) else { return };
    let (operation, ended) = (Operation::Head, Ended::Well);
    crowd.notebook.measured(Exchange { operation, intended_us, ended_us, ended });
}
