//! One request at the desk: vetted, handed to the handler, its answer dressed and counted.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::header::{
    CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use super::body::Body;
use super::problem;
use super::reply::{OutBody, Reply};
use super::settings::Settings;
use super::source::{Ledger, Source};
use super::vet::vet;
use super::vitals::Inside;
use super::{Answering, Peer, Serve};
use crate::clock;
use crate::metrics::Metrics;
use crate::metrics::http::Limit;

/// What all connections of a listener share.
#[derive(Debug)]
pub(super) struct House {
    pub settings: Settings,
    pub metrics: Arc<Metrics>,
    pub ledger: Arc<Ledger>,
    pub draining: CancellationToken,
}

/// Where the requests of one connection are answered.
#[derive(Debug)]
pub(super) struct Desk<S> {
    pub service: S,
    pub house: Arc<House>,
    pub peer: Peer,
}

/// Added to every answer of ours that a browser may show as a page, unless it says otherwise. JSON
/// goes without: as nobody takes it for anything else, nothing in it runs, loads or is clicked, and
/// a poll would be a third longer.
const PAGE_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

impl<S: Serve> Desk<S> {
    /// Answers one request, come what may.
    ///
    /// The handler is called before the future is made, so that what hyper moves about is small.
    pub(super) fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        inside: Option<Inside>,
    ) -> impl Future<Output = Response<Reply>> + Send {
        let begun_at = clock::instant();
        let version = request.version();
        let answering = match &inside {
            Some(_) => self.handled(request),
            None => Answering::Now(problem::CROWDED.response()),
        };
        async move {
            let mut response = match answering {
                Answering::Now(response) => response,
                Answering::Later(answer) => caught(answer).await.unwrap_or_else(|_| self.bug()),
            };
            if !response.body().is_foreign() {
                self.secure(response.headers_mut());
                self.count_refusal(response.status());
            }
            self.mind_connection(response.headers_mut(), version);
            let (route, took) = (response.body().route(), begun_at.elapsed());
            self.house.metrics.http.answered(route, response.status(), took);
            if let Some(inside) = &inside {
                inside.answers(response.status() == StatusCode::SWITCHING_PROTOCOLS);
            }
            self.send(response, inside)
        }
    }

    fn handled(&self, request: Request<Incoming>) -> Answering {
        let settings = &self.house.settings;
        let (head, incoming) = request.into_parts();
        if let Err(declined) = vet(&head, settings) {
            return Answering::Now(declined.response());
        }
        let body = Body::new(incoming, settings.body_bytes_max, &settings.deadlines);
        let peer = self.asker(&head.headers);
        let request = Request::from_parts(head, body);
        // A handler that panicked is not asked to go on, so what it left behind is not seen.
        catch_unwind(AssertUnwindSafe(|| self.service.call(request, peer)))
            .unwrap_or_else(|_| Answering::Now(self.bug()))
    }

    /// Who asks: the other end of the socket, or whom a proxy asks for.
    fn asker(&self, headers: &HeaderMap) -> Peer {
        if !self.peer.proxied {
            return self.peer;
        }
        let asker = self.house.settings.proxies.asker(headers);
        asker.map_or(self.peer, |asker| Peer { asker, source: Source::of(asker), ..self.peer })
    }

    fn bug(&self) -> Response<OutBody> {
        // The panic hook has said where; the payload may hold what a visitor sent.
        self.house.metrics.http.sockets.panics.increment(1);
        tracing::error!("a handler panicked; its request was answered with 500");
        problem::BUG.response()
    }

    fn secure(&self, headers: &mut HeaderMap) {
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !headers.get(CONTENT_TYPE).is_some_and(json) {
            for (name, value) in PAGE_HEADERS {
                headers.entry(name).or_insert(value);
            }
        }
        let seconds = self.house.settings.strict_transport_s;
        if self.peer.secure && seconds > 0 {
            let value = HeaderValue::try_from(format!("max-age={seconds}"));
            headers.insert(STRICT_TRANSPORT_SECURITY, value.expect("digits are a header value"));
        }
    }

    fn count_refusal(&self, status: StatusCode) {
        let limit = match status {
            StatusCode::PAYLOAD_TOO_LARGE => Limit::BodyBytes,
            StatusCode::REQUEST_TIMEOUT => Limit::BodyRate,
            StatusCode::URI_TOO_LONG | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                Limit::HeadBytes
            }
            StatusCode::TOO_MANY_REQUESTS => Limit::Rate,
            _ => return,
        };
        self.house.metrics.http.refused(limit);
    }

    /// HTTP/2 has no Connection header; HTTP/1 connections end when there is little room.
    fn mind_connection(&self, headers: &mut HeaderMap, version: Version) {
        if version > Version::HTTP_11 {
            headers.remove(CONNECTION);
        } else if self.house.ledger.crowded() && !headers.contains_key(CONNECTION) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn send(&self, response: Response<OutBody>, inside: Option<Inside>) -> Response<Reply> {
        let (head, body) = response.into_parts();
        let streams = body.streams();
        let mut reply = Reply::new(body, inside, &self.house.draining);
        if streams {
            let open = self.house.metrics.http.sockets.streams.clone();
            open.increment(1);
            reply.on_gone(move || open.decrement(1));
        }
        Response::from_parts(head, reply)
    }
}

/// Runs a future to its end, or to its panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // A future that panicked is not polled again, so what it left behind is not seen.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    })
    .await
}

/// `application/json`, or a problem document.
fn json(media: &HeaderValue) -> bool {
    matches!(media.as_bytes(), b"application/json" | b"application/problem+json")
}
