//! What is loaded anew at each SIGHUP while everything goes on: certificates, as whom the origin
//! knows us, and the keys that sign tokens. What is wrong is said, and changes nothing.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::api::state::State;
use crate::files::gate::Identity;
use crate::net::tls::Tls;
use crate::token::key_file;

/// Where it is loaded from.
pub(super) struct Reload {
    /// Those of both listeners.
    pub certificates: [Option<Arc<Tls>>; 2],
    /// As whom the origin knows us, if it does.
    pub identity: Option<Identity>,
    /// The key file; none if the keys came from the environment, which does not change.
    pub keys: Option<PathBuf>,
    /// Who signs.
    pub state: Arc<State>,
}

impl Reload {
    /// Listens for the signal, for ever.
    ///
    /// # Panics
    /// If the system does not let signals be listened to.
    pub(super) async fn at_each_hangup(self) {
        let mut hangups = signal(SignalKind::hangup()).expect("signals can be listened to");
        while hangups.recv().await.is_some() {
            self.certificates();
            self.identity();
            self.keys();
        }
    }

    fn certificates(&self) {
        for tls in self.certificates.iter().flatten() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was loaded anew"),
                Err(fault) => tracing::error!(%fault, "the certificate stays as it was"),
            }
        }
    }

    fn identity(&self) {
        let Some(identity) = &self.identity else { return };
        match identity.reload() {
            Ok(()) => tracing::info!("the certificate for the origin was loaded anew"),
            Err(fault) => tracing::error!(%fault, "the certificate for the origin stays as it was"),
        }
    }

    fn keys(&self) {
        let Some(file) = &self.keys else { return };
        match key_file::reload(file, self.state.signers()) {
            Ok(()) => tracing::info!("the keys that sign tokens were loaded anew"),
            Err(fault) => {
                let source = fault.source().map(ToString::to_string);
                tracing::error!(%fault, source, "the keys that sign tokens stay as they were");
            }
        }
    }
}
