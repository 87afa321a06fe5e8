//! A night: a site, its server, a crowd, somebody who watches over the cap; and the reckoning at
//! the end, when everything that anybody was told is compared with what is there.
//!
//! What stories about the real binary share. Ends only processes that it started itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a story says what it saw, for whoever reads the run"
)]

pub(crate) mod caps;
pub(crate) mod clients;
pub(crate) mod history;
pub(crate) mod power;
pub(crate) mod server;
pub(crate) mod shopper;
pub(crate) mod web;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use caps::CapsChecked;
use clients::{Crowd, Manner, Visitor, holds_of, units_of};
use history::{Call, Checked, Did};
use server::{BOUND, PERFORMANCES, Server, Site, seats};
use web::{Answer, Ask, Web, lock};

/// Between two looks of a watch.
const LOOK: Duration = Duration::from_millis(50);
/// How far the counts that operators see may be behind the cap that they see, and more.
const BEHIND_US: u64 = 1_000_000;

/// A sale that is served to a crowd.
pub(crate) struct Night {
    pub(crate) site: Site,
    pub(crate) server: Server,
    pub(crate) crowd: Arc<Crowd>,
    visitors: Vec<JoinHandle<()>>,
    watch: JoinHandle<Watched>,
}

/// What the watch saw.
#[derive(Default)]
struct Watched {
    looks: u64,
    passes_most: u64,
    wrong: Vec<String>,
}

/// What a night amounted to.
#[derive(Debug)]
#[expect(dead_code, reason = "printed by tests, for whoever looks")]
pub(crate) struct Reckoning {
    pub(crate) tries: usize,
    pub(crate) orders: usize,
    pub(crate) units: u64,
    pub(crate) waiting: usize,
    pub(crate) looks: u64,
    pub(crate) passes_most: u64,
    pub(crate) checked: Checked,
    pub(crate) caps: CapsChecked,
}

impl Night {
    /// Opens a sale and lets a crowd in.
    pub(crate) async fn begin(site: Site, server: Server, manner: Manner, seed: u64) -> Self {
        let crowd = Crowd::new(&site, manner);
        crowd.web.reach(&server);
        if site.opened_by_hand {
            change(&crowd.web, &site.staff, json!({ "type": "open" })).await;
        }
        let cap = desk(&crowd.web, &site.staff).await.body["cap"].as_u64().expect("a cap");
        crowd.caps.ask(cap, 0);
        crowd.caps.set(crowd.web.now());
        let visitors = (0..manner.visitors as u64).map(|at| {
            let visitor = Visitor::new(&crowd, seed ^ (at << 32));
            tokio::spawn(visitor.live())
        });
        let visitors = visitors.collect();
        let watch = tokio::spawn(watch(Arc::clone(&crowd), site.staff.clone()));
        Self { site, server, crowd, visitors, watch }
    }

    /// Ends the server at once.
    pub(crate) fn kill(&mut self) {
        self.server.kill();
        self.crowd.web.lose();
    }

    /// Starts a server on what the last one left.
    pub(crate) fn restart(&mut self) {
        self.server = self.site.start();
        self.crowd.web.reach(&self.server);
    }

    /// An operator sets the cap, now or as soon as there is somebody to tell.
    pub(crate) fn set_cap(&self, cap: u64) -> JoinHandle<()> {
        let (crowd, staff) = (Arc::clone(&self.crowd), self.site.staff.clone());
        tokio::spawn(async move {
            crowd.caps.ask(cap, crowd.web.now());
            change(&crowd.web, &staff, json!({ "type": "set_cap", "cap": cap })).await;
            crowd.caps.set(crowd.web.now());
        })
    }

    /// Orders so far.
    pub(crate) fn orders(&self) -> usize {
        lock(&self.crowd.known).orders.len()
    }

