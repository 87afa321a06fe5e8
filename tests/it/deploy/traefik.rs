//! The configuration for Traefik, which is not run: read as YAML, and Stanchion asked the way that
//! it makes Traefik ask.

use std::collections::BTreeSet;

use serde_json::Value;

use super::measured::told;
use super::yaml;
use crate::night::server::{LONG, Plan, SALE, Site};

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("names").keys().map(String::as_str).collect()
}

#[test]
fn what_its_routers_name_is_there() {
    let http = &yaml("traefik/dynamic.yaml")[0]["http"];
    let (services, between) = (names(&http["services"]), names(&http["middlewares"]));
    for (name, router) in http["routers"].as_object().expect("routers") {
        assert!(services.contains(router["service"].as_str().expect("a name")), "{name}");
        let asked = router["middlewares"].as_array();
        for middleware in asked.into_iter().flatten() {
            assert!(between.contains(middleware.as_str().expect("a name")), "{name}");
        }
        // Who asks nobody is let through to Stanchion alone.
        assert_eq!(asked.is_some(), name == "shop");
    }
}

#[test]
fn who_is_asked_as_traefik_would_answers_with_a_path_of_the_shop() {
    let http = &yaml("traefik/dynamic.yaml")[0]["http"];
    let asks = &http["middlewares"]["ask-stanchion"]["forwardAuth"];
    let path = asks["address"].as_str().and_then(|url| url.strip_prefix("http://127.0.0.1:8080"));
    assert_eq!(asks["trustForwardHeader"], false);
    assert_eq!(asks["preserveLocationHeader"], true);
    let folder = tempfile::tempdir().expect("a folder");
    let gate = folder.path().join("gate.toml");
    std::fs::write(&gate, "").expect("a file");
    let more = format!("\n[gate]\nfile = {gate:?}\n");
    let opens_at = Some("2020-01-01T00:00:00Z".to_owned());
    let site = Site::with(&Plan { cap: 1, policy: LONG, opens_at }, &more);
    let server = site.start();
    // As Traefik tells them, and what it passes on of the visitor's.
    let mut fields = "x-forwarded-uri: /shows/1?x=1\r\nx-forwarded-method: GET\r\n\
                      x-forwarded-host: shop.example.org\r\nx-forwarded-proto: http\r\n\
                      x-forwarded-for: 192.0.2.7\r\n"
        .to_owned();
    for name in asks["authRequestHeaders"].as_array().expect("a list") {
        match name.as_str().expect("a name") {
            "Accept" => fields.push_str("accept: text/html\r\n"),
            "Cookie" | "User-Agent" => {}
            other => panic!("why {other}?"),
        }
    }
    let said = told(server.public, path.expect("Stanchion's"), &fields);
    assert!(said.starts_with("HTTP/1.1 303 "), "{said}");
    let location = said.lines().find_map(|line| line.strip_prefix("location: "));
    assert_eq!(location, Some(&*format!("/{SALE}?to=/shows/1%3Fx%3D1")));
}
