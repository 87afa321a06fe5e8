//! One route: what the dispatcher and the OpenAPI document are made from.

use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::call::Call;
use super::problem::Problem;
use super::reply::{Json, Reply, Schemas, Shape};
use super::wire::read;
use crate::metrics::http::Route as Counted;
use crate::net::reply::OutBody;

/// What a handler answers.
pub type Answer = Result<Response<OutBody>, Problem>;
type Later = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Anybody.
    Anybody,
    /// A visitor by their place token.
    Place,
    /// A visitor by their pass token, or a shop for a pass.
    Pass,
    /// A shop by its API key.
    Shop,
    /// A browser, by its cookies.
    Browser,
    /// An operator by their key, if its role allows it.
    Operator,
    /// A browser of somebody who is signed in to the console, or wants to be. Pages say what is
    /// wrong as pages.
    Staff,
}

/// Whether an idempotency key is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// It means nothing here.
    None,
    /// It may come along.
    Optional,
    /// It has to.
    Required,
}

/// How a request is answered.
pub enum Handler {
    /// From what is published: at once, without waiting for anybody.
    Now(Box<dyn Fn(&Call) -> Answer + Send + Sync>),
    /// With a body, or after the writer.
    Later(Arc<dyn Fn(Call) -> Later + Send + Sync>),
}

/// What the document says of a body.
pub struct Described {
    /// Its media type.
    pub media: Option<&'static str>,
    /// Adds its schemas and says the name of its own.
    pub collect: fn(&mut Schemas) -> Option<String>,
}

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// The operation's id.
    pub operation: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Who may ask.
    pub who: Who,
    /// Whether an idempotency key is taken.
    pub key: Key,
    /// Answers.
    pub handler: Handler,
    /// The request's body, if it takes one.
    pub request: Option<Described>,
    /// The largest body it takes.
    pub body_bytes_max: usize,
    /// The answer's body.
    pub response: Described,
    /// What it answers when all is well.
    pub statuses: &'static [u16],
    /// What it answers in the words of the clients it is for, where it cannot do what they ask.
    pub instead: Option<(&'static [u16], Described)>,
    /// The problems it can answer, beside those that follow from the rest.
    pub codes: &'static [&'static str],
    /// Query parameters, each with a line about it.
    pub queries: &'static [(&'static str, &'static str)],
    /// Any page may read the answer.
    pub shared: bool,
    /// What it is counted under.
    pub counted: Counted,
}

/// Largest body of the public routes: 32 items of about 300 bytes.
pub const BODY_BYTES_MAX: usize = 16 << 10;

/// The beginning of a route.
pub struct Draft {
    method: Method,
    path: &'static str,
    operation: &'static str,
    summary: &'static str,
}

/// A route for reading.
pub fn get(path: &'static str, operation: &'static str, summary: &'static str) -> Draft {
    Draft { method: Method::GET, path, operation, summary }
}

/// A route for asking.
pub fn post(path: &'static str, operation: &'static str, summary: &'static str) -> Draft {
    Draft { method: Method::POST, path, operation, summary }
}

/// A route for giving up.
pub fn delete(path: &'static str, operation: &'static str, summary: &'static str) -> Draft {
    Draft { method: Method::DELETE, path, operation, summary }
}

impl Draft {
    /// Answered at once, from what is published.
    pub fn now<S: Shape + 'static>(self, handler: fn(&Call) -> Result<Reply<S>, Problem>) -> Route {
        let handler = move |call: &Call| handler(call).map(|reply| reply.response);
        self.route::<S>(Handler::Now(Box::new(handler)))
    }

    /// Answered after the writer.
    pub fn later<S, F>(self, handler: fn(Call) -> F) -> Route
    where
        S: Shape + 'static,
        F: Future<Output = Result<Reply<S>, Problem>> + Send + 'static,
    {
        let handler = move |call: Call| -> Later {
            let answer = handler(call);
            Box::pin(async move { answer.await.map(|reply| reply.response) })
        };
        self.route::<S>(Handler::Later(Arc::new(handler)))
    }

    /// Answered after the writer, from a JSON body.
    pub fn told<B, S, F>(self, handler: fn(Call, B) -> F) -> Route
    where
        B: DeserializeOwned + ToSchema + Send + 'static,
        S: Shape + 'static,
        F: Future<Output = Result<Reply<S>, Problem>> + Send + 'static,
    {
        let handler = move |call: Call| -> Later {
            let answer = read::json::<B>(&call.body).map(|body| handler(call, body));
            Box::pin(async move { answer?.await.map(|reply| reply.response) })
        };
        let mut route = self.route::<S>(Handler::Later(Arc::new(handler)));
        route.request = Some(Described::of::<Json<B>>());
        route
    }

    fn route<S: Shape + 'static>(self, handler: Handler) -> Route {
        let Self { method, path, operation, summary } = self;
        Route {
            method,
            path,
            operation,
            summary,
            who: Who::Anybody,
            key: Key::None,
            handler,
            request: None,
            body_bytes_max: BODY_BYTES_MAX,
            response: Described::of::<S>(),
            statuses: &[200],
            instead: None,
            codes: &[],
            queries: &[],
            shared: false,
            counted: Counted::Other,
        }
    }
}

