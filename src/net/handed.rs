//! Sockets that listen already when the process starts, handed over by who starts it: what systemd
//! calls socket activation. They outlive the process, so whoever connects while one version makes
//! way for the next waits in the kernel, and is served by the next.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use listenfd::ListenFd;

use super::NetFault;
use super::listener::Listener;
use super::settings::Settings;
use crate::metrics::Metrics;

/// What was handed over, and is not in use yet.
#[derive(Debug, Default)]
pub struct Handed(Vec<(SocketAddr, TcpListener)>);

impl Handed {
    /// What the environment says was handed to this process (`LISTEN_FDS`, `LISTEN_PID`).
    ///
    /// # Errors
    /// [`NetFault::Handed`] if it is no socket that listens for TCP.
    pub fn from_environment() -> Result<Self, NetFault> {
        let mut found = ListenFd::from_env();
        let mut taken = Vec::new();
        for at in 0..found.len() {
            let wrong = |source| NetFault::Handed { at: at + 1, source };
            if let Some(listener) = found.take_tcp_listener(at).map_err(wrong)? {
                listener.set_nonblocking(true).map_err(wrong)?;
                taken.push((listener.local_addr().map_err(wrong)?, listener));
            }
        }
        Ok(Self(taken))
    }

    /// The listener of these settings: on the socket of its address if one was handed over, else on
    /// a new one.
    ///
    /// # Errors
    /// As [`Listener::bind`].
    pub fn listener(
        &mut self,
        settings: Settings,
        metrics: Arc<Metrics>,
    ) -> Result<Listener, NetFault> {
        let wanted = settings.address;
        match self.0.iter().position(|(address, _)| *address == wanted) {
            Some(at) => Listener::on(self.0.swap_remove(at).1, settings, metrics),
            None => Listener::bind(settings, metrics),
        }
    }

    /// Makes sure that all are in use: whoever connects to another would wait for ever.
    ///
    /// # Errors
    /// [`NetFault::Unused`], naming the first that is not.
    pub fn used_up(&self) -> Result<(), NetFault> {
        match self.0.first() {
            Some((address, _)) => Err(NetFault::Unused { address: *address }),
            None => Ok(()),
        }
    }
}
