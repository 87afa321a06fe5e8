//! A connection with one request under way.

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection with what was read of the answer under way.
pub(crate) struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends a request and reads until `length` knows how long the answer is, and all of it is
    /// here.
    pub(crate) async fn ask(
        &mut self,
        request: &[u8],
        length: impl Fn(&[u8]) -> Option<usize>,
    ) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            let count = self.stream.read_buf(&mut self.read).await?;
            ensure!(count > 0, "the connection was closed");
            if length(&self.read).is_some_and(|length| length <= self.read.len()) {
                return Ok(&self.read);
            }
        }
    }
}
