//! A place moves to another device, and the server dies with the answer: the new device asks again,
//! and has it.

use serde_json::json;

use crate::night::clients::Manner;
use crate::night::server::{LONG, Plan, Site};
use crate::night::web::Ask;
use crate::night::{Night, alone, seed};

const NOBODY: Manner =
    Manner { visitors: 0, visits: 0, wanted: 4, paid_percent: 0, hurried: false, lingers_ms: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_moved_as_the_server_died_is_on_the_device_that_asks_again() {
    let _turn = alone().await;
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let server = site.start();
    let mut night = Night::begin(site, server, NOBODY, seed("moved")).await;
    let web = &night.crowd.web;
    let joined = web.insist(&Ask::post("join", "/places")).await.expect("an answer");
    let (number, old) = (joined.body["number"].clone(), joined.text("token"));
    let offer = Ask::post("offer", "/places/me/moves").bearer(&old);
    let code = web.insist(&offer).await.expect("an answer").text("code");
    let arrival = |key: &str| Ask::post("move", "/moves").key(key).json(&json!({ "code": code }));
    let moved = web.insist(&arrival("mine")).await.expect("an answer");
    assert_eq!(moved.status, 200, "{moved:?}");
    // Nobody heard it.
    night.kill();
    night.restart();
    let web = &night.crowd.web;
    let again = web.insist(&arrival("mine")).await.expect("an answer");
    assert_eq!((again.status, &again.body["number"]), (200, &number), "{again:?}");
    let me = |token: &str| Ask::get("poll", "/places/me").bearer(token);
    let there = web.insist(&me(&again.text("token"))).await.expect("an answer");
    assert_eq!((there.status, &there.body["number"]), (200, &number), "{there:?}");
    let here = web.insist(&me(&old)).await.expect("an answer");
    assert_eq!((here.status, here.code()), (410, "moved"), "{here:?}");
    let somebody = web.insist(&arrival("other")).await.expect("an answer");
    assert_eq!((somebody.status, somebody.code()), (410, "code_invalid"), "{somebody:?}");
    night.reckon().await;
}
