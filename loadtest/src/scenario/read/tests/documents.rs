//! `docs/scenarios.md` and the reader say the same: keys, defaults, limits, examples.

use super::super::{action, goals, people, target, time, waves};
use super::*;

/// The tables of the document and the keys under each heading.
fn tables() -> Vec<(&'static str, Keys)> {
    vec![
        ("The file", KEYS),
        ("`[target]`", target::TARGET),
        ("`[own]`", target::OWN),
        ("`[wires]`", target::WIRES),
        ("`[[arrivals]]`", waves::ARRIVALS),
        ("`[[kinds]]`", people::KIND),
        ("`[kinds.waits]`", people::WAITS),
        ("`[kinds.shops]`", people::SHOPS),
        ("`ending`", people::ENDING),
        ("`[[timeline]]`", time::MOMENT),
        ("`[[phases]]`", time::PHASE),
        ("`[[thresholds]]`", goals::THRESHOLD),
    ]
}

/// Every key that can stand anywhere.
pub(super) fn all_keys() -> Vec<&'static str> {
    let more = [people::CHANCE, people::LOOKS];
    tables().into_iter().map(|(_, keys)| keys).chain(more).flatten().copied().collect()
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenarios.md");
    fs::read_to_string(path).expect("the document is there")
}

/// The cells of the table under a heading, row by row.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let mut lines =
        document.lines().skip_while(|line| line.trim_start_matches('#') != format!(" {heading}"));
    lines.next();
    let rows =
        lines.take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn quoted(cell: &str) -> Option<&str> {
    cell.split('`').nth(1)
}

/// The blocks of TOML in the document.
fn blocks(document: &str) -> Vec<&str> {
    let blocks = document.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn the_document_has_every_key_and_no_other() {
    let document = document();
    for (heading, keys) in tables() {
        let rows = rows(&document, heading);
        let documented: Vec<_> = rows.iter().filter_map(|row| quoted(&row[0])).collect();
        assert_eq!(documented, keys, "under {heading}");
    }
}

#[test]
fn the_document_has_every_action_operation_and_figure() {
    let document = document();
    for name in action::ACTIONS
        .iter()
        .flat_map(|(name, keys)| [*name].into_iter().chain(keys.iter().copied()))
    {
        assert!(document.contains(&format!("`{name}`")), "the action or field {name}");
    }
    for name in goals::OPERATIONS.iter().chain(goals::FIGURES) {
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_smallest_scenario_of_the_document_has_the_defaults_that_it_writes_out() {
    let document = document();
    let blocks = blocks(&document);
    let [smallest, written_out, ..] = blocks.as_slice() else { panic!("two blocks of TOML") };
    let smallest = read_here(smallest).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let read = read_here(written_out).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(smallest, read);
    for (heading, _) in tables() {
        for row in rows(&document, heading) {
            let (Some(key), Some(default)) = (quoted(&row[0]), quoted(&row[1])) else { continue };
            let line = format!("{key} = {default}");
            let there = written_out.lines().any(|written| written.trim() == line);
            assert!(there, "under {heading}: `{line}` is not written out");
        }
    }
}

#[test]
fn the_document_has_the_limits_of_the_reader() {
    use super::super::span::span_shown;
    let spans = |range: &std::ops::RangeInclusive<Duration>| {
        format!("{} to {}", span_shown(*range.start()), span_shown(*range.end()))
    };
    let counts = |range: &std::ops::RangeInclusive<u32>| {
        format!("{} to {}", grouped(*range.start()), grouped(*range.end()))
    };
    let numbers = |range: &std::ops::RangeInclusive<f64>| {
        let grouped = |number: f64| {
            if number.fract() == 0.0 { grouped(number as u32) } else { number.to_string() }
        };
        format!("{} to {}", grouped(*range.start()), grouped(*range.end()))
    };
    let at_most = |most: usize| format!("at most {}", grouped(most as u32));
    let expected = [
        ("The file", "name", at_most(limits::NAME_BYTES_MAX)),
        ("The file", "about", at_most(limits::ABOUT_BYTES_MAX)),
        ("The file", "pace_of_life", numbers(&limits::PACE_OF_LIFE)),
        ("The file", "span_max", spans(&limits::SPAN_MAX)),
        ("The file", "arrivals", at_most(limits::ARRIVALS_MAX)),
        ("The file", "kinds", at_most(limits::KINDS_MAX)),
        ("The file", "timeline", at_most(limits::MOMENTS_MAX)),
        ("The file", "phases", at_most(limits::PHASES_MAX)),
        ("The file", "thresholds", at_most(limits::THRESHOLDS_MAX)),
        ("`[own]`", "set", at_most(limits::SET_MAX)),
        ("`[own]`", "opens_after", spans(&limits::SPAN)),
        ("`[wires]`", "sources", at_most(limits::SOURCES_MAX)),
        ("`[wires]`", "answer_span", spans(&limits::ANSWER_SPAN)),
        ("`[[arrivals]]`", "people", counts(&limits::PEOPLE)),
        ("`[[arrivals]]`", "over", spans(&limits::SPAN_OVER)),
        ("`[[arrivals]]`", "from_per_second", numbers(&limits::RATE)),
        ("`[[arrivals]]`", "to_per_second", numbers(&limits::RATE)),
        ("`[[arrivals]]`", "curve", at_most(limits::INTERVALS_MAX)),
        ("`[[arrivals]]`", "interval", spans(&limits::INTERVAL)),
        ("`[[arrivals]]`", "times", counts(&limits::TIMES)),
        ("`[[kinds]]`", "share", counts(&limits::WEIGHT)),
        ("`[kinds.waits]`", "looks", spans(&limits::LOOK_SPAN)),
        ("`[kinds.waits]`", "tabs", counts(&limits::TABS)),
        ("`[kinds.waits]`", "no_show", numbers(&limits::SHARE)),
        ("`[kinds.waits]`", "ring", counts(&limits::RING)),
        ("`[kinds.shops]`", "wants", at_most(limits::WANTS_MAX)),
        ("`[kinds.shops]`", "tries", counts(&limits::TRIES)),
        ("`[kinds.shops]`", "changes_mind", numbers(&limits::SHARE)),
        ("`[kinds.shops]`", "grabs_again", counts(&limits::GRABS)),
        ("`[kinds.shops]`", "browses", at_most(limits::BROWSES_MAX)),
        ("`[[timeline]]`", "reason", at_most(limits::REASON_BYTES_MAX)),
        ("`[[timeline]]`", "stop", spans(&limits::OUTAGE_SPAN)),
        ("`[[timeline]]`", "kill", spans(&limits::OUTAGE_SPAN)),
    ];
    let document = document();
    for (heading, key, limit) in expected {
        let rows = rows(&document, heading);
        let row = rows.iter().find(|row| quoted(&row[0]) == Some(key));
        let row = row.unwrap_or_else(|| panic!("{key} under {heading}"));
        assert!(row.join("|").contains(&limit), "{key} under {heading} does not say {limit}");
    }
}

/// A number with commas between its thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
