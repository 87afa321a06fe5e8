//! A night whose journal is in a Redis of the story's own; and what must be so while Redis is away.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::block_in_place;

use super::pair::health;
use super::proxy::Proxy;
use super::redis_server::Redis;
use super::stream;
use crate::night::clients::{Manner, Visitor};
use crate::night::server::{LONG, Plan, Site};
use crate::night::web::{Answer, Ask};
use crate::night::{Night, Reckoning, desk, refused, until};

/// Some people, of whom each holds, changes their mind, pays and comes again.
pub(super) const SOME: Manner = Manner {
    visitors: 12,
    visits: usize::MAX,
    wanted: 8,
    paid_percent: 30,
    hurried: false,
    lingers_ms: 0,
};
/// Different causes of one outage that operators may come to read.
const CAUSES_MAX: usize = 8;
/// Looks at the queue and the board while nothing is sold.
const LOOKS: usize = 20;

/// A night, its Redis, and the way between the two.
pub(super) struct Story {
    pub(super) night: Night,
    pub(super) redis: Redis,
    pub(super) proxy: Proxy,
}

/// Something that happens to Redis, and is undone.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) breaks: fn(&mut Story),
    pub(super) heals: fn(&mut Story),
    /// What operators come to read.
    pub(super) cause: &'static str,
    /// How long it lasts, at least.
    pub(super) lasts: Duration,
}

/// How a site reaches its journal.
pub(super) struct Journal<'a> {
    pub(super) url: String,
    /// `always`, `everysec` or `replicas`.
    pub(super) durability: &'a str,
    /// More lines of the section.
    pub(super) more: String,
    /// Lines of the section of secrets.
    pub(super) secrets: String,
}

impl Journal<'_> {
    /// At an address, without TLS, a password or anything else.
    pub(super) fn at(address: std::net::SocketAddr) -> Self {
        let url = format!("redis://{address}");
        Self { url, durability: "always", more: String::new(), secrets: String::new() }
    }

    /// The lines of a configuration.
    pub(super) fn lines(&self) -> String {
        let Self { url, durability, more, secrets } = self;
        format!(
            r#"
{secrets}

[journal]
mode = "redis"

[journal.redis]
url = "{url}"
durability = "{durability}"
response_ms = 500
connect_ms = 1000
lease_ms = 3000
{more}
"#
        )
    }
}

/// A site of a sale whose journal is there.
pub(super) fn site(journal: &Journal<'_>) -> Site {
    Site::with(&Plan { cap: 16, policy: LONG, opens_at: None }, &journal.lines())
}

impl Story {
    /// Starts a server that reaches a Redis through a proxy, and lets people in.
    pub(super) async fn begin(redis: Redis, journal: Journal<'_>, seed: u64) -> Self {
        let proxy = Proxy::to(redis.address());
        let url = format!("redis://{}", proxy.address());
        let site = site(&Journal { url, ..journal });
        let server = site.start();
        let night = Night::begin(site, server, SOME, seed).await;
        Self { night, redis, proxy }
    }

    /// Waits until some more was bought.
    pub(super) async fn sells(&self) {
        let orders = self.night.orders();
        until("people buy", async || (self.night.orders() > orders + 2).then_some(())).await;
    }

    /// What operators read as the cause, once it has this in it.
    pub(super) async fn cause(&self, part: &str) -> String {
        let mut read = Vec::new();
        for _ in 0..CAUSES_MAX {
            let cause = until("operators read of a cause", async || {
                self.any_cause().await.filter(|cause| read.last() != Some(cause))
            });
            let cause = cause.await;
            if cause.contains(part) {
                return cause;
            }
            read.push(cause);
        }
        panic!("operators read nothing of {part:?}: {read:?}");
    }

    async fn any_cause(&self) -> Option<String> {
        let seen = desk(&self.night.crowd.web, &self.night.site.staff).await;
        seen.body["health"]["cause"].as_str().map(str::to_owned)
    }

    /// Lets something happen, looks at what must be so meanwhile, undoes it, and waits until it
    /// sells again; says what operators read, and how long both took.
    pub(super) async fn outage(&mut self, fault: &Fault) {
        self.sells().await;
        let (broken, from) = (Instant::now(), self.night.crowd.web.now());
        block_in_place(|| (fault.breaks)(self));
        until("operators see a cause", async || self.any_cause().await).await;
        let named = broken.elapsed();
        let cause = self.cause(fault.cause).await;
        self.require_refusals().await;
        self.require_looks().await;
        self.require_writer().await;
        tokio::time::sleep(fault.lasts.saturating_sub(broken.elapsed())).await;
        self.require_answers_since(from);
        block_in_place(|| (fault.heals)(self));
        let resumed = self.resumes().await;
        println!("{}: \"{cause}\" after {named:?}; sold again after {resumed:?}", fault.name);
        self.night.require_truth();
    }

    /// Waits until it sells again; says how long that took.
    pub(super) async fn resumes(&self) -> Duration {
        let (healed, orders) = (Instant::now(), self.night.orders());
        until("it sells again", async || (self.night.orders() > orders).then_some(())).await;
        healed.elapsed()
    }

    /// Selling is refused, with a word when to come again.
    pub(super) async fn require_refusals(&self) -> Answer {
        let refused = until("selling is refused", async || refused(&self.night).await).await;
        assert_eq!((refused.status, refused.code()), (503, "down"), "{refused:?}");
        assert!(refused.retry_after().is_some(), "{refused:?}");
        refused
    }

    /// Joining, positions and the board go on.
    async fn require_looks(&self) {
        let web = &self.night.crowd.web;
        let visitor = Visitor::new(&self.night.crowd, 0);
        let place = visitor.join().await.expect("joining goes on");
        for _ in 0..LOOKS {
            let position = Ask::get("poll", "/places/me").bearer(&place.token);
            for ask in [position, Ask::get("board", "/board")] {
                let seen = web.ask(&ask).await.expect("it stays up");
                assert_eq!(seen.status, 200, "{seen:?}");
            }
        }
    }

    /// It is not ready, and still the one to send visitors to.
    async fn require_writer(&self) {
        for (path, status) in [("/readyz", 503), ("/writerz", 200)] {
            let said = health(&self.night.server, path).await.expect("it stays up");
            assert_eq!(said.status, status, "{path}: {said:?}");
        }
    }

    /// Nobody who only looked since then was left without an answer.
    fn require_answers_since(&self, from: u64) {
        let looked = ["poll", "board", "desk"];
        let tries = self.night.crowd.web.tries();
        let failed: Vec<_> = tries
            .iter()
            .filter(|one| one.began >= from && looked.contains(&one.operation))
            .filter(|one| one.status != Some(200))
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// Compares everything with everything, and reads the stream.
    pub(super) async fn reckon(self) -> Reckoning {
        let Self { night, redis, proxy: _proxy } = self;
        let reckoning = night.reckon().await;
        stream::require_one_line(&redis);
        reckoning
    }
}

/// Copies a folder of files.
pub(super) fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "{} can be copied", from.display());
}
