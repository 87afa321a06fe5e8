//! The interface as visitors, shops and operators see it, over a running engine whose journal is in
//! memory. Requests go to the service itself: sockets have tests of their own.

mod baskets;
mod console;
mod console_controls;
mod console_house;
mod console_after;
mod console_doors;
mod console_find;
mod console_roles;
mod crowd;
mod golden;
mod hostile;
mod http_level;
mod mirror;
mod mirror_refused;
mod ops;
mod page;
mod queue;
pub(crate) mod sample;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode, response};
use serde_json::{Value, json};
use stanchion::api::dispatch::Api;
use stanchion::api::router;
use stanchion::api::state::{Parts as ApiParts, Premises, State};
use stanchion::clock::{Clock, Hand};
use stanchion::engine::{Engine, Parts, Threads};
use stanchion::journal::memory::MemoryJournal;
use stanchion::metrics::Metrics;
use stanchion::net::Peer;
use stanchion::net::body::Body;
use stanchion::net::rates::Allowance;
use stanchion::net::reply::OutBody;
use stanchion::net::source::Source;
use stanchion::page::look::Look;
use stanchion::staff::Staff;
use stanchion::token::api_key::{ApiKeys, NewApiKey};
use stanchion::token::keys::KeyRing;
use stanchion::token::role::Role;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::WallTime;
use tempfile::TempDir;

/// Far longer than anything here takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);
const SALE: &str = "/v1/sales/gala";
/// Event streams of one source.
const STREAMS_PER_SOURCE_MAX: usize = 3;

/// A sale that is served, and who may ask what of it.
pub(crate) struct House {
    engine: Engine,
    public: Api,
    ops: Api,
    console: Api,
    people: Arc<Staff>,
    state: Arc<State>,
    /// The time of the people of the console.
    hand: Arc<Hand>,
    shop: String,
    staff: String,
    viewer: String,
    box_office: String,
    operator: String,
    keys: AtomicU32,
    _threads: Threads,
    _folder: TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Asserts the status, and the code of a problem.
    #[track_caller]
    fn is(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let body = self.json();
        assert_eq!(body["code"], code, "{self:?}");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("urn:stanchion:problem:{code}"));
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        body
    }

    #[track_caller]
    fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A request being put together.
pub(crate) struct Ask<'h> {
    house: &'h House,
    api: &'h Api,
    request: http::request::Builder,
    body: String,
}

impl Ask<'_> {
    fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a key that nobody used before.
    fn key(self) -> Self {
        let key = self.house.keys.fetch_add(1, Ordering::Relaxed);
        self.header("idempotency-key", &format!("key-{key}"))
    }

    fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.header("content-type", "application/json")
    }

    fn text(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    async fn send(self) -> Answer {
        let (head, body) = self.answered(1).await;
        let bytes = body.gathered().await.expect("an answer that is whole");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: head.status, headers: head.headers, text }
    }
}

impl Ask<'_> {
    /// The answer to this host of the network, not read yet.
    async fn answered(self, host: u8) -> (response::Parts, OutBody) {
        let request = self.request.body(Body::whole(self.body)).expect("a request");
        let host = IpAddr::V4(Ipv4Addr::new(127, 0, 0, host));
        let (address, source) = (SocketAddr::from((host, 1)), Source::of(host));
        let peer = Peer { address, asker: address.ip(), source, proxied: false, secure: true };
        self.api.answer(request, peer).wait().await.into_parts()
    }
}

impl House {
    /// Serves a sale that is not open yet.
    fn new(definition: Definition) -> Self {
        Self::with_guesses(definition, 1_000_000)
    }

    fn with_guesses(definition: Definition, guesses: u32) -> Self {
        Self::with(definition, guesses, Look::own())
    }

