//! A file while it is read: its tree, and what was found wrong with it so far.
//!
//! Keeps the first findings in the order of the file, whatever the order in which they were made,
//! and counts the rest. Lines, columns and paths are worked out only for those that are listed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::Mode;
use super::problem::{PROBLEMS_LISTED_MAX, Problem, Problems, Severity};
use super::tree::{At, Value};

/// Problems after which reading ends: nobody mends a file with more of them by hand, and a hostile
/// one must not keep us busy. A list of a hundred pages is more than enough.
pub(super) const PROBLEMS_COUNTED_MAX: usize = 10_000;
/// Labels that ranges such as `1-20` may stand for in one file: several for each of 131,072 seats.
const LABELS_MAX: usize = 1 << 20;

/// A file while it is read.
pub(super) struct Document {
    /// The file as it was named to us.
    name: String,
    /// Its text, if values know where they stand in it.
    text: Option<String>,
    root: Value,
    pub(super) mode: Mode,
    problems: RefCell<Findings>,
    remarks: RefCell<Findings>,
    labels: Cell<usize>,
}

/// The first findings in the order of the file, and how many more there are.
#[derive(Default)]
struct Findings {
    first: BTreeMap<(At, usize), (String, String)>,
    count: usize,
}

impl Document {
    /// A tree without places in a text.
    pub(super) fn new(name: &str, root: Value, mode: Mode) -> Self {
        let (problems, remarks, labels) = Default::default();
        Self { name: name.to_owned(), text: None, root, mode, problems, remarks, labels }
    }

    /// A tree whose values know their byte in `text`.
    pub(super) fn with_text(self, text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..self }
    }

    /// The value that is the whole file.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// Notes something that refuses the file.
    pub(super) fn refuse(&self, at: At, wrong: String, remedy: String) {
        self.problems.borrow_mut().add(at, wrong, remedy);
    }

    /// Notes something worth knowing.
    pub(super) fn remark(&self, at: At, wrong: String, done: String) {
        self.remarks.borrow_mut().add(at, wrong, done);
    }

    /// Whether so much is wrong that reading on is of no use.
    pub(super) fn given_up(&self) -> bool {
        self.problems.borrow().count >= PROBLEMS_COUNTED_MAX
    }

    /// Counts labels that a short form stands for; says whether the file may have them.
    pub(super) fn count_labels(&self, more: usize) -> bool {
        self.labels.set(self.labels.get().saturating_add(more));
        self.labels.get() <= LABELS_MAX
    }

    /// The remarks, or all problems if there are any.
    pub(super) fn finish(self) -> Result<Problems, Problems> {
        let problems = self.listed(Severity::Problem, self.problems.take());
        problems.or_else_ok()?;
        Ok(self.listed(Severity::Remark, self.remarks.take()))
    }

    fn listed(&self, severity: Severity, findings: Findings) -> Problems {
        let more = findings.count - findings.first.len();
        let listed = findings.first.into_iter().map(|((at, _), (wrong, remedy))| Problem {
            severity,
            file: self.name.clone(),
            position: self.text.as_deref().map(|text| position(text, at.offset)),
            path: self.root.path_to(at.order),
            wrong,
            remedy,
        });
        Problems { listed: listed.collect(), more }
    }
}

impl Findings {
    fn add(&mut self, at: At, wrong: String, remedy: String) {
        self.first.insert((at, self.count), (wrong, remedy));
        self.count += 1;
        if self.first.len() > PROBLEMS_LISTED_MAX {
            self.first.pop_last();
        }
    }
}

/// Line and column, from 1, of a byte of a text.
pub(super) fn position(text: &str, offset: u32) -> (usize, usize) {
    let offset = text.floor_char_boundary(usize::try_from(offset).unwrap_or(usize::MAX));
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}
