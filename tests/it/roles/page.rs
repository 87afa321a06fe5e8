//! What people see who come to a server that stands by.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, StatusCode};

use super::house::Two;
use super::{hand_over, serving};

/// What browsers say when somebody follows a link.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test(flavor = "multi_thread")]
async fn people_who_come_to_a_standby_get_a_page_that_loads_itself_until_it_is_the_real_one() {
    let two = Two::start();
    serving(&two.one).await;
    let other = two.start_other();
    let mut english = other.public().await.reading(BROWSER, "en-GB");
    let mut german = other.public().await.reading(BROWSER, "de-AT, en;q=0.5");
    for (method, path) in [
        (Method::GET, "/gala"),
        (Method::POST, "/gala"),
        (Method::POST, "/gala/claim"),
        (Method::POST, "/gala/leave?x"),
    ] {
        let (status, headers, page) = english.page(method.clone(), path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
        assert_eq!(headers[CONTENT_TYPE], "text/html");
        assert_eq!(headers[RETRY_AFTER], "1");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("a text");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(page.contains("Your place in the queue is kept"), "{page}");
        let again = "; url=&#x2f;gala\">";
        assert!(page.contains("http-equiv=\"refresh\"") && page.contains(again), "{page}");
        let (_, _, page) = german.page(method, path).await;
        assert!(page.contains("lang=\"de\"") && page.contains("ist sicher"), "{page}");
    }
    // Whatever stands in the address leads nowhere else, and is no part of the page.
    for path in ["/%22%3E%3Cscript%3E", "/%5Celse.test", "/\\else.test", "/%2Felse.test"] {
        let (_, _, page) = english.page(Method::GET, path).await;
        let leads = page.split("url=").nth(1).expect("it is loaded again");
        assert!(leads.starts_with("&#x2f;%"), "{leads}");
        assert!(!page.contains("<script"), "{page}");
    }
    // Programs read the problem, whatever else they take.
    for media in ["*/*", "application/json", "application/json, text/html;q=0.9"] {
        let mut program = other.public().await.reading(media, "en");
        let (status, _, body) = program.get("/gala").await;
        assert_eq!((status.as_u16(), &body["code"]), (503, &"standby".into()), "{media}: {body}");
    }
    let mut person = other.public().await.reading(BROWSER, "en");
    let (_, _, body) = person.get("/v1/sales/gala/board").await;
    assert_eq!(body["code"], "standby", "pages are where pages are: {body}");

    let (status, body) = hand_over(&mut two.one.ops().await).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serving(&other).await;
    let (status, _, page) = english.page(Method::GET, "/gala").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("Join the queue"), "{page}");
    two.one.ended().await;
    other.stop().await;
}
