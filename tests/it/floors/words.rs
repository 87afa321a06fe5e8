//! One word, one meaning: words that have two in the trade are not said in the sources.
//!
//! `docs/lexicon.md` says which word to use instead. Looks at names, comments and strings alike.

use super::source::{all_sources, fail_on};

/// Where sources are, but for the server's tests.
const FOLDERS: &[&str] = &["src", "benches", "loadtest/src", "loadtest/tests"];

/// What is not said, and what is.
const UNSAID: &[(&str, &str)] = &[
    ("event", "sale or performance; command or change"),
    ("ticket", "place, pass or seat"),
    ("cart", "basket"),
    ("booking", "basket or order"),
    ("reservation", "hold"),
    ("user", "visitor"),
    ("customer", "visitor"),
    ("session", "pass"),
    ("admin", "console"),
    ("dashboard", "board"),
    ("middleware", "gate"),
    ("uptime", "sale time"),
];

/// Phrases of other people's standards, which keep their names.
const STANDARD: &[&str] = &[
    "event stream",
    "event-stream",
    "event_stream",
    "event: ",
    "server-sent event",
    "last-event-id",
    "last_event_id",
    "eventsource",
    "user-agent",
    "user_agent",
];

/// Where such a word is right nevertheless: start of the path, word, reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("src/domain/limits.rs", "reservation", "of queue numbers, not of seats"),
    ("src/domain/queue/", "reservation", "of queue numbers, not of seats"),
    ("src/domain/tests/", "reservation", "of queue numbers, not of seats"),
    ("src/journal/redis/", "user", "what Redis calls an account, in its own words"),
    ("src/files/gate/connector", "customer", "a key by which connectors are set up"),
    ("src/files/gate/connector", "event", "a key of the file that connectors fetch"),
    ("src/gate/connector/", "customer", "a key by which connectors are set up"),
    ("src/api/router.rs", "customer", "a key by which connectors are set up"),
    ("src/net/rates.rs", "middleware", "a module of the rate limiter's crate"),
    ("src/api/counter/", "event", "what clients of a retired waiting room call a sale"),
    ("src/api/wire/counter.rs", "event", "the same, in what they send and read"),
    ("src/gate/app/told.rs", "event", "in the names of an object that apps know"),
    ("src/trace.rs", "event", "what the logging crate calls a line"),
    ("loadtest/src/web/stream.rs", "event", "the field of an HTTP event stream"),
];

#[test]
fn words_that_mean_two_things_are_not_said() {
    let mut found = Vec::new();
    for file in all_sources(FOLDERS) {
        for (at, line) in file.text.lines().enumerate() {
            for word in words(line) {
                let unsaid = UNSAID.iter().find(|(unsaid, _)| *unsaid == word);
                let Some((_, instead)) = unsaid else { continue };
                if !allowed(&file.path, &word) {
                    found.push(format!("{}:{}: `{word}`: say {instead}", file.path, at + 1));
                }
            }
        }
    }
    fail_on(&found, "one word, one meaning (docs/lexicon.md)");
}

#[test]
fn every_exception_is_still_needed() {
    let files = all_sources(FOLDERS);
    let unneeded: Vec<_> = ALLOWED
        .iter()
        .filter(|(path, word, _)| {
            let mut files = files.iter().filter(|file| file.path.starts_with(path));
            !files.any(|file| file.text.lines().flat_map(words).any(|found| found == *word))
        })
        .map(|(path, word, _)| format!("`{word}` is allowed in {path} and not said there"))
        .collect();
    fail_on(&unneeded, "exceptions go when their reason goes");
}

/// The words of a line, in the singular: names are split at underscores and capitals.
fn words(line: &str) -> Vec<String> {
    let mut line = line.to_owned();
    let lower = line.to_ascii_lowercase();
    for phrase in STANDARD {
        for (at, found) in lower.match_indices(phrase) {
            line.replace_range(at..at + found.len(), &" ".repeat(found.len()));
        }
    }
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in line.chars() {
        if !letter.is_ascii_alphabetic() || (letter.is_ascii_uppercase() && small) {
            words.push(String::new());
        }
        if letter.is_ascii_alphabetic() {
            let word = words.last_mut().expect("there is always a word");
            word.push(letter.to_ascii_lowercase());
        }
        small = letter.is_ascii_lowercase();
    }
    words.iter().map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}

fn allowed(path: &str, word: &str) -> bool {
    ALLOWED.iter().any(|(start, allowed, _)| path.starts_with(start) && *allowed == word)
}

#[test]
fn names_are_split_into_words() {
    let said = |line, word: &str| words(line).iter().any(|found| found == word);
    assert!(said("struct UserEvents;", "event") && said("struct UserEvents;", "user"));
    assert!(said("let user_id = 1;", "user"));
    assert!(!said("// an HTTP event stream", "event"));
    assert!(!said("the seventh; eventually", "event"));
}
