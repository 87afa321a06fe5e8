//! The observer: follows the board, and looks at the ops interface four times a second.
//!
//! What a stream tells was true at some instant between the opening of the stream and its arrival:
//! a head may have lain in buffers, and others after it, until somebody read them all at once. What
//! an answer tells was true between asking and answer.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Desk;
use crate::crowd::wire::{Head, Performance, Performances};
use crate::history::clock::micros;
use crate::history::{self, What, Who};
use crate::measure::Operation;
use crate::web::ask::{Answer, Ask};
use crate::web::browser::Browser;

/// Between two looks at the ops interface.
const DESK_SPAN: Duration = Duration::from_millis(250);
/// Between two looks at what is left, by performance.
const LEFT_SPAN: Duration = Duration::from_secs(1);
/// Before a stream that broke is opened again.
const AGAIN_SPAN: Duration = Duration::from_secs(1);

/// Reads until `stop` is cancelled. `public` is a desk at the public interface (its key is not
/// used); `ops` is absent if the ops interface cannot be reached.
pub async fn run(public: &Desk, ops: Option<&Desk>, stop: &CancellationToken) {
    let all = async {
        tokio::join!(public.follow_board(), public.follow_left(), async {
            if let Some(ops) = ops {
                ops.follow_desk().await;
            }
        })
    };
    stop.run_until_cancelled(all).await;
}

impl Desk {
    /// Every head that the board's stream tells.
    async fn follow_board(&self) {
        let browser = self.browser();
        let ask = Ask::get(Operation::Board, self.path("/board/stream"));
        let ask = ask.accept("text/event-stream");
        loop {
            let opened_us = self.web.clock().now_us();
            if let Ok(mut stream) = browser.stream(&ask, opened_us).await {
                while let Some(piece) = stream.next().await {
                    let head = serde_json::from_str::<Head>(&piece.data).ok();
                    if let Some(head) = head.filter(|_| piece.name == "head") {
                        let times = (opened_us, Some(piece.told_us));
                        self.told(Who::Observer, times, What::Board(head.board()));
                    }
                }
            }
            tokio::time::sleep(AGAIN_SPAN).await;
        }
    }

    /// What changed of the performances, each second.
    async fn follow_left(&self) {
        let browser = self.browser();
        let mut version = None;
        let mut at_us = self.web.clock().now_us();
        loop {
            let path = match version {
                Some(version) => self.path(&format!("/performances?since={version}")),
                None => self.path("/performances"),
            };
            let answer = self.look(&browser, &Ask::get(Operation::Performances, path), at_us).await;
            let told = answer.and_then(|answer| Some((answer.read::<Performances>()?, answer)));
            if let Some((told, answer)) = told {
                version = Some(told.version);
                if !told.performances.is_empty() {
                    let performances = told.performances.iter().map(shown).collect();
                    let what = What::Performances { version: told.version, performances };
                    let times = (answer.asked_us, Some(answer.told_us));
                    self.told(Who::Observer, times, what);
                }
            }
            at_us = self.next_us(at_us, LEFT_SPAN);
        }
    }

    /// The ops overview.
    async fn follow_desk(&self) {
        let browser = self.browser();
        let ask = Ask::get(Operation::Ops, self.path("")).bearer(&self.key);
        let mut at_us = self.web.clock().now_us();
        loop {
            let answer = self.look(&browser, &ask, at_us).await;
            let head = answer.and_then(|answer| Some((answer.read::<Head>()?, answer)));
            if let Some((head, answer)) = head {
                let times = (answer.asked_us, Some(answer.told_us));
                self.told(Who::Observer, times, What::Desk(head.board()));
            }
            at_us = self.next_us(at_us, DESK_SPAN);
        }
    }

    async fn look(&self, browser: &Browser, ask: &Ask, at_us: u64) -> Option<Answer> {
        tokio::time::sleep_until(self.web.clock().instant(at_us).into()).await;
        browser.ask(ask, at_us).await.ok().filter(Answer::well)
    }

    /// The observer skips what it missed: it is no visitor, and nobody waits for it.
    fn next_us(&self, at_us: u64, span: Duration) -> u64 {
        (at_us + micros(span)).max(self.web.clock().now_us())
    }
}

fn shown(performance: &Performance) -> history::Performance {
    let zones = performance.zones.iter().map(|zone| (zone.zone.clone(), zone.counts));
    history::Performance {
        id: performance.id.clone(),
        status: performance.status.clone(),
        counts: performance.counts,
        zones: zones.collect(),
    }
}
