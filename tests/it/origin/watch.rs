//! Who asks the shop how it does, and when.

use std::num::NonZeroU32;
use std::sync::atomic::Ordering::Relaxed;

use stanchion::api::role::Role;
use stanchion::api::state::{Parts, State};
use stanchion::gate::health::OriginHealth;
use stanchion::gate::watch::{ask, keep_watched};
use stanchion::net::rates::Allowance;
use stanchion::token::api_key::ApiKeys;
use stanchion::token::keys::KeyRing;

use super::*;

/// A process that has no sales yet, and is opened by hand.
fn standing_by(metrics: &Arc<Metrics>) -> Arc<State> {
    let once = NonZeroU32::MIN;
    let allowance = || Allowance { burst: once, per_minute: once };
    let parts = Parts {
        keys: KeyRing::new(),
        shops: ApiKeys::read("").expect("none"),
        staff: ApiKeys::read("").expect("none"),
        console: None,
        join: allowance(),
        guess: allowance(),
        streams_per_source_max: 1,
        behind_tls: false,
        rehearsal: true,
        data: None,
        gate: None,
        counter: None,
        connector: None,
        metrics: Arc::clone(metrics),
        sales: Vec::new(),
    };
    State::standing_by(parts, Role::default())
}

#[tokio::test]
async fn who_stands_by_asks_nothing_and_who_serves_asks_once_and_then_visitors_tell() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let state = standing_by(&gate.metrics);
    assert!(!ask(&gate.origin, &state).await);
    assert_eq!(shop.accepted.load(Relaxed), 0, "a standby leaves the shop alone");
    state.open(Vec::new());
    assert!(ask(&gate.origin, &state).await);
    assert_eq!(shop.reached.available_permits(), 1);
    assert!(!ask(&gate.origin, &state).await, "it was heard of");
}

#[tokio::test]
async fn watching_ends_with_the_drain() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let (state, stop) = (standing_by(&gate.metrics), CancellationToken::new());
    state.open(Vec::new());
    let watch = keep_watched(Arc::clone(&gate.origin), state, stop.clone());
    let watching = tokio::spawn(watch);
    let asked = timeout(BOUND, shop.reached.acquire()).await;
    asked.expect("it asks").expect("open").forget();
    stop.cancel();
    timeout(BOUND, watching).await.expect("it ends").expect("it does not panic");
}

#[tokio::test]
async fn a_probe_is_answered_by_all_that_is_no_fault_of_the_shop() {
    for (path, up) in [
        ("/", true),
        ("/status-404", true),
        ("/status-500", false),
        ("/garbage", false),
        ("/hang", false),
    ] {
        let shop = Shop::open().await;
        let to = OriginSettings {
            probe: PathAndQuery::from_static(path),
            answer_ms: 300,
            ..patient(shop.address)
        };
        let gate = Gate::start(to, Settings::default());
        let state = standing_by(&gate.metrics);
        state.open(Vec::new());
        assert!(ask(&gate.origin, &state).await);
        let found = gate.origin.health();
        assert_eq!(!matches!(found, OriginHealth::Down { .. }), up, "{path}: {found:?}");
    }
}

#[tokio::test]
async fn what_some_paths_say_makes_the_shop_suspect_and_the_probe_has_the_last_word() {
    for (probe, up) in [("/", true), ("/status-503", false)] {
        let shop = Shop::open().await;
        let probe = PathAndQuery::from_static(probe);
        let to = OriginSettings { probe, ..patient(shop.address) };
        let gate = Gate::start(to, Settings::default());
        let state = standing_by(&gate.metrics);
        state.open(Vec::new());
        gate.get("/", "").await;
        assert!(!ask(&gate.origin, &state).await, "it was heard of");
        for path in ["/status-502", "/status-503", "/status-504", "/leave", "/garbage"] {
            gate.get(path, "").await;
            assert_eq!(gate.origin.health(), OriginHealth::Well, "{path}");
        }
        assert!(ask(&gate.origin, &state).await, "it is suspect");
        let found = gate.origin.health();
        assert_eq!(!matches!(found, OriginHealth::Down { .. }), up, "{found:?}");
    }
}
