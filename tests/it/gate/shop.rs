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
    let probes = head.headers.get("user-agent").is_some_and(|agent| agent == "stanchion-probe");
    let reached = Reached { method: head.method, target, headers: head.headers };
    if !probes {
        seen.lock().expect("nobody panicked").push(reached);
    }
    Ok(Response::builder()
        .header("content-type", "text/html")
        .body(text.into())
        .expect("an answer"))
}
