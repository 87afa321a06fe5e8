//! As whom the origin knows us: what each new connection shows, if it is asked.
//!
//! Whatever was loaded last counts. Connections that are open stay as they are, and end by
//! themselves.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use crate::files::gate::Identity;

/// Shows the certificate of an identity.
#[derive(Debug)]
pub(super) struct AsOurselves(pub Identity);

impl ResolvesClientCert for AsOurselves {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.now())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
