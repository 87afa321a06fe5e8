use std::collections::BTreeSet;
use std::time::Duration;

use stanchion_domain::refusal::Code;

use super::http::{Limit, Route};
use super::*;

#[test]
fn every_name_follows_the_conventions_and_says_what_it_is() {
    let metrics = Metrics::new();
    let sale = metrics.sale("arena-2026");
    sale.writer.batch.record(3.0);
    sale.writer.append.record(0.002);
    let text = metrics.render();
    let described: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    assert!(described.len() > 30, "{text}");
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').expect("a name and a kind");
        assert!(name.starts_with("stanchion_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name} is a {kind}");
        assert!(described.contains(name), "{name} has no help text");
    }
}

#[test]
fn requests_are_counted_by_route_and_class_of_status() {
    let metrics = Metrics::new();
    metrics.http.answered(Route::Place, ::http::StatusCode::OK, Duration::from_millis(1));
    metrics.http.answered(Route::Place, ::http::StatusCode::NOT_FOUND, Duration::from_millis(1));
    metrics.http.refused(Limit::Head);
    let text = metrics.render();
    for line in [
        r#"stanchion_requests_total{route="place",status="2xx"} 1"#,
        r#"stanchion_requests_total{route="place",status="4xx"} 1"#,
        r#"stanchion_requests_total{route="page",status="2xx"} 0"#,
        r#"stanchion_request_seconds_count{route="place"} 2"#,
        r#"stanchion_refused_total{limit="head"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is missing from\n{text}");
    }
}

#[test]
fn a_refusal_is_counted_under_its_code() {
    let metrics = Metrics::new();
    let sale = metrics.sale("arena");
    sale.refused(&Code::SoldOut);
    let text = metrics.render();
    for (code, count) in [("sold_out", 1), ("later", 0)] {
        let line = format!(r#"stanchion_refusals_total{{sale="arena",code="{code}"}} {count}"#);
        assert!(text.contains(&line), "{line} is missing from\n{text}");
    }
}

#[test]
fn how_long_things_took_can_be_read_back_and_visitors_are_not_operators() {
    let metrics = Metrics::new();
    let sale = metrics.sale("arena");
    sale.writer.append.record(0.002);
    assert_eq!(sale.appends().within_us(50), Some(2_500));
    assert_eq!(metrics.sale("other").appends().samples(), 0);
    let ok = ::http::StatusCode::OK;
    metrics.http.answered(Route::Place, ok, Duration::from_micros(300));
    metrics.http.answered(Route::Basket, ok, Duration::from_millis(7));
    metrics.http.answered(Route::Console, ok, Duration::from_secs(9));
    let spread = metrics.http.of_visitors();
    assert_eq!((spread.samples(), spread.within_us(50)), (2, Some(500)));
    assert_eq!(spread.within_us(99), Some(10_000));
}

#[test]
fn two_servers_in_one_process_count_apart() {
    let (one, other) = (Metrics::new(), Metrics::new());
    one.http.sockets.accepted.increment(2);
    assert!(one.render().contains("stanchion_connections_total 2"));
    assert!(other.render().contains("stanchion_connections_total 0"));
}
