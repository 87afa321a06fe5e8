//! Prometheus: its configuration and the alerts, judged by promtool, which also plays a story for
//! each alert; and asking for nothing that a real server does not measure.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::measured::{METRICS, require_measured};
use super::{content, deployed, judge, text, yaml};

fn alerts() -> Vec<Value> {
    let file = yaml("prometheus/alerts.yml").remove(0);
    let groups = file["groups"].as_array().expect("groups").clone();
    groups.iter().flat_map(|group| group["rules"].as_array().expect("rules").clone()).collect()
}

#[test]
fn promtool_reads_the_configuration_with_its_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("stanchion.key");
    std::fs::write(&key, "sk_x").expect("a file");
    let key = key.display().to_string();
    let main = text("prometheus/prometheus.yml").replace("/etc/prometheus/stanchion.key", &key);
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, main).expect("a file");
    std::fs::write(folder.path().join("alerts.yml"), text("prometheus/alerts.yml")).expect("one");
    let said = content(Command::new(judge("promtool")).args(["check", "config"]).arg(file));
    assert!(said.contains(&format!("{} rules found", alerts().len())), "{said}");
}

#[test]
fn each_alert_has_a_story_in_which_it_fires_and_no_other_does() {
    let stories = deployed("prometheus/alerts_test.yml");
    content(Command::new(judge("promtool")).args(["test", "rules"]).arg(stories));
    let stories = text("prometheus/alerts_test.yml");
    for alert in alerts() {
        let name = alert["alert"].as_str().expect("a name");
        let fires = format!("- labels: '{{alertname=\"{name}\"}}'");
        assert!(stories.contains(&fires), "{name} never fires");
    }
}

#[test]
fn each_alert_says_how_grave_it_is_and_what_to_do_and_asks_for_what_is_measured() {
    for alert in alerts() {
        let name = alert["alert"].as_str().expect("a name");
        let grave = alert["labels"]["severity"].as_str();
        assert!(matches!(grave, Some("critical" | "warning")), "{name}");
        for note in ["summary", "action"] {
            let said = alert["annotations"][note].as_str().unwrap_or_default();
            assert!(said.len() > 20 && said.ends_with('.'), "{name}: {note}: {said}");
        }
        require_measured(alert["expr"].as_str().expect("an expression"));
    }
    for story in yaml("prometheus/alerts_test.yml")[0]["tests"].as_array().expect("stories") {
        for series in story["input_series"].as_array().expect("series") {
            let series = series["series"].as_str().expect("a series");
            require_measured(series);
        }
    }
}

#[test]
fn what_is_measured_is_told_as_prometheus_likes_it() {
    let mut promtool = Command::new(judge("promtool"));
    let asked = promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = asked.stderr(Stdio::piped()).spawn().expect("`make deps` installs it");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut stdin, METRICS.as_bytes()).expect("it is read");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success() && said.is_empty(), "{said}");
}
