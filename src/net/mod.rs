//! The listener, and everything around a socket: deadlines, limits, TLS, and a graceful end.
//!
//! hyper reads and writes HTTP/1.1 and HTTP/2. What it leaves open is closed here: it has no
//! deadline for a first byte, a body or a stalled reader. Knows no route and no rule of a sale: a
//! [`Serve`] answers every request, and whatever it does, other requests go on.
//!
//! Read in this order: `limits`, `settings`, `listener` (with `handed` and `threads`), `connection`
//! (with `vitals`, `socket`, `framing` and `aside`), `desk` (with `vet`, `body`, `reply`), then
//! `tls`, `rates`.

pub mod handed;
pub mod threads;
pub mod limits;
pub mod settings;
pub mod listener;
pub mod source;
pub mod proxies;
pub mod vitals;
pub mod socket;
pub mod framing;
mod aside;
mod connection;
mod desk;
mod vet;
pub mod path;
pub mod body;
pub mod reply;
pub mod problem;
pub mod tls;
pub mod rates;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use http::{Request, Response};

use body::Body;
use reply::OutBody;
use source::Source;
use tls::TlsFault;

/// Answers requests.
pub trait Serve: Clone + Send + Sync + 'static {
    /// Answers one request. There is no fault to return: everything is an answer. A panic is a bug
    /// that the one request sees as 500.
    ///
    /// The header fields of an answer whose body is passed on are somebody else's, too.
    fn call(&self, request: Request<Body>, peer: Peer) -> Answering;
}

/// An answer, now or later. Most are there at once: they need no future that a request is moved
/// through from hand to hand.
pub enum Answering {
    /// It is there.
    Now(Response<OutBody>),
    /// It has to wait for something.
    Later(Pin<Box<dyn Future<Output = Response<OutBody>> + Send>>),
}

impl Answering {
    /// An answer that has to wait for something.
    pub fn later(answer: impl Future<Output = Response<OutBody>> + Send + 'static) -> Self {
        Self::Later(Box::pin(answer))
    }

    /// The answer, once it is there.
    pub async fn wait(self) -> Response<OutBody> {
        match self {
            Self::Now(response) => response,
            Self::Later(answer) => answer.await,
        }
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Now(_) => "Answering::Now",
            Self::Later(_) => "Answering::Later",
        })
    }
}

/// Who sent a request.
#[derive(Clone, Copy)]
pub struct Peer {
    /// The other end of the socket.
    pub address: SocketAddr,
    /// Who asks: the other end of the socket, or whom a proxy that is believed asks for.
    pub asker: IpAddr,
    /// Whose allowances it uses.
    pub source: Source,
    /// Whether the other end is a proxy that is believed about who asks.
    pub proxied: bool,
    /// Whether the connection is TLS.
    pub secure: bool,
}

/// An address is a personal datum: it is not printed.
impl fmt::Debug for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Peer").field("secure", &self.secure).finish_non_exhaustive()
    }
}

/// Why a listener cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum NetFault {
    /// The address is taken, not ours, or not allowed.
    #[error("cannot listen on {address}")]
    Bind {
        /// Which one.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// What was handed over is no socket that listens.
    #[error("socket {at} of those handed over by LISTEN_FDS does not listen for TCP")]
    Handed {
        /// Which one, counted from 1.
        at: usize,
        /// What the system said.
        source: io::Error,
    },
    /// A socket was handed over that no listener is set to.
    #[error("a socket on {address} was handed over: set public.address or ops.address to it")]
    Unused {
        /// Where it listens.
        address: SocketAddr,
    },
    /// The certificate or its key is wrong.
    #[error("cannot offer TLS on {address}")]
    Tls {
        /// Where.
        address: SocketAddr,
        /// What is wrong.
        source: Box<TlsFault>,
    },
}
