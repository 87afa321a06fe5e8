//! The tree keeps its floors: a module imports only from the floors below it.
//!
//! Reads the sources as text and names file and line of whatever breaks a rule, with the reason for
//! the rule. `ARCHITECTURE.md` draws the floors; a new arrow between them is the heaviest kind of
//! change and gets a page in `docs/decisions`.

mod documents;
mod shape;
mod source;
mod words;

use source::{File, fail_on, sources};

/// Every module of the server, its floor, and what only it may do.
const FLOORS: &[(&str, u8, &str)] = &[
    ("clock", 1, "reads time and entropy"),
    ("metrics", 1, "names metrics"),
    ("trace", 1, "sets up logs"),
    ("net", 2, "sockets, their deadlines and limits"),
    ("token", 2, "signs and checks tokens"),
    ("journal", 2, "bytes on disk"),
    ("board", 2, "what everybody may see, as ready-made bytes"),
    ("files", 2, "reads what people write: sales and seat plans"),
    ("engine", 3, "one writer per sale"),
    ("staff", 3, "the people of the console, and what they did"),
    ("api", 4, "the public and the ops interface"),
    ("gate", 4, "the reverse proxy that asks for a pass"),
    ("page", 4, "the waiting page and its words"),
    ("console", 4, "the operators' pages"),
    ("outlet", 4, "the board, shown elsewhere"),
    ("config", 5, "settings of every part below, checked"),
    ("app", 6, "builds every part, joins and stops them"),
    ("command_line", 7, "what an operator types"),
];

/// Imports between modules of one floor that are wanted: from, to, reason.
const SIDEWAYS: &[(&str, &str, &str)] = &[
    ("api::router", "page", "one router has every route, see docs/decisions/0001"),
    ("api::state", "page", "each sale keeps its look and its pages that are ready"),
    ("api::router", "gate", "one router has every route, see docs/decisions/0001"),
    ("api::router", "console", "one router has every route, see docs/decisions/0001"),
    ("console", "api", "pages act as a staff key does: the same commands, handlers and problems"),
    ("gate", "api", "a pass is proved as everywhere; what is ours is answered by the interface"),
    ("gate", "page", "who may not pass is sent to the waiting page, or told as a page"),
    ("files::gate", "net::proxies", "a rule names addresses as the settings of a listener do"),
    ("page", "api", "the interface for people: the same tokens, handlers and problems"),
];

/// Crates that a module must not name: module, crate, reason.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("engine", "http", "the writer knows no HTTP"),
    ("engine", "hyper", "the writer knows no HTTP"),
    ("engine", "serde", "the writer knows no JSON"),
    ("engine", "serde_json", "the writer knows no JSON"),
    ("engine", "redb", "the writer knows a journal, not a store"),
    ("engine", "redis", "the writer knows a journal, not a store"),
    ("journal", "serde", "its bytes are written by hand, see docs/decisions/0002"),
    ("journal", "http", "a journal knows no HTTP"),
    ("board", "hyper", "the board is bytes; who serves them is net"),
    ("token", "hyper", "a token is a text; who carries it is api"),
    ("staff", "http", "who somebody is does not depend on how they ask"),
    ("staff", "hyper", "who somebody is does not depend on how they ask"),
    ("files", "tokio", "files are read before anything is served"),
];

/// Where else time may be read: path, reason.
const TIMED: &[(&str, &str)] = &[
    ("src/net/body.rs", "an instant of the runtime, to set a timer by"),
    ("src/command_line/", "clients and progress of the demo measure what they see"),
];

/// Parts of the standard library that the rules must not name.
const IMPURE: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread", "time"];

#[test]
fn a_module_imports_only_from_floors_below_it() {
    let mut found = Vec::new();
    for file in server() {
        let Some(from) = file.module().first().cloned() else { continue };
        let Some(floor) = floor_of(&from) else {
            found.push(format!("{}: module `{from}` has no floor yet", file.path));
            continue;
        };
        for (line, path) in file.paths("crate").into_iter().chain(file.paths_by_super()) {
            let Some(to) = path.first().filter(|to| **to != from) else { continue };
            let above = floor_of(to).is_some_and(|other| other >= floor);
            if above && !wanted(&file.module().join("::"), &path) {
                let path = path.join("::");
                found.push(format!("{}:{line}: `{from}` must not import `{path}`", file.path));
            }
        }
    }
    fail_on(&found, "modules import only from floors below them");
}

