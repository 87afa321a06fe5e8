//! The OpenAPI documents are promises: a change of them is looked at, not slipped in.

use std::path::Path;

use http::Method;
use serde_json::Value;

use super::sample::gala;
use super::{Ask, House};

/// Set this to accept the documents as they are now.
const ACCEPT: &str = "STANCHION_ACCEPT_GOLDEN";

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_those_that_were_promised() {
    let house = House::new(gala());
    let public = house.ask(Method::GET, "/openapi.json").send().await.ok(200);
    let ops = Ask { api: &house.ops, ..house.ask(Method::GET, "/openapi.json") };
    compare("openapi.json", &public);
    compare("openapi-ops.json", &ops.send().await.ok(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_that_is_referred_to_is_there_and_every_operation_is_named_once() {
    let house = House::new(gala());
    let document = house.ask(Method::GET, "/openapi.json").send().await.ok(200);
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is missing");
    }
    let mut names: Vec<_> = text.split("\"operationId\":\"").skip(1).collect();
    let count = names.len();
    names.iter_mut().for_each(|name| *name = name.split('"').next().expect("a name"));
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), count), (49, 49));
}

fn compare(name: &str, found: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let found = serde_json::to_string_pretty(found).expect("JSON") + "\n";
    if std::env::var_os(ACCEPT).is_some() {
        std::fs::write(&path, &found).expect("the golden file can be written");
    }
    let promised = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        promised == found,
        "{} differs from what is served; look at the difference, and if it is meant, run the test \
         with {ACCEPT}=1",
        path.display()
    );
}
