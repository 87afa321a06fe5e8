//! Two processes live the same crowd as one.

use std::collections::BTreeMap;

use stanchion_loadtest::history::{Source, What, Who};
use stanchion_loadtest::measure::{Ended, Operation};
use stanchion_loadtest::report::Report;

use super::own::{Folder, history, run};
use crate::built;

const PEOPLE: u64 = 60;

const SALE: &str = r#"
id = "winter"
name = "Winter"
currency = "EUR"
[policy]
cap = 100
pace_per_minute = 60000
[[zones]]
id = "a"
amount = "5.00"
[[performances]]
id = "yard"
pools = [{ id = "floor", zone = "a", capacity = 400 }]
"#;

const SCENARIO: &str = r#"
seed = 5
[target]
sale = "winter"
[own]
sale = "sale.toml"
opens_after = "0s"
[[arrivals]]
shape = "spike"
people = 60
[[kinds]]
name = "everybody"
[kinds.shops]
wants = [20, 50, 0, 30]
thinks = "0s"
pays_within = ["10ms", "50ms"]
"#;

/// What a run came to: units that each visitor bought, and the report.
async fn night(processes: &str) -> (BTreeMap<Who, u32>, Report) {
    let folder = Folder::new();
    folder.write("sale.toml", SALE);
    let scenario = folder.write("scenario.toml", SCENARIO);
    let out = folder.path("out");
    let server = built::server();
    let server = server.to_str().expect("a path in text");
    let ran = run(&scenario, &["--processes", processes, "--server", server], &out).await;
    assert!(matches!(ran.code, Some(0..=2)), "{:?}: {}", ran.code, ran.stderr);
    let mut bought = BTreeMap::new();
    for told in history(&out) {
        let What::Ordered(order) = told.what else { continue };
        let units = order.units.iter().map(|unit| match unit.of {
            Source::Seat(_) => 1,
            Source::Pool { units, .. } => units,
        });
        bought.insert(told.who, units.sum());
    }
    let report = std::fs::read(out.join("report.json")).expect("a report");
    (bought, serde_json::from_slice(&report).expect("a report of ours"))
}

#[tokio::test]
async fn two_processes_together_give_the_same_crowd_as_one() {
    let (one, report_of_one) = night("1").await;
    let (two, report_of_two) = night("2").await;
    assert_eq!(one.len() as u64, PEOPLE, "everybody buys");
    assert_eq!(one, two, "the same people want the same");
    assert_eq!((report_of_one.workers.len(), report_of_two.workers.len()), (1, 2));
    for report in [report_of_one, report_of_two] {
        assert_eq!(report.visitors, BTreeMap::from([("ordered".to_owned(), PEOPLE)]));
        for operation in [Operation::Join, Operation::Order] {
            let part = report.measured.whole(Some(operation), None).expect("they did");
            assert_eq!(part.endings.get(&Ended::Well), Some(&PEOPLE), "{operation:?}");
        }
    }
}
