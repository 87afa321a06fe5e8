//! The sales of a process from its first moment to its last: stood by for, written, handed over.
//!
//! Owns their threads. Sockets are not its business: it says when they may be drained.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::api::role::HandOver;
use crate::api::state::{Premises, State};
use crate::engine::standby::Standby;
use crate::engine::takeover::{Unfit, stand_by};
use crate::engine::{Engine, Threads};
use crate::journal::redis::settings::Settings as RedisSettings;
use crate::outlet::Outlet;

use super::AppFault;

/// After a hand-over, sockets are drained once nobody came for so long. A drain closes what is
/// idle, and a request that is on its way then is lost; so whoever asks now and then comes once
/// more, is told to close and goes elsewhere. Visitors who are in the shop ask within a second.
const QUIET_MS: u64 = 1_000;
/// So often at most, whoever comes: until somebody else serves, everybody comes again and again. A
/// takeover is about 25 ways to Redis and back, so five seconds are enough if each takes 0.2 s.
const QUIET_TRIES_MAX: u32 = 5;

/// The sales of a process.
pub(super) struct Service {
    pub(super) state: Arc<State>,
    /// Written by this process.
    pub(super) running: Vec<(Engine, Threads)>,
    /// Stood by for.
    pub(super) awaited: Vec<Standby>,
    /// What each sale has besides, by its id.
    pub(super) premises: BTreeMap<String, Premises>,
    /// Where the boards are shown beside the journals, if anywhere.
    pub(super) board_in: Option<RedisSettings>,
    /// They show the boards while the sales are served.
    pub(super) outlets: Vec<Outlet>,
}

impl Service {
    /// Serves until `stop`, or until an operator has the sales handed over; then cancels `sockets`,
    /// which may be drained from then on. What others could write is given up before that; what is
    /// still written is returned, to be ended when nobody is served any more.
    ///
    /// # Errors
    /// [`AppFault::Journal`] if a sale must not be served from its journal: none is then.
    pub(super) async fn run(
        mut self,
        stop: CancellationToken,
        sockets: CancellationToken,
    ) -> Result<Vec<(Engine, Threads)>, AppFault> {
        let hand_over = self.state.role().hand_over.clone();
        let ending = stop.child_token();
        let asked = (hand_over.clone(), ending.clone());
        tokio::spawn(async move {
            let (hand_over, ending) = asked;
            ending.run_until_cancelled(hand_over.asked()).await;
            ending.cancel();
        });
        if let Err(unfit) = self.stand_by(&ending).await {
            ending.cancel();
            sockets.cancel();
            return Err(AppFault::journal(&unfit.sale, unfit.source));
        }
        ending.cancelled().await;
        self.running.iter().for_each(|(engine, _)| engine.published().board.drain());
        self.outlets.clear();
        if self.state.role().shared() {
            hand_over.begin();
            let served = !self.running.is_empty();
            join(std::mem::take(&mut self.running)).await;
            hand_over.end();
            if served {
                linger(&hand_over).await;
            }
        }
        sockets.cancel();
        Ok(self.running)
    }

    /// The ids of the sales.
    pub(super) fn sales(&self) -> Vec<String> {
        self.premises.keys().cloned().collect()
    }

    /// Serves the sales, all of which are written here.
    pub(super) fn open(&mut self) {
        let boards = self.running.iter().map(|(engine, _)| engine.published().clone());
        let shown = |settings| boards.map(|board| Outlet::start(settings, board)).collect();
        self.outlets = self.board_in.as_ref().map(shown).unwrap_or_default();
        let served = self.running.iter().map(|(engine, _)| {
            let premises = self.premises.get(&engine.published().desk().definition.id);
            (engine.clone(), premises.expect("each sale has its own").clone())
        });
        self.state.open(served.collect());
    }

    /// Stands by until all sales are written here, and serves them; or until the end. Does nothing
    /// if no other process could write them.
    async fn stand_by(&mut self, ending: &CancellationToken) -> Result<(), Unfit> {
        if self.awaited.is_empty() {
            return Ok(());
        }
        let (awaited, until) = (std::mem::take(&mut self.awaited), ending.clone());
        let begun = spawn_blocking(move || stand_by(awaited, &until)).await;
        self.running.extend(begun.expect("standing by does not panic")?);
        if self.running.len() == self.premises.len() {
            tracing::info!("serving: this process writes all its sales");
            self.open();
        }
        Ok(())
    }
}

/// Waits until nobody comes any more. Who asks meanwhile is answered, and sent away.
async fn linger(hand_over: &HandOver) {
    let mut came = hand_over.turned_away();
    for _ in 0..QUIET_TRIES_MAX {
        sleep(Duration::from_millis(QUIET_MS)).await;
        let before = std::mem::replace(&mut came, hand_over.turned_away());
        if came == before {
            return;
        }
    }
}

/// Ends the threads of these sales, all at the same time.
pub(super) async fn join(running: Vec<(Engine, Threads)>) {
    // Off the runtime's threads: the last batch may wait for a disk.
    let joining = running.into_iter().map(|(engine, threads)| {
        drop(engine);
        spawn_blocking(|| threads.join())
    });
    for joined in joining.collect::<Vec<_>>() {
        joined.await.expect("joining does not panic");
    }
}
