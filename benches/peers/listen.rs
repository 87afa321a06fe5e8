//! Listens on a free port of loopback and serves HTTP/1 with a bare hyper, until standard input
//! ends.

use std::convert::Infallible;
use std::io::Read;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};

/// The runtime of the real server.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

/// Prints its address after its name, then answers: connections go to these runtimes in turn, or,
/// with none of them, stay on this one.
#[expect(clippy::print_stdout, reason = "whoever drives it needs the address")]
pub(crate) async fn serve<A, F, B>(name: &str, runtimes: &[Handle], answer: A) -> anyhow::Result<()>
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{name} http://{}", listener.local_addr()?);
    let here = [Handle::current()];
    let runtimes = if runtimes.is_empty() { &here[..] } else { runtimes };
    for runtime in runtimes.iter().cycle() {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let stream = stream.into_std()?;
        let inside = runtime.enter();
        let stream = TcpStream::from_std(stream)?;
        drop(inside);
        let answer = answer.clone();
        let service = service_fn(move |request| {
            let answered = answer(request);
            async move { Ok::<_, Infallible>(answered.await) }
        });
        // A client that goes away is no news.
        let http = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        runtime.spawn(async move { http.await.ok() });
    }
    Ok(())
}
