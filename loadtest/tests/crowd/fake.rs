//! A small server that answers as the test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use stanchion_loadtest::history::Told;
use stanchion_loadtest::history::clock::RunClock;
use stanchion_loadtest::measure::notebook::Notebook;
use stanchion_loadtest::scenario::{Http, Wires};
use stanchion_loadtest::web::Web;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Longer than anything takes, on a machine with other work.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) from: SocketAddr,
}

/// What is answered to the request of this number; `None`: nothing, ever.
pub(crate) type Answers = dyn Fn(usize, &Asked) -> Option<Response<Full<Bytes>>> + Send + Sync;

/// The server; ends with the test.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
}

/// How it speaks.
#[derive(Clone)]
pub(crate) struct Manner {
    pub(crate) http: Http,
    pub(crate) tls: Option<TlsAcceptor>,
    /// Closes each connection after one answer, without a word of warning.
    pub(crate) curt: bool,
}

impl Manner {
    pub(crate) fn plain(http: Http) -> Self {
        Self { http, tls: None, curt: false }
    }
}

impl Fake {
    pub(crate) async fn start(manner: Manner, answers: Arc<Answers>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, connections) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
        let fake = Self { address, asked: Arc::clone(&asked), connections: connections.clone() };
        tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (manner, answers, asked) = (manner.clone(), answers.clone(), asked.clone());
                tokio::spawn(async move {
                    match manner.tls.clone() {
                        None => serve(stream, from, manner, (answers, asked)).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, from, manner, (answers, asked)).await;
                            }
                        }
                    }
                });
            }
        });
        fake
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panics with it").clone()
    }

    /// Connections that were opened so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// A way to it.
    pub(crate) fn web(&self, http: Http, sources: &[&str]) -> (Arc<Web>, Arc<Notebook>) {
        let sources = sources.iter().map(|source| source.parse().expect("an address")).collect();
        let wires = Wires { http, sources, answer_span: BOUND };
        self.web_with(&wires, None)
    }

    pub(crate) fn web_with(
        &self,
        wires: &Wires,
        authority: Option<&str>,
    ) -> (Arc<Web>, Arc<Notebook>) {
        let notebook = Arc::new(Notebook::default());
        let scheme = if authority.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", self.address);
        let web = Web::new(&[&url], wires, authority, (RunClock::begin(), notebook.clone()));
        (Arc::new(web.expect("an address")), notebook)
    }

    /// A way to whichever of these serves.
    pub(crate) fn web_to(all: &[SocketAddr], http: Http) -> Arc<Web> {
        let wires = Wires { http, sources: Vec::new(), answer_span: BOUND };
        let urls: Vec<_> = all.iter().map(|address| format!("http://{address}")).collect();
        let web = Web::new(&urls, &wires, None, (RunClock::begin(), Arc::default()));
        Arc::new(web.expect("addresses"))
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    from: SocketAddr,
    manner: Manner,
    (answers, asked): (Arc<Answers>, Arc<Mutex<Vec<Asked>>>),
) {
    let served = Arc::new(AtomicUsize::new(0));
    let (curt, before) = (manner.curt, served.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let (answers, asked, served) = (answers.clone(), asked.clone(), before.clone());
        async move {
            let served = served.fetch_add(1, Ordering::SeqCst);
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let path = head.uri.path_and_query().map_or("", |path| path.as_str()).to_owned();
            let (method, headers) = (head.method, head.headers);
            let request = Asked { method, path, headers, body, from };
            if curt && served > 0 {
                // It is closed as soon as the request is there.
                return Err(std::io::Error::other("curt"));
            }
            let number = {
                let mut asked = asked.lock().expect("nobody panics with it");
                asked.push(request.clone());
                asked.len() - 1
            };
            match answers(number, &request) {
                Some(answer) => Ok(answer),
                None => std::future::pending().await,
            }
        }
    });
    // Whoever goes away is no news.
    let stream = TokioIo::new(stream);
    let _ = match manner.http {
        Http::One => http1::Builder::new().serve_connection(stream, service).await,
        Http::Two => {
            http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
        }
    };
}

/// An answer with a body.
pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Option<Response<Full<Bytes>>> {
    let answer = Response::builder().status(status).body(Full::new(body.into()));
    Some(answer.expect("a good answer"))
}

/// An answer that sends people away for a while.
pub(crate) fn later(status: u16, seconds: &str) -> Option<Response<Full<Bytes>>> {
    let mut answer = answer(status, "{\"code\":\"busy\"}")?;
    answer.headers_mut().insert("retry-after", seconds.parse().expect("a header"));
    Some(answer)
}

/// What was told, in order of asking.
pub(crate) fn told(notebook: &Notebook) -> Vec<Told> {
    let mut told = notebook.take_told();
    told.sort_by_key(|told| told.asked_us);
    told
}
