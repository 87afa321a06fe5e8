//! An answer of the real server, kept in a file: status, header lines, an empty line, a body.
//!
//! Whoever stands in for the server answers with as many bytes as it does.

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// What was once answered.
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn read(file: &str) -> anyhow::Result<Self> {
        let bytes = std::fs::read(file).with_context(|| format!("no answer in {file}"))?;
        let head = bytes.windows(2).position(|end| end == b"\n\n");
        let head = head.context("an empty line before the body")?;
        let mut lines = std::str::from_utf8(&bytes[..head])?.lines();
        let status = lines.next().context("a status")?.parse()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").context("a header is a name and a value")?;
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(Self { status, headers, body: Bytes::copy_from_slice(&bytes[head + 2..]) })
    }

    /// Its status and headers, with this body.
    pub(crate) fn with(&self, body: Bytes) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}
