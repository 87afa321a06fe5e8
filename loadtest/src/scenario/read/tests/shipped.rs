//! The scenarios that are shipped, as anybody would play them.

use super::*;
use crate::scenario::waves::{instants, people};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The shipped scenarios with their paths.
pub(super) fn texts() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder()).expect("there is a folder of scenarios");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).expect("it can be read");
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

fn shipped(name: &str) -> Scenario {
    let path = folder().join(format!("{name}.toml"));
    read(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn every_shipped_scenario_is_good_and_says_what_it_stands_for() {
    let texts = texts();
    assert_eq!(texts.len(), 11);
    for (path, _) in texts {
        let night = read(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let stem = path.file_stem().expect("it has a name").to_string_lossy();
        assert_eq!(night.name, stem, "the name is that of the file");
        assert!(night.about.len() > 100, "{stem} says what it stands for");
        assert!(night.own.is_some(), "{stem} can be played without a server");
        assert!(!night.thresholds.is_empty(), "{stem} has something to reach");
    }
}

#[test]
fn the_camp_is_as_it_was_recorded_and_a_hundred_times_that() {
    let recorded = [7, 18, 52, 72, 131, 134, 108, 120, 125, 100, 39, 8, 14, 10, 17, 4, 8];
    assert_eq!(recorded.iter().sum::<u32>(), 967);
    for (name, times) in [("camp", 1), ("camp-x100", 100)] {
        let night = shipped(name);
        let begins = night.arrivals[0].from.as_secs();
        let night = night.as_played();
        let instants = instants(&night);
        for (second, count) in (begins..).zip(recorded) {
            let within = (second * 1_000_000)..((second + 1) * 1_000_000);
            let come = instants.iter().filter(|at| within.contains(*at)).count();
            assert_eq!(come, (count * times) as usize, "{name}, second {second}");
        }
        assert_eq!(people(&night.arrivals), u64::from(967 * times));
    }
}

#[test]
fn crowds_are_as_large_and_runs_as_long_as_the_table_of_scenarios_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let table = fs::read_to_string(path).expect("it can be read");
    for (path, _) in texts() {
        let night = read(&path).unwrap_or_else(|mistakes| panic!("{mistakes}")).as_played();
        let row = table.lines().find(|line| line.starts_with(&format!("| `{}.toml`", night.name)));
        let row = row.unwrap_or_else(|| panic!("{} is in the table", night.name));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let said: u64 = cells[2].replace(',', "").parse().expect("a number of people");
        assert_eq!(people(&night.arrivals), said, "{}", night.name);
        assert_eq!(instants(&night).len() as u64, said, "{}", night.name);
        let takes = cells[3].replace(" min", "m").replace(' ', "");
        assert_eq!(span::read_span(&takes), Some(night.span_max), "{}", night.name);
    }
}

#[test]
fn the_outage_of_the_night_is_longer_than_every_span_that_would_have_cost_a_place() {
    for name in ["night-2015", "night-2015-short"] {
        let night = shipped(name);
        let sale = fs::read_to_string(&night.own.as_ref().expect("it is there").sale);
        let sale: toml::Table = sale.expect("it can be read").parse().expect("it is TOML");
        let night = night.as_played();
        let outage = night.timeline.iter().find_map(|moment| match moment.act {
            Act::Stop { span } => Some(span),
            _ => None,
        });
        let outage = outage.expect("there is an outage");
        for key in ["presence_span", "claim_span", "idle_span", "hold_span", "checkout_span"] {
            let span = sale["policy"][key].as_str().and_then(span::read_span);
            let span = span.unwrap_or_else(|| panic!("{name}: {key} is written"));
            assert!(span < outage, "{name}: {key}, {span:?}, outlives an outage of {outage:?}");
        }
    }
}
