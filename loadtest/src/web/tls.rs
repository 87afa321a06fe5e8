//! TLS towards the server: only the authority that was given is believed.

use std::sync::Arc;

use anyhow::Context;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::scenario::Http;

/// What opens TLS connections. Each is a full handshake, as for a visitor never seen before.
///
/// # Errors
/// If no authority is given, or it is no certificate.
pub(super) fn connector(authority: Option<&str>, http: Http) -> anyhow::Result<TlsConnector> {
    let authority = authority.context("https needs the certificate of an authority")?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.context("the authority cannot be read")?)?;
    }
    anyhow::ensure!(!roots.is_empty(), "the authority holds no certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![match http {
        Http::One => b"http/1.1".to_vec(),
        Http::Two => b"h2".to_vec(),
    }];
    Ok(TlsConnector::from(Arc::new(config)))
}
