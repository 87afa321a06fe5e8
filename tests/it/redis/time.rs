//! Time stops when we stop: while Redis is away sale time stands still, so that neither a basket
//! nor a called visitor loses more of it than was served.

use std::time::Duration;

use tokio::task::block_in_place;

use super::proxy::Proxy;
use super::redis_server::{ALWAYS, Redis};
use super::story::{Journal, SOME, Story};
use crate::night::clients::{Place, Visitor};
use crate::night::server::{Plan, Site};
use crate::night::shopper::Shopper;
use crate::night::{Night, alone, desk, seed, until};

/// Nothing runs out within the story, and an outage gives a basket nothing back.
const PATIENT: &str = r#"
presence_span = "1s"
claim_span = "1h"
idle_span = "2h"
grace_span = "1s"
grace_basket_span = "1s"
hold_span = "1h"
checkout_span = "1h"
basket_span_max = "3h"
"#;
/// How long Redis is away once sale time stands still.
const AWAY: Duration = Duration::from_secs(5);
/// How far what is shown may be behind the sale: a picture is shown each 0.2 s, after an append
/// that takes half a second at most. Less than an outage by far, so that one that counts is seen.
const BEHIND_MS: u64 = 1_000;

/// A way in which Redis goes away, and how it comes back.
struct Outage {
    name: &'static str,
    breaks: fn(&mut Story),
    heals: fn(&mut Story),
}

const OUTAGES: [Outage; 4] = [
    Outage {
        name: "killed",
        breaks: |story| story.redis.kill(),
        heals: |story| story.redis.restart(),
    },
    Outage {
        name: "stopped",
        breaks: |story| story.redis.pause(),
        heals: |story| story.redis.resume(),
    },
    Outage {
        name: "cut off",
        breaks: |story| {
            story.proxy.refuse();
            story.proxy.cut();
        },
        heals: |story| story.proxy.heal(),
    },
    Outage {
        name: "full",
        breaks: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory", "1"]);
        },
        heals: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory", "0"]);
        },
    },
];

/// Somebody with a basket and somebody who is called, whose time runs.
struct Witnesses {
    shopper: Shopper,
    visitor: Visitor,
    called: Place,
}

/// What is left to each of them, and the sale's own time, as everybody reads them: the first look
/// begins at `from_ms` and the last one ends at `until_ms` of the crowd's clock.
#[derive(Debug)]
struct Look {
    from_ms: u64,
    sale_ms: u64,
    basket_ms: u64,
    claim_ms: u64,
    until_ms: u64,
}

impl Witnesses {
    async fn enter(night: &Night, seed: u64) -> Self {
        let shopper = Shopper::enter_to_stand(&night.crowd, seed).await;
        let visitor = Visitor::new(&night.crowd, !seed);
        let called = visitor.join().await.expect("a place");
        let one = Self { shopper, visitor, called };
        until("they are called", async || one.claim_ms().await).await;
        one
    }

    /// What is left of the claim window, while it is their turn.
    async fn claim_ms(&self) -> Option<u64> {
        let seen = self.visitor.place(&self.called).await.expect("a place");
        (seen.text("state") == "called").then(|| seen.body["claim_in_ms"].as_u64())?
    }

    async fn look(&self, story: &Story) -> Look {
        let from_ms = now_ms(story);
        let (sale_ms, _) = sale_time(story).await;
        let basket_ms = self.shopper.left_ms().await;
        let claim_ms = self.claim_ms().await.expect("it is still their turn");
        Look { from_ms, sale_ms, basket_ms, claim_ms, until_ms: now_ms(story) }
    }
}

fn now_ms(story: &Story) -> u64 {
    story.night.crowd.web.now() / 1_000
}

/// Sale time, and whether it runs, as operators see both.
async fn sale_time(story: &Story) -> (u64, bool) {
    let seen = desk(&story.night.crowd.web, &story.night.site.staff).await;
    let time = &seen.body["time"];
    let ms = time["sale_time_ms"].as_u64().expect("a number");
    (ms, time["running"].as_bool().expect("a truth"))
}

/// Lets Redis go away and come back, and measures what that took from everybody.
async fn live_through(story: &mut Story, witnesses: &Witnesses, outage: &Outage) {
    story.sells().await;
    let before = witnesses.look(story).await;
    block_in_place(|| (outage.breaks)(story));
    let stood = until("sale time stands still", async || {
        let (ms, running) = sale_time(story).await;
        (!running).then_some(ms)
    });
    let (stood, stood_at_ms) = (stood.await, now_ms(story));
    tokio::time::sleep(AWAY).await;
    assert_eq!(sale_time(story).await, (stood, false), "{}: it stands still", outage.name);
    let healed_at_ms = now_ms(story);
    block_in_place(|| (outage.heals)(story));
    story.sells().await;
    let after = witnesses.look(story).await;

    assert!(after.sale_ms >= stood, "{}: it never goes back: {after:?}", outage.name);
    let served_ms = (stood_at_ms - before.from_ms) + (after.until_ms - healed_at_ms);
    let ran = [
        ("sale time ran", after.sale_ms - before.sale_ms),
        ("of the basket went", before.basket_ms.saturating_sub(after.basket_ms)),
        ("of the claim went", before.claim_ms.saturating_sub(after.claim_ms)),
    ];
    let passed_ms = after.until_ms - before.from_ms;
    println!("{}: served {served_ms} of {passed_ms} ms; {ran:?}", outage.name);
    for (what, ms) in ran {
        let name = outage.name;
        assert!(ms <= served_ms + BEHIND_MS, "{name}: {what} {ms} ms, and {served_ms} were served");
    }
    story.night.require_truth();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_outage_of_redis_takes_sale_time_from_anybody() {
    let _turn = alone().await;
    let seed = seed("time and Redis");
    let redis = Redis::start(ALWAYS);
    let proxy = Proxy::to(redis.address());
    let plan = Plan { cap: 16, policy: PATIENT, opens_at: None };
    let site = Site::with(&plan, &Journal::at(proxy.address()).lines());
    let server = site.start();
    let night = Night::begin(site, server, SOME, seed).await;
    let mut story = Story { night, redis, proxy };
    let witnesses = Witnesses::enter(&story.night, seed).await;
    for outage in &OUTAGES {
        live_through(&mut story, &witnesses, outage).await;
    }
    witnesses.shopper.pay().await;
    let left = crate::night::web::Ask::delete("give up", "/places/me");
    let left = story.night.crowd.web.insist(&left.bearer(&witnesses.called.token)).await;
    left.and_then(|left| left.is(204)).expect("they may give up");
    let reckoning = story.reckon().await;
    println!("time and Redis: {reckoning:?}");
}
