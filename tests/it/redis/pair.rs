//! A writer and another machine that stands by, with clients that know both.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::proxy::Proxy;
use super::redis_server::Redis;
use super::story::{Journal, site};
use super::stream::{self, Id};
use crate::night::clients::Manner;
use crate::night::server::{Server, Site};
use crate::night::web::{Answer, Ask, Try, Web};
use crate::night::{Night, Reckoning, until};

/// Calls that are answered only when something new is stored.
pub(super) const LASTING: [&str; 4] = ["hold", "release", "checkout", "confirm"];

/// Two machines for one sale.
pub(super) struct Pair {
    /// The crowd, and the machine that writes.
    pub(super) night: Night,
    /// The way of the machine that writes to Redis.
    pub(super) way: Proxy,
    /// The other machine.
    pub(super) other: Machine,
    pub(super) redis: Redis,
}

/// A machine that may stand by.
pub(super) struct Machine {
    pub(super) site: Site,
    pub(super) server: Server,
    pub(super) way: Proxy,
}

impl Pair {
    /// Starts a writer, lets people in, and starts a standby.
    pub(super) async fn begin(redis: Redis, manner: Manner, seed: u64) -> Self {
        let ways = [Proxy::to(redis.address()), Proxy::to(redis.address())];
        let lines = |way: &Proxy| Journal::at(way.address()).lines();
        let site = site(&Journal::at(ways[0].address()));
        let server = site.start();
        let night = Night::begin(site, server, manner, seed).await;
        let beside = night.site.beside(&lines(&ways[1]));
        let server = beside.start();
        let [way, other] = ways;
        let other = Machine { site: beside, server, way: other };
        let pair = Self { night, way, other, redis };
        pair.meet().await;
        pair
    }

    /// Waits until the other machine stands by, and tells clients of it.
    async fn meet(&self) {
        waits_for(&self.other.server, "holder").await;
        self.night.crowd.web.reach_either(&[&self.night.server, &self.other.server]);
    }

    /// Waits until some more was bought.
    pub(super) async fn sells(&self) {
        let orders = self.night.orders();
        until("people buy", async || (self.night.orders() > orders + 2).then_some(())).await;
    }

    /// The other machine writes, or is about to.
    pub(super) fn change_roles(&mut self) {
        std::mem::swap(&mut self.night.site, &mut self.other.site);
        std::mem::swap(&mut self.night.server, &mut self.other.server);
        std::mem::swap(&mut self.way, &mut self.other.way);
    }

    /// Has the writer hand over, by a request or by SIGTERM, until it has ended well: how long
    /// nothing was sold.
    pub(super) async fn hand_over(&mut self, by_request: bool) -> Duration {
        let from = self.night.crowd.web.now();
        if by_request {
            let writer = (&self.night.site, &self.night.server);
            let told = tell(writer, "/v1/handover", reason()).await;
            assert_eq!(told.status, 200, "{told:?}");
        } else {
            self.night.server.signal("TERM");
        }
        self.change_roles();
        let span = self.without_service(from).await;
        let status = block_in_place(|| self.other.server.ended());
        assert_eq!(status.code(), Some(0), "{}", self.other.site.log());
        span
    }

    /// Starts the other machine again, which has ended: it stands by.
    pub(super) async fn start_other(&mut self) {
        self.other.server = block_in_place(|| self.other.site.start());
        self.meet().await;
    }

    /// How long nothing was sold after a moment, once something is.
    pub(super) async fn without_service(&self, from: u64) -> Duration {
        let web = &self.night.crowd.web;
        let lasted = |one: &&Try| {
            let done = one.status.is_some_and(|status| status < 300) && !one.again;
            done && one.began > from && LASTING.contains(&one.operation)
        };
        let first = until("something is sold again", async || {
            web.tries().iter().filter(lasted).map(|one| one.ended).min()
        })
        .await;
        Duration::from_micros(first - from)
    }

    /// Ends the other machine, compares everything with everything, and reads the stream.
    pub(super) async fn reckon(self) -> (Reckoning, Vec<Id>) {
        let Self { night, redis, other, way: _way } = self;
        drop(other.server);
        let reckoning = night.reckon().await;
        (reckoning, stream::require_one_line(&redis))
    }
}

/// What a machine says of itself, when it is asked whether it is ready.
pub(super) async fn ready(server: &Server) -> Option<Answer> {
    health(server, "/readyz").await
}

/// What a machine says at one of the addresses that say how it does.
pub(super) async fn health(server: &Server, path: &'static str) -> Option<Answer> {
    let web = Web::new();
    web.reach(server);
    web.ask(&Ask::of_process(path, Method::GET, path).of_ops()).await
}

/// Waits until a machine writes.
pub(super) async fn writes(server: &Server) {
    until("it takes over", async || ready(server).await.filter(|seen| seen.status == 200)).await;
}

/// Waits until a machine stands by and says that it waits for this; says why.
pub(super) async fn waits_for(server: &Server, what: &str) -> String {
    until(&format!("it waits for {what}"), async || {
        let standby = ready(server).await?.body["standbys"][0].clone();
        let why = standby["why"].as_str().unwrap_or_default().to_owned();
        (standby["waits_for"] == what).then_some(why)
    })
    .await
}

/// Tells a machine something that is not about a sale.
pub(super) async fn tell(machine: (&Site, &Server), path: &'static str, body: Value) -> Answer {
    let (site, server) = machine;
    let web = Web::new();
    web.reach(server);
    let ask = Ask::of_process(path, Method::POST, path).of_ops().bearer(&site.staff).json(&body);
    web.ask(&ask).await.expect("an answer")
}

/// Hands over, or would like to.
pub(super) fn reason() -> Value {
    json!({ "reason": "a test" })
}
