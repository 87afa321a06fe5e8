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

    fn through(&self, inside: &Arc<Inside>, mut request: Request<Body>, peer: Peer) -> Answering {
        if ask::is_asked(request.uri().path()) {
            let (head, _) = request.into_parts();
            return counted_either(ask::answer(&inside.door, &head, &peer));
        }
        if let Err(problem) = inside.place(request.uri_mut()) {
            return counted(problem.response());
        }
        let Some(origin) = inside.origin.clone() else { return self.api.call(request, peer) };
        if inside.door.owns(request.uri().path()) {
            return self.api.call(request, peer);
        }
        inside.clone().pass_on(origin, request, peer)
    }
}

impl Inside {
    /// Brings an address into the form of which is decided, where there is a shop behind; and to
    /// where the router has it, if it is a connector's.
    fn place(&self, address: &mut Uri) -> Result<(), Problem> {
        if self.origin.is_some() {
            match path::normal(address.path()) {
                Ok(Cow::Borrowed(_)) => {}
                Ok(Cow::Owned(form)) => *address = with_path(address, &form)?,
                Err(ambiguous) => return Err(door::told(&ambiguous)),
            }
        }
        if let Some(path) = self.door.inside(address.path()) {
            *address = with_path(address, &path)?;
        }
        Ok(())
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
        let Some(app) = app else {
            // Apart: a future that takes another one by value has room for it twice.
            let went = Box::pin(origin.forward(request, asks));
            return Answering::later(async move { self.told(went.await, lost) });
        };
        Answering::later(async move {
            match app.turn().await {
                Turn::Waits(response) => response.map(of_gate),
                Turn::Passes(number, cookie) => {
                    let asks = Asks { pass: Some(number), ..asks };
                    let mut response = self.told(origin.forward(request, asks).await, lost);
                    // Whatever the shop says of it: this pass is nobody else's.
                    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
                    response.headers_mut().append(SET_COOKIE, cookie);
                    response
                }
            }
        })
    }

    /// The shop's answer, or what is said where there is none.
    fn told(&self, went: Result<Response<OutBody>, OriginFault>, lost: Lost) -> Response<OutBody> {
        match went {
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

/// The same address for another path.
fn with_path(address: &Uri, form: &str) -> Result<Uri, Problem> {
    let whole = address.query().map_or_else(|| form.to_owned(), |query| format!("{form}?{query}"));
    let mut parts = address.clone().into_parts();
    // Encoded anew it may be longer than any address.
    let too_long = |_| Problem::new("path_ambiguous");
    parts.path_and_query = Some(PathAndQuery::try_from(whole).map_err(too_long)?);
    Uri::from_parts(parts).map_err(|_| Problem::new("path_ambiguous"))
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
