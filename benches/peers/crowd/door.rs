//! One connection to the server, and what is asked through it.

use std::net::Ipv4Addr;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpSocket;

/// A connection.
pub(crate) struct Door(SendRequest<Full<Bytes>>);

impl Door {
    pub(crate) async fn open(address: &str, from: Ipv4Addr) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(address.parse()?).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<Response<Incoming>> {
        self.0.ready().await?;
        Ok(self.0.send_request(request).await?)
    }

    /// What is answered, which has to be good; null if it is nothing.
    pub(crate) async fn ask(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Value> {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = self.send(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{what}: {status} {}", String::from_utf8_lossy(&body));
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }
}

/// A request; with a body, under a key of its own.
pub(crate) fn request(
    method: Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> anyhow::Result<Request<Full<Bytes>>> {
    let mut request = Request::builder().method(method).uri(path).header(HOST, "localhost");
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let Some(body) = body else { return Ok(request.body(Full::default())?) };
    let key = format!("{:032x}", rand::random::<u128>());
    let request = request.header(CONTENT_TYPE, "application/json").header("idempotency-key", key);
    Ok(request.body(Full::from(body.to_string()))?)
}

/// The token in an answer.
pub(crate) fn token_of(answer: &Value) -> anyhow::Result<String> {
    Ok(answer["token"].as_str().with_context(|| format!("no token: {answer}"))?.to_owned())
}
