//! The corpus of raw requests, played against a real listener: what reaches a handler is counted.

#[path = "../../support/requests.rs"]
pub(crate) mod requests;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::JoinSet;

use super::*;
use requests::{Case, Next, requests};

/// Counts the requests that arrive whole.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Serve for Counting {
    fn call(&self, request: Request<Body>, _: Peer) -> Answering {
        let count = Arc::clone(&self.0);
        Answering::later(async move {
            assert!(!request.uri().path().contains("evil"), "{}", request.uri());
            match request.into_body().collect(100_000).await {
                Ok(_) => count.fetch_add(1, Relaxed),
                Err(_) => return problem(StatusCode::BAD_REQUEST, "body_broken", "send it all"),
            };
            Response::new(OutBody::whole("reached"))
        })
    }
}

/// A listener for one case: what one visitor sent cannot be counted for another.
async fn play(case: Case) -> Result<(), String> {
    let (metrics, shutdown) = (Metrics::new(), CancellationToken::new());
    let listener = Listener::bind(Settings::default(), Arc::clone(&metrics)).expect("a port");
    let address = listener.address();
    let handler = Counting::default();
    let served = tokio::spawn(listener.serve(handler.clone(), shutdown.clone()));
    let mut raw = Raw(TcpStream::connect(address).await.expect("it listens"));
    raw.send(&case.bytes).await;
    // No more will come: what is not whole by now never is.
    let _ = raw.0.shutdown().await;
    let answer = raw.rest().await;
    shutdown.cancel();
    let _ = served.await;
    let reached = handler.0.load(Relaxed);
    let panics = metrics.render().contains("stanchion_handler_panics_total 0");
    let refused = |status: u16| {
        ["HTTP/1.1", "HTTP/1.0"].iter().any(|v| answer.contains(&format!("{v} {status} ")))
    };
    let right = match case.next {
        Next::Nothing => true,
        Next::Ambiguous(_) => refused(400),
        Next::Refused(status) => refused(status),
    };
    if reached == case.reach && right && panics {
        return Ok(());
    }
    Err(format!("{}: {:?}, {reached} reached, answered {answer:?}", case.name, case.next))
}

#[tokio::test]
async fn no_input_of_the_corpus_is_two_requests_and_what_is_ambiguous_is_answered_400() {
    let mut playing = JoinSet::<Result<(), String>>::new();
    let mut wrong = Vec::new();
    for case in requests() {
        if playing.len() == 16 {
            wrong.extend(playing.join_next().await.expect("one plays").expect("it ends").err());
        }
        playing.spawn(play(case));
    }
    while let Some(played) = playing.join_next().await {
        wrong.extend(played.expect("it ends").err());
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
