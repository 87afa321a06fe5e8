//! TLS and a password on the way to Redis.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::task::block_in_place;

use super::redis_server::{ALWAYS, Redis};
use super::story::{Journal, SOME, site};
use super::stream;
use crate::night::{Night, alone, seed, until};

/// As the default account.
const PASSWORD: &str = "a long word";

/// Writes a certificate for this machine and its key, and that of who signed it.
fn write_certificates(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("signed");
    let key = KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let params = CertificateParams::new(names).expect("names");
    let certificate = params.signed_by(&key, &authority).expect("signed");
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("a file");
    write("authority.pem", authority.pem());
    write("redis.pem", certificate.pem());
    write("redis.key", key.serialize_pem());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_kept_over_tls_by_who_knows_the_password_and_the_authority() {
    let _turn = alone().await;
    let seed = seed("TLS");
    let folder = tempfile::tempdir().expect("a folder");
    write_certificates(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("password"), format!("{PASSWORD}\n")).expect("a file");
    let mut redis = Redis::start_with_tls(&format!(
        "{ALWAYS}tls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\ntls-auth-clients no\n\
         requirepass \"{PASSWORD}\"\n",
        at("redis.pem"),
        at("redis.key"),
        at("authority.pem")
    ));
    redis.log_in("default", PASSWORD);
    let address = redis.tls_address().expect("it has a port for TLS");
    let url = format!("rediss://{address}");
    let known = format!("tls_authority = \"{}\"", at("authority.pem"));
    let word = format!("redis_password_file = \"{}\"", at("password"));
    let journal = |secrets: &str, more: &str| Journal {
        url: url.clone(),
        durability: "always",
        more: more.to_owned(),
        secrets: secrets.to_owned(),
    };
    for (less, why) in [(journal("", &known), "password"), (journal(&word, ""), "certificate")] {
        let output = block_in_place(|| site(&less).command().output()).expect("it can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && !said.contains(PASSWORD), "{said}");
    }
    let journal = journal(&word, &known);
    let site = site(&journal);
    let server = site.start();
    let night = Night::begin(site, server, SOME, seed).await;
    until("people buy", async || (night.orders() > 3).then_some(())).await;
    night.reckon().await;
    stream::require_one_line(&redis);
}
