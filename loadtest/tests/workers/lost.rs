//! A worker elsewhere: it is lost, or its clock is another.

use std::time::Duration;

use stanchion_loadtest::history::{Told, What, Who};
use stanchion_loadtest::measure::own::Used;
use stanchion_loadtest::night::talk::{Ear, FromWorker, Mouth, ToWorker};
use stanchion_loadtest::report::{Outcome, Report};
use tokio::net::TcpListener;

use super::own::{Folder, Played, Ran, SECRET, history, run};

const SCENARIO: &str = r#"
[target]
sale = "winter"
[[arrivals]]
shape = "spike"
people = 10
[[kinds]]
name = "everybody"
"#;

/// Plays a worker for a run of the program, against a server that never answers.
async fn play(
    folder: &Folder,
    more: &[&str],
    before_pong: impl AsyncFn(),
    lives: impl AsyncFnOnce(Mouth, Ear),
) -> (Ran, String) {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", server.local_addr().expect("it is bound"));
    let worker = Played::listen().await;
    let address = worker.address().to_string();
    let scenario = folder.write("scenario.toml", SCENARIO);
    let secret = folder.write("secret", SECRET);
    let secret = secret.to_str().expect("names are text");
    let arguments = ["--url", &url, "--worker", &address, "--secret-file", secret];
    let lived = async {
        let (mouth, ear) = worker.begin(before_pong).await;
        lives(mouth, ear).await;
    };
    let arguments = [arguments.as_slice(), more].concat();
    let out = folder.path("out");
    let (ran, ()) = tokio::join!(run(&scenario, &arguments, &out), lived);
    (ran, address)
}

/// A share that is over.
fn done() -> FromWorker {
    let (measured, used) = (Box::default(), Used { cores: 3, ..Used::default() });
    FromWorker::Done { measured, used, fates: Default::default() }
}

#[tokio::test]
async fn a_worker_that_is_lost_is_named_and_there_is_no_report() {
    let folder = Folder::new();
    let (ran, address) = play(&folder, &[], async || {}, async |_, _| {}).await;
    assert_eq!(ran.code, Some(64), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("the worker backstage ({address}")), "{}", ran.stderr);
    assert!(ran.stderr.contains("is gone"), "{}", ran.stderr);
    assert!(!folder.path("out").join("report.json").exists());
}

#[tokio::test]
async fn a_worker_that_fails_says_why() {
    let folder = Folder::new();
    let fails = async |mut mouth: Mouth, _: Ear| {
        let why = FromWorker::Failed("the stage collapsed".to_owned());
        mouth.say(&why).await.expect("it is heard");
    };
    let (ran, _) = play(&folder, &[], async || {}, fails).await;
    assert_eq!(ran.code, Some(64));
    assert!(ran.stderr.contains("backstage") && ran.stderr.contains("the stage collapsed"));
}

#[tokio::test]
async fn a_night_that_tells_more_than_fits_into_memory_is_ended_and_says_nothing() {
    let folder = Folder::new();
    // About 20 MiB, where two are allowed.
    let told = Told {
        who: Who::Visitor(3),
        asked_us: 500_000,
        told_us: Some(600_000),
        what: What::Joined { number: 17 },
    };
    let lives = async |mut mouth: Mouth, mut ear: Ear| {
        mouth.say(&FromWorker::Told(vec![told; 100_000])).await.expect("it is heard");
        let ended = ear.hear().await.expect("it is ours");
        assert!(matches!(ended, Some(ToWorker::End)), "long before the night is over: {ended:?}");
        mouth.say(&done()).await.expect("it is heard");
    };
    let (ran, _) = play(&folder, &["--memory", "2"], async || {}, lives).await;
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let report = std::fs::read(folder.path("out").join("report.json")).expect("a report");
    let report: Report = serde_json::from_slice(&report).expect("a report of ours");
    assert_eq!(report.outcome(), Outcome::Invalid);
    assert!(report.findings.is_empty(), "a part of a history accuses wrongly");
    assert!(report.doubts[0].contains("MiB of memory after"), "{:?}", report.doubts);
    assert!(history(&folder.path("out")).is_empty());
}

#[tokio::test]
async fn what_a_worker_elsewhere_was_told_is_widened_by_what_its_clock_may_be_off() {
    /// The way there and back takes so long.
    const WAY: Duration = Duration::from_millis(40);
    let joined = Told {
        who: Who::Visitor(3),
        asked_us: 500_000,
        told_us: Some(600_000),
        what: What::Joined { number: 17 },
    };
    let folder = Folder::new();
    let told = joined.clone();
    let lives = async |mut mouth: Mouth, _: Ear| {
        mouth.say(&FromWorker::Told(vec![told])).await.expect("it is heard");
        mouth.say(&done()).await.expect("it is heard");
    };
    let (ran, _) = play(&folder, &[], async || tokio::time::sleep(WAY).await, lives).await;
    assert_ne!(ran.code, Some(64), "{}", ran.stderr);
    let history = history(&folder.path("out"));
    let widened = history.iter().find(|told| told.what == joined.what).expect("it was told");
    let doubt_us = WAY.as_micros() as u64 / 2;
    assert!(widened.asked_us <= joined.asked_us - doubt_us, "{widened:?}");
    assert!(widened.told_us >= joined.told_us.map(|told_us| told_us + doubt_us), "{widened:?}");
}
