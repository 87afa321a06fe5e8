//! The night in the terminal: a small block of lines, drawn once a second.
//!
//! Reads the board, as anybody may, and the ops listener, for the journal's health and sale time.
//! In place where there is a terminal, one line at a time elsewhere. Leaves the terminal as it was.

mod block;
mod screen;

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use self::block::Picture;
use self::screen::Screen;
use super::crowd::tally::Tally;
use super::seen::Seen;
use super::web::{Ask, Web};
use super::wire::board::{Desk, Head};

/// From one drawing to the next.
const DRAW_SPAN: Duration = Duration::from_secs(1);
/// For looking; a server that takes longer is drawn as one that does not answer.
const LOOK_SPAN: Duration = Duration::from_secs(2);

/// What is watched.
pub struct Settings {
    /// The server's public listener.
    pub public: SocketAddr,
    /// The server's ops listener.
    pub ops: SocketAddr,
    /// A staff token for it.
    pub ops_token: String,
    /// The sale's id.
    pub sale: String,
    /// The crowd, if there is one.
    pub crowd: Option<Arc<Tally>>,
    /// The two servers, if there are two.
    pub servers: Option<watch::Receiver<Seen>>,
}

/// Draws until `stop` is cancelled; also draws what cannot be reached.
pub async fn run(settings: Settings, stop: CancellationToken) {
    let public = Web::new(settings.public, 1);
    let ops = Web::new(settings.ops, 1);
    let mut screen = Screen::new(io::stdout(), io::stdout().is_terminal());
    let mut seconds = interval(DRAW_SPAN);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut polls_before = 0;
    let mut last = false;
    while !last {
        // The end is drawn as well: what is said after it shall not contradict it.
        last = stop.run_until_cancelled(seconds.tick()).await.is_none();
        let look = async { tokio::join!(head(&public, &settings), desk(&ops, &settings)) };
        let (head, desk) = timeout(LOOK_SPAN, look).await.unwrap_or_default();
        let polls = settings.crowd.as_ref().map_or(0, |crowd| crowd.polls.get());
        let polls_per_second = polls - std::mem::replace(&mut polls_before, polls);
        let servers = settings.servers.as_ref().map(|seen| seen.borrow().clone());
        let picture = Picture { now: Timestamp::now(), head, desk, polls_per_second, servers };
        // A terminal that is gone is no reason to stop the night.
        let _ = screen.draw(&block::lines(&picture, settings.crowd.as_deref()));
    }
}

async fn head(web: &Web, settings: &Settings) -> Option<Head> {
    let ask = Ask::get(format!("/v1/sales/{}/board", settings.sale));
    web.ask(&ask).await.ok()?.read().ok()
}

async fn desk(web: &Web, settings: &Settings) -> Option<Desk> {
    let ask = Ask::get(format!("/v1/sales/{}", settings.sale)).bearer(&settings.ops_token);
    let reply = web.ask(&ask).await.ok()?;
    reply.status.is_success().then(|| reply.read().ok()).flatten()
}
