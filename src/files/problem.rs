//! What is wrong with a file, where, and what to do about it.
//!
//! Owns how mistakes are listed: in the order of the file, and never more than a person would read.

use std::fmt;

/// Problems listed in full; the rest are only counted.
pub const PROBLEMS_LISTED_MAX: usize = 200;
/// Characters quoted from a file.
const QUOTED_CHARS_MAX: usize = 60;

/// Whether a finding stops the import.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The file is refused.
    Problem,
    /// The file is taken; this was done to it, or is worth knowing.
    Remark,
}

/// One finding in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Whether it stops the import.
    pub severity: Severity,
    /// The file as it was named to us; empty where there is none.
    pub file: String,
    /// Line and column, both from 1, where they are known.
    pub position: Option<(usize, usize)>,
    /// The path of keys, such as `zones[0].rows[3].seat_guid`; empty for the file as a whole.
    pub path: String,
    /// What is wrong.
    pub wrong: String,
    /// What to do; for a remark, what was done.
    pub remedy: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: &str, wrong: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::at(file, String::new(), wrong, remedy)
    }

    /// A problem at a path of keys.
    pub fn at(
        file: &str,
        path: String,
        wrong: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Problem,
            file: file.to_owned(),
            position: None,
            path,
            wrong: wrong.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some((line, column)) = self.position {
            write!(out, ":{line}:{column}")?;
        }
        if !self.file.is_empty() {
            out.write_str(": ")?;
        }
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path)?;
        }
        if self.severity == Severity::Remark {
            out.write_str("remark: ")?;
        }
        write!(out, "{}; {}", self.wrong, self.remedy)
    }
}

/// Everything that was found, file by file in the order of each, and how much more there is.
#[derive(Clone, PartialEq, Eq, Debug, Default, thiserror::Error)]
pub struct Problems {
    /// The first of them, at most [`PROBLEMS_LISTED_MAX`].
    pub listed: Vec<Problem>,
    /// How many were found beyond these.
    pub more: usize,
}

impl Problems {
    /// A list of one.
    pub fn one(problem: Problem) -> Self {
        Self { listed: vec![problem], more: 0 }
    }

    /// A problem of a whole file.
    pub fn of_file(file: &str, wrong: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::one(Problem::of_file(file, wrong, remedy))
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.more == 0
    }

    /// Adds a finding at the end.
    pub fn add(&mut self, problem: Problem) {
        if self.listed.len() < PROBLEMS_LISTED_MAX {
            self.listed.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Adds the findings of another file at the end.
    pub fn absorb(&mut self, other: Self) {
        other.listed.into_iter().for_each(|problem| self.add(problem));
        self.more += other.more;
    }

    /// Nothing, or itself as a refusal.
    pub fn or_else_ok(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.listed {
            writeln!(out, "{problem}")?;
        }
        if self.more > 0 {
            writeln!(out, "and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Text from a file as it may be shown on a terminal: in quotes, cut off, control characters
/// escaped.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// The first few of a list of names, each in quotes.
pub(super) fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const NAMED_MAX: usize = 12;
    let mut names = names;
    let mut list: Vec<String> = names.by_ref().take(NAMED_MAX).map(quoted).collect();
    match names.count() {
        0 if list.is_empty() => "none".to_owned(),
        0 => list.join(", "),
        more => {
            list.push(format!("{more} more"));
            list.join(", ")
        }
    }
}
