//! The documents are true, where that is cheap to see: what they name exists.

use std::collections::BTreeSet;

use super::source::{File, all_sources, fail_on, files, root, sources, text};

/// Names that look like a metric and are none.
const NOT_METRICS: &[&str] = &["stanchion_domain", "stanchion_pass", "stanchion_seed"];

#[test]
fn every_metric_in_the_documents_is_measured() {
    let known = literals(&sources("src/metrics"));
    let mut found = Vec::new();
    for (path, document) in documents() {
        for word in document.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_') {
            let metric = word.starts_with("stanchion_") && !NOT_METRICS.contains(&word);
            let ends = ["_bucket", "_count", "_sum"];
            let series = ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
            if metric && !known.contains(series) && !known.contains(word) {
                found.push(format!("{path}: `{word}` is measured nowhere"));
            }
        }
    }
    fail_on(&found, "documents name metrics that exist");
}

#[test]
fn every_problem_code_in_the_documents_is_answered_somewhere() {
    let operating = text("docs/operating.md");
    let found = missing(&operating, "Problem codes", &literals(&sources("src")));
    fail_on(&found, "documents name problem codes that exist");
}

#[test]
fn every_setting_in_the_documents_exists() {
    let defaults = text("config/default.toml");
    let keys = defaults.lines().filter_map(|line| {
        Some(line.trim_start_matches(['#', ' ']).split_once('=')?.0.trim().to_owned())
    });
    let found = missing(&text("docs/operating.md"), "Settings worth knowing", &keys.collect());
    fail_on(&found, "documents name settings that exist");
}

#[test]
fn every_key_of_a_sale_file_in_the_documents_is_read() {
    let known = literals(&sources("src/files"));
    let sales = text("docs/sales.md");
    let tables = [
        "The sale",
        "`[policy]`: queue and baskets",
        "`[[zones]]`: price zones",
        "`[[plans]]`: seat plans",
        "`[[performances]]` and `[[series]]`",
        "`[[triggers]]`",
    ];
    let mut found: Vec<_> =
        tables.iter().flat_map(|table| missing(&sales, table, &known)).collect();
    let plans = text("docs/plans.md");
    found.extend(missing(&plans, "Our own format", &known));
    fail_on(&found, "documents name keys that exist");
}

#[test]
fn every_name_in_the_architecture_exists() {
    let code: Vec<File> = sources("src");
    let words: BTreeSet<&str> = code
        .iter()
        .flat_map(|file| file.code.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .collect();
    let mut found = Vec::new();
    for name in quoted(&text("ARCHITECTURE.md")) {
        let path = name.contains('/') || name.ends_with(".md") || name.ends_with(".rs");
        if path && !name.contains(['{', '<', ' ']) && !name.starts_with('/') {
            if !root().join(&name).exists() {
                found.push(format!("ARCHITECTURE.md: {name} is not there"));
            }
        } else if name.contains("::") {
            let lost = name.split("::").find(|part| !words.contains(part.trim_end_matches("()")));
            found.extend(lost.map(|lost| format!("ARCHITECTURE.md: {name}: no `{lost}`")));
        }
    }
    fail_on(&found, "ARCHITECTURE.md names what is there");
}

#[test]
fn every_document_that_the_sources_name_exists() {
    let mut found = Vec::new();
    for file in all_sources(&["src", "tests", "benches", "loadtest/src", "loadtest/tests"]) {
        for (at, line) in file.text.lines().enumerate() {
            for (from, _) in line.match_indices("docs/") {
                let name = line[from..].split(['`', ' ', '"', ',', ')']).next().unwrap_or_default();
                if name.ends_with(".md") && !root().join(name).exists() {
                    found.push(format!("{}:{}: {name} is not there", file.path, at + 1));
                }
            }
        }
    }
    fail_on(&found, "sources name documents that exist");
}

#[test]
fn every_target_in_the_documents_can_be_made() {
    let makefile = text("Makefile");
    let mut found = Vec::new();
    for (path, document) in documents() {
        for quoted in quoted(&document) {
            let Some(target) = quoted.strip_prefix("make ") else { continue };
            let target = target.split(' ').next().unwrap_or_default();
            if !makefile.lines().any(|line| line.starts_with(&format!("{target}:"))) {
                found.push(format!("{path}: there is no `make {target}`"));
            }
        }
    }
    fail_on(&found, "documents name targets that exist");
}

#[test]
fn a_document_has_one_title_and_one_sentence_a_line() {
    let mut found = Vec::new();
    for (path, document) in documents() {
        let prose = prose(&document);
        let titles = prose.iter().filter(|(_, line)| line.starts_with("# ")).count();
        if titles != 1 {
            found.push(format!("{path}: {titles} titles"));
        }
        for (at, line) in prose.iter().filter(|(_, line)| !line.starts_with('|')) {
            let two = [". ", "? ", "! "].iter().any(|end| {
                line.match_indices(end).any(|(stop, _)| {
                    let words = &line[..stop];
                    let numbered = words.trim().chars().all(|letter| letter.is_ascii_digit());
                    let next = line[stop + 2..].chars().next();
                    !numbered && next.is_some_and(|letter| letter.is_uppercase())
                })
            });
            if two {
                found.push(format!("{path}:{at}: more than one sentence"));
            }
        }
    }
    fail_on(&found, "markdown has one title and one sentence a line");
}

/// The documents that people read, with their paths.
fn documents() -> Vec<(String, String)> {
    let mut paths = files("docs", "md");
    let others =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "loadtest/README.md"];
    paths.extend(others.map(Into::into));
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

/// Lines outside of code blocks, numbered from 1.
fn prose(document: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (at, line) in document.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            lines.push((at + 1, line));
        }
    }
    lines
}

/// What stands between backticks, outside of code blocks.
fn quoted(document: &str) -> Vec<String> {
    let lines = prose(document).into_iter();
    lines.flat_map(|(_, line)| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// What stands between backticks in the first cells of the tables under a heading.
fn first_cells(document: &str, heading: &str) -> Vec<String> {
    let under =
        document.lines().skip_while(|line| line.trim_start_matches('#') != format!(" {heading}"));
    let lines = under.skip(1).take_while(|line| !line.starts_with('#'));
    let cells = lines.filter_map(|line| line.strip_prefix('|')?.split('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The names in a table that are not among the known ones.
fn missing(document: &str, heading: &str, known: &BTreeSet<String>) -> Vec<String> {
    let names = first_cells(document, heading);
    assert!(!names.is_empty(), "there is a table under `{heading}`");
    let lost = names.iter().filter(|name| !known.contains(*name));
    lost.map(|name| format!("`{name}`, under `{heading}`, is not in the sources")).collect()
}

/// Everything that stands between double quotes.
fn literals(files: &[File]) -> BTreeSet<String> {
    let lines = files.iter().flat_map(|file| file.text.lines());
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}
