//! The HTTP client against servers that close, stall, send too much, or have a wrong certificate.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use stanchion_loadtest::measure::Operation;
use stanchion_loadtest::scenario::{Http, Wires};
use stanchion_loadtest::web::WebFault;
use stanchion_loadtest::web::ask::Ask;
use stanchion_loadtest::web::browser::{ANSWER_BYTES_MAX, Browser};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::fake::{Answers, BOUND, Fake, Manner, answer};

fn well() -> Arc<Answers> {
    Arc::new(|_, _| answer(200, "{}"))
}

fn poll() -> Ask {
    Ask::get(Operation::Poll, "/poll")
}

#[tokio::test]
async fn a_connection_is_kept_as_long_as_the_server_keeps_it() {
    for (curt, connections) in [(false, 1), (true, 5)] {
        let manner = Manner { curt, ..Manner::plain(Http::One) };
        let fake = Fake::start(manner, well()).await;
        let (web, _) = fake.web(Http::One, &[]);
        let browser = Browser::new(&web, 0);
        for _ in 0..5 {
            let told = browser.ask(&poll(), 0).await.expect("an answer, over another connection");
            assert_eq!(told.status, 200);
        }
        assert_eq!((fake.asked().len(), fake.connections()), (5, connections), "curt: {curt}");
    }
}