#[test]
fn every_module_of_the_library_has_a_floor() {
    let library = sources("src").into_iter().find(|file| file.path == "src/lib.rs");
    let library = library.expect("the library has a root");
    let declared = library
        .code
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let found: Vec<_> = declared
        .filter(|module| floor_of(module).is_none())
        .map(|module| format!("src/lib.rs: `{module}` is not in the table of floors"))
        .collect();
    fail_on(&found, "a module stands on a floor");
}

#[test]
fn some_crates_are_not_named_by_some_modules() {
    let mut found = Vec::new();
    for file in server().iter().filter(|file| !file.is_test()) {
        let module = file.module().join("::");
        for (from, foreign, reason) in FOREIGN {
            if module.split("::").next() == Some(from) {
                for (line, _) in file.paths(foreign) {
                    found.push(format!("{}:{line}: names `{foreign}`: {reason}", file.path));
                }
            }
        }
    }
    fail_on(&found, "some parts must not know some crates");
}

#[test]
fn edges_never_touch_the_state_of_a_sale() {
    let mut found = Vec::new();
    for file in server().iter().filter(|file| !file.is_test()) {
        let edge = file.module().first().and_then(|module| floor_of(module)) == Some(4);
        for (line, path) in file.paths("stanchion_domain") {
            if edge && path.join("::") == "sale::Sale" {
                found.push(format!("{}:{line}: names the writer's `Sale`", file.path));
            }
        }
    }
    fail_on(&found, "floor 4 asks the engine and reads what it published");
}

#[test]
fn the_domain_depends_on_nothing() {
    let manifest = source::text("src/domain/Cargo.toml");
    let mut sections = manifest.lines().filter(|line| line.starts_with('['));
    let dependencies =
        sections.find(|line| line.contains("dependencies") && !line.contains("dev-dependencies"));
    assert_eq!(dependencies, None, "the rules know the standard library and nothing else");
}

#[test]
fn the_domain_names_no_part_of_the_outside_world() {
    let mut found = Vec::new();
    for file in domain().iter().filter(|file| !file.is_test()) {
        for (line, path) in file.paths("std") {
            if path.first().is_some_and(|part| IMPURE.contains(&part.as_str())) {
                found.push(format!("{}:{line}: names std::{}", file.path, path.join("::")));
            }
        }
    }
    fail_on(&found, "what a rule needs is passed in");
}

#[test]
fn only_the_clock_reads_time_and_entropy() {
    const READINGS: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "SysRng"];
    let mut found = Vec::new();
    for file in server().iter().filter(|file| !file.is_test()) {
        let exempt = TIMED.iter().any(|(path, _)| file.path.starts_with(path));
        if exempt || file.path.starts_with("src/clock") {
            continue;
        }
        for (at, line) in file.code.lines().enumerate() {
            if let Some(reading) = READINGS.iter().find(|reading| line.contains(*reading)) {
                found.push(format!("{}:{}: {reading}", file.path, at + 1));
            }
        }
    }
    fail_on(&found, "time and entropy are read in src/clock.rs and passed on");
}

/// The sources of the server, without the package of the rules.
fn server() -> Vec<File> {
    let mut files = sources("src");
    files.retain(|file| !file.path.starts_with("src/domain/"));
    assert!(!files.is_empty(), "there are sources to look at");
    files
}

/// The sources of the rules.
fn domain() -> Vec<File> {
    sources("src/domain")
}

fn floor_of(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, ..)| *name == module).map(|(_, floor, _)| *floor)
}

fn wanted(from: &str, path: &[String]) -> bool {
    let path = path.join("::");
    SIDEWAYS.iter().any(|(module, to, _)| from.starts_with(module) && path.starts_with(to))
}
