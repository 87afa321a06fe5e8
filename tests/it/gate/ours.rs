//! Which paths of the shop's host are ours, and which are not.

use stanchion::api::router;

use super::Venue;
use super::browser::Browser;
use super::shop::Shop;

/// A gate before this shop, with more lines, where all is open.
fn gate(shop: &Shop, more: &str) -> String {
    let open = "[[rules]]\npath = \"/*\"\nthen = \"open\"\n";
    format!("[origin]\nurl = \"http://{}\"\n{more}{open}", shop.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_at_the_known_address_are_the_shops_where_it_checks_none_of_our_passes() {
    const KEYS: &str = "/.well-known/jwks.json";
    let shop = Shop::open().await;
    let venue = Venue::new(1, &gate(&shop, ""));
    let keys = Browser::new(venue.address()).get(KEYS).await;
    assert_eq!(keys.text, format!("the shop at {KEYS}"));
    drop(venue);
    let venue = Venue::new(1, &gate(&shop, "[pass]\nissuer = \"https://queue.test\"\n"));
    let keys = Browser::new(venue.address()).get(KEYS).await;
    assert!(keys.text.contains("\"Ed25519\""), "{keys:?}");
    assert_eq!(shop.take().len(), 1);
}

#[test]
fn the_documents_list_every_path_that_is_ours() {
    let documents = include_str!("../../../docs/gate.md");
    let listed = documents.split("### Paths that are ours").nth(1).expect("a part of its own");
    let listed = listed.split("###").next().unwrap_or_default();
    let listed: Vec<_> = listed.split('`').skip(1).step_by(2).collect();
    for route in router::public() {
        let known = |path: &&str| match path.strip_suffix('…') {
            Some(begin) => route.path.starts_with(begin),
            None => route.path == *path,
        };
        assert!(listed.iter().any(known), "docs/gate.md does not list {}", route.path);
    }
}
