//! Card pages: a card number that somebody sends to the gate goes no further.

use std::path::Path;

use http::Method;
use http::header::{ACCEPT, LOCATION};

use super::Venue;
use super::browser::Browser;
use super::shop::Shop;

/// Of no card.
const NUMBER: &str = "4111111111111111";

#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_goes_no_further_than_the_gate() {
    let shop = Shop::open().await;
    let gate = format!(
        "[origin]\nurl = \"http://{}\"\n[[rules]]\npath = \"/payment/callback\"\nthen = \"open\"\n\
         [[rules]]\npath = \"/*\"\nthen = \"open\"\n",
        shop.address
    );
    let loud = [("STANCHION__LOG__LEVEL", "trace")];
    let venue = Venue::knowing(([127, 0, 0, 1], 0).into(), 1, &gate, &loud);
    let browser = Browser::new(venue.address());
    let form = format!("card={NUMBER}&until=12%2F30");
    for path in ["/pay", "/payment/card", "/PAYMENT/card", "/payment//./card", "/checkout/card-3d"]
    {
        let refused = browser.post(path, &form).await;
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
        assert!(refused.text.contains("\"refused\"") && !refused.text.contains(NUMBER), "{path}");
        let asked = browser.get(&format!("{path}?card={NUMBER}")).await;
        assert_eq!(asked.status, 403, "{path}: {asked:?}");
        let fields =
            [("x-card", NUMBER), ("cookie", NUMBER), (ACCEPT.as_str(), "application/json")];
        assert_eq!(browser.ask(Method::PUT, path, &fields, &form).await.status, 403, "{path}");
    }
    assert_eq!(shop.take().len(), 0, "none of it reached the shop");
    assert_eq!(browser.post("/payment/callback", "paid=1").await.status, 200);
    assert_eq!(browser.get("/payments").await.status, 200);
    assert_eq!(shop.take().len(), 2);
    let metrics = Browser::new(venue.server.ops.to_string()).get("/metrics").await;
    assert!(!metrics.text.contains(NUMBER));
    let log = std::fs::read_to_string(venue.site().file("log")).expect("a log");
    assert!(!log.is_empty() && !log.contains(NUMBER), "{log}");
    assert!(files_without_number(&venue.site().data()) > 0, "there is a journal");
}

/// How many files there are in a folder and below; none holds the number.
fn files_without_number(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            count += files_without_number(&path);
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let found = bytes.windows(NUMBER.len()).any(|some| some == NUMBER.as_bytes());
        assert!(!found, "{}", path.display());
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn card_pages_are_where_the_gate_file_says_and_need_no_pass() {
    let shop = Shop::open().await;
    let gate = format!(
        "[origin]\nurl = \"http://{}\"\n[cards]\npaths = [\"/zahlen/*\"]\n\
         at = \"https://zahlen.shop.test\"\n",
        shop.address
    );
    let venue = Venue::new(1, &gate);
    let browser = Browser::new(venue.address());
    let there = browser.get("/zahlen//karte?basket=7").await;
    assert_eq!(there.location(), "https://zahlen.shop.test/zahlen/karte?basket=7");
    let sent = browser.post("/zahlen/karte", &format!("card={NUMBER}")).await;
    assert!(sent.status == 403 && sent.header(LOCATION.as_str()).is_none(), "{sent:?}");
    assert!(browser.get("/payment/x").await.location().starts_with("/night?to="), "a page as any");
    for (asked, status) in [("/v1/ask?as=status", 403), ("/v1/ask", 303)] {
        let fields = [("x-original-uri", "/zahlen/x")];
        let told = browser.ask(Method::GET, asked, &fields, "").await;
        assert_eq!(told.status, status, "{asked}: {told:?}");
    }
    assert_eq!(shop.take().len(), 0);
}
