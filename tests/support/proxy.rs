//! A way from a client to a server over which a test has power: it forwards, and on demand holds
//! back or loses what goes either way, delays it, closes its connections or refuses new ones.
//!
//! Owns its threads: one that accepts and two for each connection, of which there are at most
//! [`CONNECTIONS_MAX`]; all end when it is dropped. Never looks at what it forwards.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections at once; what comes beyond is closed. A client that tries again ten times a second
/// with four connections for five seconds leaves 200 that nobody tells of their end.
const CONNECTIONS_MAX: usize = 256;
/// Connecting to the server, which is on this machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// Read at once.
const CHUNK: usize = 16 << 10;

/// What becomes of bytes that go one way, and of the end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Way {
    /// They arrive.
    #[default]
    Open,
    /// They arrive later, in order.
    Late(Duration),
    /// They arrive when the way is open again: packets are lost for a while, and sent anew.
    Held,
    /// They never arrive, and nothing after them on their connection, which stays open.
    Lost,
}

/// A proxy. It listens on a port of its own, the same all the time.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<Accepting>,
}

/// The thread that accepts, and the word that ends it.
struct Accepting {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    to: SocketAddr,
    to_server: Way,
    to_client: Way,
    ended: bool,
    connections: Vec<Connection>,
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    closed: Arc<AtomicBool>,
    threads: [JoinHandle<()>; 2],
}

#[derive(Clone, Copy)]
enum Towards {
    Server,
    Client,
}

impl Proxy {
    /// Listens, and forwards to a server.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = State {
            to: server,
            to_server: Way::Open,
            to_client: Way::Open,
            ended: false,
            connections: Vec::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let accepting = Some(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    /// Where clients reach it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says what becomes of what clients send from now on.
    pub(crate) fn to_server(&self, way: Way) {
        self.shared.change(|state| state.to_server = way);
    }

    /// Says what becomes of what the server answers from now on.
    pub(crate) fn to_client(&self, way: Way) {
        self.shared.change(|state| state.to_client = way);
    }

    /// The same for both.
    pub(crate) fn both(&self, way: Way) {
        self.shared.change(|state| (state.to_server, state.to_client) = (way, way));
    }

    /// New connections go to another server.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.shared.change(|state| state.to = server);
    }

    /// Closes every connection. New ones are accepted.
    pub(crate) fn cut(&self) {
        let connections = self.shared.change(|state| {
            let connections = std::mem::take(&mut state.connections);
            connections.iter().for_each(Connection::close);
            connections
        });
        for thread in connections.into_iter().flat_map(|connection| connection.threads) {
            thread.join().expect("forwarding does not panic");
        }
    }

    /// Refuses new connections, as a machine does where nobody listens.
    pub(crate) fn refuse(&mut self) {
        let Some(Accepting { stop, thread }) = self.accepting.take() else { return };
        stop.store(true, Ordering::Release);
        // It waits for somebody to come.
        let woken = TcpStream::connect_timeout(&self.address, PATIENCE);
        woken.expect("it accepts until it is told not to");
        thread.join().expect("accepting does not panic");
    }

    /// Forwards everything again, and accepts.
    pub(crate) fn heal(&mut self) {
        self.both(Way::Open);
        if self.accepting.is_none() {
            let listener = TcpListener::bind(self.address).expect("the port is still ours");
            self.accepting = Some(accept(listener, Arc::clone(&self.shared)));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.change(|state| state.ended = true);
        self.refuse();
        self.cut();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits while bytes that go this way are held; what becomes of them then.
    fn way(&self, towards: Towards, closed: &AtomicBool) -> Way {
        let mut state = self.lock();
        loop {
            let way = match towards {
                Towards::Server => state.to_server,
                Towards::Client => state.to_client,
            };
            if way != Way::Held {
                return way;
            }
            if state.ended || closed.load(Ordering::Acquire) {
                return Way::Lost;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Connection {
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // Whoever closed first has no end to close any more.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

fn accept(listener: TcpListener, shared: Arc<Shared>) -> Accepting {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if stopped.load(Ordering::Acquire) {
                return;
            }
            connect(client, &shared);
        }
    });
    Accepting { stop, thread }
}

/// Connects a client through, unless the server refuses or there are too many.
fn connect(client: TcpStream, shared: &Arc<Shared>) {
    let to = {
        let mut state = shared.lock();
        let done = |one: &Connection| one.threads.iter().all(JoinHandle::is_finished);
        state.connections.retain(|one| !done(one));
        if state.connections.len() >= CONNECTIONS_MAX {
            return;
        }
        state.to
    };
    let Ok(server) = TcpStream::connect_timeout(&to, PATIENCE) else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let copies = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
    let (Ok(from_client), Ok(to_server), Ok(to_client), Ok(from_server)) = copies else { return };
    let closed = Arc::new(AtomicBool::new(false));
    let forward = |from, to, towards| {
        let (shared, closed) = (Arc::clone(shared), Arc::clone(&closed));
        std::thread::spawn(move || forward((from, to), |at| shared.way(at, &closed), towards))
    };
    let threads = [
        forward(from_client, to_server, Towards::Server),
        forward(from_server, to_client, Towards::Client),
    ];
    shared.lock().connections.push(Connection { client, server, closed, threads });
}

/// Forwards what comes until its end, or until something is lost.
fn forward(
    (mut from, mut to): (TcpStream, TcpStream),
    way: impl Fn(Towards) -> Way,
    towards: Towards,
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).unwrap_or(0);
        match way(towards) {
            Way::Late(by) => std::thread::sleep(by),
            Way::Lost => return swallow(from, chunk),
            Way::Open | Way::Held => {}
        }
        if read == 0 {
            // The other side may have closed before.
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
        if to.write_all(&chunk[..read]).is_err() {
            let _ = from.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// Reads to the end, for nobody.
fn swallow(mut from: TcpStream, mut chunk: Vec<u8>) {
    while from.read(&mut chunk).is_ok_and(|read| read > 0) {}
}
