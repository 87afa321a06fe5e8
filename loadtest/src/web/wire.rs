//! One connection, opened from where its visitor is, and ready for requests.

use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use super::address::Side;
use super::{Web, WebFault};
use crate::scenario::Http;

/// An open connection. Its work is done by a task of its own, which ends with it.
pub(super) struct Wire {
    side: Side,
    sender: Sender,
}

/// What requests are given to.
enum Sender {
    /// HTTP/1.1: one request after the other.
    One(http1::SendRequest<Full<Bytes>>),
    /// HTTP/2: many at once.
    Two(http2::SendRequest<Full<Bytes>>),
}

/// Why a request has no answer.
pub(super) enum Unanswered {
    /// Nothing of it was sent.
    Unsent,
    /// It may have been done.
    Unknown(hyper::Error),
}

impl Wire {
    /// Opens a connection to one of the servers.
    pub(super) async fn open(
        web: &Web,
        side: Side,
        source: Option<IpAddr>,
    ) -> Result<Self, WebFault> {
        let address = web.sides.address(side);
        let stream = connect(address.socket, source).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(WebFault::Unreachable)?;
        let sender = match &web.tls {
            None => Sender::over(stream, web.http).await?,
            Some(tls) => {
                let name = ServerName::try_from(address.host().to_owned());
                let name = name.map_err(|fault| WebFault::Unreachable(io::Error::other(fault)))?;
                let stream = tls.connect(name, stream).await.map_err(WebFault::Unreachable)?;
                Sender::over(stream, web.http).await?
            }
        };
        Ok(Self { side, sender })
    }

    /// Which of the servers it leads to.
    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// Whether the other side closed it.
    pub(super) fn closed(&self) -> bool {
        match &self.sender {
            Sender::One(wire) => wire.is_closed(),
            Sender::Two(wire) => wire.is_closed(),
        }
    }

    /// The version that requests over it are written in.
    pub(super) fn version(&self) -> Version {
        match &self.sender {
            Sender::One(_) => Version::HTTP_11,
            Sender::Two(_) => Version::HTTP_2,
        }
    }

    /// A second handle of the same connection, if it takes many requests at once.
    pub(super) fn shared(&self) -> Option<Self> {
        match &self.sender {
            Sender::One(_) => None,
            Sender::Two(wire) => Some(Self { side: self.side, sender: Sender::Two(wire.clone()) }),
        }
    }

    /// Sends a request, and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let sent = match &mut self.sender {
            Sender::One(wire) => {
                wire.ready().await.map_err(|_| Unanswered::Unsent)?;
                wire.try_send_request(request).await
            }
            Sender::Two(wire) => {
                wire.ready().await.map_err(|_| Unanswered::Unsent)?;
                wire.try_send_request(request).await
            }
        };
        sent.map_err(|mut fault| match fault.take_message() {
            Some(_) => Unanswered::Unsent,
            None => Unanswered::Unknown(fault.into_error()),
        })
    }
}

impl Sender {
    async fn over<S>(stream: S, http: Http) -> Result<Self, WebFault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = TokioIo::new(stream);
        // How a connection ends is told to whoever asked over it.
        match http {
            Http::One => {
                let (wire, connection) = http1::handshake(stream).await?;
                tokio::spawn(async move { drop(connection.await) });
                Ok(Self::One(wire))
            }
            Http::Two => {
                let mut builder = http2::Builder::new(TokioExecutor::new());
                let (wire, connection) = builder.timer(TokioTimer::new()).handshake(stream).await?;
                tokio::spawn(async move { drop(connection.await) });
                Ok(Self::Two(wire))
            }
        }
    }
}

async fn connect(to: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(source) = source {
        socket.set_reuseaddr(true)?;
        // The port is chosen when the other end is known, so that it need only be unique with it:
        // otherwise each address has 28,000 connections to all servers together.
        setsockopt(&socket, IpBindAddressNoPort, &true)?;
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.connect(to).await
}

/// Our own limits are told from the server's absence.
fn unreachable(fault: io::Error) -> WebFault {
    let no_descriptor = [nix::errno::Errno::EMFILE, nix::errno::Errno::ENFILE];
    let no_descriptor = no_descriptor.map(|errno| Some(errno as i32));
    let no_port = matches!(fault.kind(), io::ErrorKind::AddrNotAvailable);
    if no_port || no_descriptor.contains(&fault.raw_os_error()) {
        WebFault::Shortage(fault)
    } else {
        WebFault::Unreachable(fault)
    }
}