    /// Fails if anything was wrong so far.
    pub(crate) fn require_truth(&self) {
        let wrong = lock(&self.crowd.known).wrong.clone();
        let shown = wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} wrong:\n{shown}\n{}", wrong.len(), self.site.log());
    }

    /// Waits until the crowd is done, lets nobody begin anything new, and compares everything with
    /// everything.
    pub(crate) async fn reckon(self) -> Reckoning {
        self.reckon_when(true).await
    }

    /// The same, after all visits that the crowd had planned.
    pub(crate) async fn reckon_after_all_visits(self) -> Reckoning {
        self.reckon_when(false).await
    }

    async fn reckon_when(mut self, now: bool) -> Reckoning {
        self.crowd.stopping.store(now, Ordering::Relaxed);
        for visitor in std::mem::take(&mut self.visitors) {
            let ended = tokio::time::timeout(2 * BOUND, visitor).await;
            ended.expect("visits end").expect("no visitor panics");
        }
        self.crowd.stopping.store(true, Ordering::Relaxed);
        let watched = (&mut self.watch).await.expect("the watch does not panic");
        self.require_truth();
        assert_eq!(watched.wrong, Vec::<String>::new());
        let waiting = self.require_places().await;
        let (orders, units) = self.require_orders().await;
        self.require_seats().await;
        self.require_counts(units).await;
        let checked = self.crowd.history.check().unwrap_or_else(|lie| panic!("{lie}"));
        let caps = self.crowd.caps.check().unwrap_or_else(|lie| panic!("{lie}"));
        self.server.signal("TERM");
        let status = self.server.ended();
        assert_eq!(status.code(), Some(0), "it stops well\n{}", self.site.log());
        self.require_journal(orders, units);
        let tries = self.crowd.web.tries().len();
        let Watched { looks, passes_most, .. } = watched;
        Reckoning { tries, orders, units, waiting, looks, passes_most, checked, caps }
    }

    /// Whoever waits still has their number.
    async fn require_places(&self) -> usize {
        let waiting = lock(&self.crowd.known).waiting.clone();
        for (number, token) in &waiting {
            let ask = Ask::get("poll", "/places/me").bearer(token);
            let seen = self.crowd.web.insist(&ask).await.expect("an answer");
            assert_eq!(seen.body["number"], *number, "{seen:?}");
            assert_ne!(seen.text("state"), "ended", "{seen:?}");
        }
        waiting.len()
    }

    /// Every order is what it was, and the question that made it has the same answer.
    async fn require_orders(&self) -> (usize, u64) {
        let orders = lock(&self.crowd.known).orders.clone();
        for (id, order) in &orders {
            let ask = Ask::get("basket", &format!("/baskets/{id}")).bearer(&self.crowd.shop);
            let seen = self.crowd.web.insist(&ask).await.and_then(|seen| seen.is(200));
            let seen = seen.expect("an order stays");
            assert_eq!(seen.text("state"), "confirmed", "{seen:?}");
            assert_eq!(holds_of(&seen.body), order.holds);
            let again = self.crowd.web.insist(&order.confirm).await.expect("an answer");
            assert!(again.status == 200 && again.again, "{again:?}");
            assert_eq!(
                (again.text("id"), holds_of(&again.body)),
                (id.clone(), order.holds.clone())
            );
        }
        (orders.len(), orders.values().map(|order| units_of(&order.holds)).sum())
    }

    /// The seats that were sold are those that visitors bought, and nobody has another.
    async fn require_seats(&self) {
        for performance in PERFORMANCES {
            let path = format!("/performances/{performance}/seats");
            let ask = Ask::get("seats", &path).bearer(&self.crowd.shop);
            let seen = self.crowd.web.insist(&ask).await.and_then(|seen| seen.is(200));
            let seen = seen.expect("a seat map");
            let letters = seen.text("seats");
            assert_eq!(letters.len(), seats().len());
            for (seat, letter) in seats().iter().zip(letters.chars()) {
                let seat = format!("{performance}/{seat}");
                let sold = lock(&self.crowd.known).sold.contains_key(&seat);
                assert_eq!(letter, if sold { 's' } else { 'a' }, "{seat}");
                let did = if sold { Did::SeeSold } else { Did::SeeAvailable };
                let call = Call { began: seen.began, ended: Some(seen.ended), did };
                self.crowd.history.note(&seat, call);
            }
        }
    }

    /// The board comes to say the same.
    async fn require_counts(&self, units: u64) {
        until("the board counts what was sold", async || {
            let counts = desk(&self.crowd.web, &self.site.staff).await.body["counts"].clone();
            let settled = counts["sold"] == units && counts["held"] == 0 && counts["paying"] == 0;
            settled.then_some(())
        })
        .await;
    }

    /// The journal is sound, and counts what visitors know.
    fn require_journal(&self, orders: usize, units: u64) {
        let report = verify(&self.site);
        for part in [format!(" {orders} orders in them"), format!(" {units} sold")] {
            assert!(report.contains(&part), "{part}: {report}");
        }
        assert!(report.contains(" 0 held, 0 paying"), "{report}");
    }
}

