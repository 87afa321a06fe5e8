//! A gigabyte each way, and through a WebSocket: how much memory the server's own process takes
//! for that, while nobody reads and while somebody does.

use std::fs;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::origin::shop::Shop;
use super::{BOUND, Venue};

/// Bytes of each.
const LARGE: usize = 1 << 30;
/// Bytes sent and read at once.
const PIECE: usize = 1 << 20;
/// What the server may grow by: its buffers for all of these are less than one, the rest is what
/// the allocator keeps. 4 MiB are usual.
const GROWTH_MAX: usize = 16 << 20;

/// The memory of a server's process.
struct Memory {
    pid: u32,
    before: usize,
}

impl Memory {
    /// From here on, the most that it has is that from here on.
    fn new(venue: &Venue) -> Self {
        let pid = venue.server.pid();
        fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("ours");
        Self { pid, before: most(pid) }
    }

    fn check(&self) {
        let grown = most(self.pid).saturating_sub(self.before);
        assert!(grown < GROWTH_MAX, "grew by {grown} bytes, from {}", self.before);
    }
}

/// The most bytes of memory that a process has had.
fn most(pid: u32) -> usize {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a size");
    let kibibytes: usize = line.trim_end_matches("kB").trim().parse().expect("a number");
    kibibytes << 10
}

/// Asks on a connection of its own.
async fn ask(venue: &Venue, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(venue.server.public).await.expect("it listens");
    let head = format!("{request}Host: shop.test\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// Sends so many bytes, or as many as are taken.
fn send(size: usize, mut to: impl AsyncWriteExt + Send + Unpin + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let piece = vec![b'x'; PIECE];
        for _ in 0..size / PIECE {
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
        // Open until nobody asks any more.
        std::future::pending().await
    })
}

/// Reads so many bytes, or to the end if that comes before.
async fn read(size: usize, from: &mut (impl AsyncReadExt + Unpin)) -> usize {
    let (mut piece, mut count) = (vec![0; PIECE], 0);
    while count < size {
        let left = PIECE.min(size - count);
        let some = timeout(BOUND, from.read(&mut piece[..left])).await.expect("in time");
        match some.expect("no reset") {
            0 => break,
            some => count += some,
        }
    }
    count
}

/// Reads the head of an answer.
async fn head(from: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let byte = timeout(BOUND, from.read_u8()).await.expect("in time");
        head.push(byte.expect("no end").into());
    }
    head
}

/// So many bytes of everything: first two that nobody reads and one that nobody takes, then one
/// that goes through beside them, then the two.
async fn pass(venue: &Venue, size: usize) {
    let post = |path| format!("POST {path} HTTP/1.1\r\nContent-Length: {size}\r\n");
    let untaken = send(size, ask(venue, &post("/hang")).await);
    let mut unread = ask(venue, &format!("GET /large-{size} HTTP/1.1\r\n")).await;
    let chat = "GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    let (mut echo, chat) = ask(venue, chat).await.into_split();
    assert!(head(&mut echo).await.starts_with("HTTP/1.1 101 "));
    let chat = send(size, chat);

    let (mut answer, taken) = ask(venue, &post("/count")).await.into_split();
    let taken = send(size, taken);
    assert!(head(&mut answer).await.starts_with("HTTP/1.1 200 "));
    let told = format!("{size} bytes");
    assert_eq!(read(told.len(), &mut answer).await, told.len());
    assert!(head(&mut unread).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(read(size, &mut unread).await, size);
    assert_eq!(read(size, &mut echo).await, size);
    for sending in [untaken, chat, taken] {
        sending.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_passes_each_way_and_through_a_websocket_in_flat_memory() {
    let shop = Shop::open().await;
    let open = "[[rules]]\npath = \"/*\"\nthen = \"open\"\n";
    let gate = format!("[origin]\nurl = \"http://{}\"\n{open}", shop.address);
    let venue = Venue::new(1, &gate);
    // What it takes once, whatever passes.
    pass(&venue, PIECE).await;
    let memory = Memory::new(&venue);
    pass(&venue, LARGE).await;
    memory.check();
}
