//! What passing on costs at the least: a bare hyper before a shop, which decides nothing.
//!
//! `through ADDRESS` passes every request on as it came, and the answer back, over connections that
//! are moved by whoever uses them, as those of the gate are. Runs on threads and an allocator such
//! as the server's, and does nothing else that the server does: no deadline, no limit, no pass, and
//! a shop that fails ends it. Prints its address; ends when its standard input does.

mod apart;
mod listen;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One connection to the shop.
struct Line {
    asks: SendRequest<Incoming>,
    moves: Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>,
}

impl Line {
    async fn open(shop: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(shop).await?;
        stream.set_nodelay(true)?;
        let (asks, moves) = handshake(TokioIo::new(stream)).await?;
        Ok(Self { asks, moves: Box::pin(moves) })
    }

    fn step(&mut self, context: &mut Context<'_>) {
        assert!(self.moves.as_mut().poll(context).is_pending(), "the shop keeps its connections");
    }

    async fn ask(&mut self, request: Request<Incoming>) -> hyper::Result<Response<Incoming>> {
        let mut answer = pin!(self.asks.send_request(request));
        poll_fn(|context| {
            self.step(context);
            answer.as_mut().poll(context)
        })
        .await
    }
}

thread_local! {
    /// Connections to the shop that wait for a request.
    static FREE: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// The shop's body on its way to who asked.
struct Passed {
    body: Incoming,
    /// `None` once the body has ended.
    line: Option<Line>,
}

impl Body for Passed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let nobody = &mut Context::from_waker(Waker::noop());
        let mut polled = Pin::new(&mut self.body).poll_frame(nobody);
        if let Some(line) = self.line.as_mut().filter(|_| polled.is_pending()) {
            line.step(context);
            polled = Pin::new(&mut self.body).poll_frame(nobody);
        }
        if self.body.is_end_stream()
            && let Some(line) = self.line.take()
        {
            FREE.with_borrow_mut(|free| free.push(line));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn pass_on(shop: Arc<str>, request: Request<Incoming>) -> Response<Passed> {
    let mut line = match FREE.with_borrow_mut(Vec::pop) {
        Some(line) => line,
        None => Line::open(&shop).await.expect("the shop listens"),
    };
    let answer = line.ask(request).await.expect("the shop answers");
    answer.map(|body| Passed { body, line: Some(line) })
}

fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("name the address of the shop")?;
    let shop: Arc<str> = address.into();
    let answer = move |request| pass_on(Arc::clone(&shop), request);
    let apart = apart::runtimes()?;
    listen::runtime()?.block_on(listen::serve("through", &apart, answer))
}
