//! A shop that goes away and comes back: nobody is called meanwhile, and nobody has to do anything.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::browser::Browser;
use super::neighbour::free;
use super::shop::Shop;
use super::{BOUND, SALE, Venue};

/// Between two looks; a visitor who looks so often counts as present.
const PAUSE: Duration = Duration::from_millis(20);
const AWAY: &str = "The shop is not answering just now, so nobody is being called.";

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(PAUSE).await;
        }
    };
    timeout(BOUND, found).await.unwrap_or_else(|_| panic!("{what}"))
}

async fn queue(browser: &Browser) -> Value {
    let board = browser.get(&format!("/v1/sales/{SALE}/board")).await;
    let board: Value = serde_json::from_str(&board.text).expect("JSON");
    board["queue"].clone()
}

/// Joins, is there, and is not called though there is room: the page says why.
async fn waits_in_vain(browser: &Browser) {
    let joined = browser.post(&format!("/{SALE}"), "").await;
    let page = joined.location().to_owned();
    until("the board shows who waits, and nobody is called", async || {
        let shown = browser.get(&page).await.text;
        assert!(!shown.contains("id=\"claim-now\""), "called to a shop that is away");
        let queue = queue(browser).await;
        assert_eq!((&queue["called"], &queue["calling"]), (&0.into(), &false.into()));
        (shown.contains(AWAY) && queue["waiting"] == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_while_the_shop_is_away_and_calling_goes_on_by_itself() {
    let address = free();
    let gate = format!("[origin]\nurl = \"http://{address}\"\nconnect_ms = 500\n");
    let venue = Venue::new(10, &gate);
    let becomes = |state: &'static str| {
        let venue = &venue;
        until(state, async move || (venue.desk().await["shop"] == state).then_some(()))
    };
    // Away before anybody asked for it.
    becomes("down").await;
    let early = Browser::new(venue.address());
    until("the board says so", async || (queue(&early).await["calling"] == false).then_some(()))
        .await;
    waits_in_vain(&early).await;

    // It opens, and nobody but the gate asks for it.
    let shop = Shop::open_at(address).await;
    let on = early.wait_and_claim(&format!("/{SALE}?to=/shows/1")).await;
    assert_eq!(early.get(&on).await.text, "the shop at /shows/1");
    becomes("well").await;
    until("the board says so", async || (queue(&early).await["calling"] == true).then_some(()))
        .await;

    // It goes away while one is inside, who asks.
    drop(shop);
    until("nobody is called", async || {
        early.get(&on).await;
        (queue(&early).await["calling"] == false).then_some(())
    })
    .await;
    assert_eq!(early.get(&on).await.status, 502);
    let late = Browser::new(venue.address());
    waits_in_vain(&late).await;

    // Back again: the one is called, the other is where they were.
    let _shop = Shop::open_at(address).await;
    let then = late.wait_and_claim(&format!("/{SALE}?to=/shows/2")).await;
    assert_eq!(late.get(&then).await.text, "the shop at /shows/2");
    assert_eq!(early.get(&on).await.text, "the shop at /shows/1", "they kept their slot");
    until("both are inside", async || (early.slots().await == 2).then_some(())).await;
}
