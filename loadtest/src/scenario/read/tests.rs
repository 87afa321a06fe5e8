use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::scenario::{Act, Looks, Shape};

mod documents;
mod hostile;
mod shipped;

/// As little as a scenario can be.
const SMALL: &str = r#"
[target]
sale = "winter"

[[arrivals]]
shape = "step"
people = 100
over = "10s"

[[kinds]]
name = "everybody"
"#;

/// A scenario with something of everything that is drawn.
const BUSY: &str = r#"
[target]
sale = "winter"
[[arrivals]]
shape = "spike"
people = 10
[[kinds]]
name = "most"
share = 60
[kinds.waits]
sleeps = { share = 0.25, span = ["1m", "5m"] }
gives_up = { share = 0.1, span = "20m" }
no_show = 0.05
[kinds.shops]
wants = [20, 50, 0, 30]
changes_mind = 0.4
ending = { buys = 3, leaves = 1 }
pays_within = ["20s", "2m"]
[[kinds]]
name = "some"
share = 30
[kinds.waits]
looks = { every = "1s" }
[[kinds]]
name = "few"
share = 10
[kinds.waits]
ghosts = true
"#;

fn read_here(text: &str) -> Result<Scenario, Mistakes> {
    read_text(Path::new("night.toml"), text)
}

pub(crate) fn small() -> Scenario {
    read_here(SMALL).expect("the small scenario is good")
}

pub(crate) fn busy() -> Scenario {
    read_here(BUSY).expect("the busy scenario is good")
}

#[track_caller]
fn mistakes(text: &str) -> Vec<String> {
    let mistakes = read_here(text).expect_err("it has mistakes");
    mistakes.to_string().lines().map(str::to_owned).collect()
}

/// The mistakes of the small scenario with more lines before it, which is where the keys of the
/// file itself stand, and after it.
#[track_caller]
fn check_refused(before: &str, after: &str, expected: &[&str]) {
    let found = mistakes(&format!("{before}\n{SMALL}\n{after}"));
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\n  does not say\n{expected}");
    }
}

#[test]
fn the_smallest_scenario_is_about_ten_lines() {
    let night = small();
    assert!(SMALL.lines().count() <= 12);
    assert_eq!((night.name.as_str(), night.seed, night.pace_of_life), ("night", 1, 1.0));
    assert_eq!(night.target.sale, "winter");
    assert_eq!(night.phases.len(), 1);
}

