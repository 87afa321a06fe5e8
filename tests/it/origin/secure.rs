//! The shop over TLS: whom the gate believes, and as whom it is let in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertifiedKey, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use stanchion::files::gate::Identity;
use stanchion::gate::health::OriginHealth;
use tokio_rustls::TlsAcceptor;

use super::*;

pub(crate) fn made() -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made")
}

pub(super) fn chain(of: &CertifiedKey<KeyPair>) -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from_pem_slice(of.cert.pem().as_bytes()).expect("one")]
}

pub(super) fn key(of: &CertifiedKey<KeyPair>) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(of.signing_key.serialize_pem().as_bytes()).expect("a key")
}

/// The same as a gate file names them.
pub(super) fn identity(of: &CertifiedKey<KeyPair>) -> Identity {
    let folder = tempfile::tempdir().expect("a folder");
    let [certificate, key] = write(of, folder.path());
    Identity::load(certificate, key).expect("a pair")
}

/// Writes a certificate and its key, for us alone, into a folder.
pub(crate) fn write(of: &CertifiedKey<KeyPair>, folder: &Path) -> [PathBuf; 2] {
    let files = ["own.pem", "own.key"].map(|name| folder.join(name));
    for (file, text) in files.iter().zip([of.cert.pem(), of.signing_key.serialize_pem()]) {
        fs::write(file, text).expect("a file");
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("ours");
    }
    files
}

/// A shop that shows this certificate, and lets in who shows the other, if there is one.
pub(crate) async fn shop(
    own: &CertifiedKey<KeyPair>,
    lets_in: Option<&CertifiedKey<KeyPair>>,
) -> Shop {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = lets_in.map(|known| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(chain(known));
        let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        builder.build().expect("a verifier")
    });
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = match verifier {
        Some(verifier) => config.with_client_cert_verifier(verifier),
        None => config.with_no_client_auth(),
    };
    let config = config.with_single_cert(chain(own), key(own)).expect("a pair");
    Shop::open_with(Some(TlsAcceptor::from(Arc::new(config)))).await
}

/// The way to a shop whose certificate is believed.
pub(super) fn believing(shop: SocketAddr, authority: &CertifiedKey<KeyPair>) -> OriginSettings {
    OriginSettings {
        url: format!("https://localhost:{}", shop.port()).parse().expect("an address"),
        authority: Some(authority.cert.pem().into_bytes().into()),
        ..patient(shop)
    }
}

#[tokio::test]
async fn the_shop_is_reached_over_tls_only_with_a_certificate_that_is_believed() {
    let (own, other) = (made(), made());
    let shop = shop(&own, None).await;
    let gate = Gate::start(believing(shop.address, &own), Settings::default());
    assert!(gate.get("/", "").await.contains("x-forwarded-for: 127.0.0.1"));
    let gate = Gate::start(believing(shop.address, &other), Settings::default());
    assert_problem(&gate.get("/", "").await, 502, "unreachable");
}

#[tokio::test]
async fn a_shop_that_lets_nobody_else_in_knows_the_gate_by_its_certificate() {
    let (own, ours, other) = (made(), made(), made());
    let shop = shop(&own, Some(&ours)).await;
    let asks_as = |of: Option<&CertifiedKey<KeyPair>>| {
        let identity = of.map(identity);
        Gate::start(
            OriginSettings { identity, ..believing(shop.address, &own) },
            Settings::default(),
        )
    };
    let gate = asks_as(Some(&ours));
    assert!(gate.get("/", "").await.contains("x-forwarded-for: 127.0.0.1"));
    for stranger in [None, Some(&other)] {
        let gate = asks_as(stranger);
        let answer = gate.get("/", "").await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(matches!(gate.origin.health(), OriginHealth::Down { .. }));
    }
    assert_eq!(shop.reached.available_permits(), 1, "only what came from the gate");
}
