//! The shop behind the gate, scripted: what it does with a request, its path says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Sent and read at once.
const PIECE: usize = 64 * 1_024;

/// The heads of all requests of visitors; who asks whether a shop is there is none.
type Seen = Arc<Mutex<Vec<String>>>;

/// A listening shop; ends when it is dropped.
pub(crate) struct Shop {
    pub(crate) address: SocketAddr,
    /// Connections it took.
    pub(crate) accepted: Arc<AtomicUsize>,
    /// Where `/held…` waits for a permit.
    pub(crate) held: Arc<Semaphore>,
    /// A permit for each request that arrived.
    pub(crate) reached: Arc<Semaphore>,
    seen: Seen,
    listening: JoinHandle<()>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(None).await
    }

    pub(crate) async fn open_with(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let nothing = || Arc::new(Semaphore::new(0));
        let (held, reached, accepted) = (nothing(), nothing(), Arc::new(AtomicUsize::new(0)));
        let seen = Seen::default();
        let counter = (Arc::clone(&held), Arc::clone(&reached), Arc::clone(&seen));
        let count = Arc::clone(&accepted);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Relaxed);
                let (held, reached, seen) = counter.clone();
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Counter { stream, held, reached, seen }.serve().await,
                            Err(_) => None,
                        },
                        None => Counter { stream, held, reached, seen }.serve().await,
                    }
                });
            }
        });
        Self { address, accepted, held, reached, seen, listening }
    }

    /// The heads of all requests of visitors since somebody looked last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().expect("nobody panicked"))
    }
}

/// One connection to the shop.
struct Counter<S> {
    stream: S,
    held: Arc<Semaphore>,
    reached: Arc<Semaphore>,
    seen: Seen,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Counter<S> {
    /// Answers requests until the connection ends.
    async fn serve(mut self) -> Option<()> {
        loop {
            let head = self.head().await?;
            self.reached.add_permits(1);
            if !head.contains("stanchion-probe") {
                self.seen.lock().expect("nobody panicked").push(head.clone());
            }
            let path = head.split(' ').nth(1)?.to_owned();
            self.answer(&path, &head).await?;
        }
    }

    async fn head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        String::from_utf8(head).ok()
    }

    async fn say(&mut self, text: impl AsRef<[u8]>) -> Option<()> {
        self.stream.write_all(text.as_ref()).await.ok()
    }

    async fn say_whole(&mut self, text: &str) -> Option<()> {
        self.say(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len())).await
    }

    async fn answer(&mut self, path: &str, head: &str) -> Option<()> {
        match path.split(['?', '-']).next()? {
            "/count" => {
                let count = self.count(head).await?;
                self.say_whole(&format!("{count} bytes")).await
            }
            "/large" => self.large(path).await,
            "/stream" => self.stream().await,
            "/chat" => self.chat().await,
            "/held" => {
                self.held.acquire().await.ok()?.forget();
                self.say_whole("held").await
            }
            "/chunks" => {
                self.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
                self.say("6\r\nchunks\r\n0\r\n\r\n").await
            }
            "/over" => {
                self.say_whole("over").await?;
                None
            }
            "/hang" => std::future::pending().await,
            "/leave" => None,
            "/flood" => loop {
                self.say("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n").await?;
            },
            "/foretold" => {
                self.say("HTTP/1.1 103 Early Hints\r\n\r\n").await?;
                self.say_whole("told").await
            }
            "/heavy" => {
                self.say("HTTP/1.1 200 OK\r\n").await?;
                self.say(format!("X-A: {}\r\n\r\n", "a".repeat(1_000_000))).await
            }
            "/many" => {
                self.say("HTTP/1.1 200 OK\r\n").await?;
                self.say(format!("{}\r\n", "X-A: a\r\n".repeat(1_000))).await
            }
            "/cut" => {
                self.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await?;
                None
            }
            "/stall" => {
                self.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await?;
                std::future::pending().await
            }
            "/early" => {
                let answer = "HTTP/1.1 413 Too Much\r\nContent-Length: 8\r\n\r\ntoo much";
                self.say(answer).await?;
                let _ = self.count(head).await;
                None
            }
            "/garbage" => {
                self.say("220 shop.test ESMTP\r\n").await?;
                None
            }
            "/status" => {
                let status = path.split('-').nth(1)?;
                self.say(format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n")).await
            }
            "/both" => {
                let framing = "Content-Length: 3\r\nTransfer-Encoding: chunked";
                self.say(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n0\r\n\r\n")).await
            }
            "/switch" => {
                let switch = "Connection: Upgrade\r\nUpgrade: websocket";
                self.say(format!("HTTP/1.1 101 Switching Protocols\r\n{switch}\r\n\r\n")).await
            }
            "/cookies" => {
                let cookies = "Set-Cookie: pass-gala=stolen; Path=/\r\nSet-Cookie: shop=1";
                let fields = "Connection: X-Secret\r\nX-Secret: 1\r\nX-Frame-Options: SAMEORIGIN";
                let length = "Content-Length: 0";
                self.say(format!("HTTP/1.1 200 OK\r\n{cookies}\r\n{fields}\r\n{length}\r\n\r\n"))
                    .await
            }
            _ => self.say_whole(head).await,
        }
    }

    /// Reads a body, and says how many bytes it had; or how many before it broke off.
    async fn count(&mut self, head: &str) -> Option<u64> {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut piece = vec![0; PIECE];
        if let Some(length) = length {
            let mut left: u64 = length.parse().ok()?;
            while left > 0 {
                let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                match self.stream.read(&mut piece[..most]).await.ok()? {
                    0 => return None,
                    count => left -= count as u64,
                }
            }
            return length.parse().ok();
        }
        let mut whole = 0;
        loop {
            let mut size = String::new();
            while !size.ends_with("\r\n") {
                size.push(char::from(self.stream.read_u8().await.ok()?));
            }
            let size = usize::from_str_radix(size.trim_end(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).await.ok()?;
            whole += size as u64;
            if size == 0 {
                return Some(whole);
            }
        }
    }

    /// `/large-<bytes>`: so many.
    async fn large(&mut self, path: &str) -> Option<()> {
        let mut left: usize = path.split('-').nth(1)?.parse().ok()?;
        self.say(format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n")).await?;
        let piece = vec![b'x'; PIECE];
        while left > 0 {
            let count = left.min(PIECE);
            self.say(&piece[..count]).await?;
            left -= count;
        }
        Some(())
    }

    /// An event stream that goes on when there is a permit.
    async fn stream(&mut self) -> Option<()> {
        let kind = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked";
        self.say(format!("HTTP/1.1 200 OK\r\n{kind}\r\n\r\n9\r\ndata: 1\n\n\r\n")).await?;
        self.held.acquire().await.ok()?.forget();
        self.say("9\r\ndata: 2\n\n\r\n0\r\n\r\n").await
    }

    /// A tunnel that gives back what it gets.
    async fn chat(&mut self) -> Option<()> {
        let switch = "connection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x";
        self.say(format!("HTTP/1.1 101 Switching Protocols\r\n{switch}\r\n\r\n")).await?;
        let mut piece = vec![0; PIECE];
        loop {
            match self.stream.read(&mut piece).await.ok()? {
                0 => return None,
                count => self.say(&piece[..count]).await?,
            }
        }
    }
}
