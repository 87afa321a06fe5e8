//! Ask-me mode: somebody else's proxy asks for each request whether it may pass.
//!
//! `/v1/ask`, with any method. What is asked about stands in header fields that the proxy sets, or
//! behind the address itself. A visitor can send the same fields: so only one kind of them is
//! believed, and where two kinds say different things, nobody passes. What is decided on is not
//! what we pass on here, but what the proxy does; so a path that is not in its normal form is never
//! open.

use std::borrow::Cow;

use http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use super::app::App;
use super::door::{self, Door, Verdict, Wish};
use crate::api::problem::Problem;
use crate::api::reply::{Empty, PERSONAL, Reply};
use crate::net::path;
use crate::net::reply::OutBody;
use crate::net::{Answering, Peer};
use crate::page::away;

/// The address.
const ASK: &str = "/v1/ask";
/// Asks for statuses instead of redirects: nginx understands 2xx, 401 and 403 alone.
const AS_STATUS: &str = "as=status";
/// The queue number of who passes.
const PASS: HeaderName = HeaderName::from_static("x-stanchion-pass");
/// Where to wait, for who does not.
const WAIT: HeaderName = HeaderName::from_static("x-stanchion-wait");

/// What is asked about.
struct About<'a> {
    target: &'a str,
    method: Cow<'a, Method>,
    host: &'a str,
}

/// How a proxy says what it asks about.
struct Kind {
    target: &'static str,
    method: &'static str,
    host: Option<&'static str>,
}

/// nginx is told what to send; Caddy and Traefik send what they always do.
const KINDS: [Kind; 2] = [
    Kind { target: "x-original-uri", method: "x-original-method", host: None },
    Kind {
        target: "x-forwarded-uri",
        method: "x-forwarded-method",
        host: Some("x-forwarded-host"),
    },
];

/// Whether somebody asks.
pub fn is_asked(path: &str) -> bool {
    path.strip_prefix(ASK).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Says whether a request may pass: 200, and else what its visitor is to be told.
pub fn answer(door: &Door, head: &Parts, peer: &Peer) -> Answering {
    let as_status = head.uri.path() == ASK && head.uri.query() == Some(AS_STATUS);
    let verdict = verdict(door, head, peer);
    if let Verdict::Waits { sale, .. } = &verdict
        && !as_status
        && let Some(app) = App::new(door, head, peer, sale)
    {
        return Answering::later(async { kept_by_nobody(app.turn_elsewhere().await) });
    }
    Answering::Now(kept_by_nobody(told(verdict, head, as_status)))
}

fn kept_by_nobody(mut response: Response<OutBody>) -> Response<OutBody> {
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}

fn told(verdict: Verdict, head: &Parts, as_status: bool) -> Response<OutBody> {
    match verdict {
        // 200, since Envoy takes nothing else.
        Verdict::Open => allowed(),
        Verdict::Passes(number) => {
            let mut response = allowed();
            response.headers_mut().insert(PASS, HeaderValue::from(number.0));
            response
        }
        Verdict::Waits { page, .. } if as_status => {
            let status = match away::reads_pages(&head.headers) {
                true => StatusCode::UNAUTHORIZED,
                false => StatusCode::FORBIDDEN,
            };
            let mut response = Reply::<Empty>::new(status, OutBody::empty()).response;
            if let Ok(page) = HeaderValue::try_from(page) {
                response.headers_mut().insert(WAIT, page);
            }
            response
        }
        Verdict::Waits { page, .. } => door::turn_away(page, &head.headers),
        Verdict::Elsewhere(address) => not_through(Reply::see_other(&address).response, as_status),
        Verdict::Refused(problem) => not_through(problem.response(), as_status),
    }
}

fn not_through(mut response: Response<OutBody>, as_status: bool) -> Response<OutBody> {
    if as_status {
        *response.status_mut() = StatusCode::FORBIDDEN;
        response.headers_mut().remove(LOCATION);
    }
    response
}

fn allowed() -> Response<OutBody> {
    Reply::<Empty>::new(StatusCode::OK, OutBody::empty()).response
}

fn verdict(door: &Door, head: &Parts, peer: &Peer) -> Verdict {
    let about = match about(head) {
        Ok(about) => about,
        Err(problem) => return Verdict::Refused(problem),
    };
    let (path, query) = match about.target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (about.target, None),
    };
    let form = match path::normal(path) {
        Ok(form) => form,
        Err(ambiguous) => return Verdict::Refused(door::told(&ambiguous)),
    };
    let (method, host) = (&*about.method, about.host);
    let wish = Wish { path: &form, query, method, host, headers: &head.headers, peer };
    let plain = form == path;
    if plain && door.owns(&form) {
        return Verdict::Open;
    }
    match door.look(wish) {
        Verdict::Open if !plain => door.look_for_pass(door.own_sale(), wish),
        verdict => verdict,
    }
}

/// What is asked about, if it is clear.
fn about(head: &Parts) -> Result<About<'_>, Problem> {
    let behind = behind(head).map(|target| About {
        target,
        method: Cow::Borrowed(&head.method),
        host: door::host_of(head),
    });
    let mut told = behind.into_iter().map(Ok).chain(KINDS.iter().filter_map(|kind| kind.of(head)));
    let first = told.next().unwrap_or_else(|| {
        Err(unclear("say in X-Original-URI or X-Forwarded-Uri what is asked about"))
    })?;
    for other in told {
        let other = other?;
        if other.target != first.target || other.method != first.method || other.host != first.host
        {
            return Err(unclear("two header fields ask about different things"));
        }
    }
    Ok(first)
}

/// What stands behind the address: Envoy puts the path there.
fn behind(head: &Parts) -> Option<&str> {
    let whole = head.uri.path_and_query()?.as_str();
    whole.strip_prefix(ASK).filter(|rest| rest.starts_with('/'))
}

impl Kind {
    fn of<'h>(&self, head: &'h Parts) -> Option<Result<About<'h>, Problem>> {
        let target = one(head, self.target)?;
        let method = one(head, self.method).transpose();
        let host = self.host.and_then(|name| one(head, name)).transpose();
        Some(target.and_then(|target| {
            let method = match method? {
                Some(name) => Cow::Owned(
                    Method::from_bytes(name.as_bytes()).map_err(|_| unclear("no method"))?,
                ),
                None => Cow::Borrowed(&head.method),
            };
            Ok(About { target, method, host: host?.unwrap_or_else(|| door::host_of(head)) })
        }))
    }
}

/// The one field of this name; absent, or a problem if there are two.
fn one<'h>(head: &'h Parts, name: &str) -> Option<Result<&'h str, Problem>> {
    let mut fields = head.headers.get_all(name).iter();
    let field = fields.next()?;
    let text = field.to_str().ok().filter(|_| fields.next().is_none());
    Some(text.ok_or_else(|| unclear("a header field that asks stands there twice, or is no text")))
}

fn unclear(why: &'static str) -> Problem {
    Problem::new("path_ambiguous").says(why)
}
