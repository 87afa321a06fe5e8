//! Two servers over one store, and connections to them that stay open.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use stanchion::api::state::Premises;
use stanchion::app::store::Store;
use stanchion::app::{App, AppFault, Offered};
use stanchion::clock::Clock;
use stanchion::config::{self, Sources};
use stanchion::journal::memory::lease::SharedJournal;
use stanchion::page::look::Look;
use stanchion::token::api_key::NewApiKey;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::sample::gala;

/// Far longer than anything here takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);
/// Looks at a server that is about to serve.
pub(super) const TRIES: u32 = 100_000;
/// Nobody's lease lapses here.
const LEASE_MS: u64 = 3_600_000;

/// Two servers, of which the second is started later.
pub(super) struct Two {
    pub(super) one: Server,
    shared: SharedJournal,
    folder: TempDir,
    staff: NewApiKey,
}

/// One server.
pub(super) struct Server {
    public: SocketAddr,
    ops: SocketAddr,
    staff: String,
    stop: CancellationToken,
    running: JoinHandle<Result<(), AppFault>>,
}

/// A connection.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    bearer: String,
    /// What a browser says it reads, and in which language.
    reads: Option<(&'static str, &'static str)>,
}

impl Two {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let staff = NewApiKey::make("Ada").expect("a name");
        std::fs::write(folder.path().join("staff.keys"), &staff.line).expect("a file");
        let shared = SharedJournal::new(LEASE_MS);
        let one = start("one", &shared, &folder, &staff);
        Self { one, shared, folder, staff }
    }

    pub(super) fn start_other(&self) -> Server {
        start("other", &self.shared, &self.folder, &self.staff)
    }

    /// The store goes back to this record, as one restored from an older copy does.
    pub(super) fn go_back(&self, sequence: u64) {
        self.shared.go_back(sequence);
    }
}

fn start(
    name: &'static str,
    shared: &SharedJournal,
    folder: &TempDir,
    staff: &NewApiKey,
) -> Server {
    let at = |file: &str| folder.path().join(file).display().to_string();
    let flags = vec![
        "public.address=127.0.0.1:0".to_owned(),
        "ops.address=127.0.0.1:0".to_owned(),
        format!("data.directory={}", at("data")),
        format!("secrets.staff_keys_file={}", at("staff.keys")),
    ];
    let settings = config::load(&Sources { flags, ..Sources::default() }).expect("good settings");
    let premises = Premises { folder: folder.path().to_owned(), look: Arc::new(Look::own()) };
    let offered = Offered { definition: Arc::new(gala()), premises };
    let store = |_: &_, _: &_, _: &_| Ok(Store::Shared(shared.lease(name, Clock::machine())));
    let fatal: stanchion::engine::committer::Fatal = Arc::new(|fault| panic!("{fault}"));
    let app = App::build_on(settings, vec![offered], &fatal, &store).expect("it starts");
    let (public, ops) = (app.public_address(), app.ops_address());
    let stop = CancellationToken::new();
    let running = tokio::spawn(app.run(stop.clone()));
    Server { public, ops, staff: staff.text.clone(), stop, running }
}

impl Server {
    pub(super) async fn public(&self) -> Line {
        Line::to(self.public).await
    }

    /// As an operator.
    pub(super) async fn ops(&self) -> Line {
        Line::to(self.ops).await.bearing(&self.staff)
    }

    /// Waits for its end.
    pub(super) async fn ended(self) {
        let ended = tokio::time::timeout(BOUND, self.running).await;
        let ended = ended.expect("it ends within a generous bound").expect("it does not panic");
        ended.expect("it came to serve, or was told to stop");
    }

    /// Tells it to stop, and waits.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.ended().await;
    }
}

impl Line {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("it listens");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Self { sender, address, bearer: String::new(), reads: None }
    }

    /// With this token from now on; none if it is empty.
    pub(super) fn bearing(self, token: &str) -> Self {
        Self { bearer: token.to_owned(), ..self }
    }

    /// Saying this in `Accept` and `Accept-Language` from now on.
    pub(super) fn reading(self, media: &'static str, language: &'static str) -> Self {
        Self { reads: Some((media, language)), ..self }
    }

    pub(super) async fn get(&mut self, path: &str) -> (StatusCode, HeaderMap, Value) {
        self.ask(Method::GET, path, &Value::Null).await
    }

    pub(super) async fn post(
        &mut self,
        path: &str,
        body: &Value,
    ) -> (StatusCode, HeaderMap, Value) {
        self.ask(Method::POST, path, body).await
    }

    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, HeaderMap, Value) {
        let (status, headers, bytes) = self.exchange(method, path, body).await;
        (status, headers, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub(super) async fn text(&mut self, path: &str) -> String {
        self.page(Method::GET, path).await.2
    }

    pub(super) async fn page(
        &mut self,
        method: Method,
        path: &str,
    ) -> (StatusCode, HeaderMap, String) {
        let (status, headers, bytes) = self.exchange(method, path, &Value::Null).await;
        (status, headers, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(HOST, self.address.to_string());
        if !self.bearer.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.bearer));
        }
        if let Some((media, language)) = self.reads {
            request = request.header(ACCEPT, media).header(ACCEPT_LANGUAGE, language);
        }
        let mut bytes = Bytes::new();
        if !body.is_null() {
            request = request.header(CONTENT_TYPE, "application/json");
            bytes = body.to_string().into();
        }
        let request = request.body(Full::new(bytes)).expect("a request");
        self.sender.ready().await.expect("the connection is open");
        let answer = self.sender.send_request(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        (head.status, head.headers, bytes)
    }
}

/// Looks again and again until there is something to see.
pub(super) async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..TRIES {
        if let Some(seen) = look().await {
            return seen;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never comes to be so");
}
