//! From a request to its handler: method, address, body, and back.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue,
};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Version};

use super::auth;
use super::call::Call;
use super::problem::Problem;
use super::route::{Answer, Handler, Route, Who};
use super::router;
use super::state::State;
use crate::net::body::Body;
use crate::net::reply::OutBody;
use crate::net::{Answering, Peer, Serve};

/// What pages of other hosts may send with what any page may ask for: the type of a body, and the
/// key of a shop. Their cookies never come along.
const SENT_BY_PAGES: HeaderValue = HeaderValue::from_static("content-type, x-api-key");

/// All routes of one listener.
pub struct Table {
    routes: Vec<Arc<Route>>,
    paths: matchit::Router<Offered>,
}

/// What is offered at one path.
struct Offered {
    /// Subscripts of routes.
    routes: Vec<usize>,
    /// For the `Allow` header.
    allow: String,
}

/// Answers the requests of one listener.
#[derive(Clone)]
pub struct Api {
    state: Arc<State>,
    table: Arc<Table>,
}

impl Table {
    /// Makes the dispatcher of some routes.
    ///
    /// # Panics
    /// If two routes have the same method and path, or paths that cannot be told apart.
    pub fn new(routes: Vec<Route>) -> Self {
        let mut paths = matchit::Router::new();
        for route in &routes {
            let same = |other: &(usize, &Route)| other.1.path == route.path;
            let here: Vec<_> = routes.iter().enumerate().filter(same).map(|(at, _)| at).collect();
            let first = here.first().and_then(|at| routes.get(*at));
            if first.is_some_and(|first| first.method == route.method) {
                let allow = allow(here.iter().filter_map(|at| routes.get(*at)));
                let offered = Offered { routes: here, allow };
                paths.insert(route.path, offered).expect("paths can be told apart");
            }
        }
        Self { routes: routes.into_iter().map(Arc::new).collect(), paths }
    }

    /// All routes, in the order of the screen.
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The route of a method and path.
    ///
    /// # Errors
    /// `no_route`, `method_not_allowed`
    fn find(&self, method: &Method, path: &str) -> Result<&Arc<Route>, Problem> {
        let offered = self.offered(path).ok_or_else(|| Problem::new("no_route"))?;
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        let routes = offered.routes.iter().filter_map(|at| self.routes.get(*at));
        let mut fitting = routes.filter(|route| route.method == *wanted);
        let refused = || Problem::new("method_not_allowed").allow(&offered.allow);
        fitting.next().ok_or_else(refused)
    }

    fn offered(&self, path: &str) -> Option<&Offered> {
        self.paths.at(path).ok().map(|matched| matched.value)
    }
}

fn allow<'r>(routes: impl Iterator<Item = &'r Route>) -> String {
    let mut methods = vec!["OPTIONS"];
    for route in routes {
        methods.push(route.method.as_str());
        if route.method == Method::GET {
            methods.push("HEAD");
        }
    }
    methods.sort_unstable();
    methods.join(", ")
}

impl Api {
    /// Serves these routes.
    pub fn new(state: Arc<State>, routes: Vec<Route>) -> Self {
        Self { state, table: Arc::new(Table::new(routes)) }
    }

    /// The routes.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Whether an address is one of ours.
    pub fn knows(&self, path: &str) -> bool {
        self.table.offered(path).is_some()
    }

    /// Whether an address is that of a route, and of one of these sales if it names a sale.
    pub fn owns(&self, path: &str, sales: &BTreeSet<String>) -> bool {
        let Ok(matched) = self.table.paths.at(path) else { return false };
        matched.params.get("sale").is_none_or(|sale| sales.contains(sale))
    }

    /// What all handlers share.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Answers one request: at once where nothing has to be waited for.
    pub fn answer(&self, request: Request<Body>, peer: Peer) -> Answering {
        let (head, body) = request.into_parts();
        if head.method == Method::OPTIONS {
            return Answering::Now(self.options(head.uri.path()));
        }
        let bodiless = head.method == Method::HEAD;
        let route = match self.table.find(&head.method, head.uri.path()) {
            Ok(route) => route,
            Err(problem) => return Answering::Now(self.astray(problem, &head)),
        };
        let call = Call {
            state: self.state.clone(),
            head,
            body: Bytes::new(),
            peer,
            template: route.path,
            operation: route.operation,
        };
        match &route.handler {
            Handler::Now(handler) => Answering::Now(dressed(route, handler(&call), bodiless)),
            Handler::Later(handler) => {
                let reading = read(route, call, body);
                let (route, handler) = (route.clone(), handler.clone());
                Answering::later(async move {
                    let answer = match reading.await {
                        Ok(call) => handler(call).await,
                        Err(problem) => Err(problem),
                    };
                    dressed(&route, answer, bodiless)
                })
            }
        }
    }

