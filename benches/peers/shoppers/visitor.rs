//! A visitor who holds and releases over HTTP, in one connection.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::line::Line;

/// A visitor with a pass.
pub(crate) struct Visitor {
    line: Line,
    sale: String,
    pub(crate) token: String,
    /// The newest idempotency key; each run begins elsewhere.
    keys: u64,
}

impl Visitor {
    /// Comes with a pass that was claimed before.
    pub(crate) async fn with_pass(
        address: &str,
        sale: &str,
        token: String,
    ) -> anyhow::Result<Self> {
        let line = Line::open(address).await?;
        Ok(Self { line, sale: sale.to_owned(), token, keys: rand::random() })
    }

    /// Joins, waits for the call, claims.
    pub(crate) async fn arrive(address: &str, sale: &str) -> anyhow::Result<Self> {
        let mut visitor = Self::with_pass(address, sale, String::new()).await?;
        let joined = visitor.http("POST", "places", "").await?;
        visitor.token =
            text_of(&joined, "token").context("a joined visitor has a token")?.to_owned();
        for _ in 0..400 {
            let answer = visitor.http("POST", "passes", "").await?;
            if let Some(token) = text_of(&answer, "token") {
                visitor.token = token.to_owned();
                return Ok(visitor);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("not called within 10 s: does the cap let everybody in?")
    }

    pub(crate) async fn hold_and_release(&mut self) -> anyhow::Result<()> {
        let items = r#"{"items":[{"performance":"night","pool":"standing","units":2}]}"#;
        let basket = self.http("POST", "baskets", items).await?;
        let id = text_of(&basket, "id").with_context(|| format!("no basket: {basket}"))?;
        let released = self.http("DELETE", &format!("baskets/{id}"), "").await?;
        ensure!(released.starts_with("HTTP/1.1 204"), "not released: {released}");
        Ok(())
    }

    async fn http(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
        self.keys = self.keys.wrapping_add(1);
        let (sale, token, key) = (&self.sale, &self.token, self.keys);
        let authorization = match token.as_str() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let request = format!(
            "{method} /v1/sales/{sale}/{path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\
             Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n\
             {body}",
            body.len(),
        );
        let answer = self.line.ask(request.as_bytes(), http_length).await?;
        Ok(String::from_utf8_lossy(answer).into_owned())
    }
}

/// Bytes of an answer, once its head is there.
fn http_length(read: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(read).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(head.len() + 4 + length.map_or(Some(0), |length| length.parse().ok())?)
}

/// The first text of this name in a JSON body.
fn text_of<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(text, _)| text)
}