#[test]
fn every_mistake_is_named_at_once_with_its_line() {
    let text = r#"
seed = -1
pace_of_live = 3
span_max = "5 minutes"

[target]
sale = "win ter"
url = "ftp://x"

[[arrivals]]
shape = "stepp"

[[arrivals]]
shape = "spike"
people = 5
over = "10s"

[[kinds]]
share = "half"
[kinds.waits]
tabs = 21
no_show = nan
looks = { every = "1ms" }
[kinds.shops]
ending = { buyes = 1 }
thinks = ["30s", "5s"]

[[timeline]]
at = "1m"
change = { type = "set_capp", cap = 1 }

[[timeline]]
at = "1m"
stop = "5m"

[[phases]]
name = "late"
from = "10s"

[[thresholds]]
operation = "polls"
figure = "p98_ms"
at_most = 1
"#;
    let expected = [
        "night.toml:2: seed: -1 is out of range; write 0 to 9223372036854775807",
        "night.toml:3: pace_of_live: is unknown; did you mean `pace_of_life`?",
        "night.toml:4: span_max: \"5 minutes\" is no span; write a span such as",
        "night.toml:7: target.sale: \"win ter\" has other characters; use letters",
        "night.toml:8: target.url: \"ftp://x\" is no address",
        "night.toml:11: arrivals[0].shape: \"stepp\" is not known; did you mean `step`?",
        "night.toml:16: arrivals[1].over: does not go with the shape `spike`",
        "night.toml:18: kinds[0]: `name` is missing",
        "night.toml:19: kinds[0].share: is a text; write a whole number",
        "night.toml:21: kinds[0].waits.tabs: 21 is out of range; write 1 to 20",
        "night.toml:22: kinds[0].waits.no_show: nan is out of range; write 0 to 1",
        "night.toml:23: kinds[0].waits.looks.every: 1ms is out of range; write 100ms to 1h",
        "night.toml:25: kinds[0].shops.ending.buyes: is unknown; did you mean `buys`?",
        "night.toml:25: kinds[0].shops.ending: nobody parts from the shop",
        "night.toml:26: kinds[0].shops.thinks: ends before it begins",
        "night.toml:30: timeline[0].change: the action \"set_capp\" is not known; did you mean",
        "night.toml:34: timeline[1].stop: needs a server of our own",
        "night.toml:36: phases[0]: is the first and begins late",
        "night.toml:41: thresholds[0].operation: \"polls\" is not known; did you mean `poll`?",
        "night.toml:42: thresholds[0].figure: \"p98_ms\" is not known; did you mean `p90_ms`?",
    ];
    let found = mistakes(text);
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n  is not\n{expected}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn what_is_missing_is_named() {
    let found = mistakes("");
    assert_eq!(found.len(), 3);
    for (found, key) in found.iter().zip(["target", "arrivals", "kinds"]) {
        assert!(found.contains(&format!("`{key}` is missing")), "{found}");
    }
}

#[test]
fn mistakes_of_syntax_come_with_their_lines() {
    let found = mistakes("a = \n[target\nsale = 1");
    assert!(found[0].starts_with("night.toml:1: not readable as TOML"), "{found:?}");
    assert!(found.len() >= 2, "{found:?}");
}

#[test]
fn what_cannot_be_together_is_refused() {
    let ghosts = "[kinds.waits]\nghosts = true\n[kinds.shops]\ntries = 1";
    check_refused("", ghosts, &["ghosts never shop"]);
    check_refused(
        "",
        "[kinds.waits]\nlooks = { every = \"1s\", refreshes = \"2s\" }",
        &["write `every` or"],
    );
    check_refused("", "[[kinds]]\nname = \"everybody\"", &["two kinds are called \"everybody\""]);
    check_refused("", "[[timeline]]\nat = \"1m\"", &["is not one deed"]);
    check_refused(
        "span_max = \"1m\"",
        "[[arrivals]]\nshape = \"spike\"\npeople = 1\nfrom = \"1m\"",
        &["after the end of the run"],
    );
    check_refused("", "[[thresholds]]\nfigure = \"p50_ms\"", &["has no bound"]);
    let never = "[[thresholds]]\nfigure = \"p50_ms\"\nat_most = 1\nat_least = 2";
    check_refused("", never, &["can never be reached"]);
    let check = "[[thresholds]]\nfigure = \"cap.most\"\noperation = \"poll\"\nat_most = 1";
    check_refused("", check, &["does not go with the figure of a check"]);
    let phases = "[[phases]]\nname = \"a\"\nfrom = \"0s\"\n[[phases]]\nname = \"a\"\nfrom = \"0s\"";
    check_refused("", phases, &["does not begin after", "two phases are called"]);
}

#[test]
fn a_threshold_may_name_a_figure_of_any_check() {
    for figure in ["order.tau", "next-call.half_of_slots_filled_within_at_most"] {
        let text = format!("{SMALL}\n[[thresholds]]\nfigure = \"{figure}\"\nat_most = 1");
        assert_eq!(read_here(&text).expect("it is good").thresholds[0].figure, figure);
    }
}

#[test]
fn a_crowd_has_a_limit() {
    let spike = "[[arrivals]]\nshape = \"spike\"\npeople = 1_000_000";
    check_refused("", spike, &["1000100 people come in all; let 1 to 1000000 come in all"]);
    let nobody = SMALL.replace("people = 100", "people = 0");
    assert!(mistakes(&nobody)[0].contains("0 people come in all"));
}

#[test]
fn actions_have_the_fields_that_the_ops_interface_takes() {
    let change = |body: &str| format!("[[timeline]]\nat = \"1m\"\nchange = {{ {body} }}");
    for (body, expected) in [
        ("cap = 1", "has no `type`"),
        ("type = \"set_cap\"", "`cap` is missing"),
        ("type = \"set_cap\", cap = -1", "`cap` is no count"),
        ("type = \"open\", cap = 1", "\"cap\" is unknown"),
        ("type = \"add_time\", add_ms = nan", "has a number that is none"),
    ] {
        check_refused("", &change(body), &[expected]);
    }
    let night = read_here(&format!("{SMALL}{}", change("type = \"set_cap\", cap = 100")));
    let Act::Change { action, .. } = &night.expect("it is good").timeline[0].act else {
        unreachable!("it is a change")
    };
    assert_eq!(*action, serde_json::json!({ "type": "set_cap", "cap": 100 }));
}

#[test]
fn a_server_that_has_a_standby_is_ours_and_killed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let sale = folder.path().join("winter.toml");
    fs::write(&sale, "id = \"winter\"").expect("a file can be written");
    let with = |deed: &str| {
        let own = format!("[own]\nsale = {sale:?}\nstandby = true\n");
        read_here(&format!("{SMALL}{own}[[timeline]]\nat = \"1m\"\n{deed} = \"5s\""))
    };
    let night = with("kill").expect("it is good");
    assert!(night.own.as_ref().is_some_and(|own| own.standby));
    let refused = with("stop").expect_err("nobody could say who serves").to_string();
    assert!(refused.contains("timeline: a server that has a standby is killed"), "{refused}");
    assert!(small().with_standby().is_err(), "it is somebody else's");
}