impl Described {
    fn of<S: Shape>() -> Self {
        Self { media: S::MEDIA, collect: S::collect }
    }
}

impl Route {
    /// Who may ask.
    #[must_use]
    pub fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// Whether an idempotency key is taken.
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// What it answers when all is well, if not 200.
    #[must_use]
    pub fn says(mut self, statuses: &'static [u16]) -> Self {
        self.statuses = statuses;
        self
    }

    /// What it answers, with these statuses, where it cannot do what is asked.
    #[must_use]
    pub fn instead<S: Shape>(mut self, statuses: &'static [u16]) -> Self {
        self.instead = Some((statuses, Described::of::<S>()));
        self
    }

    /// The problems of its own.
    #[must_use]
    pub fn or(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }

    /// Query parameters.
    #[must_use]
    pub fn query(mut self, queries: &'static [(&'static str, &'static str)]) -> Self {
        self.queries = queries;
        self
    }

    /// Any page may read the answer: it is the same for everybody.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// What it is counted under.
    #[must_use]
    pub fn counts(mut self, counted: Counted) -> Self {
        self.counted = counted;
        self
    }

    /// The largest body it takes.
    #[must_use]
    pub fn takes(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// Every problem it can answer: its own, and those that follow from who asks, from the path,
    /// the body and the writer.
    pub fn problems(&self) -> Vec<&'static str> {
        let mut codes = self.codes.to_vec();
        let mut add = |more: &[&'static str]| codes.extend_from_slice(more);
        if self.path.contains("{sale}") {
            add(&["no_sale", "standby"]);
        }
        match self.who {
            Who::Anybody => {}
            Who::Browser | Who::Staff => add(&["forbidden"]),
            Who::Place | Who::Pass => {
                add(&["token_missing", "token_invalid", "moved", "rate_limited"]);
            }
            Who::Shop | Who::Operator => {
                add(&["token_missing", "token_invalid", "rate_limited"]);
            }
        }
        if self.who == Who::Operator {
            add(&["forbidden"]);
        }
        if matches!(self.who, Who::Pass | Who::Shop) || !self.queries.is_empty() {
            add(&["malformed"]);
        }
        if self.request.is_some() {
            add(&["malformed", "media_type"]);
        }
        match self.key {
            Key::None => {}
            Key::Optional => add(&["malformed", "key_reused"]),
            Key::Required => add(&["malformed", "key_missing", "key_reused"]),
        }
        if matches!(self.handler, Handler::Later(_)) {
            add(&["body_too_large", "body_too_slow", "body_broken", "busy", "down", "stopping"]);
        }
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Asserts, in tests, that an answer is one that the document names.
    pub fn check(&self, answer: &Answer) {
        if !cfg!(debug_assertions) {
            return;
        }
        match answer {
            Ok(response) => {
                let status = response.status();
                let instead = self.instead.as_ref().map_or(&[][..], |(statuses, _)| statuses);
                let named = [self.statuses, instead].concat().contains(&status.as_u16());
                let named = named || status == StatusCode::NOT_MODIFIED || self.who == Who::Staff;
                assert!(named, "{} does not name {status}", self.operation);
            }
            Err(problem) => {
                let code = problem.code();
                let named = self.problems().contains(&code);
                assert!(named, "{} does not name {code}", self.operation);
            }
        }
    }
}
