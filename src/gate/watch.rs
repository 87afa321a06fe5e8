//! Watches over the origin while this process serves: asks it where nobody else does, and tells the
//! sales how it does, so that nobody is called to a shop that is not there.
//!
//! Ends when the sockets are drained. Decides nothing about calling: that is a rule of the sale.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::origin::Origin;
use crate::api::state::State;
use crate::clock;
use crate::engine::shop::ShopState;

/// So often at most the origin is asked: whoever waits for it to come back waits a second longer.
const PROBE_MS: u64 = 1_000;
/// The pause differs by so much, so that several servers do not ask in step.
const JITTER_MS: u64 = 500;
/// So often the sales are told, and connections that nobody needs are closed. Calls come in
/// seconds; a look is one number.
const TELL_MS: u64 = 100;

/// Watches until the end.
pub async fn keep_watched(origin: Arc<Origin>, state: Arc<State>, stop: CancellationToken) {
    let both = async { tokio::join!(keep_asked(&origin, &state), keep_told(&origin, &state)) };
    stop.run_until_cancelled(both).await;
}

async fn keep_asked(origin: &Origin, state: &State) {
    loop {
        ask(origin, state).await;
        let jitter_ms = clock::random_mark() % JITTER_MS;
        sleep(Duration::from_millis(PROBE_MS - JITTER_MS / 2 + jitter_ms)).await;
    }
}

/// Asks the origin if nobody knows how it does; whether it was asked.
pub async fn ask(origin: &Origin, state: &State) -> bool {
    let asks = serves(state) && origin.asks();
    if asks {
        origin.probe().await;
    }
    asks
}

async fn keep_told(origin: &Origin, state: &State) {
    let mut told = ShopState::Unwatched;
    loop {
        if serves(state) {
            let now = origin.health().state();
            for sale in state.sales().values() {
                sale.engine.published().shop.tell(now);
            }
            origin.show(now);
            log(std::mem::replace(&mut told, now), now);
        }
        origin.sweep();
        sleep(Duration::from_millis(TELL_MS)).await;
    }
}

/// Who stands by, or has handed over, leaves the origin to who serves.
fn serves(state: &State) -> bool {
    !state.stands_by() && !state.role().hand_over.over()
}

/// One line when calling begins to hold back for a reason, one when it goes on.
fn log(before: ShopState, now: ShopState) {
    match now {
        _ if now == before => {}
        ShopState::Down => {
            tracing::warn!("the shop does not answer: nobody is called until it does");
        }
        ShopState::Crowded => {
            tracing::warn!("the shop has no connection free: nobody is called while that is so");
        }
        _ if !before.serves() => tracing::info!("the shop answers again: calling goes on"),
        _ => {}
    }
}
