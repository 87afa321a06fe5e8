//! TLS with a shop's own server, whatever certificate it shows: what it shows to us it shows to
//! anybody who does not look. Nothing secret is sent over it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio_rustls::TlsConnector;

/// Whether a server asked for a certificate of ours; it gets none.
#[derive(Debug, Default)]
pub(super) struct Wanted(AtomicBool);

impl Wanted {
    /// Whether it broke off for want of one: it asked, and then said that it will not go on.
    pub(super) fn missed(&self, fault: &anyhow::Error) -> bool {
        let inner = |io: &io::Error| {
            let inner = io.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            matches!(inner, Some(Error::AlertReceived(_)))
        };
        let mut causes = fault.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
        self.0.load(Relaxed) && causes.any(inner)
    }
}

impl ResolvesClientCert for Wanted {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// TLS that believes anything, and notes what was wanted.
pub(super) fn connector(wanted: Arc<Wanted>) -> Result<TlsConnector, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_client_cert_resolver(wanted);
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Believes every certificate.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