    /// Serves a sale whose pages look like this.
    fn with(definition: Definition, guesses: u32, look: Look) -> Self {
        let metrics = Metrics::new();
        let (engine, threads) = Engine::start(Parts {
            journal: Box::new(MemoryJournal::default()),
            definition: Some(Arc::new(definition)),
            clock: Clock::machine(),
            registry: metrics.clone(),
            fatal: Arc::new(|fault| panic!("{fault}")),
        })
        .expect("a journal in memory opens")
        .expect("a definition was given");
        let (shop, staff) = (make_key("shop"), make_key("Ada"));
        let of = |role: Role| make_key(role.name()).for_role(role);
        let (viewer, box_office) = (of(Role::Viewer), of(Role::BoxOffice));
        let operator = of(Role::Operator);
        let lines = [&staff, &viewer, &box_office, &operator].map(|key| key.line.clone());
        let folder = tempfile::tempdir().expect("a folder");
        let premises = Premises { folder: folder.path().to_owned(), look: Arc::new(look) };
        let hand = Arc::new(Hand::default());
        hand.set_wall(WallTime(1_795_291_200_000));
        let people = Staff::open(folder.path(), Clock::by_hand(hand.clone())).expect("ours");
        let state = State::new(ApiParts {
            keys: KeyRing::new(),
            shops: ApiKeys::read(&shop.line).expect("one line"),
            staff: ApiKeys::read(&lines.join("\n")).expect("four lines"),
            console: Some(people.clone()),
            join: allowance(1_000_000),
            guess: allowance(guesses),
            streams_per_source_max: STREAMS_PER_SOURCE_MAX,
            behind_tls: false,
            rehearsal: true,
            data: None,
            gate: None,
            counter: None,
            connector: None,
            metrics,
            sales: vec![(engine.clone(), premises)],
        });
        Self {
            engine,
            public: Api::new(state.clone(), router::public()),
            ops: Api::new(state.clone(), router::ops()),
            console: Api::new(state.clone(), router::console()),
            people,
            state,
            hand,
            shop: shop.text,
            staff: staff.text,
            viewer: viewer.text,
            box_office: box_office.text,
            operator: operator.text,
            keys: AtomicU32::new(0),
            _threads: threads,
            _folder: folder,
        }
    }

    /// Serves a sale that is open.
    async fn open(definition: Definition) -> Self {
        let house = Self::new(definition);
        house.change(json!({ "type": "open" })).await.ok(200);
        house
    }

    fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask {
            house: self,
            api: &self.public,
            request: Request::builder().method(method).uri(path),
            body: String::new(),
        }
    }

    fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, &format!("{SALE}{path}"))
    }

    fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, &format!("{SALE}{path}"))
    }

    fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, &format!("{SALE}{path}"))
    }

    /// As an operator.
    fn ops(&self, method: Method, path: &str) -> Ask<'_> {
        let ask = Ask { api: &self.ops, ..self.ask(method, path) };
        ask.bearer(&self.staff)
    }

    /// Makes an ops change against the newest revision.
    async fn change(&self, action: Value) -> Answer {
        let revision = self.ops(Method::GET, SALE).send().await.ok(200)["revision"].clone();
        let body = json!({ "revision": revision, "reason": "a test", "action": action });
        self.ops(Method::POST, &format!("{SALE}/changes")).key().json(&body).send().await
    }

    /// Joins, once there is a number.
    async fn join(&self) -> String {
        let joined = until(async || {
            let answer = self.post("/places").send().await;
            (answer.status != StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
        });
        let place = joined.await.ok(201);
        place["token"].as_str().expect("a token").to_owned()
    }

    async fn place(&self, token: &str) -> Value {
        self.get("/places/me").bearer(token).send().await.ok(200)
    }

    /// Waits until a place stands like this.
    async fn stands(&self, token: &str, state: &str) -> Value {
        until(async || Some(self.place(token).await).filter(|place| place["state"] == state)).await
    }

    /// Joins, waits for the call, claims.
    async fn enter(&self) -> String {
        let place = self.join().await;
        self.stands(&place, "called").await;
        let pass = self.post("/passes").bearer(&place).send().await.ok(200);
        pass["token"].as_str().expect("a token").to_owned()
    }

    /// Asks to hold these items in a new basket.
    async fn hold(&self, pass: &str, items: Value) -> Answer {
        let body = json!({ "items": items });
        self.post("/baskets").bearer(pass).key().json(&body).send().await
    }

    /// Counts of a performance, once the board says what `wanted` wants; conserved in any case.
    async fn board_says(&self, performance: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(async || {
            let shown = self.get(&format!("/performances/{performance}")).send().await.ok(200);
            let counts = &shown["counts"];
            let sum: u64 = ["available", "held", "paying", "sold", "withheld"]
                .iter()
                .map(|state| counts[state].as_u64().expect("a count"))
                .sum();
            assert_eq!(Some(sum), counts["capacity"].as_u64(), "conservation");
            wanted(counts).then(|| shown.clone())
        })
        .await
    }
}

/// Looks again and again until there is something to see.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, seen).await.expect("it happens within a generous bound")
}

fn make_key(name: &str) -> NewApiKey {
    NewApiKey::make(name).expect("a name")
}

fn allowance(burst: u32) -> Allowance {
    let burst = NonZeroU32::new(burst).expect("not zero");
    Allowance { burst, per_minute: burst }
}

fn seat(id: &str) -> Value {
    json!({ "performance": "fri", "seat": id })
}

fn standing(units: u32) -> Value {
    json!({ "performance": "fri", "pool": "standing", "units": units })
}
