//! TLS with a certificate made on the spot.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use stanchion::net::settings::TlsFiles;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

fn certificate(folder: &Path) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).expect("written");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
    files
}

async fn connect(server: &Server, files: &TlsFiles, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(&files.certificate).expect("PEM");
    roots.add(certificate).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("they suit the provider")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(server.address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("a name");
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream);
    timeout(BOUND, shaken).await.expect("in time").expect("a handshake")
}

#[tokio::test]
async fn both_protocols_are_offered_and_the_preferred_one_is_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = certificate(folder.path());
    let server =
        Server::start(Settings { tls: Some(files.clone()), strict_transport_s: 60, ..patient() });
    for (offered, chosen) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let mut stream = connect(&server, &files, offered).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), chosen);
        if chosen == Some(b"h2") {
            let (mut send, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
            let driven = tokio::spawn(connection);
            let request = Request::get("https://localhost/").body(()).expect("a request");
            let (response, _) = send.send_request(request, true).expect("sent");
            let response = timeout(BOUND, response).await.expect("in time").expect("an answer");
            assert_eq!(response.headers()["strict-transport-security"], "max-age=60");
            driven.abort();
        } else {
            let head = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(head).await.expect("sent");
            let mut answer = String::new();
            let read = timeout(BOUND, stream.read_to_string(&mut answer)).await;
            read.expect("in time").expect("a proper end");
            assert!(answer.contains("strict-transport-security: max-age=60"), "{answer}");
            assert!(answer.ends_with("hello"), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_closed_and_so_is_a_silent_secure_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = certificate(folder.path());
    let server = Server::start(Settings { tls: Some(files.clone()), ..settings(brief()) });
    assert_eq!(server.ask("").await, "");
    server.metric_becomes(r#"stanchion_refused_total{limit="first_byte"}"#, 1).await;
    let mut stream = connect(&server, &files, &[b"http/1.1"]).await;
    let mut bytes = Vec::new();
    let _ = timeout(BOUND, stream.read_to_end(&mut bytes)).await.expect("it is closed");
    server.metric_becomes(r#"stanchion_refused_total{limit="first_byte"}"#, 2).await;
}
