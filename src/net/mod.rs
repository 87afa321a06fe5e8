//! The listener, and everything around a socket: deadlines, limits, TLS, and a graceful end.
//!
//! hyper reads and writes HTTP/1.1 and HTTP/2. What it leaves open is closed here: it has no
//! deadline for a first byte, a body or a stalled reader. Knows no route and no rule of a sale: a
//! [`Serve`] answers every request, and whatever it does, other requests go on.
//!
//! Read in this order: `limits`, `settings`, `listener`, `connection` (with `vitals` and `socket`),
//! `desk` (with `vet`, `body`, `reply`), then `tls`, `rates`.

pub mod limits;
pub mod settings;
pub mod listener;
pub mod source;
pub mod vitals;
pub mod socket;
mod connection;
mod desk;
mod vet;
pub mod body;
pub mod reply;
pub mod problem;
pub mod tls;
pub mod rates;

use std::fmt;
use std::io;
use std::net::SocketAddr;

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
    /// An answer may carry a [`crate::metrics::http::Route`] as an extension, to be counted under,
    /// and [`Foreign`] if its headers are somebody else's.
    fn call(
        &self,
        request: Request<Body>,
        peer: Peer,
    ) -> impl Future<Output = Response<OutBody>> + Send;
}

/// Who sent a request.
#[derive(Clone, Copy)]
pub struct Peer {
    /// The other end of the socket.
    pub address: SocketAddr,
    /// Whose allowances it uses.
    pub source: Source,
    /// Whether the connection is TLS.
    pub secure: bool,
}

/// An address is a personal datum: it is not printed.
impl fmt::Debug for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Peer").field("secure", &self.secure).finish_non_exhaustive()
    }
}

/// Marks an answer that is passed on from elsewhere: no security header is added to it.
#[derive(Clone, Copy, Debug)]
pub struct Foreign;

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
    /// The certificate or its key is wrong.
    #[error("cannot offer TLS on {address}")]
    Tls {
        /// Where.
        address: SocketAddr,
        /// What is wrong.
        source: Box<TlsFault>,
    },
}
