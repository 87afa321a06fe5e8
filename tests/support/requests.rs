//! Requests as bytes, plain ones and such that two readers could read differently, with what is to
//! become of them: the corpus of `requests.txt`, read.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

/// The corpus.
const TEXT: &str = include_str!("requests.txt");

/// One input.
#[derive(Debug)]
pub(crate) struct Case {
    /// What is odd about it.
    pub(crate) name: &'static str,
    /// What a visitor sends.
    pub(crate) bytes: Vec<u8>,
    /// Requests that reach a handler, whole.
    pub(crate) reach: usize,
    /// What becomes of the next.
    pub(crate) next: Next,
}

/// What becomes of the request after those that reach a handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// There is none, or it never ends.
    Nothing,
    /// It can be read in two ways.
    Ambiguous(&'static str),
    /// It is refused with this status for what it says.
    Refused(u16),
}

/// All of the corpus.
pub(crate) fn requests() -> Vec<Case> {
    let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(case).collect()
}

fn case(line: &'static str) -> Case {
    let mut parts = line.splitn(3, " | ");
    let mut part = || parts.next().unwrap_or_else(|| panic!("three parts: {line}"));
    let (verdict, name, text) = (part(), part(), part());
    let (reach, next) = verdict.split_once(' ').unwrap_or((verdict, ""));
    let next = match next.strip_prefix('!') {
        Some(status) => Next::Refused(status.parse().expect("a status")),
        None if next.is_empty() => Next::Nothing,
        None => Next::Ambiguous(next),
    };
    Case { name, bytes: bytes(text), reach: reach.parse().expect("a number"), next }
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '⏎' => bytes.extend(b"\r\n"),
            '\\' => bytes.push(match rest.next() {
                Some('n') => b'\n',
                Some('r') => b'\r',
                Some('t') => b'\t',
                Some('0') => 0,
                Some('x') => {
                    let digits: String = rest.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).expect("two digits")
                }
                other => panic!("no such escape: {other:?} in {text}"),
            }),
            letter => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}
