//! What every request of the public listener meets: what is ours is answered by us, everything else
//! is the shop's, and needs a pass unless a rule says otherwise.
//!
//! Without a gate file it is the interface and nothing else. Decides on one form of the path, and
//! passes on the same.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONNECTION, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri, Version};

use super::app::{App, Turn};
use super::ask;
use super::door::{self, Door, Verdict, Wish};
use super::lost::Lost;
use super::origin::{Asks, Origin, OriginFault};
use crate::api::cookies::CookieNames;
use crate::api::dispatch::Api;
use crate::api::problem::Problem;
use crate::api::reply::{PERSONAL, Reply};
use crate::files::gate::Gate;
use crate::metrics::http::Route;
use crate::net::body::Body;
use crate::net::path;
use crate::net::problem::HOST_MISSING;
use crate::net::reply::OutBody;
use crate::net::{Answering, Peer, Serve};

/// Answers the requests of the public listener.
#[derive(Clone)]
pub struct Front {
    api: Api,
    gate: Option<Arc<Inside>>,
}

/// What a front with a gate knows besides.
struct Inside {
    door: Door,
    /// Names of our cookies, which are nobody else's business.
    own_cookies: Arc<[String]>,
    origin: Option<Arc<Origin>>,
}

impl Front {
    /// The interface alone.
    pub fn open(api: Api) -> Self {
        Self { api, gate: None }
    }

    /// The interface, and behind it the shop that a gate file describes, if it names one. `sales`
    /// are those of this server.
    pub fn gated(
        api: Api,
        gate: Arc<Gate>,
        sales: BTreeSet<String>,
        origin: Option<Arc<Origin>>,
    ) -> Self {
        let names = sales.iter().flat_map(|sale| {
            let names = CookieNames::new(sale);
            names.all().map(str::to_owned)
        });
        let own_cookies = names.collect::<Vec<_>>().into();
        let door = Door::new(api.clone(), gate, sales);
        Self { api, gate: Some(Arc::new(Inside { door, own_cookies, origin })) }
    }

    fn through(&self, inside: &Arc<Inside>, request: Request<Body>, peer: Peer) -> Answering {
        if ask::is_asked(request.uri().path()) {
            let (head, _) = request.into_parts();
            return counted_either(ask::answer(&inside.door, &head, &peer));
        }
        let origin = inside.origin.clone();
        let formed = if origin.is_some() { in_form(request) } else { Ok(request) };
        let request = match formed.and_then(|request| inside.placed(request)) {
            Ok(request) => request,
            Err(problem) => return counted(problem.response()),
        };
        let Some(origin) = origin else { return self.api.call(request, peer) };
        if inside.door.owns(request.uri().path()) {
            return self.api.call(request, peer);
        }
        inside.clone().pass_on(origin, request, peer)
    }
}

impl Inside {
    /// The same request, where the router has it if a connector sent it.
    fn placed(&self, request: Request<Body>) -> Result<Request<Body>, Problem> {
        match self.door.inside(request.uri().path()) {
            Some(path) => with_path(request, &path),
            None => Ok(request),
        }
    }

    /// Passes on what may pass.
    fn pass_on(
        self: Arc<Self>,
        origin: Arc<Origin>,
        request: Request<Body>,
        peer: Peer,
    ) -> Answering {
        let (head, body) = request.into_parts();
        let wish = Wish {
            path: head.uri.path(),
            query: head.uri.query(),
            method: &head.method,
            host: door::host_of(&head),
            headers: &head.headers,
            peer: &peer,
        };
        // HTTP/1.0 need not; but which shop of several it meant, each behind us would guess.
        if wish.host.is_empty() {
            return counted(HOST_MISSING.response());
        }
        let (pass, app) = match self.door.look(wish) {
            Verdict::Open => (None, None),
            Verdict::Passes(number) => (Some(number), None),
            Verdict::Waits { page, sale } => match App::new(&self.door, &head, &peer, &sale) {
                None => return counted(door::turn_away(page, &head.headers)),
                app => (None, app),
            },
            Verdict::Elsewhere(address) => return counted(Reply::see_other(&address).response),
            Verdict::Refused(problem) => return counted(problem.response()),
        };
        let path = head.uri.path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let lost = Lost::new(&head.headers, wish.can_be_repeated().then(|| path.clone()));
        let (secure, own_cookies) = (self.door.state().secure(&peer), self.own_cookies.clone());
        let asks = Asks { peer, secure, path, pass, own_cookies };
        // Nothing of it is kept here, and how large a form may be the shop knows.
        let request = Request::from_parts(head, body.with_most(u64::MAX));
        Answering::later(async move {
            match app {
                None => self.forward(&origin, request, asks, lost).await,
                Some(app) => match Box::pin(app.turn()).await {
                    Turn::Waits(response) => response.map(of_gate),
                    Turn::Passes(number, cookie) => {
                        let asks = Asks { pass: Some(number), ..asks };
                        let mut response = self.forward(&origin, request, asks, lost).await;
                        // Whatever the shop says of it: this pass is nobody else's.
                        response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
                        response.headers_mut().append(SET_COOKIE, cookie);
                        response
                    }
                },
            }
        })
    }

    /// The shop's answer, or what is said where there is none.
    async fn forward(
        &self,
        origin: &Origin,
        request: Request<Body>,
        asks: Asks,
        lost: Lost,
    ) -> Response<OutBody> {
        match origin.forward(request, asks).await {
            Ok(response) => response,
            Err(OriginFault::Body(declined)) => declined.response().map(of_gate),
            Err(fault) => lost.response(&fault, self.door.sale()).map(of_gate),
        }
    }
}

impl Serve for Front {
    fn call(&self, request: Request<Body>, peer: Peer) -> Answering {
        let Some(inside) = &self.gate else { return self.api.call(request, peer) };
        let leaves = self.api.state().role().hand_over.over();
        let closes = leaves && request.version() < Version::HTTP_2;
        match self.through(inside, request, peer) {
            // Whoever asks again asks who serves now.
            Answering::Now(mut response) if closes => {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                Answering::Now(response)
            }
            answering => answering,
        }
    }
}

/// A request for the normal form of its path: what is decided on is what is asked for.
fn in_form(request: Request<Body>) -> Result<Request<Body>, Problem> {
    let form = match path::normal(request.uri().path()) {
        Ok(Cow::Borrowed(_)) => return Ok(request),
        Ok(Cow::Owned(form)) => form,
        Err(ambiguous) => return Err(door::told(&ambiguous)),
    };
    with_path(request, &form)
}

/// The same request for another path.
fn with_path(request: Request<Body>, form: &str) -> Result<Request<Body>, Problem> {
    let (mut head, body) = request.into_parts();
    let whole = head.uri.query().map_or_else(|| form.to_owned(), |query| format!("{form}?{query}"));
    let mut parts = head.uri.into_parts();
    // Encoded anew it may be longer than any address.
    let too_long = |_| Problem::new("path_ambiguous");
    parts.path_and_query = Some(PathAndQuery::try_from(whole).map_err(too_long)?);
    head.uri = Uri::from_parts(parts).map_err(|_| Problem::new("path_ambiguous"))?;
    Ok(Request::from_parts(head, body))
}

fn counted(response: Response<OutBody>) -> Answering {
    Answering::Now(response.map(of_gate))
}

fn counted_either(answering: Answering) -> Answering {
    match answering {
        Answering::Now(response) => counted(response),
        Answering::Later(answer) => Answering::later(async { answer.await.map(of_gate) }),
    }
}

fn of_gate(body: OutBody) -> OutBody {
    body.counted(Route::Gate)
}