#[test]
fn the_timeline_is_sorted() {
    let moments =
        |at: &str| format!("[[timeline]]\nat = \"{at}\"\nchange = {{ type = \"open\" }}\n");
    let night =
        read_here(&format!("{SMALL}{}{}", moments("3m"), moments("2m"))).expect("it is good");
    let at: Vec<_> = night.timeline.iter().map(|moment| moment.at).collect();
    assert_eq!(at, [Duration::from_mins(2), Duration::from_mins(3)]);
}

/// A folder with a scenario that names a curve of this text.
fn with_curve(csv: &str, more: &str) -> (tempfile::TempDir, Result<Scenario, Mistakes>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("camp.csv"), csv).expect("a file can be written");
    let curve = format!("shape = \"curve\"\ncurve = \"camp.csv\"\n{more}");
    let text = SMALL.replace("shape = \"step\"\npeople = 100\nover = \"10s\"", &curve);
    let path = folder.path().join("night.toml");
    fs::write(&path, text).expect("a file can be written");
    let night = read(&path);
    (folder, night)
}

#[test]
fn a_curve_is_a_column_of_counts_or_seconds_with_theirs() {
    for csv in [
        "7\n18\n0\n52\n",
        "count\n7\n18\n0\n52",
        "second,count\n0,7\n1,18\n3,52\n",
        "# x\n0, 7\n1,18\n3,52",
    ] {
        let (_folder, night) = with_curve(csv, "times = 3");
        let shape = night.expect("it is good").arrivals.remove(0).shape;
        let interval = Duration::from_secs(1);
        assert_eq!(shape, Shape::Curve { counts: vec![7, 18, 0, 52], interval, times: 3 }, "{csv}");
    }
}

#[test]
fn mistakes_of_a_curve_are_named_with_their_lines() {
    let cases: [(&str, &str, &[&str]); 6] = [
        (
            "7\nx\n-1\n1,2",
            "",
            &["camp.csv:2: \"x\"", "camp.csv:3: \"-1\"", "camp.csv:4: has 2 columns"],
        ),
        ("1,5\n1,6", "", &["camp.csv:2: second 1 comes after second 1"]),
        ("99999999,5", "", &["camp.csv:1: \"99999999\" is no second"]),
        ("", "", &["has no counts"]),
        ("0,5\n1,5", "interval = \"2s\"", &["has seconds of its own"]),
        ("0\n0", "", &["0 people come in all"]),
    ];
    for (csv, more, expected) in cases {
        let (_folder, night) = with_curve(csv, more);
        let found = night.expect_err("it is wrong").to_string();
        for expected in expected {
            assert!(found.contains(expected), "{found}\n  does not say\n{expected}");
        }
        assert_eq!(found.lines().count(), expected.len(), "{found}");
    }
}

#[test]
fn files_are_looked_for_beside_the_scenario_and_have_to_be_there() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    fs::write(at("winter.toml"), "id = \"winter\"").expect("a file can be written");
    fs::write(at("other.toml"), "id = \"other\"").expect("a file can be written");
    let with = |sale: &str| format!("{SMALL}[own]\nsale = \"{sale}\"");
    let night = read_text(&at("night.toml"), &with("winter.toml")).expect("it is good");
    assert_eq!(night.own.expect("it is there").sale, at("winter.toml"));
    for (sale, expected) in
        [("no.toml", "is not there"), ("other.toml", "defines the sale \"other\"")]
    {
        let found = read_text(&at("night.toml"), &with(sale)).expect_err("it is wrong").to_string();
        assert!(found.contains(expected), "{found}");
    }
    let keys = SMALL.replace("sale = \"winter\"", "sale = \"winter\"\napi_key_file = \"no.key\"");
    assert!(mistakes(&keys)[0].contains("target.api_key_file"));
    assert!(
        read(&at("no.toml")).expect_err("it is not there").to_string().contains("cannot be read")
    );
}

#[test]
fn the_pace_of_life_divides_the_whole_night_alike() {
    let text = format!(
        "pace_of_life = 20\nspan_max = \"1h\"\n{SMALL}\n\
         [kinds.waits]\nlooks = {{ every = \"10s\" }}\n\
         [[timeline]]\nat = \"10m\"\nchange = {{ type = \"set_cap\", cap = 7 }}\n\
         [[phases]]\nname = \"a\"\nfrom = \"0s\"\n[[phases]]\nname = \"b\"\nfrom = \"20m\"\n"
    );
    let night = read_here(&text).expect("it is good").as_played();
    assert_eq!(night.span_max, Duration::from_mins(3));
    assert_eq!(night.timeline[0].at, Duration::from_secs(30));
    assert_eq!(night.phases[1].from, Duration::from_mins(1));
    assert_eq!(night.kinds[0].waits.looks, Looks::Every(Duration::from_millis(500)));
    let over = Duration::from_millis(500);
    assert_eq!(night.arrivals[0].shape, Shape::Step { people: 100, over });
    assert_eq!(night.wires.answer_span, Duration::from_secs(30));
}
