//! A scripted server for tests: as much of the public interface as a visit needs, and lies.
//!
//! One performance with one row of seats. A place is called after a few polls, whoever waits.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(super) const API_KEY: &str = "sk_demo_secret";
const PRICE_MINOR: usize = 4_500;
/// Positions from the one that is shown first down to the call.
const POSITIONS: i64 = 3;

/// How the server misbehaves.
#[derive(Clone, Copy, Default)]
pub(super) struct Script {
    /// Each n-th request is carried out and then answered 503.
    pub(super) busy_every: Option<u64>,
    /// Each n-th request is carried out and then the connection breaks.
    pub(super) break_every: Option<u64>,
    /// The second position shown is higher than the first.
    pub(super) position_rises: bool,
    /// Orders do not take seats off sale.
    pub(super) sells_twice: bool,
    /// Orders are forgotten.
    pub(super) forgets_orders: bool,
    /// Nobody is called, since everything is sold.
    pub(super) sold_out: bool,
}

/// The server.
pub(super) struct Fake {
    script: Script,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    requests: u64,
    /// Polls of each place.
    polls: BTreeMap<u64, i64>,
    /// The live basket of each pass.
    passes: BTreeMap<u64, Option<String>>,
    baskets: BTreeMap<String, Value>,
    letters: Vec<u8>,
    answers: BTreeMap<String, Answer>,
}

type Answer = (u16, Value);

/// One request.
struct Asked {
    method: String,
    path: String,
    bearer: String,
    key: String,
    /// Whether only changes are asked for.
    since: bool,
    body: Value,
}

