//! What the world does to a server of our own: it stands still, it is killed, it comes back, or
//! another one takes over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::block_in_place;

use super::machine::Usage;
use super::server::Server;
use crate::history::clock::RunClock;
use crate::history::{Fault, Told, What, Who};
use crate::measure::notebook::Notebook;
use crate::staff::timeline;

/// How long somebody may take to take over: a lease is seconds, and a disk may be slow.
const TAKEOVER_SPAN: Duration = Duration::from_secs(60);
/// Between two looks whether somebody did.
const LOOK_SPAN: Duration = Duration::from_millis(20);

/// The server of this run, if it is ours, and what is done to it.
pub struct Faults {
    server: Option<Server>,
    clock: RunClock,
    notebook: Arc<Notebook>,
}

impl Faults {
    /// For this server, if any.
    pub fn new(server: Option<Server>, clock: RunClock, notebook: Arc<Notebook>) -> Self {
        Self { server, clock, notebook }
    }

    async fn stand_still(&self, span: Duration) -> anyhow::Result<()> {
        let server = self.ours()?;
        self.note(Fault::Stopped, || server.stop())?;
        tokio::time::sleep(span).await;
        self.note(Fault::Continued, || server.go_on())
    }

    async fn die_and_come_back(&self, span: Duration) -> anyhow::Result<()> {
        let server = self.ours()?;
        let killed = server.writer();
        self.note(Fault::Killed, || server.kill(killed))?;
        let coming_back = async |as_what| {
            tokio::time::sleep(span).await;
            block_in_place(|| self.note(as_what, || server.start_again(killed)))
        };
        if !server.has_standby() {
            return coming_back(Fault::Started).await;
        }
        let ((), back) = tokio::join!(self.takeover(server), coming_back(Fault::StandsBy));
        back
    }

    /// Waits until somebody took over, and writes down when: not before the last look at which
    /// nobody had.
    async fn takeover(&self, server: &Server) {
        let begun = Instant::now();
        let mut nobody_us = self.clock.now_us();
        while begun.elapsed() < TAKEOVER_SPAN {
            let asked_us = self.clock.now_us();
            if block_in_place(|| server.find_writer()) {
                return self.told(Fault::TakenOver, nobody_us);
            }
            nobody_us = asked_us;
            tokio::time::sleep(LOOK_SPAN).await;
        }
        self.told(Fault::NobodyTookOver, nobody_us);
    }

    /// Ends the server in peace, and says what it used.
    ///
    /// # Errors
    /// If it does not end well.
    pub fn end(&self) -> anyhow::Result<Option<Usage>> {
        let Some(server) = &self.server else { return Ok(None) };
        let usage = server.usage();
        block_in_place(|| server.end())?;
        Ok(Some(usage))
    }

    fn ours(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("only a server that the harness started can be stopped")
    }

    fn note(&self, fault: Fault, act: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let asked_us = self.clock.now_us();
        act()?;
        self.told(fault, asked_us);
        Ok(())
    }

    fn told(&self, fault: Fault, asked_us: u64) {
        let told_us = Some(self.clock.now_us());
        self.notebook.told(Told { who: Who::Staff, asked_us, told_us, what: What::Fault(fault) });
    }
}

impl timeline::Faults for Faults {
    async fn stop(&self, span: Duration) -> anyhow::Result<()> {
        self.stand_still(span).await
    }

    async fn kill(&self, span: Duration) -> anyhow::Result<()> {
        self.die_and_come_back(span).await
    }
}