#[tokio::test]
async fn whoever_is_told_that_another_server_serves_asks_that_one_next() {
    for http in [Http::One, Http::Two] {
        let standby = Arc::new(|_, _: &super::fake::Asked| {
            answer(503, r#"{"code":"standby","title":"Another one writes."}"#)
        });
        let standby = Fake::start(Manner::plain(http), standby).await;
        let writer = Fake::start(Manner::plain(http), well()).await;
        let web = Fake::web_to(&[standby.address, writer.address], http);
        let (browser, other) = (Browser::new(&web, 0), Browser::new(&web, 1));
        let told = browser.ask(&poll(), 0).await.expect("an answer");
        assert_eq!(told.status, 503, "{http:?}: it is told as it is");
        for browser in [&browser, &other, &browser] {
            let told = browser.ask(&poll(), 0).await.expect("an answer");
            assert_eq!(told.status, 200, "{http:?}");
        }
        assert_eq!((standby.asked().len(), writer.asked().len()), (1, 3), "{http:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_the_other_server_is_asked_at_once() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = gone.local_addr().expect("an address");
    drop(gone);
    let writer = Fake::start(Manner::plain(Http::One), well()).await;
    let web = Fake::web_to(&[nobody, writer.address], Http::One);
    let told = Browser::new(&web, 0).ask(&poll(), 0).await.expect("an answer");
    assert_eq!(told.status, 200);
    let alone = Fake::web_to(&[nobody, nobody], Http::One);
    let silence = Browser::new(&alone, 0).ask(&poll(), 0).await.expect_err("nobody is there");
    assert!(matches!(silence.fault, WebFault::Unreachable(_)), "{silence:?}");
}

#[tokio::test]
async fn a_busy_server_is_not_left() {
    let busy = Arc::new(|_, _: &super::fake::Asked| answer(503, r#"{"code":"busy"}"#));
    let busy = Fake::start(Manner::plain(Http::One), busy).await;
    let other = Fake::start(Manner::plain(Http::One), well()).await;
    let web = Fake::web_to(&[busy.address, other.address], Http::One);
    let browser = Browser::new(&web, 0);
    for _ in 0..2 {
        assert_eq!(browser.ask(&poll(), 0).await.expect("an answer").status, 503);
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn what_may_not_be_done_twice_is_not_sent_again_by_itself() {
    let manner = Manner { curt: true, ..Manner::plain(Http::One) };
    let fake = Fake::start(manner, well()).await;
    let (web, _) = fake.web(Http::One, &[]);
    let browser = Browser::new(&web, 0);
    let join = Ask::post(Operation::Join, "/join");
    assert!(browser.ask(&join, 0).await.is_ok());
    assert!(browser.ask(&join, 0).await.is_err(), "it may have joined");
    let claim = Ask::post(Operation::Claim, "/claim").key("one");
    assert!(browser.ask(&claim, 0).await.is_ok());
    assert!(browser.ask(&claim, 0).await.is_ok(), "it has one effect under its key");
}

#[tokio::test]
async fn one_connection_of_http2_carries_many_requests_at_once() {
    let first = std::sync::Mutex::new(Vec::new());
    // Nobody is answered before all have asked: the first ones never are.
    let answers = move |number, _: &super::fake::Asked| {
        first.lock().expect("nobody panics with it").push(number);
        if number < 7 { None } else { answer(200, "{}") }
    };
    let fake = Fake::start(Manner::plain(Http::Two), Arc::new(answers)).await;
    let (web, _) = fake.web(Http::Two, &[]);
    let browser = Arc::new(Browser::new(&web, 0));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let browser = browser.clone();
        asking.spawn(async move { browser.ask(&poll(), 0).await.map(|told| told.status) });
    }
    let told = asking.join_next().await.expect("there are eight").expect("no panic");
    assert_eq!(told.expect("an answer"), 200);
    assert_eq!((fake.asked().len(), fake.connections()), (8, 1));
}

#[tokio::test]
async fn visitors_come_from_the_addresses_in_turn() {
    for http in [Http::One, Http::Two] {
        let fake = Fake::start(Manner::plain(http), well()).await;
        let (web, _) = fake.web(http, &["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
        for who in 0..6 {
            Browser::new(&web, who).ask(&poll(), 0).await.expect("an answer");
        }
        let from: Vec<_> = fake.asked().iter().map(|asked| asked.from.ip().to_string()).collect();
        let turns = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
        assert_eq!(from, [turns, turns].concat(), "{http:?}");
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_or_has_no_end_is_given_up() {
    let endless = vec![b' '; ANSWER_BYTES_MAX + 1];
    let answers = move |_, asked: &super::fake::Asked| match asked.path.as_str() {
        "/endless" => answer(200, endless.clone()),
        _ => None,
    };
    let fake = Fake::start(Manner::plain(Http::One), Arc::new(answers)).await;
    let (web, _) = fake.web(Http::One, &[]);
    let endless = Ask::get(Operation::Page, "/endless");
    let cut = Browser::new(&web, 0).ask(&endless, 0).await.expect_err("too long");
    assert!(matches!(cut.fault, WebFault::Cut(_)), "{cut:?}");
    let wires = Wires { http: Http::One, sources: vec![], answer_span: Duration::from_millis(20) };
    let (web, _) = fake.web_with(&wires, None);
    let slow = Browser::new(&web, 0).ask(&poll(), 0).await.expect_err("never answered");
    assert!(matches!(slow.fault, WebFault::Slow), "{slow:?}");
    assert!(slow.ended_us >= slow.asked_us + 20_000, "{slow:?}");
}

#[tokio::test]
async fn only_the_authority_that_was_given_is_believed() {
    let (ours, theirs) = (authority(), authority());
    for http in [Http::One, Http::Two] {
        let tls = Some(acceptor(&ours, http));
        let fake = Fake::start(Manner { http, tls, curt: false }, well()).await;
        let wires = Wires { http, sources: vec![], answer_span: BOUND };
        let (web, _) = fake.web_with(&wires, Some(&ours.pem()));
        let told = Browser::new(&web, 0).ask(&poll(), 0).await.expect("a good certificate");
        assert_eq!(told.status, 200);
        let (web, _) = fake.web_with(&wires, Some(&theirs.pem()));
        let refused = Browser::new(&web, 0).ask(&poll(), 0).await.expect_err("not of theirs");
        assert!(matches!(refused.fault, WebFault::Unreachable(_)), "{refused:?}");
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("good names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

fn acceptor(authority: &CertifiedIssuer<'_, KeyPair>, http: Http) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("good names");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("good versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    let mut config = config.expect("a good certificate");
    config.alpn_protocols = match http {
        Http::One => vec![b"http/1.1".to_vec()],
        Http::Two => vec![b"h2".to_vec()],
    };
    TlsAcceptor::from(Arc::new(config))
}
