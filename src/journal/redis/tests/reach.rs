//! Ways to a Redis: over TLS, and by Sentinels.

use std::fmt::Write;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

/// Far longer than a failover takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[test]
fn over_tls_only_who_shows_a_certificate_of_the_authority_is_believed() {
    let (ours, others) = (authority(), authority());
    let dir = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ours).unwrap();
    let mut options = format!("{ALWAYS}tls-auth-clients no\n");
    for (line, pem) in [
        ("tls-cert-file", certificate.pem()),
        ("tls-key-file", key.serialize_pem()),
        ("tls-ca-cert-file", ours.pem()),
    ] {
        let path = dir.path().join(line);
        std::fs::write(&path, pem).unwrap();
        writeln!(options, "{line} {}", path.display()).unwrap();
    }
    let redis = Redis::start_with_tls(&options);
    let port = redis.tls_address().unwrap().port();
    let elsewhere = Elsewhere { redis, dir };
    let address = Address { host: "127.0.0.1".to_owned(), port, tls: true, database: 0 };
    let settings = |authority: &CertifiedIssuer<'static, KeyPair>| Settings {
        at: At::Server(address.clone()),
        authority: Some(authority.pem().into_bytes().into()),
        ..elsewhere.settings()
    };
    let mut process = Process::open(&settings(&ours), "s", elsewhere.dir.path()).unwrap();
    let mut journal = process.must_take();
    let records = append(&mut *journal, 1, 3);
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), records);
    let fault = fault_of(&settings(&others), elsewhere.dir.path());
    assert!(matches!(fault, JournalFault::Unsafe { .. }), "{fault}");
    assert!(fault.to_string().contains("certificate"), "{fault}");
    let nonsense = Some(b"-----BEGIN CERTIFICATE-----\nnone\n".to_vec().into());
    let nonsense = Settings { authority: nonsense, ..settings(&ours) };
    let fault = fault_of(&nonsense, elsewhere.dir.path());
    assert!(!fault.passes() && fault.to_string().contains("certificate"), "{fault}");
}

#[test]
fn sentinels_lead_a_writer_to_the_primary_before_and_after_a_failover() {
    let mut primary = Redis::start(ALWAYS);
    let replica = Redis::start_replica(primary.address(), ALWAYS);
    let sentinel = Redis::start_sentinel("main", primary.address(), 1);
    let named = format!("{}", replica.address().port());
    sentinel.until("the Sentinel knows the replica", |sentinel| {
        let known = sentinel.must(&["SENTINEL", "REPLICAS", "main"]);
        format!("{known:?}").contains(&format!("{:?}", named.as_bytes()))
    });
    let address = |port| Address { host: "127.0.0.1".to_owned(), port, tls: false, database: 0 };
    let gone = address(crate::journal::tests::servers::free_port());
    let sentinels = vec![gone, address(sentinel.address().port())];
    let at = At::Sentinels { sentinels, service: "main".to_owned(), password: None };
    let elsewhere = Elsewhere { redis: replica, dir: tempfile::tempdir().unwrap() };
    let settings = Settings { at, ..elsewhere.settings() };
    let mut process = Process::open(&settings, "s", elsewhere.dir.path()).unwrap();
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 30);
    primary.kill();
    let begun = Instant::now();
    let head = loop {
        assert!(begun.elapsed() < BOUND, "no failover\n{}", sentinel.log());
        match journal.reopen() {
            Ok(head) => break head,
            Err(fault) => assert!(fault.resumes(), "{fault}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(head.sequence, 30, "what the replica lacked was given back");
    all.extend(append(&mut *journal, 1, 5));
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
    assert_eq!(elsewhere.redis.info("role").as_deref(), Some("master"));
    let unknown = Settings {
        at: match settings.at.clone() {
            At::Sentinels { sentinels, password, .. } => {
                At::Sentinels { sentinels, service: "other".to_owned(), password }
            }
            at => at,
        },
        ..settings
    };
    let fault = fault_of(&unknown, elsewhere.dir.path());
    assert!(fault.to_string().contains("knows no service \"other\""), "{fault}");
    assert!(fault.passes(), "it may be told of it: {fault}");
}
