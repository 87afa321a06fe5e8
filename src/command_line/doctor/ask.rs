//! Asks as a stranger does: one request a connection, nothing remembered, nothing followed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::blind::{self, Wanted};

/// Bytes of an answer that are read: more than any page of ours has.
const ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// What browsers say they read.
const PAGES: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Asks.
pub(super) struct Asker {
    tls: TlsConnector,
    /// For servers past what stands before a shop.
    blind: TlsConnector,
    wanted: Arc<Wanted>,
    patience: Duration,
}

/// One question.
pub(super) struct Question<'q> {
    pub(super) method: Method,
    pub(super) page: &'q Uri,
    /// The server that is asked, if it is not that of the page's own name. What certificate it
    /// shows is not looked at.
    pub(super) past: Option<&'q Uri>,
    pub(super) headers: &'q [(&'q str, &'q str)],
    /// The first bytes of the body are enough.
    pub(super) first: bool,
}

impl<'q> Question<'q> {
    /// What a browser without cookies asks.
    pub(super) fn get(page: &'q Uri) -> Self {
        Self { method: Method::GET, page, past: None, headers: &[], first: false }
    }
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where it leads, as a whole address; `None` if it does not lead on.
    pub(super) fn leads_to(&self, from: &Uri) -> Option<Uri> {
        let location = self.header(LOCATION.as_str());
        if !self.status.is_redirection() || location.is_empty() {
            return None;
        }
        if location.starts_with('/') && !location.starts_with("//") {
            return at(from, location);
        }
        location.parse().ok().filter(|uri: &Uri| uri.host().is_some() && uri.scheme().is_some())
    }
}

/// Another page of the same host.
pub(super) fn at(page: &Uri, path: &str) -> Option<Uri> {
    format!("{}{path}", origin(page)).parse().ok()
}

/// Where its server listens.
fn address(page: &Uri) -> (&str, u16) {
    let port = page.port_u16().unwrap_or(if secure(page) { 443 } else { 80 });
    (host(page), port)
}

fn host(page: &Uri) -> &str {
    page.host().unwrap_or_default().trim_matches(['[', ']'])
}

fn secure(page: &Uri) -> bool {
    page.scheme() == Some(&Scheme::HTTPS)
}

/// Scheme, host and port of a page.
pub(super) fn origin(page: &Uri) -> String {
    let authority = page.authority().map_or("", |authority| authority.as_str());
    format!("{}://{authority}", page.scheme_str().unwrap_or("http"))
}

impl Asker {
    /// Believes these certificates (PEM) besides those of the system.
    pub(super) fn new(authority: Option<&[u8]>, patience: Duration) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in authority.map(CertificateDer::pem_slice_iter).into_iter().flatten() {
            roots.add(certificate.context("the authority is no PEM file of certificates")?)?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let wanted = Arc::<Wanted>::default();
        let blind = blind::connector(Arc::clone(&wanted))?;
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), blind, wanted, patience })
    }

    /// Whether anything listens there for whoever comes from here.
    ///
    /// # Errors
    /// In words, if nobody knows where that is.
    pub(super) async fn reaches(&self, server: &Uri) -> anyhow::Result<bool> {
        let (host, port) = address(server);
        let found = timeout(self.patience, lookup_host((host, port))).await;
        let unknown = || format!("nobody knows where {host} is");
        let mut found = found.with_context(unknown)?.with_context(unknown)?;
        anyhow::ensure!(found.next().is_some(), unknown());
        let stream = timeout(self.patience, TcpStream::connect((host, port))).await;
        Ok(stream.is_ok_and(|stream| stream.is_ok()))
    }

    /// Whether a server broke off because we have no certificate to show.
    pub(super) fn had_no_certificate(&self, fault: &anyhow::Error) -> bool {
        self.wanted.missed(fault)
    }

    /// Asks once.
    ///
    /// # Errors
    /// In words, if nobody answers in time, or not in HTTP.
    pub(super) async fn ask(&self, question: &Question<'_>) -> anyhow::Result<Answer> {
        let answer = timeout(self.patience, self.answer(question)).await;
        answer.with_context(|| format!("no answer within {} s", self.patience.as_secs()))?
    }

    async fn answer(&self, question: &Question<'_>) -> anyhow::Result<Answer> {
        let page = question.page;
        let authority = page.authority().context("the address has no host")?;
        let mut request = Request::builder()
            .method(&question.method)
            .uri(page.path_and_query().map_or("/", |path| path.as_str()))
            .header(HOST, authority.as_str())
            .header(USER_AGENT, concat!("stanchion-doctor/", env!("CARGO_PKG_VERSION")))
            .header(CONNECTION, "close");
        if !question.headers.iter().any(|(name, _)| *name == ACCEPT.as_str()) {
            request = request.header(ACCEPT, PAGES);
        }
        for (name, value) in question.headers {
            request = request.header(*name, *value);
        }
        let stream = self.connect(question).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driven = tokio::spawn(connection);
        let answer = match sender.send_request(request.body(Empty::<Bytes>::new())?).await {
            Ok(answer) => answer,
            Err(fault) => {
                // The connection knows better why it ended, if it did so before it was asked.
                driven.await??;
                return Err(fault.into());
            }
        };
        let (head, mut body) = answer.into_parts();
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            bytes.extend_from_slice(&data);
            if question.first || bytes.len() > ANSWER_BYTES_MAX {
                break;
            }
        }
        driven.abort();
        Ok(Answer { status: head.status, headers: head.headers, body: bytes.freeze() })
    }

    async fn connect(&self, question: &Question<'_>) -> anyhow::Result<Box<dyn Stream>> {
        let server = question.past.unwrap_or(question.page);
        let (at, port) = address(server);
        let stream = TcpStream::connect((at, port)).await;
        let stream = stream.with_context(|| format!("no connection to {at}, port {port}"))?;
        if !secure(server) {
            return Ok(Box::new(stream));
        }
        let tls = if question.past.is_some() { &self.blind } else { &self.tls };
        let name = ServerName::try_from(host(question.page).to_owned())?;
        Ok(Box::new(tls.connect(name, stream).await.context("no TLS")?))
    }
}

/// TCP, or TLS over it.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}
