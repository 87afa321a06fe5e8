//! The way to a server: HTTP/1.1 or HTTP/2 as browsers speak it, plain or over TLS.
//!
//! `Web` is what everybody who asks one server shares; a `Browser` is the connections of one of
//! them. Every exchange is measured, from the instant it was meant for. Nothing here knows what is
//! asked, or asks twice on its own account; see `browser` for the one exception.
//!
//! Where another server stands by, clients know both addresses: whoever finds nobody at the one, or
//! is told there that the other one writes, asks the other one next time. So nothing stands between
//! a client and a server, and what is measured is the server's.

pub mod address;
pub mod ask;
pub mod browser;
pub mod descriptors;
pub mod stream;
mod tls;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_rustls::TlsConnector;

use self::address::Sides;
use crate::history::clock::RunClock;
use crate::measure::notebook::Notebook;
use crate::scenario::{Http, Wires};

/// What everybody who asks one server shares.
pub struct Web {
    sides: Sides,
    http: Http,
    sources: Vec<IpAddr>,
    answer_span: Duration,
    tls: Option<TlsConnector>,
    clock: RunClock,
    notebook: Arc<Notebook>,
    shortages: AtomicU64,
}

/// Why there is no answer.
#[derive(thiserror::Error, Debug)]
pub enum WebFault {
    /// Nobody answers at the address.
    #[error("the server cannot be reached")]
    Unreachable(#[source] std::io::Error),
    /// This machine has no descriptor or no port left: our own limit, not the server's.
    #[error("this machine has no descriptor or no port left for another connection")]
    Shortage(#[source] std::io::Error),
    /// The connection broke, or what came over it was not HTTP.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    /// The answer broke off, or was longer than anybody has to read.
    #[error("the answer broke off or was too long")]
    Cut(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("no answer in time")]
    Slow,
    /// The address cannot be asked for.
    #[error("the request cannot be written")]
    Unspeakable(#[from] http::Error),
}

impl Web {
    /// A way to the server at this `http://` or `https://` address; or to the one that serves, of
    /// several.
    ///
    /// `authority` holds, as PEM, the only certificates that a server of `https://` may be signed
    /// by: the machine's own authorities are never asked.
    ///
    /// # Errors
    /// If an address makes no sense or has no host, or the authority cannot be read.
    pub fn new(
        urls: &[impl AsRef<str>],
        wires: &Wires,
        authority: Option<&str>,
        (clock, notebook): (RunClock, Arc<Notebook>),
    ) -> anyhow::Result<Self> {
        let sides = Sides::read(urls)?;
        let tls = match sides.secure() {
            true => Some(tls::connector(authority, wires.http)?),
            false => None,
        };
        Ok(Self {
            sides,
            http: wires.http,
            sources: wires.sources.clone(),
            answer_span: wires.answer_span,
            tls,
            clock,
            notebook,
            shortages: AtomicU64::new(0),
        })
    }

    /// The same way, but what is asked is written into another notebook, or none that is read.
    pub fn noted_in(&self, notebook: Arc<Notebook>) -> Self {
        Self {
            sides: self.sides.clone(),
            http: self.http,
            sources: self.sources.clone(),
            answer_span: self.answer_span,
            tls: self.tls.clone(),
            clock: self.clock,
            notebook,
            shortages: AtomicU64::new(0),
        }
    }

    /// The clock that exchanges are measured with.
    pub fn clock(&self) -> RunClock {
        self.clock
    }

    /// How often this machine had no descriptor or no port left: a run with any is not to be
    /// believed.
    pub fn shortages(&self) -> u64 {
        // Relaxed: a count that guards nothing.
        self.shortages.load(Ordering::Relaxed)
    }

    /// The address that a visitor comes from: the addresses in turn.
    fn source(&self, who: u32) -> Option<IpAddr> {
        let turn = usize::try_from(who).unwrap_or_default().checked_rem(self.sources.len())?;
        self.sources.get(turn).copied()
    }
}
