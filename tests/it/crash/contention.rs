//! Many visitors, few seats, no faults: what they were told fits into one order for each seat.

use crate::night::clients::Manner;
use crate::night::server::{LONG, Plan, Site};
use crate::night::{Night, alone, seed};

/// Baskets run out after a second, on the card page too.
const HURRIED: &str = r#"
claim_span = "10s"
presence_span = "10s"
idle_span = "2h"
hold_span = "1s"
checkout_span = "1s"
basket_span_max = "10s"
"#;

async fn check(story: &str, policy: &str, manner: Manner) {
    let _turn = alone().await;
    let seed = seed(story);
    let site = Site::new(&Plan { cap: 24, policy, opens_at: None });
    let server = site.start();
    let night = Night::begin(site, server, manner, seed).await;
    let reckoning = night.reckon_after_all_visits().await;
    println!("{story}: {reckoning:?}");
    assert!(reckoning.orders > 0 && reckoning.checked.calls > 100, "{reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_visitors_were_told_about_few_seats_can_be_put_into_one_order() {
    let manner = Manner {
        visitors: 32,
        visits: 12,
        wanted: 5,
        paid_percent: 4,
        hurried: false,
        lingers_ms: 0,
    };
    check("contention", LONG, manner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baskets_that_run_out_and_late_payments_fit_into_that_order() {
    let manner = Manner {
        visitors: 24,
        visits: 4,
        wanted: 5,
        paid_percent: 20,
        hurried: true,
        lingers_ms: 0,
    };
    check("hurry", HURRIED, manner).await;
}
