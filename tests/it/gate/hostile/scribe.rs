//! A shop that writes down what reaches it, as it came: it takes heads and bodies by the letter of
//! the protocol, and whatever else comes is the next request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::BOUND;

/// A request, or the beginning of one.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) target: String,
    pub(super) head: String,
    /// Its body came, to its end.
    pub(super) whole: bool,
}

impl Reached {
    /// What stands in all fields of this name.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let named = fields.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).collect()
    }
}

type Written = Arc<Mutex<Vec<Reached>>>;

/// A listening shop.
pub(super) struct Scribe {
    pub(super) address: SocketAddr,
    written: Written,
    closes: CancellationToken,
    listening: JoinHandle<()>,
}

impl Scribe {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (written, closes) = (Written::default(), CancellationToken::new());
        let (writing, closing) = (written.clone(), closes.clone());
        let listening = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Some(Ok((stream, _))) = closing.run_until_cancelled(listener.accept()).await {
                connections.spawn(serve(BufReader::new(stream), writing.clone()));
            }
            while connections.join_next().await.is_some() {}
        });
        Self { address, written, closes, listening }
    }

    /// All that reached it, once everybody has hung up.
    pub(super) async fn over(self) -> Vec<Reached> {
        self.closes.cancel();
        let ended = timeout(BOUND, self.listening).await.expect("everybody hangs up");
        ended.expect("nobody panicked");
        std::mem::take(&mut *self.written.lock().expect("nobody panicked"))
    }
}

async fn serve(mut stream: BufReader<TcpStream>, written: Written) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head).await.ok()? == 0 {
                break;
            }
        }
        if head.is_empty() {
            return None;
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let of_visitor = !head.contains("stanchion-probe");
        let number = of_visitor.then(|| {
            let mut written = written.lock().expect("nobody panicked");
            written.push(Reached { target, head: head.clone(), whole: false });
            written.len() - 1
        });
        body(&mut stream, &head).await?;
        if let Some(number) = number {
            written.lock().expect("nobody panicked")[number].whole = true;
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreached";
        stream.write_all(answer).await.ok()?;
    }
}

/// Takes a body to its end.
async fn body(stream: &mut BufReader<TcpStream>, head: &str) -> Option<()> {
    let field = |name: &str| {
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if field("transfer-encoding").is_none() {
        return skip(stream, field("content-length").unwrap_or("0").parse().ok()?).await;
    }
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let size = u64::from_str_radix(line.trim_end(), 16).ok()?;
        skip(stream, size.checked_add(2)?).await?;
        if size == 0 {
            return Some(());
        }
    }
}

/// Takes so many bytes, of which nobody believes that there are as many.
async fn skip(stream: &mut BufReader<TcpStream>, count: u64) -> Option<()> {
    let taken = copy(&mut stream.take(count), &mut sink()).await.ok()?;
    (taken == count).then_some(())
}
