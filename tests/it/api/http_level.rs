//! Methods, media types, sizes, and who may read what from where.

use http::Method;
use serde_json::json;

use super::sample::gala;
use super::{House, SALE, STREAMS_PER_SOURCE_MAX, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_ours_and_a_method_that_is_not_offered_are_told_apart() {
    let house = House::new(gala());
    house.ask(Method::GET, "/v1/nothing/here").send().await.is(404, "no_route");
    house.ask(Method::GET, "/v1/sales/other").send().await.is(404, "no_sale");
    house.ask(Method::GET, "/other").send().await.is(404, "no_sale");
    let refused = house.ask(Method::PATCH, &format!("{SALE}/places/me")).send().await;
    refused.is(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("DELETE, GET, HEAD, OPTIONS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_come_where_no_page_is_are_led_to_one_or_told_so_and_programs_read_the_problem()
{
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let house = House::new(gala());
    let looks = async |path: &str| {
        let asked = house.ask(Method::GET, path);
        asked.header("accept", BROWSER).header("accept-language", "de").send().await
    };
    for (path, page) in [
        ("/", "/gala"),
        ("/gala/move", "/gala"),
        ("/gala/claim?to=%2F", "/gala"),
        ("/gala/leave", "/gala"),
        ("/gala/arrive", "/gala"),
    ] {
        let led = looks(path).await;
        assert_eq!((led.status.as_u16(), led.header("location")), (303, Some(page)), "{path}");
        let told = house.ask(Method::GET, path).send().await;
        let code = if path == "/" { (404, "no_route") } else { (405, "method_not_allowed") };
        told.is(code.0, code.1);
    }
    for path in ["/other", "/other/where", "/%5Celse.test/claim", "/gala/", "/robots.txt"] {
        let told = looks(path).await;
        assert!([404, 405].contains(&told.status.as_u16()), "{path}: {}", told.status);
        assert_eq!(told.header("content-type"), Some("text/html"), "{path}");
        assert!(told.text.contains("<h1>Diese Seite gibt es nicht</h1>"), "{}", told.text);
        assert!(!told.text.contains("http-equiv=\"refresh\""), "{}", told.text);
    }
    looks("/v1/nothing").await.is(404, "no_route");
    looks(&format!("{SALE}/places")).await.is(405, "method_not_allowed");
    let staff =
        async |accept: &str| house.console(Method::GET, "/").header("accept", accept).send().await;
    let led = staff(BROWSER).await;
    assert_eq!((led.status.as_u16(), led.header("location")), (303, Some("/console")));
    staff("*/*").await.is(404, "no_route");
    let sent = house.ask(Method::PUT, "/gala/claim").header("accept", BROWSER);
    sent.send().await.is(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_same_for_everybody_may_be_read_by_any_page() {
    let house = House::new(gala());
    for path in ["", "/board", "/performances", "/performances/fri", "/plans/hall"] {
        let answer = house.get(path).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        let etag = answer.header("etag").expect("an etag").to_owned();
        let known = house.get(path).header("if-none-match", &etag).send().await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""), "{path}");
    }
    let token = house.join().await;
    let mine = house.get("/places/me").bearer(&token).send().await;
    assert_eq!(mine.header("access-control-allow-origin"), None);
    let asked = house.ask(Method::OPTIONS, &format!("{SALE}/board")).send().await;
    asked.ok(204);
    assert_eq!(asked.header("access-control-allow-origin"), Some("*"));
    let asked = house.ask(Method::OPTIONS, &format!("{SALE}/places/me")).send().await;
    assert_eq!(asked.header("access-control-allow-origin"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_has_the_head_of_the_answer_and_no_body() {
    let house = House::new(gala());
    let whole = house.get("/board").send().await;
    let head = house.ask(Method::HEAD, &format!("{SALE}/board")).send().await;
    assert_eq!((head.status, head.text.as_str()), (whole.status, ""));
    let length = head.header("content-length").expect("a length").parse().ok();
    // The moment may have moved on between the two, but not by a digit.
    assert_eq!(length, Some(whole.text.len()));
    let packed = house.get("/board").header("accept-encoding", "gzip").send().await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_small_json_with_nothing_unknown_in_it() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let ask = || house.post("/baskets").bearer(&pass).key();
    ask().text("{}").send().await.is(415, "media_type");
    let form = ask().header("content-type", "application/x-www-form-urlencoded");
    form.text("items=1").send().await.is(415, "media_type");
    let large = json!({ "items": ["x".repeat(20_000)] });
    ask().json(&large).send().await.is(413, "body_too_large");
    let unknown = json!({ "items": [{ "performance": "fri", "sead": "A1" }] });
    let refused = ask().json(&unknown).send().await.is(400, "malformed");
    assert_eq!(refused["at"].as_str().expect("a place").split(' ').nth(1), Some("items[0].sead"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_followed_as_a_stream() {
    let house = House::new(gala());
    let stream = house.get("/board/stream").send().await;
    assert_eq!(stream.status, 200);
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_has_so_many_streams_and_another_has_its_own() {
    let house = House::new(gala());
    let stream = || house.get("/board/stream");
    let mut open = Vec::new();
    for _ in 0..STREAMS_PER_SOURCE_MAX {
        let (head, body) = stream().answered(1).await;
        assert_eq!(head.status, 200);
        open.push(body);
    }
    let refused = stream().send().await;
    refused.is(429, "rate_limited");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    house.get("/board").send().await.ok(200);
    assert_eq!(stream().answered(2).await.0.status, 200, "another source");
    let metrics = house.ops(Method::GET, "/metrics").send().await.text;
    assert!(metrics.contains("stanchion_refused_total{limit=\"source_streams\"} 1"), "{metrics}");
    open.pop();
    until(async || (stream().answered(1).await.0.status == 200).then_some(())).await;
}
