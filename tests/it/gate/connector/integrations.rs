//! A connector that asks us which pages need a pass.

use serde_json::{Value, json};

use super::{API_KEY, Plan, ROOM, Street, free};

const STATUS: &str = "/status/integrationconfig";

fn integration(name: &str, action: &str, contains: &str) -> Value {
    json!({
        "Name": name, "ActionType": action, "EventId": ROOM, "CookieDomain": "",
        "ExtendCookieValidity": true, "CookieValidityMinute": 20, "QueuePathPrefix": "wait",
        "RedirectLogic": "AllowTParameter",
        "Triggers": [{ "LogicalOperator": "And", "TriggerParts": [{
            "ValidatorType": "UrlValidator", "UrlPart": "PagePath", "Operator": "Contains",
            "ValueToCompare": contains, "IsNegative": false, "IsIgnoreCase": true,
        }] }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_fetches_its_configuration_and_goes_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("integrations.json");
    let mut whole = json!({ "Description": "test", "Version": 7, "Integrations": [
        integration("free", "Ignore", "/assets/"),
        integration("done", "Cancel", "/leave"),
        integration("buy", "Queue", "/shows"),
    ] });
    // The address of the queue is known once it runs: it reads the file before, and not its domain.
    std::fs::write(&file, whole.to_string()).expect("a file");
    let more = format!("integrations = \"{}\"\n", file.display());
    let street = Street::with(10, &more, &json!({}));
    let queue = street.visitor().queue;
    let secured = format!("{STATUS}/secure/arena");
    for (key, path, status) in [
        (None, secured.as_str(), 401),
        (Some("5ebbf794-1665-4d48-80d6-21ac34be7faf"), &secured, 401),
        (Some(API_KEY), &format!("{STATUS}/secure/other"), 404),
        (Some(API_KEY), &format!("{STATUS}/arena"), 404),
        (Some(API_KEY), &secured, 200),
        (Some(API_KEY), &format!("/wait{secured}"), 200),
    ] {
        let headers: Vec<_> = key.map(|key| ("api-key", key)).into_iter().collect();
        let answer = queue.ask(http::Method::GET, path, &headers, "").await;
        assert_eq!(answer.status, status, "{path} with {key:?}: {answer:?}");
        if status == 200 {
            let read: Value = serde_json::from_str(&answer.text).expect("JSON");
            assert_eq!(read, whole);
        }
    }
    drop(street);

    let (queue, shop) = (free(), free());
    for integration in whole["Integrations"].as_array_mut().expect("a list") {
        integration["QueueDomain"] = json!(queue.to_string());
    }
    std::fs::write(&file, whole.to_string()).expect("a file");
    let more = format!("{more}integrations_open = true\ncookie = \"extended\"\n");
    let plan = Plan { cap: 1, more: &more, settings: &json!({ "apiKey": API_KEY }) };
    let street = Street::between(queue, shop, &plan);
    let visitor = street.visitor();
    assert_eq!(visitor.queue.get(&format!("{STATUS}/arena")).await.status, 200);
    assert_eq!(visitor.shop.get("/assets/shows/logo.svg").await.status, 200);
    assert_eq!(visitor.shop.get("/about").await.status, 200);
    let (way, page) = visitor.wait_and_enter().await;
    assert!(way[1].contains("~ce_true~rt_queue~h_"), "{way:#?}");
    assert!(page.status == 200 && !page.text.contains("null"), "{page:?}");
    let (_, gone) = visitor.follow(&street.at_shop("/leave")).await;
    assert_eq!(gone.status, 200, "back at the shop, and out: {gone:?}");
    let next = street.visitor();
    let (_, page) = next.wait_and_enter().await;
    assert_eq!(page.status, 200, "the one slot is free");
}
