//! A small shop, and the example of an integration: start with `stanchion.rs`.
//!
//! It knows the public interface and an API key, nothing else; it keeps nothing: the pass is in the
//! visitor's cookie, the basket at the server. Plain HTML that works without JavaScript; scripts
//! draw the seat map and let the time of a basket run. Prices, seats and deadlines are always what
//! the server says.

mod form;
mod live;
mod map;
mod pages;
mod routes;
mod rows;
mod stanchion;
#[cfg(test)]
mod tests;
mod visit;
mod wanted;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::pages::Pages;
use self::routes::Routes;
use self::stanchion::Stanchion;
use crate::command_line::demo::web::Web;

/// Browsers at the shop: each keeps up to six connections.
const CONNECTIONS_MAX: usize = 64;
/// Connections to the server.
const ASKING_MAX: usize = 8;
/// From the first byte of a request's head to its end, and between two requests.
const HEAD_SPAN: Duration = Duration::from_secs(15);
/// After accept failed for want of descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// What the shop must know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's public listener.
    pub public: SocketAddr,
    /// The sale's id.
    pub sale: String,
    /// Proves the shop, never leaves it.
    pub api_key: String,
}

/// A shop with an address, not yet open.
pub struct Shop(TcpListener);

impl Shop {
    /// Takes an address; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self)
    }

    /// Where the shop is: the sale's `shop_url` names it, so it is known before the server starts.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Serves visitors until `stop` is cancelled.
    pub async fn run(self, settings: Settings, stop: CancellationToken) {
        let web = Web::new(settings.public, ASKING_MAX);
        let stanchion = Stanchion::new(web, &settings.sale, settings.api_key);
        let pages = Pages::new(settings.public, &settings.sale);
        let routes = Arc::new(Routes { stanchion, pages });
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        let accept = async {
            loop {
                let seat = Arc::clone(&room).acquire_owned().await.expect("never closed");
                match self.0.accept().await {
                    Ok((socket, _)) => {
                        let routes = Arc::clone(&routes);
                        connections.spawn(async move {
                            connection(socket, routes).await;
                            drop(seat);
                        });
                    }
                    Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
                }
                while connections.try_join_next().is_some() {}
            }
        };
        stop.run_until_cancelled(accept).await;
    }
}

async fn connection(socket: TcpStream, routes: Arc<Routes>) {
    let service = service_fn(move |request| {
        let routes = Arc::clone(&routes);
        async move { Ok::<_, std::convert::Infallible>(routes.respond(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_SPAN);
    // A browser that goes away in the middle is nobody's fault.
    let _ = http.serve_connection(TokioIo::new(socket), service).await;
}
