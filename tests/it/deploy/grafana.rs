//! The board for Grafana: whether promtool reads each of its expressions, whether a real server
//! measures what they ask for, and whether each panel says in which unit. No Grafana is run.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::measured::require_measured;
use super::{content, judge, text};

/// Units of Grafana's that are used.
const UNITS: &[&str] = &["none", "short", "s", "ops", "reqps", "Bps"];

fn board() -> Value {
    serde_json::from_str(&text("grafana/stanchion.json")).expect("JSON")
}

fn panels(board: &Value) -> Vec<&Value> {
    let all = board["panels"].as_array().expect("panels").iter();
    all.filter(|panel| panel["type"] != "row").collect()
}

/// Every expression, with what Grafana puts in for its own names.
fn expressions(board: &Value) -> Vec<String> {
    let asked = panels(board).into_iter().flat_map(|panel| panel["targets"].as_array().cloned());
    let asked = asked.flatten().map(|target| target["expr"].as_str().map(str::to_owned));
    let notes = board["annotations"]["list"].as_array().expect("a list").clone();
    let notes = notes.into_iter().map(|note| note["expr"].as_str().map(str::to_owned));
    let all = asked.chain(notes).map(|expression| expression.expect("an expression"));
    all.map(|text| text.replace("$__rate_interval", "1m").replace("$__range", "1h")).collect()
}

#[test]
fn promtool_reads_every_expression_and_a_server_measures_what_it_asks_for() {
    let board = board();
    let expressions = expressions(&board);
    let mut rules = "groups:\n  - name: board\n    rules:\n".to_owned();
    for (at, expression) in expressions.iter().enumerate() {
        let quoted = Value::from(expression.as_str());
        rules.push_str(&format!("      - record: board:{at}\n        expr: {quoted}\n"));
        if !expression.starts_with("ALERTS{") {
            require_measured(expression);
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rules.yml");
    std::fs::write(&file, rules).expect("a file");
    let said = content(Command::new(judge("promtool")).args(["check", "rules"]).arg(file));
    assert!(said.contains(&format!("{} rules found", expressions.len())), "{said}");
    let variable = &board["templating"]["list"][1]["query"]["query"];
    assert_eq!(variable, "label_values(stanchion_writer, sale)");
}

#[test]
fn each_panel_has_a_title_of_its_own_a_unit_and_the_source_that_is_chosen() {
    let board = board();
    let mut titles = BTreeSet::new();
    for panel in panels(&board) {
        let title = panel["title"].as_str().expect("a title");
        assert!(titles.insert(title), "{title} is there twice");
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap_or_default();
        assert!(UNITS.contains(&unit), "{title}: {unit}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        for target in panel["targets"].as_array().expect("expressions") {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
    require_apart(&panels(&board));
}

/// No panel lies over another one, or beyond the 24 columns.
fn require_apart(panels: &[&Value]) {
    let mut taken = BTreeSet::new();
    for panel in panels {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| {
            panel["gridPos"][side]
                .as_u64()
                .unwrap_or_else(|| panic!("{} has no {side}", panel["title"]))
        });
        assert!(x + w <= 24, "{}", panel["title"]);
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{} lies over another one", panel["title"]);
        }
    }
}
