//! Connections to the origin: opened within a deadline, over TLS and as ourselves if that is asked
//! for, and counted.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::identity::AsOurselves;
use super::origin::{OriginSettings, OriginSettingsFault};
use crate::net::socket::poll_write_slices;

/// Opens connections to one origin.
pub(super) struct Links {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    within: Duration,
    open: Arc<Open>,
}

/// How many connections there are, for those who open them and for those who watch.
struct Open {
    count: AtomicUsize,
    gauge: metrics::Gauge,
}

impl Links {
    pub(super) fn new(
        settings: &OriginSettings,
        gauge: metrics::Gauge,
    ) -> Result<Self, OriginSettingsFault> {
        let secure = settings.url.scheme() == Some(&Scheme::HTTPS);
        let host = settings.url.host().ok_or(OriginSettingsFault::Url)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = || ServerName::try_from(host.to_owned()).map_err(|_| OriginSettingsFault::Url);
        let tls = secure.then(|| Ok::<_, OriginSettingsFault>((tls(settings)?, name()?)));
        Ok(Self {
            host: host.to_owned(),
            port: settings.url.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            tls: tls.transpose()?,
            within: Duration::from_millis(settings.connect_ms),
            open: Arc::new(Open { count: AtomicUsize::new(0), gauge }),
        })
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.open.count.load(Relaxed)
    }

    /// A new connection, and where it counts what it brings.
    ///
    /// # Errors
    /// There is none, within the time for it.
    pub(super) async fn connect(&self, brought: Brought) -> io::Result<Link> {
        timeout(self.within, self.reach(brought)).await?
    }

    async fn reach(&self, brought: Brought) -> io::Result<Link> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Link::Plain(Counted::new(stream, &self.open, brought)),
            Some((tls, name)) => {
                let stream = Box::new(tls.connect(name.clone(), stream).await?);
                Link::Secure(Counted::new(stream, &self.open, brought))
            }
        })
    }
}

/// TLS as the origin is asked for it: HTTP/1.1, and a certificate that is believed.
fn tls(settings: &OriginSettings) -> Result<TlsConnector, OriginSettingsFault> {
    let certificates = match &settings.authority {
        Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>(),
        None => Ok(rustls_native_certs::load_native_certs().certs),
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.map_err(|_| OriginSettingsFault::Authority)?);
    if roots.is_empty() {
        return Err(OriginSettingsFault::Authority);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match &settings.identity {
        Some(own) => config.with_client_cert_resolver(Arc::new(AsOurselves(own.clone()))),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if settings.identity.is_some() {
        // A connection that is resumed is that of whom the origin knew before.
        config.resumption = Resumption::disabled();
    }
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A connection to the origin: TCP, or TLS over it.
pub(super) enum Link {
    Plain(TokioIo<Counted<TcpStream>>),
    Secure(TokioIo<Counted<Box<TlsStream<TcpStream>>>>),
}

/// Bytes that a connection has brought, since whenever whoever uses it began to count.
pub(super) type Brought = Arc<AtomicUsize>;

/// A stream that is counted while it is open, and of which what it brings is.
pub(super) struct Counted<S> {
    stream: S,
    open: Arc<Open>,
    brought: Brought,
}

impl<S> Counted<S> {
    fn new(stream: S, open: &Arc<Open>, brought: Brought) -> TokioIo<Self> {
        open.count.fetch_add(1, Relaxed);
        open.gauge.increment(1);
        TokioIo::new(Self { stream, open: Arc::clone(open), brought })
    }
}

impl<S> Drop for Counted<S> {
    fn drop(&mut self) {
        self.open.count.fetch_sub(1, Relaxed);
        self.open.gauge.decrement(1);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, into);
        // Relaxed: whoever looks moves this connection, too.
        self.brought.fetch_add(into.filled().len() - before, Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_write_slices(Pin::new(&mut self.stream), context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