impl Fake {
    /// Listens on a free port, for as long as the test's runtime lives.
    pub(super) async fn start(seats: usize, script: Script) -> (Arc<Self>, SocketAddr) {
        let state = State { letters: vec![b'a'; seats], ..State::default() };
        let fake = Arc::new(Self { script, state: Mutex::new(state) });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = Arc::clone(&fake);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let fake = Arc::clone(&serving);
                let service = service_fn(move |request| Arc::clone(&fake).answer(request));
                let http = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
                tokio::spawn(http);
            }
        });
        (fake, address)
    }

    /// A pass for somebody who did not queue.
    pub(super) fn pass(&self, number: u64) -> String {
        self.state.lock().expect("no panic").passes.insert(number, None);
        format!("pass-{number}")
    }

    /// Seats in a state, by its letter.
    pub(super) fn seats(&self, letter: u8) -> usize {
        self.state.lock().expect("no panic").letters.iter().filter(|at| **at == letter).count()
    }

    /// Places given.
    pub(super) fn places(&self) -> usize {
        self.state.lock().expect("no panic").polls.len()
    }

    /// Confirmed baskets.
    pub(super) fn orders(&self) -> u64 {
        let state = self.state.lock().expect("no panic");
        state.baskets.values().filter(|basket| basket["state"] == "confirmed").count() as u64
    }

    /// Puts a basket into a state.
    pub(super) fn turn_basket(&self, id: &str, state: &str) {
        self.state.lock().expect("no panic").turn(id, b'a', state);
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, io::Error> {
        let asked = Asked::read(request).await.expect("tests send whole requests");
        let mut state = self.state.lock().expect("no panic");
        state.requests += 1;
        let due = |every: Option<u64>| every.is_some_and(|n| state.requests.is_multiple_of(n));
        let (breaks, busy) = (due(self.script.break_every), due(self.script.busy_every));
        let (status, body) = state.once(&asked, self.script);
        if breaks {
            return Err(io::Error::other("the connection breaks"));
        }
        let (status, body) = if busy { declined(503, "busy") } else { (status, body) };
        let mut response = Response::new(Full::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        Ok(response)
    }
}

impl Asked {
    async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let path = head.uri.path().strip_prefix("/v1/sales/demo").unwrap_or_default();
        Ok(Self {
            method: head.method.to_string(),
            since: head.uri.query().is_some_and(|query| query.starts_with("since=")),
            path: path.trim_start_matches('/').to_owned(),
            bearer: header(&head.headers, AUTHORIZATION.as_str()).replace("Bearer ", ""),
            key: header(&head.headers, "idempotency-key"),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    fn number(&self, kind: &str) -> Option<u64> {
        self.bearer.strip_prefix(kind)?.parse().ok()
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn declined(status: u16, code: &str) -> Answer {
    (status, json!({"code": code, "status": status}))
}

impl State {
    /// Answers, or says again what was answered to the same key.
    fn once(&mut self, asked: &Asked, script: Script) -> Answer {
        let changes = asked.method != "GET" && !asked.path.starts_with("place");
        if !changes {
            return self.route(asked, script);
        }
        if asked.key.is_empty() {
            return declined(400, "key_missing");
        }
        let Asked { method, path, bearer, key, .. } = asked;
        let scope = format!("{method} {path} {bearer} {key}");
        if let Some(answer) = self.answers.get(&scope) {
            return answer.clone();
        }
        let answer = self.route(asked, script);
        self.answers.insert(scope, answer.clone());
        answer
    }

    fn route(&mut self, asked: &Asked, script: Script) -> Answer {
        let path: Vec<_> = asked.path.split('/').collect();
        match (asked.method.as_str(), path.as_slice()) {
            ("GET", [""]) => (200, sale()),
            ("GET", ["board"]) => (200, head()),
            ("GET", ["performances"]) => {
                (200, json!({"version": 1, "performances": [self.performance()]}))
            }
            ("GET", ["performances", "tonight"]) => (200, self.performance()),
            ("GET", ["performances", "tonight", "seats"]) if asked.since => {
                (200, json!({"performance": "tonight", "version": 1, "since": 1, "changes": []}))
            }
            ("GET", ["performances", "tonight", "seats"]) => {
                let letters = String::from_utf8_lossy(&self.letters);
                (200, json!({"performance": "tonight", "version": 1, "seats": letters}))
            }
            ("GET", ["plans", "row"]) => (200, self.plan()),
            ("POST", ["places"]) if asked.bearer.is_empty() => self.join(),
            // Whoever loads the page again has a place already.
            ("POST", ["places"]) => self.poll(asked, script),
            ("GET", ["places", "me"]) => self.poll(asked, script),
            ("DELETE", ["places", "me"]) => (204, Value::Null),
            _ => self.shop(asked, &path, script),
        }
    }

    fn shop(&mut self, asked: &Asked, path: &[&str], script: Script) -> Answer {
        if let ("POST", ["passes"]) = (asked.method.as_str(), path) {
            let Some(number) = asked.number("place-") else {
                return declined(401, "token_missing");
            };
            let basket = self.passes.entry(number).or_default();
            let token = format!("pass-{number}");
            return (200, pass_of(number, basket.as_ref(), Some(token)));
        }
        if asked.bearer == API_KEY {
            return match (asked.method.as_str(), path) {
                ("GET", ["baskets", id]) => self.read(id, script),
                ("POST", ["baskets", id, "confirm"]) => self.confirm(id, script),
                _ => declined(404, "no_route"),
            };
        }
        let Some(number) = asked.number("pass-") else { return declined(401, "token_missing") };
        let Some(basket) = self.passes.get(&number).cloned() else {
            return declined(403, "no_pass");
        };
        match (asked.method.as_str(), path) {
            ("GET", ["passes", "me"]) => (200, pass_of(number, basket.as_ref(), None)),
            ("DELETE", ["passes", "me"]) => {
                basket.iter().for_each(|id| self.end(id, "released"));
                self.passes.remove(&number);
                (204, Value::Null)
            }
            ("POST", ["baskets"]) => self.hold(number, None, asked),
            ("POST", ["baskets", id, "holds"]) => self.hold(number, Some(id), asked),
            ("GET", ["baskets", id]) => self.read(id, script),
            ("DELETE", ["baskets", id, "holds", hold]) => self.release(id, hold),
            ("POST", ["baskets", id, "checkout"]) => self.turn(id, b'p', "paying"),
            ("DELETE", ["baskets", id]) => {
                self.end(id, "released");
                (204, Value::Null)
            }
            _ => declined(404, "no_route"),
        }
    }

    fn join(&mut self) -> Answer {
        let number = self.polls.len() as u64;
        self.polls.insert(number, 0);
        let token = format!("place-{number}");
        let place = json!({"number": number, "state": "waiting", "position": POSITIONS,
                           "poll_after_ms": 1, "token": token});
        (201, place)
    }

    fn poll(&mut self, asked: &Asked, script: Script) -> Answer {
        let Some(number) = asked.number("place-") else { return declined(401, "token_missing") };
        let polls = self.polls.entry(number).or_default();
        *polls += 1;
        let lie = if script.position_rises && *polls == 1 { 5 } else { 0 };
        let position = POSITIONS - *polls + lie;
        let called = json!({"number": number, "state": "called", "poll_after_ms": 1});
        let waiting = json!({"number": number, "state": "waiting", "position": position,
                             "calling": !script.sold_out, "poll_after_ms": 1});
        (200, if position > 0 || script.sold_out { waiting } else { called })
    }

    fn hold(&mut self, pass: u64, basket: Option<&str>, asked: &Asked) -> Answer {
        let live = self.passes.get(&pass).cloned().flatten();
        if let (None, Some(open)) = (basket, live) {
            return (409, json!({"code": "basket_open", "basket": open}));
        }
        let Some(wanted) = self.wanted(&asked.body["items"]) else {
            return declined(409, "no_block");
        };
        if wanted.iter().any(|at| self.letters[*at] != b'a') {
            return declined(409, "unavailable");
        }
        wanted.iter().for_each(|at| self.letters[*at] = b'h');
        let id = basket.map_or_else(|| format!("{:032x}", self.baskets.len()), ToOwned::to_owned);
        self.passes.insert(pass, Some(id.clone()));
        let body = self.baskets.entry(id.clone()).or_insert_with(|| {
            json!({"id": id, "code": "7K3M-2QXV", "pass": pass, "state": "open",
                   "holds": [], "units": 0, "total_minor": 0, "currency": "GBP",
                   "expires_in_ms": 90_000,
                   "expires_at": "2026-11-21T20:01:30.000Z"})
        });
        let line = |at: &usize| {
            json!({"performance": "tonight", "zone": "A", "price": "full", "units": 1,
                   "amount_minor": PRICE_MINOR,
                   "seat": {"id": format!("A-{at}"), "label": at.to_string(), "row": "A",
                            "section": "Stalls"}})
        };
        let lines: Vec<_> = wanted.iter().map(line).collect();
        let holds = body["holds"].as_array_mut().expect("a list");
        holds.push(json!({"id": holds.len(), "lines": lines}));
        total(body);
        (201, body.clone())
    }

    /// Subscripts of the wanted seats.
    fn wanted(&self, items: &Value) -> Option<Vec<usize>> {
        let items = items.as_array()?;
        if let Some(units) = items.first()?["best_available"]["seats"].as_u64() {
            let units = usize::try_from(units).ok()?;
            let open = (0..self.letters.len()).filter(|at| self.letters[*at] == b'a');
            return Some(open.take(units).collect()).filter(|found: &Vec<_>| found.len() == units);
        }
        let at = |item: &Value| item["seat"].as_str()?.strip_prefix("A-")?.parse().ok();
        items.iter().map(at).collect()
    }

    fn release(&mut self, id: &str, hold: &str) -> Answer {
        let Some(body) = self.baskets.get_mut(id) else { return declined(404, "not_found") };
        let holds = body["holds"].as_array_mut().expect("a list");
        let Some(at) = holds.iter().position(|held| held["id"].as_u64() == hold.parse().ok())
        else {
            return declined(404, "not_found");
        };
        let gone = holds.remove(at);
        for at in seats_of(&json!([gone])) {
            self.letters[at] = b'a';
        }
        total(body);
        (200, body.clone())
    }

    fn confirm(&mut self, id: &str, script: Script) -> Answer {
        let state = self.baskets.get(id).map(|basket| basket["state"].clone());
        match state {
            Some(state) if state == "paying" => {}
            Some(_) => return declined(409, "wrong_state"),
            None => return declined(404, "not_found"),
        }
        let answer = self.turn(id, if script.sells_twice { b'a' } else { b's' }, "confirmed");
        let pass = answer.1["pass"].as_u64().expect("a number");
        self.passes.insert(pass, None);
        answer
    }

    fn read(&self, id: &str, script: Script) -> Answer {
        let basket = self
            .baskets
            .get(id)
            .filter(|basket| !(script.forgets_orders && basket["state"] == "confirmed"));
        basket.map_or_else(|| declined(404, "not_found"), |basket| (200, basket.clone()))
    }

    fn end(&mut self, id: &str, state: &str) {
        let ended = self.turn(id, b'a', state);
        if let Some(pass) = ended.1["pass"].as_u64() {
            self.passes.insert(pass, None);
        }
    }

    fn turn(&mut self, id: &str, letter: u8, state: &str) -> Answer {
        let Some(body) = self.baskets.get_mut(id) else { return declined(404, "not_found") };
        body["state"] = state.into();
        for at in seats_of(&body["holds"]) {
            self.letters[at] = letter;
        }
        (200, body.clone())
    }

    fn performance(&self) -> Value {
        let count = |letter| self.letters.iter().filter(|at| **at == letter).count();
        let (available, held, paying) = (count(b'a'), count(b'h'), count(b'p'));
        let status = match (available, held + paying) {
            (0, 0) => "sold_out",
            (0, _) => "in_baskets",
            _ => "on_sale",
        };
        json!({"id": "tonight", "name": "Tonight <b>only</b>", "status": status,
               "seating": {"plan": "row", "zone_of_category": ["A"]},
               "counts": {"capacity": self.letters.len(), "available": available, "held": held,
                          "paying": paying, "sold": count(b's'), "withheld": 0}})
    }

    fn plan(&self) -> Value {
        let seat = |at: usize| {
            json!({"id": format!("A-{at}"), "label": at.to_string(),
                   "section": 0, "row": 0, "x": at, "y": 0})
        };
        let seats: Vec<_> = (0..self.letters.len()).map(seat).collect();
        json!({"sections": [{"name": "Stalls"}], "seats": seats,
               "rows": [{"label": "A", "section": 0, "runs": [[0, self.letters.len() - 1]]}]})
    }
}

fn sale() -> Value {
    json!({"name": "One Night Only", "currency": "GBP", "limits": {"basket_units_max": 6},
           "zones": [{"id": "A", "name": "Stalls",
                      "prices": [{"id": "full", "name": "Full", "amount_minor": PRICE_MINOR}]}]})
}

fn pass_of(number: u64, basket: Option<&String>, token: Option<String>) -> Value {
    json!({"pass": number, "basket": basket, "token": token, "idle_span_ms": 300_000,
           "idle_in_ms": 300_000, "time_running": true})
}

fn head() -> Value {
    let queue = json!({"waiting": 0, "called": 0, "active": 0, "cap": 0, "pace_per_minute": 0,
                       "calling": false});
    let counts = json!({"capacity": 0, "available": 0, "held": 0, "paying": 0, "sold": 0,
                        "withheld": 0});
    json!({"name": "One Night Only", "phase": "open", "status": "sold_out", "counts": counts,
           "queue": queue})
}

fn total(body: &mut Value) {
    let units = seats_of(&body["holds"]).len();
    body["units"] = units.into();
    body["total_minor"] = (units * PRICE_MINOR).into();
    if units == 0 {
        body["state"] = "open".into();
    }
}

fn seats_of(holds: &Value) -> Vec<usize> {
    let lines = holds.as_array().into_iter().flatten().flat_map(|hold| hold["lines"].as_array());
    let id = |line: &Value| line["seat"]["id"].as_str()?.strip_prefix("A-")?.parse().ok();
    lines.flatten().filter_map(id).collect()
}
