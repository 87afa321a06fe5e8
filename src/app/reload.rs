//! What is loaded anew at each SIGHUP while everything goes on: certificates, as whom the origin
//! knows us, and the keys that sign tokens. What is wrong is said, and changes nothing.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;

use crate::api::state::State;
use crate::files::gate::Identity;
use crate::journal::redis::settings::Settings as RedisSettings;
use crate::journal::redis::signers;
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
    /// Where the journals of these sales are that other processes may write, if there are any.
    pub shared: Option<(RedisSettings, Vec<String>)>,
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
            if self.keys() {
                self.tell_others().await;
            }
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

    /// Says whether there are other keys now.
    fn keys(&self) -> bool {
        let Some(file) = &self.keys else { return false };
        match key_file::reload(file, self.state.signers()) {
            Ok(()) => {
                tracing::info!("the keys that sign tokens were loaded anew");
                true
            }
            Err(fault) => {
                let source = fault.source().map(ToString::to_string);
                tracing::error!(%fault, source, "the keys that sign tokens stay as they were");
                false
            }
        }
    }

    /// Tells Redis which keys there are, so that a process which is started with them is believed
    /// there, however many rotations there were since this one began.
    async fn tell_others(&self) {
        let Some((settings, sales)) = self.shared.clone() else { return };
        let prints = self.state.signers().now().ring.prints();
        // Off the runtime's threads: Redis may be away.
        let told = spawn_blocking(move || {
            for sale in &sales {
                match signers::tell(&settings, sale, &prints) {
                    Ok(()) => tracing::info!(sale, "the journal's store knows the keys"),
                    Err(fault) => tracing::error!(
                        sale, %fault,
                        "the journal's store does not know the new key: send SIGHUP once more"
                    ),
                }
            }
        });
        told.await.expect("telling does not panic");
    }
}
