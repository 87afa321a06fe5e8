//! The whole front over TLS: HTTP/2 to the browser, HTTP/1.1 to the shop, and what is not over at
//! once.

use std::sync::Arc;

use bytes::Bytes;
use h2::RecvStream;
use h2::client::SendRequest;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request, Response};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::origin::secure::{made, shop, write};
use super::super::origin::shop::Shop;
use super::browser::Browser as Plain;
use super::{BOUND, SALE, Venue};
use crate::night::until as comes;

/// A front with a certificate made on the spot, before a scripted shop.
struct House {
    venue: Venue,
    shop: Shop,
    /// Whom visitors believe.
    certificate: String,
    folder: TempDir,
}

impl House {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let folder = tempfile::tempdir().expect("a folder");
        let own = made();
        let files = write(&own, folder.path()).map(|file| file.display().to_string());
        let settings = [
            ("STANCHION__PUBLIC__TLS_CERTIFICATE", &*files[0]),
            ("STANCHION__PUBLIC__TLS_KEY", &*files[1]),
        ];
        let gate = format!("[origin]\nurl = \"http://{}\"\n", shop.address);
        let venue = Venue::knowing(([127, 0, 0, 1], 0).into(), 10, &gate, &settings);
        Self { venue, shop, certificate: own.cert.pem(), folder }
    }

    /// A connection on which this protocol was chosen.
    async fn connect(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes());
        roots.add(certificate.expect("PEM")).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("they suit the provider")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.venue.server.public).await.expect("it listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = timeout(BOUND, shaken).await.expect("in time").expect("a handshake");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
        stream
    }

    /// A browser that speaks HTTP/2.
    async fn browser(&self) -> Browser {
        let stream = self.connect(b"h2").await;
        let (send, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        // It ends with the last of its senders.
        tokio::spawn(connection);
        Browser { send, cookies: Vec::new() }
    }
}

/// One connection of HTTP/2. Each cookie is a field of its own, as browsers send them.
struct Browser {
    send: SendRequest<Bytes>,
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn ask(&mut self, method: Method, path: &str, form: &str) -> Response<RecvStream> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("https://localhost{path}"))
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        for (name, text) in &self.cookies {
            request = request.header(COOKIE, format!("{name}={text}"));
        }
        let request = request.body(()).expect("a request");
        let mut ready = self.send.clone().ready().await.expect("a connection");
        let (answer, mut body) = ready.send_request(request, form.is_empty()).expect("sent");
        if !form.is_empty() {
            body.send_data(Bytes::copy_from_slice(form.as_bytes()), true).expect("sent");
        }
        let answer = timeout(BOUND, answer).await.expect("in time").expect("an answer");
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            let pair = text.split_once(';').and_then(|(pair, _)| pair.split_once('='));
            let (name, text) = pair.expect("a pair with attributes");
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), text.to_owned()));
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Response<RecvStream> {
        self.ask(Method::GET, path, "").await
    }

    /// Waits for this page of the shop, and goes in.
    async fn goes_in(&mut self, to: &str) {
        let form = format!("to={to}");
        led(&self.ask(Method::POST, &format!("/{SALE}"), &form).await);
        let called = timeout(BOUND, async {
            while !whole(self.get(&format!("/{SALE}")).await).await.contains("id=\"claim-now\"") {
                tokio::task::yield_now().await;
            }
        });
        called.await.expect("it is their turn");
        let on = self.ask(Method::POST, &format!("/{SALE}/claim"), &form).await;
        assert_eq!(led(&on), to);
    }

    /// All cookies in one field, as HTTP/1.1 has it.
    fn line(&self) -> String {
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, text)| format!("{name}={text}")).collect();
        format!("Cookie: {}\r\n", pairs.join("; "))
    }
}

/// Where an answer leads.
#[track_caller]
fn led(answer: &Response<RecvStream>) -> &str {
    assert_eq!(answer.status(), 303, "{answer:?}");
    answer.headers()[LOCATION].to_str().expect("text")
}

/// The next piece of a body.
async fn piece(body: &mut RecvStream) -> Option<String> {
    let some = timeout(BOUND, body.data()).await.expect("in time")?.expect("no reset");
    let _ = body.flow_control().release_capacity(some.len());
    Some(String::from_utf8_lossy(&some).into_owned())
}

async fn whole(answer: Response<RecvStream>) -> String {
    rest(answer.into_body()).await
}