    /// What is said of an address at which nothing answers.
    fn astray(&self, problem: Problem, head: &Parts) -> Response<OutBody> {
        let path = head.uri.path();
        let looks = matches!(head.method, Method::GET | Method::HEAD);
        if looks && !path.starts_with("/v1/") {
            return router::astray(problem, &head.headers, self.page_for(path));
        }
        problem.response()
    }

    /// The page for people at an address that has none: from that of a form the one with the form,
    /// from the front all there is to see.
    fn page_for(&self, path: &str) -> Option<String> {
        let consoles = self.table.routes.iter().any(|route| route.path == router::CONSOLE);
        let sales = self.state.sales();
        let page = match path {
            "/" if consoles => router::CONSOLE.to_owned(),
            "/" if sales.len() == 1 => format!("/{}", sales.keys().next()?),
            _ => format!("/{}", self.table.paths.at(path).ok()?.params.get("sale")?),
        };
        // Anything else could lead elsewhere.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
        Some(page).filter(|page| page.bytes().all(plain) && self.knows(page))
    }

    fn options(&self, path: &str) -> Response<OutBody> {
        let Some(offered) = self.table.offered(path) else {
            return Problem::new("no_route").response();
        };
        let mut response = Response::new(OutBody::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        if let Ok(allow) = HeaderValue::from_str(&offered.allow) {
            headers.insert(ALLOW, allow);
        }
        let routes = offered.routes.iter().filter_map(|at| self.table.routes.get(*at));
        let shared: Vec<_> = routes.into_iter().filter(|route| route.shared).collect();
        if !shared.is_empty() {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            let sent = shared.iter().any(|route| route.method == Method::POST);
            let methods = if sent { "POST" } else { "GET, HEAD" };
            let methods = HeaderValue::from_static(methods);
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, SENT_BY_PAGES);
        }
        response
    }
}

impl Serve for Api {
    fn call(&self, request: Request<Body>, peer: Peer) -> Answering {
        let leaves = self.state.role().hand_over.over() && request.version() < Version::HTTP_2;
        let answer = self.answer(request, peer);
        if leaves { Answering::later(last(answer)) } else { answer }
    }
}

/// An answer after which the connection closes: whoever asks again asks who serves now, and no
/// request is on its way when the sockets are drained.
async fn last(answer: Answering) -> Response<OutBody> {
    let mut response = answer.wait().await;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Reads the body of a request.
fn read(
    route: &Route,
    mut call: Call,
    body: Body,
) -> impl Future<Output = Result<Call, Problem>> + Send + use<> {
    let (takes_json, most) = (route.request.is_some(), route.body_bytes_max);
    let by_shop = route.who == Who::Shop;
    async move {
        // Before the body is read: what a shop may send is large.
        if by_shop {
            auth::shop(&call)?;
        }
        if takes_json {
            require_json(&call)?;
        }
        let read = body.collect(most).await;
        call.body = read.map_err(|fault| Problem::body(&fault))?;
        Ok(call)
    }
}

/// An answer with what its route adds.
fn dressed(route: &Route, answer: Answer, bodiless: bool) -> Response<OutBody> {
    route.check(&answer);
    let mut response = answer.unwrap_or_else(Problem::response);
    if route.shared {
        let anybody = HeaderValue::from_static("*");
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    }
    let response = if bodiless { without_body(response) } else { response };
    response.map(|body| body.counted(route.counted))
}

fn require_json(call: &Call) -> Result<(), Problem> {
    let media = call.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let json = media.eq_ignore_ascii_case("application/json");
    json.then_some(()).ok_or_else(|| Problem::new("media_type"))
}

fn without_body(response: Response<OutBody>) -> Response<OutBody> {
    let (mut head, body) = response.into_parts();
    if let Some(bytes) = body.bytes() {
        head.headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(bytes.len()));
    }
    Response::from_parts(head, OutBody::empty())
}