/// What `stanchion verify` says of the journal, which it must find sound.
pub(crate) fn verify(site: &Site) -> String {
    let output = site.verify();
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && report.contains(": sound; "), "{report}{errors}");
    report
}

/// What operators see.
pub(crate) async fn desk(web: &Web, staff: &str) -> Answer {
    let seen = web.insist(&Ask::get("desk", "").of_ops().bearer(staff)).await;
    seen.and_then(|seen| seen.is(200)).expect("operators see the sale")
}

/// Makes an ops change.
pub(crate) async fn change(web: &Web, staff: &str, action: Value) {
    let revision = desk(web, staff).await.body["revision"].clone();
    let body = json!({ "revision": revision, "reason": "a test", "action": action });
    let ask = Ask::new("change", Method::POST, "/changes").of_ops().bearer(staff);
    let changed = web.insist(&ask.key(&format!("ops-{revision}")).json(&body)).await;
    changed.and_then(|changed| changed.is(200)).expect("an operator may");
}

/// Waits until there is what is looked for.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < BOUND {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("never: {what}");
}

/// The answer to a call that must last, once it is that nothing can be stored.
pub(crate) async fn refused(night: &Night) -> Option<Answer> {
    let web = &night.crowd.web;
    let body = json!({ "payment": "none" });
    let ask = Ask::post("probe", "/baskets/00000000000000000000000000000000/confirm");
    let ask = ask.bearer(&night.crowd.shop).key(&night.crowd.fresh_key()).json(&body);
    web.ask(&ask).await.filter(|answer| answer.status == 503)
}

/// Looks at the cap and the counts, all the time. More than the cap may be in only if nobody came
/// since it was higher.
async fn watch(crowd: Arc<Crowd>, staff: String) -> Watched {
    let mut watched = Watched::default();
    let (mut before, mut looked) = (0, 0);
    while !crowd.stopping.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
        let Some(seen) = crowd.web.ask(&Ask::get("desk", "").of_ops().bearer(&staff)).await else {
            continue;
        };
        if seen.status != 200 {
            continue;
        }
        watched.looks += 1;
        let count = |part: &str, of: &str| seen.body[part][of].as_u64().unwrap_or(u64::MAX / 8);
        let passes = count("queue", "called") + count("queue", "active");
        watched.passes_most = watched.passes_most.max(passes);
        let since = u64::saturating_sub(looked, BEHIND_US);
        let allowed = crowd.caps.highest(since, seen.ended).max(before);
        let beyond = passes > count("queue", "cap") && passes > allowed;
        (before, looked) = (passes, seen.began);
        let states = ["available", "held", "paying", "sold", "withheld"];
        let parts: u64 = states.iter().map(|of| count("counts", of)).sum();
        if beyond || parts != count("counts", "capacity") {
            watched.wrong.push(seen.body.to_string());
        }
    }
    watched
}

/// The seed of a story: new each time, unless one is to be repeated.
pub(crate) fn seed(story: &str) -> u64 {
    let given = std::env::var("CRASH_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("{story}: CRASH_SEED={seed}");
    seed
}

/// Stories load the machine and measure it: one after the other.
pub(crate) async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
