//! What the world does to a server of our own: it stands still, it is killed, it comes back.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::server::{Server, Usage};
use crate::history::clock::RunClock;
use crate::history::{Fault, Told, What, Who};
use crate::measure::notebook::Notebook;
use crate::scenario::OwnServer;
use crate::staff::timeline;

/// The server of this run, if it is ours, and what is done to it.
pub struct Faults {
    server: Option<(Server, OwnServer)>,
    clock: RunClock,
    notebook: Arc<Notebook>,
}

impl Faults {
    /// For this server, if any.
    pub fn new(
        server: Option<Server>,
        own: Option<OwnServer>,
        clock: RunClock,
        notebook: Arc<Notebook>,
    ) -> Self {
        Self { server: server.zip(own), clock, notebook }
    }

    async fn stand_still(&self, span: Duration) -> anyhow::Result<()> {
        let (server, _) = self.ours()?;
        self.note(Fault::Stopped, || server.stop())?;
        tokio::time::sleep(span).await;
        self.note(Fault::Continued, || server.go_on())
    }

    async fn die_and_come_back(&self, span: Duration) -> anyhow::Result<()> {
        let (server, own) = self.ours()?;
        self.note(Fault::Killed, || server.kill())?;
        tokio::time::sleep(span).await;
        tokio::task::block_in_place(|| self.note(Fault::Started, || server.start_again(own)))
    }

    /// Ends the server in peace, and says what it used.
    ///
    /// # Errors
    /// If it does not end well.
    pub fn end(&self) -> anyhow::Result<Option<Usage>> {
        let Some((server, _)) = &self.server else { return Ok(None) };
        let usage = server.usage();
        tokio::task::block_in_place(|| server.end())?;
        Ok(Some(usage))
    }

    fn ours(&self) -> anyhow::Result<&(Server, OwnServer)> {
        self.server.as_ref().context("only a server that the harness started can be stopped")
    }

    fn note(&self, fault: Fault, act: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let asked_us = self.clock.now_us();
        act()?;
        let told_us = Some(self.clock.now_us());
        self.notebook.told(Told { who: Who::Staff, asked_us, told_us, what: What::Fault(fault) });
        Ok(())
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
