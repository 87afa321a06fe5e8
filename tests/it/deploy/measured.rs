//! What a real server measures, for whoever reads it with the key that `deploy/prometheus` tells
//! operators to make; and whether an expression asks for nothing else.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::LazyLock;

use super::content;
use crate::night::server::{LONG, Plan, Site};

/// Labels that Prometheus adds, or whose values are the operator's.
const GIVEN: &[&str] = &["job", "instance", "sale", "standby", "le"];
/// Measured by node_exporter.
const OF_MACHINES: &[&str] = &[
    "node_filesystem_avail_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
];

/// The text of `/metrics`, with all that a server measures.
pub(super) static METRICS: LazyLock<String> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = folder.path().join("gate.toml");
    std::fs::write(&gate, "[origin]\nurl = \"http://127.0.0.1:9000\"\n").expect("a file");
    let more = format!("\n[gate]\nfile = {gate:?}\n");
    let site = Site::with(&Plan { cap: 1, policy: LONG, opens_at: None }, &more);
    let make = ["keys", "new", "prometheus", "--role", "viewer"];
    let said = content(Command::new(env!("CARGO_BIN_EXE_stanchion")).args(make));
    let (key, line) = (said.lines().nth(1), said.lines().nth(3));
    std::fs::write(site.file("staff.keys"), line.expect("a line").trim()).expect("a file");
    let server = site.start();
    let answer = ask(server.ops, "/metrics", key.map(str::trim));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
});

/// A whole answer, head and all; perhaps to whoever has a key.
pub(super) fn ask(server: SocketAddr, path: &str, key: Option<&str>) -> String {
    let field = key.map(|key| format!("authorization: Bearer {key}\r\n"));
    told(server, path, &field.unwrap_or_default())
}

/// The same for a request with these fields.
pub(super) fn told(server: SocketAddr, path: &str, fields: &str) -> String {
    let mut stream = TcpStream::connect(server).expect("it listens");
    let host = format!("host: {server}\r\n{fields}connection: close\r\n");
    let request = format!("GET {path} HTTP/1.1\r\n{host}\r\n");
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Fails if an expression of Prometheus asks for what is not measured: another name, another label,
/// or another value of one.
pub(super) fn require_measured(expression: &str) {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins = |word: &str| word.starts_with("stanchion_") || word.starts_with("node_");
    let mut rest = expression;
    let mut asked = BTreeSet::new();
    while let Some(at) = rest.find(letter) {
        let word = &rest[at..];
        let (name, after) = word.split_at(word.find(|c| !letter(c)).unwrap_or(word.len()));
        rest = after;
        if begins(name) {
            let labels = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            asked.insert((name, labels.map_or("", |(labels, _)| labels)));
        }
    }
    assert!(!asked.is_empty() || expression.contains("up{"), "{expression} asks for nothing");
    for (name, labels) in asked {
        if OF_MACHINES.contains(&name) {
            continue;
        }
        let series = || METRICS.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        let plain = METRICS.lines().any(|line| line.starts_with(&format!("{name} ")));
        assert!(plain || series().next().is_some(), "{name} is measured nowhere: {expression}");
        for (label, value) in values(labels) {
            let wanted = format!("{label}=\"{value}\"");
            let known = series().any(|line| line.contains(&wanted));
            assert!(known, "{name} never has {wanted}: {expression}");
        }
    }
}

/// Label by label the values that are asked for, or excluded.
fn values(labels: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for matcher in labels.split(',').filter(|matcher| !matcher.is_empty()) {
        let (label, rest) = matcher.split_at(matcher.find(['=', '!']).expect("a label"));
        let value = rest.trim_start_matches(['=', '!', '~']).trim_matches('"');
        if !GIVEN.contains(&label) {
            found.extend(value.split('|').map(|one| (label, one)));
        }
    }
    found
}
