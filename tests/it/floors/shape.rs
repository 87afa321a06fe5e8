//! The sources keep their sizes: short lines, files that can be read at a sitting, an opening word.

use super::source::{all_sources, fail_on};

/// Where sources are.
const FOLDERS: &[&str] = &["src", "tests", "benches", "loadtest/src", "loadtest/tests"];
/// Columns of a line.
const COLUMNS_MAX: usize = 100;
/// Lines of a file, at most.
const LINES_MAX: usize = 500;
/// Lines of a file that is worth a question: is it two things?
const LINES_CALM: usize = 260;

/// Tables laid out by hand, a line an entry: path, reason.
const TABLES: &[(&str, &str)] = &[("src/api/router.rs", "every route on one screen")];

#[test]
fn no_line_is_longer_than_a_hundred_columns() {
    let mut found = Vec::new();
    for file in all_sources(FOLDERS) {
        if TABLES.iter().any(|(path, _)| *path == file.path) {
            continue;
        }
        for (at, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX && !holds_long_text(line) {
                found.push(format!("{}:{}: {columns} columns", file.path, at + 1));
            }
        }
    }
    fail_on(&found, "lines have at most 100 columns");
}

#[test]
#[allow(clippy::print_stdout, reason = "a question, not a failure")]
fn no_file_of_the_sources_outgrows_a_sitting() {
    let mut found = Vec::new();
    for file in all_sources(&["src", "loadtest/src"]) {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            found.push(format!("{}: {lines} lines", file.path));
        } else if lines > LINES_CALM && !file.is_test() {
            println!("{}: {lines} lines: is it two things?", file.path);
        }
    }
    fail_on(&found, "files of src have at most 500 lines");
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let mut found = Vec::new();
    for file in all_sources(FOLDERS) {
        if !file.text.starts_with("//! ") && !beside_its_subject(&file.path) {
            found.push(format!("{}:1: does not open with `//!`", file.path));
        }
    }
    fail_on(&found, "a file says what it is, what it owns and what it never does");
}

#[test]
fn a_test_that_is_left_out_says_why() {
    let mut found = Vec::new();
    for file in all_sources(FOLDERS) {
        for (at, line) in file.code.lines().enumerate() {
            if line.trim() == "#[ignore]" {
                found.push(format!("{}:{}: #[ignore] without a reason", file.path, at + 1));
            }
        }
    }
    fail_on(&found, "#[ignore = \"the reason\"]");
}

/// A text that sticks out: whoever searches for it wants it whole.
fn holds_long_text(line: &str) -> bool {
    let text = line.rfind('"').map(|end| line[..end].chars().count());
    text.is_some_and(|columns| columns >= COLUMNS_MAX - 2)
}

/// Unit tests that moved out of a file: it is that file which says what they are about.
fn beside_its_subject(path: &str) -> bool {
    let source = path.starts_with("src/") || path.starts_with("loadtest/src/");
    source && path.ends_with("/tests.rs")
}
