//! `stanchion check` as somebody types it: every kind of file that people write, named or not.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What it says of these files, and whether all is well.
fn check(arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanchion"));
    let command = command.arg("check").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    let done = command.output().expect("it runs");
    (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
}

const THEATRE: &str = "config/sales/theatre/sale.toml";

fn gate(folder: &Path, text: &str) -> String {
    let file = folder.join("shop.toml");
    fs::write(&file, text).expect("a file");
    file.display().to_string()
}

#[test]
fn a_gate_file_is_checked_by_itself_and_against_the_sales_that_are_named_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = "[[rules]]\npath = \"/assets/*\"\nthen = \"open\"\n";
    let file = gate(folder.path(), &format!("sale = \"theatre\"\n{rule}"));
    let (well, said) = check(&[&file]);
    assert!(well && said.contains(&format!("{file}: good, 1 rules, for who asks")), "{said}");
    assert!(said.contains("name its sale files, too"), "{said}");
    let (well, said) = check(&[&file, THEATRE]);
    assert!(
        well && said.contains("sale \"theatre\"") && said.contains(": good, 1 rules"),
        "{said}"
    );
    assert!(!said.contains("name its sale files"), "{said}");

    let file = gate(folder.path(), &format!("sale = \"gala\"\n{rule}"));
    let (well, said) = check(&[THEATRE, &file]);
    assert!(!well && said.contains("sale: the sale \"gala\" is not served"), "{said}");
    let file = gate(folder.path(), &format!("{rule}surprise = 1\n[origin]\nurl = \"shop\"\n"));
    let (well, said) = check(&[&file]);
    assert!(!well && said.contains("shop.toml:4:1: rules[0].surprise: "), "{said}");
    assert!(said.contains("origin.url: \"shop\" is no address of a server"), "{said}");
}

#[test]
fn what_other_programs_or_other_flags_read_says_so() {
    for (file, told) in [
        ("config/default.toml", "has settings of a server; check it with --config"),
        ("loadtest/scenarios/arena.toml", "is a scenario; give it to stanchion-loadtest"),
        ("config/missing.toml", "cannot be read: "),
        ("Makefile", "not readable as TOML"),
    ] {
        let (well, said) = check(&[file]);
        assert!(!well && said.contains(told), "{file}: {said}");
    }
    let (well, said) = check(&["--config", "config/default.toml", THEATRE]);
    assert!(well && said.contains("configuration: good"), "{said}");
}
