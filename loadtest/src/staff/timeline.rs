//! The timeline: each moment at its instant, whatever became of the one before.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Desk;
use crate::crowd::wire::Problem;
use crate::history::clock::{RunClock, micros};
use crate::history::{What, Who};
use crate::measure::{Ended, Operation};
use crate::scenario::{Act, Moment};
use crate::web::ask::Ask;
use crate::web::browser::Browser;

/// Between two tries of a change.
const PAUSE: Duration = Duration::from_millis(500);
/// How long staff tries to make a change: longer than the five-minute outage of 2015.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Whoever owns the server and may harm it.
pub trait Faults: Send + Sync + 'static {
    /// Lets it stand still for so long, and writes down when.
    fn stop(&self, span: Duration) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Kills it, starts it again after so long, and writes down when.
    fn kill(&self, span: Duration) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Nobody: the server is somebody else's, and only asked.
pub struct Harmless;

impl Faults for Harmless {
    async fn stop(&self, _span: Duration) -> anyhow::Result<()> {
        anyhow::bail!("only a server of the harness's own can be stopped")
    }

    async fn kill(&self, _span: Duration) -> anyhow::Result<()> {
        anyhow::bail!("only a server of the harness's own can be killed")
    }
}

/// Lives the timeline until its last moment is over or `stop` is cancelled; says what could not be
/// done. Without a desk, staff can do nothing.
pub async fn run(
    moments: Vec<Moment>,
    (desk, clock): (Option<Desk>, RunClock),
    faults: Arc<impl Faults>,
    stop: &CancellationToken,
) -> Vec<String> {
    let mut acts = JoinSet::new();
    for (at, moment) in moments.into_iter().enumerate() {
        let (desk, faults) = (desk.clone(), faults.clone());
        let act = async move {
            let at_us = micros(moment.at);
            tokio::time::sleep_until(clock.instant(at_us).into()).await;
            let done = match &moment.act {
                Act::Change { action, reason } => match &desk {
                    Some(desk) => desk.change(action, reason, (at, at_us)).await,
                    None => Err(anyhow::anyhow!("no address or no key of the ops interface")),
                },
                Act::Stop { span } => faults.stop(*span).await,
                Act::Kill { span } => faults.kill(*span).await,
            };
            let (at_s, name) = (moment.at.as_secs_f64(), name(&moment.act));
            done.err().map(|fault| format!("{name} at {at_s} s: {fault:#}"))
        };
        let stop = stop.clone();
        acts.spawn(async move { stop.run_until_cancelled_owned(act).await.flatten() });
    }
    acts.join_all().await.into_iter().flatten().collect()
}

fn name(act: &Act) -> &str {
    match act {
        Act::Change { action, .. } => kind(action),
        Act::Stop { .. } => "stop",
        Act::Kill { .. } => "kill",
    }
}

fn kind(action: &Value) -> &str {
    action.get("type").and_then(Value::as_str).unwrap_or("change")
}

#[derive(Deserialize)]
struct Revision {
    revision: u64,
}

impl Desk {
    /// Makes a change against the newest revision, whoever else makes one meanwhile.
    async fn change(
        &self,
        action: &Value,
        reason: &str,
        (at, at_us): (usize, u64),
    ) -> anyhow::Result<()> {
        let browser = self.browser();
        let until_us = at_us.saturating_add(micros(PATIENCE));
        let mut from_us = at_us;
        while from_us <= until_us {
            let Some(revision) = self.revision(&browser, from_us).await? else {
                from_us = self.pause().await;
                continue;
            };
            // Of one revision, there is one request: under one key.
            let ask = Ask::post(Operation::Ops, self.path("/changes")).bearer(&self.key);
            let ask = ask.key(format!("t{at}-{revision}"));
            let ask =
                ask.json(&json!({ "revision": revision, "reason": reason, "action": action }));
            if self.make(&browser, &ask, action, until_us).await? {
                return Ok(());
            }
            from_us = self.web.clock().now_us();
        }
        anyhow::bail!("the ops interface did not answer")
    }

    /// Asks for a change until somebody says what came of it; false if somebody else was faster.
    async fn make(
        &self,
        browser: &Browser,
        ask: &Ask,
        action: &Value,
        until_us: u64,
    ) -> anyhow::Result<bool> {
        let first_us = self.web.clock().now_us();
        let mut from_us = first_us;
        while from_us <= until_us {
            match browser.ask(ask, from_us).await {
                Ok(answer) if answer.well() => {
                    self.changed(action, (first_us, Some(answer.told_us)));
                    return Ok(true);
                }
                Ok(answer) if answer.ended() == Ended::Refused => {
                    let problem = answer.read::<Problem>().unwrap_or_default();
                    if problem.code == "stale_revision" {
                        return Ok(false);
                    }
                    anyhow::bail!("refused: {}", problem.code);
                }
                _ => from_us = self.pause().await,
            }
        }
        // It may have happened, or happen yet.
        self.changed(action, (first_us, None));
        anyhow::bail!("no answer")
    }

    /// The newest revision; `None` if nobody answers.
    async fn revision(&self, browser: &Browser, at_us: u64) -> anyhow::Result<Option<u64>> {
        let ask = Ask::get(Operation::Ops, self.path("")).bearer(&self.key);
        match browser.ask(&ask, at_us).await {
            Ok(answer) if answer.well() => {
                let read = answer.read::<Revision>();
                let read = read.ok_or_else(|| anyhow::anyhow!("the answer has no revision"))?;
                Ok(Some(read.revision))
            }
            Ok(answer) if answer.ended() == Ended::Refused => {
                let problem = answer.read::<Problem>().unwrap_or_default();
                anyhow::bail!("{} {}", answer.status, problem.code)
            }
            _ => Ok(None),
        }
    }

    async fn pause(&self) -> u64 {
        tokio::time::sleep(PAUSE).await;
        self.web.clock().now_us()
    }

    fn changed(&self, action: &Value, times: (u64, Option<u64>)) {
        let cap = action.get("cap").and_then(Value::as_u64);
        let notice = action.get("texts").and_then(|texts| texts.get(0)?.get("text")?.as_str());
        self.told(
            Who::Staff,
            times,
            What::Changed {
                action: kind(action).to_owned(),
                cap: cap.and_then(|cap| u32::try_from(cap).ok()),
                notice: notice.map(str::to_owned),
            },
        );
    }
}
