//! The journal of a sale whose seats the venue's own system keeps, as an operator looks at it
//! afterwards.

use std::process::Command;

use serde_json::json;

use crate::night::server::{LONG, Plan, SALE, Site};
use crate::night::web::{Ask, Web};

/// Two performances, of which one is never reported of.
const SALE_FILE: &str = r#"
id = "night"
name = "The Night"
currency = "EUR"
inventory = "mirrored"
[policy]
stale_span = "1h"
[[zones]]
id = "stalls"
amount = "48.00"
[[performances]]
id = "fri"
zones = { stalls = 620 }
[[performances]]
id = "sat"
zones = { stalls = 620 }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reported_can_be_verified_and_read_when_the_server_is_gone() {
    let site = Site::new(&Plan { cap: 1, policy: LONG, opens_at: None });
    std::fs::write(site.file("sale.toml"), SALE_FILE).expect("a file");
    let mut server = site.start();
    let web = Web::new();
    web.reach(&server);
    for (version, available, taken) in [(17, 120, 1), (16, 300, 0), (18, 119, 1)] {
        let report = json!({
            "performance": "fri", "zone": "stalls", "version": version,
            "available": available, "held": 4, "sold": 300, "withheld": 0,
        });
        let report = Ask::post("report", "/mirror").json(&json!({ "reports": [report] }));
        let told = web.insist(&report.bearer(&site.shop)).await.expect("an answer");
        assert_eq!((told.status, &told.body["taken"]), (200, &json!(taken)), "{told:?}");
    }
    server.signal("TERM");
    assert!(server.ended().success(), "it ends well");

    let verified = site.verify();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{verified:?}");
    assert!(said.contains(&format!("sound; sale \"{SALE}\"")), "{said}");
    println!("{said}");

    let mut tool = Command::new(env!("CARGO_BIN_EXE_stanchion"));
    let inspected = tool.arg("inspect").arg(site.journal()).output().expect("it runs");
    let said = String::from_utf8_lossy(&inspected.stdout);
    assert!(inspected.status.success(), "{inspected:?}");
    println!("{said}");
    let created = said.lines().next().expect("a line");
    assert!(created.contains("Created { sale: \"night\", performances: 2 }"), "{said}");
    let reported: Vec<_> = said.lines().filter(|line| line.contains(" Reported {")).collect();
    assert_eq!(reported.len(), 2, "what was older changed nothing: {said}");
    assert!(reported[1].contains("version: 18") && reported[1].contains("119"), "{said}");
}
