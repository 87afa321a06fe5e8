//! How a Redis is reached, and what an acknowledgement by it is to mean.
//!
//! Holds a password, and never prints it.

use std::fmt;
use std::sync::Arc;

use redis::{ConnectionAddr, IntoConnectionInfo};

/// Everything that a journal in Redis has to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Where it is.
    pub at: At,
    /// As whom to speak to it; none for the default one of Redis.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<Password>,
    /// Whose certificates are believed, PEM; those of the system if none is given.
    pub authority: Option<Arc<[u8]>>,
    /// What an acknowledgement means.
    pub durability: Durability,
    /// Longest wait for an answer, in milliseconds.
    pub response_ms: u64,
    /// Longest wait for a connection, greeting included, in milliseconds.
    pub connect_ms: u64,
    /// How long the holder of the lease may be silent before another takes it, in milliseconds.
    pub lease_ms: u64,
    /// What every key begins with.
    pub prefix: String,
}

/// Where a Redis is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// At this address.
    Server(Address),
    /// Where Sentinels say that the primary of a service is.
    Sentinels {
        /// Asked in this order.
        sentinels: Vec<Address>,
        /// What they call it.
        service: String,
        /// What they want to hear, if anything.
        password: Option<Password>,
    },
}

/// An address, as a URL says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Name or number.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Which of the numbered databases.
    pub database: i64,
}

/// What an acknowledgement means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// It is on the disk of the primary: `appendfsync always`.
    Always,
    /// It is in the primary's memory, and on its disk within a second or two.
    EverySecond,
    /// So many replicas have it in memory too.
    Replicas {
        /// At least one.
        count: u32,
        /// Longest wait for them, in milliseconds.
        wait_ms: u64,
    },
}

/// A password, which prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

/// Why a text is no address of a Redis. Never repeats the text, which may hold a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressFault {
    /// No URL that Redis has.
    #[error("must be redis://host:port or, for TLS, rediss://host:port")]
    Form,
    /// It names somebody.
    #[error("must not hold a name or a password; those are settings of their own")]
    Credentials,
    /// It wants TLS without a check of who answers.
    #[error("must not ask for TLS without a check of the certificate; name its authority instead")]
    Unchecked,
}

impl Address {
    /// Reads `redis://host:port/database`, or `rediss://` for TLS.
    ///
    /// # Errors
    /// [`AddressFault`].
    pub fn read(url: &str) -> Result<Self, AddressFault> {
        let read = url.into_connection_info().map_err(|_| AddressFault::Form)?;
        let speaker = read.redis_settings();
        if speaker.username().is_some() || speaker.password().is_some() {
            return Err(AddressFault::Credentials);
        }
        let (host, port, tls) = match read.addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port, false),
            ConnectionAddr::TcpTls { insecure: true, .. } => return Err(AddressFault::Unchecked),
            ConnectionAddr::TcpTls { host, port, .. } => (host.clone(), *port, true),
            _ => return Err(AddressFault::Form),
        };
        Ok(Self { host, port, tls, database: speaker.db() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(..)")
    }
}
