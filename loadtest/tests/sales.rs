//! The sale files of the shipped scenarios, as the server itself sees them.

mod built;

use std::path::{Path, PathBuf};
use std::process::Command;

use stanchion_loadtest::checks::order::PRESENCE_MS_MIN;

/// The shipped sale files.
fn sales() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/sales");
    let entries = std::fs::read_dir(folder).expect("there is a folder of sales");
    entries.map(|entry| entry.expect("it can be listed").path()).collect()
}

#[test]
fn the_order_of_calling_can_be_judged_in_every_sale_of_a_shipped_scenario() {
    for path in sales() {
        let text = std::fs::read_to_string(&path).expect("a file of ours");
        let sale: toml::Table = text.parse().expect("TOML");
        let Some(span) = sale["policy"].get("presence_span") else { continue };
        let seconds = span.as_str().and_then(|span| span.strip_suffix('s')?.parse::<u64>().ok());
        let seconds = seconds.unwrap_or_else(|| panic!("{}: {span} in seconds", path.display()));
        assert!(seconds * 1_000 >= PRESENCE_MS_MIN, "{}: {seconds} s", path.display());
    }
}

#[test]
fn the_server_takes_every_sale_of_a_shipped_scenario() {
    let sales = sales();
    assert_eq!(sales.len(), 11);
    let checked = Command::new(built::server()).arg("check").args(&sales).output();
    let checked = checked.expect("the server can be started");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{}{said}", String::from_utf8_lossy(&checked.stdout));
}
