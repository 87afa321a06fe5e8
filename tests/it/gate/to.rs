//! Where a visitor wanted to be: carried through the waiting page, and never elsewhere.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::browser::Browser;
use super::{SALE, Venue};

const GATE: &str = "[targets]\norigins = [\"https://shop.example.org\"]\n";

fn page(to: &str) -> String {
    format!("/{SALE}?to={}", utf8_percent_encode(to, NON_ALPHANUMERIC))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_sent_by_a_stranger_goes_nowhere_else() {
    let venue = Venue::new(1, GATE);
    let browser = Browser::new(venue.address());
    for to in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "/\t/evil.test",
        "javascript:alert('evil')",
        "https://shop.example.org@evil.test/",
        "https://shop.example.org.evil.test/",
    ] {
        let shown = browser.get(&page(to)).await;
        assert_eq!(shown.status, 200, "{to}");
        assert!(shown.carried().is_none() && !shown.text.contains("evil"), "{to}");
        let form = format!("to={}", utf8_percent_encode(to, NON_ALPHANUMERIC));
        let joined = Browser::new(venue.address()).post(&format!("/{SALE}"), &form).await;
        assert_eq!(joined.location(), format!("/{SALE}"), "{to}");
    }
    let words = browser.get(&page("/shows?q=\"><script>alert(1)</script>")).await;
    assert!(!words.text.contains("<script>alert"), "{}", words.text);
    let carried = words.carried().expect("a page of this host");
    assert_eq!(carried, "/shows?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_host_that_is_named_is_linked_to() {
    let venue = Venue::new(1, GATE);
    let browser = Browser::new(venue.address());
    let to = "https://shop.example.org/shows/1?x=1&y=2";
    assert_eq!(browser.wait_and_claim(&page(to)).await, to);
    let inside = browser.get(&page(to)).await;
    let policy = inside.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'self' https://shop.example.org;"), "{policy}");
    let href = format!("href=\"{}\"", to.replace('&', "&amp;").replace('/', "&#x2f;"));
    assert!(inside.text.contains(&href), "{href}: {}", inside.text);
}
