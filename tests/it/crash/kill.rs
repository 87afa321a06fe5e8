//! `kill -9` at any moment: what was answered is there after the restart, and nothing else. The cap
//! changes all the time, and holds.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::night::clients::Manner;
use crate::night::server::{LONG, Plan, Site};
use crate::night::{Night, alone, seed, verify};

/// How often the server is killed.
const KILLS: usize = 32;
/// Kills between two checks of the journal that was left.
const VERIFY_EVERY: usize = 8;
/// Caps that operators set meanwhile: fewer than there are visitors, and room for all.
const CAPS: std::ops::Range<u64> = 2..32;
/// Long enough for slots to be scarce.
const LINGERS_MS: u64 = 300;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_at_any_moment() {
    let _turn = alone().await;
    let seed = seed("kill -9");
    let mut random = StdRng::seed_from_u64(seed);
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let server = site.start();
    let manner = Manner {
        visitors: 28,
        visits: usize::MAX,
        wanted: 8,
        paid_percent: 30,
        hurried: false,
        lingers_ms: LINGERS_MS,
    };
    let mut night = Night::begin(site, server, manner, seed).await;
    for kill in 1..=KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(200..1_000))).await;
        let set = night.set_cap(random.random_range(CAPS));
        tokio::time::sleep(Duration::from_millis(random.random_range(0..50))).await;
        night.kill();
        if kill % VERIFY_EVERY == 0 {
            let report = verify(&night.site);
            assert!(report.contains("changes of night as in its journal"), "{report}");
        }
        night.restart();
        set.await.expect("an operator may");
        night.require_truth();
    }
    let tries = night.crowd.web.tries();
    let lost = tries.iter().filter(|one| one.status.is_none()).count();
    assert!(lost > KILLS, "only {lost} calls were cut off: the kills met nobody");
    let reckoning = night.reckon().await;
    println!("kill -9: {lost} calls cut off by {KILLS} kills; {reckoning:?}");
    assert!(reckoning.orders > KILLS, "{reckoning:?}");
    assert!(reckoning.caps.settings > KILLS && reckoning.caps.calls > KILLS, "{reckoning:?}");
}
