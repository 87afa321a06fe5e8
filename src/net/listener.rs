//! Accepts connections within the limits, and ends in good order.
//!
//! At the total limit, and at the limit of one source, a new connection is told so (503, 429) and
//! closed; nobody is thrown out for it. Before that, from seven eighths of the total on, HTTP/1
//! connections close after their answer, so that a full house turns over by itself.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::aside::race;
use super::connection::{Arrival, Server, Tasks};
use super::desk::House;
use super::limits::{self, ACCEPT_BACKOFF_MS, TURNED_AWAY_MAX, TURNED_AWAY_MS};
use super::problem::turned_away;
use super::settings::Settings;
use super::socket::Counted;
use super::source::{Ledger, NoRoom, Source};
use super::threads::Threads;
use super::tls::Tls;
use super::{NetFault, Serve};
use crate::metrics::Metrics;
use crate::metrics::http::Limit;

/// A socket that listens; connections wait in the kernel until [`Listener::serve`].
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    settings: Settings,
    metrics: Arc<Metrics>,
}

/// How serving ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// Connections and requests that had to be cut because they outlived the drain.
    pub cut: usize,
}

impl Listener {
    /// Binds the address and loads the certificate.
    ///
    /// # Errors
    /// [`NetFault`], naming the address and the file.
    pub fn bind(settings: Settings, metrics: Arc<Metrics>) -> Result<Self, NetFault> {
        let address = settings.address;
        let listener = listen(address).map_err(|source| NetFault::Bind { address, source })?;
        Self::with(listener, settings, metrics)
    }

    /// Takes a socket that listens already, and loads the certificate.
    ///
    /// # Errors
    /// As [`Listener::bind`].
    pub(super) fn on(
        listener: std::net::TcpListener,
        settings: Settings,
        metrics: Arc<Metrics>,
    ) -> Result<Self, NetFault> {
        let address = settings.address;
        let listener = TcpListener::from_std(listener);
        let listener = listener.map_err(|source| NetFault::Bind { address, source })?;
        Self::with(listener, settings, metrics)
    }

    fn with(
        listener: TcpListener,
        settings: Settings,
        metrics: Arc<Metrics>,
    ) -> Result<Self, NetFault> {
        let address = settings.address;
        let files = settings.tls.clone();
        let tls = files.map(Tls::load).transpose();
        let tls = tls
            .map_err(|source| NetFault::Tls { address, source: Box::new(source) })?
            .map(Arc::new);
        let address = listener.local_addr();
        let address =
            address.map_err(|source| NetFault::Bind { address: settings.address, source })?;
        Ok(Self { listener, address, tls, settings, metrics })
    }

    /// Where it listens, with the port it was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate in use, to load it again.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// Serves until `shutdown`, then drains: no new connection, every answer under way is finished,
    /// event streams say farewell; what is still open at the drain deadline is cut.
    pub async fn serve<S: Serve>(self, service: S, shutdown: CancellationToken) -> Report {
        let drain = Duration::from_millis(self.settings.deadlines.drain_ms);
        let tasks = Tasks { tracker: TaskTracker::new(), cut: CancellationToken::new() };
        let house = Arc::new(House {
            ledger: Ledger::new(
                self.settings.connections_max,
                self.settings.connections_per_source_max,
            ),
            settings: self.settings,
            metrics: self.metrics,
            draining: shutdown.clone(),
        });
        let server = Server { service, house, tls: self.tls, tasks: tasks.clone() };
        let threads = Threads::start(server.house.settings.threads);
        let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
        let door = Door { server, threads: &threads, turned_away };
        shutdown.run_until_cancelled(door.accept_all(&self.listener)).await;
        drop(self.listener);
        drop(door);

        tasks.tracker.close();
        if timeout(drain, tasks.tracker.wait()).await.is_ok() {
            return Report { cut: 0 };
        }
        let cut = tasks.tracker.len();
        tracing::warn!(cut, "the drain deadline passed; what was still open is cut");
        tasks.cut.cancel();
        tasks.tracker.wait().await;
        Report { cut }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(limits::ACCEPT_BACKLOG)
}

/// Lets connections in.
struct Door<'t, S> {
    server: Server<S>,
    threads: &'t Threads,
    turned_away: Arc<Semaphore>,
}

impl<S: Serve> Door<'_, S> {
    async fn accept_all(&self, listener: &TcpListener) {
        let mut failing = false;
        loop {
            match listener.accept().await {
                Ok((stream, address)) => {
                    failing = false;
                    self.let_in(stream, address);
                }
                Err(fault) if of_the_peer(&fault) => {}
                Err(fault) => {
                    // No descriptor or memory: open connections go on, and this loop must not spin.
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%fault, "cannot accept connections; trying again");
                    }
                    self.server.house.metrics.http.refused(Limit::Descriptors);
                    sleep(Duration::from_millis(ACCEPT_BACKOFF_MS)).await;
                }
            }
        }
    }

    fn let_in(&self, stream: TcpStream, address: SocketAddr) {
        let house = &self.server.house;
        house.metrics.http.sockets.accepted.increment(1);
        // Without it, a small answer may wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let source = Source::of(address.ip());
        let proxied = house.settings.proxies.know(address.ip());
        let admitted =
            if proxied { house.ledger.admit_proxy() } else { house.ledger.admit(source) };
        match admitted {
            Ok(permit) => {
                let Ok((stream, runtime, dealt)) = self.threads.deal(stream) else {
                    return house.metrics.http.refused(Limit::Descriptors);
                };
                let counted = Counted::new(Arc::clone(&house.metrics), permit, dealt);
                self.spawn(&runtime, Arrival { stream, address, source, proxied, counted });
            }
            Err(NoRoom::InTotal) => self.turn_away(stream, Limit::Connections),
            Err(NoRoom::OfSource) => self.turn_away(stream, Limit::Source),
        }
    }

    fn spawn(&self, runtime: &Handle, arrival: Arrival) {
        let (server, tasks) = (self.server.clone(), &self.server.tasks);
        let cut = tasks.cut.clone();
        let task = async move {
            // In its place: moved into another future, it would take room twice.
            race(pin!(server.serve(arrival)), cut.cancelled()).await;
        };
        tasks.tracker.spawn_on(task, runtime);
    }

    /// Tells a connection that there is no room, in the clear; over TLS it is only closed.
    fn turn_away(&self, mut stream: TcpStream, limit: Limit) {
        self.server.house.metrics.http.refused(limit);
        let Ok(turn) = Arc::clone(&self.turned_away).try_acquire_owned() else { return };
        if self.server.tls.is_some() {
            return;
        }
        self.server.tasks.tracker.spawn(async move {
            let told = async {
                stream.write_all(&turned_away(limit)).await?;
                stream.shutdown().await?;
                // What was sent to us must be read, or the close destroys the answer on its way.
                let mut rest = [0; 1_024];
                while stream.read(&mut rest).await? > 0 {}
                io::Result::Ok(())
            };
            let _ = timeout(Duration::from_millis(TURNED_AWAY_MS), told).await;
            drop(turn);
        });
    }
}

/// Whether accept failed because of the connection that was to be accepted, not because of us.
fn of_the_peer(fault: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(fault.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