/// All that still comes.
async fn rest(mut body: RecvStream) -> String {
    let mut text = String::new();
    while let Some(some) = piece(&mut body).await {
        text.push_str(&some);
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_http_2_reaches_a_shop_of_http_1_with_its_pass_and_its_own_cookies() {
    let house = House::open().await;
    let mut browser = house.browser().await;
    browser.cookies.push(("lang".to_owned(), "de".to_owned()));
    let away = browser.get("/shows/1").await;
    assert_eq!(led(&away), format!("/{SALE}?to=/shows/1"));
    assert!(house.shop.take().is_empty(), "nothing reached the shop");
    browser.goes_in("/shows/1").await;
    browser.cookies.push(("basket".to_owned(), "zo\u{eb}".to_owned()));
    let ours = browser.cookies.iter().filter(|(name, _)| name.starts_with("__Host-")).count();
    assert_eq!((ours, browser.cookies.len()), (2, 4), "ours are between those of the shop");

    let inside = browser.get("/shows/1").await;
    assert_eq!(inside.status(), 200);
    assert_eq!(inside.headers()["cache-control"], "private");
    let told = whole(inside).await;
    let [seen] = &house.shop.take()[..] else { panic!("one request") };
    assert_eq!(&told, seen);
    assert!(seen.starts_with("GET /shows/1 HTTP/1.1\r\n"), "{seen}");
    let lines = |name: &str| -> Vec<_> {
        let lines = seen.lines().filter_map(|line| line.split_once(": "));
        lines.filter_map(|(found, text)| (found == name).then_some(text)).collect()
    };
    assert_eq!(lines("cookie"), ["lang=de; basket=zo\u{eb}"]);
    assert_eq!((lines("host"), lines("x-forwarded-proto")), (vec!["localhost"], vec!["https"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_of_the_shop_comes_frame_by_frame_and_a_websocket_needs_a_pass() {
    let house = House::open().await;
    let mut browser = house.browser().await;
    browser.goes_in("/stream").await;
    let stream = browser.get("/stream").await;
    assert_eq!(stream.headers()[CONTENT_TYPE], "text/event-stream");
    let mut stream = stream.into_body();
    assert_eq!(piece(&mut stream).await.as_deref(), Some("data: 1\n\n"));
    house.shop.held.add_permits(1);
    assert_eq!(piece(&mut stream).await.as_deref(), Some("data: 2\n\n"));
    assert_eq!(rest(stream).await, "");
    assert_eq!(house.shop.take().len(), 1);

    // Browsers open a connection of HTTP/1.1 for it, with the cookies that they have.
    let mut stranger = house.connect(b"http/1.1").await;
    let refused = until(&mut stranger, &handshake(""), "\"no_pass\"").await;
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    assert!(house.shop.take().is_empty(), "nothing reached the shop");
    browser.cookies.insert(0, ("name".to_owned(), "zo\u{eb}".to_owned()));
    let mut visitor = house.connect(b"http/1.1").await;
    let switched = until(&mut visitor, &handshake(&browser.line()), "\r\n\r\n").await;
    assert!(switched.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{switched}");
    for frame in ["\n\0no HTTP\r\n\r\n", "GET / HTTP/1.1\n\n", "end"] {
        until(&mut visitor, frame, frame).await;
    }
    let [seen] = &house.shop.take()[..] else { panic!("one request") };
    assert!(seen.starts_with("GET /chat ") && !seen.contains("__Host-"), "{seen}");
}

/// Has the server load its files anew, and waits until it has said this so many times.
async fn hang_up(venue: &Venue, said: &str, times: usize) {
    venue.server.signal("HUP");
    let told = || venue.site().log().matches(said).count();
    comes(said, async || (told() >= times).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_whom_the_shop_knows_us_is_loaded_anew_and_stays_while_the_pair_is_none() {
    const STAYS: &str = "the certificate for the origin stays as it was";
    let (own, old, new) = (made(), made(), made());
    let shop = shop(&own, Some(&new)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let [certificate, key] = write(&old, folder.path());
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, own.cert.pem()).expect("a file");
    let gate = format!(
        "[origin]\nurl = \"https://localhost:{}\"\nauthority = {authority:?}\n\
         certificate = {certificate:?}\nkey = {key:?}\n\
         [[rules]]\npath = \"/assets/*\"\nthen = \"open\"\n",
        shop.address.port()
    );
    let venue = Venue::new(1, &gate);
    let anybody = Plain::new(venue.address());
    let asked = async || anybody.get("/assets/a.css").await.status.as_u16();
    assert_eq!(asked().await, 502, "it lets in somebody else");

    let next = new.cert.pem();
    for (at, half) in [&next[..next.len() / 2], &next].into_iter().enumerate() {
        std::fs::write(&certificate, half).expect("a file");
        hang_up(&venue, STAYS, at + 1).await;
        assert_eq!(asked().await, 502, "nothing has changed");
    }
    write(&new, folder.path());
    hang_up(&venue, "the certificate for the origin was loaded anew", 1).await;
    assert_eq!(asked().await, 200);
    std::fs::write(&key, "").expect("a file");
    hang_up(&venue, STAYS, 3).await;
    assert_eq!(asked().await, 200, "what was loaded last stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_shown_the_newest_pair_that_is_one_and_nobody_is_put_out() {
    let mut house = House::open().await;
    let mut inside = house.browser().await;
    let new = made();
    let [certificate, _] = write(&new, house.folder.path());
    std::fs::write(&certificate, &house.certificate).expect("a file");
    hang_up(&house.venue, "the certificate stays as it was", 1).await;
    house.browser().await;
    write(&new, house.folder.path());
    hang_up(&house.venue, "the certificate was loaded anew", 1).await;
    house.certificate = new.cert.pem();
    house.browser().await;
    assert_eq!(led(&inside.get("/shows/1").await), format!("/{SALE}?to=/shows/1"));
}

fn handshake(cookies: &str) -> String {
    format!(
        "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         {cookies}\r\n"
    )
}

/// Sends this, and reads until `end` has come.
async fn until(stream: &mut TlsStream<TcpStream>, sent: &str, end: &str) -> String {
    stream.write_all(sent.as_bytes()).await.expect("sent");
    let mut text = String::new();
    while !text.contains(end) {
        let mut some = [0; 4_096];
        let read = timeout(BOUND, stream.read(&mut some)).await.expect("in time");
        let count = read.expect("no reset");
        assert!(count > 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    text
}
