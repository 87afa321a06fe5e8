//! A shop that remembers what visitors asked it for, and says so. Who asks whether it is there is
//! no visitor.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What reached a shop.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
}

/// A shop that serves until it is dropped.
pub(super) struct Shop {
    pub(super) address: SocketAddr,
    reached: Arc<Mutex<Vec<Reached>>>,
    serving: JoinHandle<()>,
}

impl Shop {
    pub(super) async fn open() -> Self {
        Self::open_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Opens where one was before, say.
    pub(super) async fn open_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let reached = Arc::new(Mutex::new(Vec::new()));
        let seen = reached.clone();
        let serving = tokio::spawn(async move {
            // Ended with this one: a shop that is away answers on no connection.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let seen = seen.clone();
                connections.spawn(async move {
                    let answer = service_fn(move |request| answered(seen.clone(), request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // Whoever asks may go away at any time.
                    let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Self { address, reached, serving }
    }

    /// Everything that reached it since somebody looked last.
    pub(super) fn take(&self) -> Vec<Reached> {
        std::mem::take(&mut *self.reached.lock().expect("nobody panicked"))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answered(
    seen: Arc<Mutex<Vec<Reached>>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, _) = request.into_parts();
    let target = head.uri.to_string();
    let text = format!("the shop at {target}");
    let cookies = head.headers.get("cookie").and_then(|cookies| cookies.to_str().ok());
    let mut cookies = cookies.unwrap_or_default().split("; ");
    let whose = cookies.find_map(|pair| pair.strip_prefix("visitor=")).map(str::to_owned);
    let whose = whose.filter(|_| target.starts_with("/mine"));
    let probes = head.headers.get("user-agent").is_some_and(|agent| agent == "stanchion-probe");
    let reached = Reached { method: head.method, target, headers: head.headers };
    if !probes {
        seen.lock().expect("nobody panicked").push(reached);
    }
    Ok(said(text, whose))
}

/// What it says, and nothing about who may keep it. Below `/mine` it speaks of whom it knows by the
/// cookie `visitor`.
fn said(text: String, whose: Option<String>) -> Response<Full<Bytes>> {
    let answer = Response::builder().header("content-type", "text/html");
    let answer = match &whose {
        None => answer,
        Some(whose) => {
            let status = if text.contains("/lost") { 404 } else { 200 };
            let status = if text.contains("/moved") { 301 } else { status };
            let answer =
                answer.status(status).header("set-cookie", format!("basket={whose}; Path=/"));
            answer.header("location", format!("/mine/{whose}"))
        }
    };
    let text = whose.map_or(text.clone(), |whose| format!("{text} for {whose}"));
    answer.body(text.into()).expect("an answer")
}
