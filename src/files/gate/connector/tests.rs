use super::super::{Gate, load};
use super::*;

const ROOMS: &str = "[connector.waiting_rooms]\ngala2026 = \"gala\"\n";

/// Reads a gate file whose connector has these lines, beside this file of integrations.
fn read(lines: &str, integrations: &str) -> Result<Gate, String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("integrations.json"), integrations).expect("a file");
    let path = folder.path().join("gate.toml");
    std::fs::write(&path, format!("[connector]\n{lines}")).expect("a file");
    load(&path).map_err(|problems| problems.to_string())
}

fn refused(lines: &str, integrations: &str) -> String {
    read(lines, integrations).expect_err("refused")
}

#[test]
fn what_is_not_said_has_a_default() {
    let gate = read(&format!("customer = \"arena\"\n{ROOMS}"), "").expect("good");
    let connector = gate.connector.as_ref().expect("a connector");
    assert_eq!((connector.prefix.as_str(), connector.cookie), ("connector", Cookie::Fixed));
    assert_eq!(connector.rooms.get("gala2026").map(String::as_str), Some("gala"));
    assert_eq!(connector.integrations, None);
    assert!(gate.check_sales(&["gala"].into()).is_ok());
    let told = gate.check_sales(&["ball"].into()).expect_err("not served").to_string();
    assert!(told.contains("connector.waiting_rooms.gala2026: the sale \"gala\" is not"), "{told}");
    let taken = gate.check_sales(&["gala", "connector"].into()).expect_err("taken").to_string();
    assert!(taken.contains("connector.prefix: is the id of a sale"), "{taken}");
}

#[test]
fn mistakes_of_a_connector_are_named_with_their_lines() {
    let lines = "prefix = \"a//b\"\ncookie = \"long\"\nroom = 1\n[connector.waiting_rooms]\n\
                 Gala = \"gala\"\ngala_2026 = \"gala\"\n\"gala~1\" = \"gala\"\nok = 7\n";
    let told = refused(lines, "");
    for wanted in [
        "gate.toml:1:2: connector: `customer` is missing",
        "gate.toml:2:1: connector.prefix: \"a//b\" cannot begin a path",
        "gate.toml:3:1: connector.cookie: \"long\" is no kind of cookie",
        "gate.toml:4:1: connector.room: the key `room` is unknown",
        "gate.toml:6:1: connector.waiting_rooms.Gala: \"Gala\" is no id that a connector keeps",
        "gate.toml:7:1: connector.waiting_rooms.gala_2026: \"gala_2026\" is no id",
        "\"gala~1\" is no id",
        "gate.toml:9:1: connector.waiting_rooms.ok: is a whole number, not a text",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    let none = refused("customer = \"arena\"\n[connector.waiting_rooms]\n", "");
    assert!(none.contains("has 0 entries; use 1 to 200"), "{none}");
}

#[test]
fn a_prefix_is_empty_only_where_we_are_no_proxy() {
    let lines = format!("customer = \"arena\"\nprefix = \"\"\n{ROOMS}");
    assert!(read(&lines, "").is_ok_and(|gate| gate.connector.is_some_and(|c| c.prefix.is_empty())));
    let told = refused(&format!("{lines}[origin]\nurl = \"http://127.0.0.1:1\"\n"), "");
    assert!(told.contains("gate.toml:3:1: connector.prefix: is empty"), "{told}");
}

#[test]
fn a_file_of_integrations_fits_the_gate_file_or_is_refused() {
    let lines = format!("customer = \"arena\"\nintegrations = \"integrations.json\"\n{ROOMS}");
    let queue = |room: &str, prefix: &str| {
        format!(
            "{{\"Version\": 3, \"Else\": 1, \"Integrations\": [{{\"ActionType\": \"Queue\", \
             \"EventId\": \"{room}\", \"QueuePathPrefix\": \"{prefix}\", \"Triggers\": []}}, \
             {{\"ActionType\": \"Ignore\", \"Triggers\": []}}]}}"
        )
    };
    for good in [queue("gala2026", "connector"), queue("gala2026", "/connector/")] {
        let gate = read(&lines, &good).expect("good");
        let integrations = gate.connector.and_then(|connector| connector.integrations);
        assert_eq!(integrations, Some(Integrations { json: good.into(), open: false }));
    }
    for (text, wanted) in [
        (queue("Gala2026", "connector"), "EventId: \"Gala2026\" is no waiting room here"),
        (queue("gala2026", ""), "Integrations[0]: `QueuePathPrefix` is \"\""),
        ("{\"Version\": 0, \"Integrations\": []}".to_owned(), "Version: 0 is out of range"),
        ("{\"Version\": 1}".to_owned(), "`Integrations` is missing"),
        ("{\"Version\": 1, \"Integrations\": [{}]}".to_owned(), "`Triggers` is missing"),
        ("{".to_owned(), "integrations.json:1:1: not readable as JSON"),
    ] {
        let told = refused(&lines, &text);
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    let told = refused(&lines.replace("integrations.json", "none.json"), "");
    assert!(told.contains("connector.integrations: cannot be read"), "{told}");
}
