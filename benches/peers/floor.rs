//! The floor: a bare hyper that answers every request with one constant, as fast as hyper can.
//!
//! `floor FILE` answers what the file holds: header lines, an empty line, a body. Runs on the same
//! runtime and allocator as the server, and does nothing that the server does: no deadline, no
//! limit, no route, no metric. Prints its address; ends when its standard input does.

use std::convert::Infallible;
use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What every request is answered with.
struct Constant {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

#[expect(clippy::print_stdout, reason = "whoever drives it needs the address")]
fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).context("name the file that holds the answer")?;
    let constant = Arc::new(read(&std::fs::read_to_string(file)?)?);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("floor http://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve(stream, constant.clone()));
        }
    })
}

fn read(text: &str) -> anyhow::Result<Constant> {
    let (head, body) = text.split_once("\n\n").context("an empty line before the body")?;
    let mut lines = head.lines();
    let status = lines.next().context("a status")?.parse()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").context("a header is a name and a value")?;
        headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(Constant { status, headers, body: Bytes::from(body.to_owned()) })
}

async fn serve(stream: TcpStream, constant: Arc<Constant>) {
    let answer = service_fn(move |_: Request<Incoming>| {
        let mut response = Response::new(Full::new(constant.body.clone()));
        *response.status_mut() = constant.status;
        *response.headers_mut() = constant.headers.clone();
        async move { Ok::<_, Infallible>(response) }
    });
    // A client that goes away is no news.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
