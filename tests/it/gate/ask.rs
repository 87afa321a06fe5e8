//! What is asked, and what is answered: header fields of every kind of proxy, and of who pretends
//! to be one.

use http::Method;
use http::header::ACCEPT;

use super::browser::Browser;
use super::{SALE, Venue};

const GATE: &str = "[[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n\
                    [[rules]]\npath = \"/news/*\"\nhost = \"news.example.org\"\nthen = \"open\"\n\
                    [[rules]]\npath = \"/office/*\"\nthen = \"refused\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_kind_of_field_is_believed_and_two_that_differ_are_not() {
    let venue = Venue::new(1, GATE);
    let browser = Browser::new(venue.address());
    let original = "x-original-uri";
    let forwarded = "x-forwarded-uri";
    for (path, fields, status) in [
        ("/v1/ask", &[(original, "/assets/a.css")][..], 200),
        ("/v1/ask", &[(forwarded, "/assets/a.css?x")], 200),
        ("/v1/ask/assets/a.css", &[], 200),
        ("/v1/ask", &[(original, "/assets/a.css"), (forwarded, "/assets/a.css")], 200),
        ("/v1/ask", &[(original, "/assets/a.css"), (forwarded, "/shows/1")], 400),
        ("/v1/ask", &[(original, "/shows/1"), (forwarded, "/assets/a.css")], 400),
        ("/v1/ask/shows/1", &[(original, "/assets/a.css")], 400),
        ("/v1/ask", &[(original, "/assets/a.css"), (original, "/shows/1")], 400),
        ("/v1/ask", &[(original, "/assets/a.css"), ("x-original-method", "POST")], 303),
        ("/v1/ask", &[(original, "/assets/a.css"), ("x-forwarded-method", "POST")], 200),
        ("/v1/ask", &[(forwarded, "/assets/a.css"), ("x-forwarded-method", "POST")], 303),
        ("/v1/ask", &[(forwarded, "/assets/a.css"), ("x-forwarded-method", "G T")], 400),
        ("/v1/ask", &[(forwarded, "/news/1"), ("x-forwarded-host", "news.example.org")], 200),
        ("/v1/ask", &[(original, "/news/1"), ("x-forwarded-host", "news.example.org")], 303),
        ("/v1/ask", &[(original, "/shows/1")], 303),
        ("/v1/ask?as=status", &[(original, "/shows/1")], 401),
        ("/v1/ask?as=status", &[(original, "/office/1")], 403),
        ("/v1/ask?as=status", &[(original, "/assets/..%2fshows")], 403),
        ("/v1/ask", &[(original, "/office/1")], 403),
        ("/v1/ask", &[(original, "/assets/./a.css")], 303),
        ("/v1/ask", &[(original, "/assets/../../x")], 400),
        ("/v1/ask", &[(original, "http://shop.example.org/assets/a.css")], 400),
        ("/v1/ask", &[(original, &format!("/{SALE}"))], 200),
        ("/v1/ask", &[], 400),
        ("/v1/asked", &[(original, "/assets/a.css")], 404),
    ] {
        let page = [(ACCEPT.as_str(), "text/html")];
        let fields: Vec<_> = page.iter().chain(fields).copied().collect();
        let answer = browser.ask(Method::GET, path, &fields, "").await;
        assert_eq!(answer.status, status, "{path} {fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_passes_is_named_and_who_does_not_is_told_where_to_wait() {
    let venue = Venue::new(1, GATE);
    let browser = Browser::new(venue.address());
    let page = format!("/{SALE}?to=/shows/1");
    let fields = [("x-original-uri", "/shows/1"), (ACCEPT.as_str(), "text/html")];
    let ask = async || browser.ask(Method::GET, "/v1/ask?as=status", &fields, "").await;
    let waits = ask().await;
    assert_eq!((waits.status.as_u16(), waits.header("x-stanchion-wait")), (401, Some(&*page)));
    let program = browser.ask(Method::GET, "/v1/ask?as=status", &fields[..1], "").await;
    assert_eq!((program.status.as_u16(), program.header("x-stanchion-wait")), (403, Some(&*page)));
    assert_eq!(browser.wait_and_claim(&page).await, "/shows/1");
    let passes = ask().await;
    assert_eq!((passes.status.as_u16(), passes.header("x-stanchion-pass")), (200, Some("1")));
    assert_eq!(passes.header("cache-control"), Some("no-store"));
    let envoy = browser.ask(Method::POST, "/v1/ask/shows/1", &fields[1..], "").await;
    assert_eq!((envoy.status.as_u16(), envoy.header("x-stanchion-pass")), (200, Some("1")));
}
