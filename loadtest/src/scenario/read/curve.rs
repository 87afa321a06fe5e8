//! A recorded curve from a CSV file: a column of counts, or the second and its count.

use std::path::Path;
use std::time::Duration;

use super::mistakes::{Mistake, quoted};
use super::node::Node;
use super::text_of;
use crate::scenario::limits::{CURVE_BYTES_MAX, INTERVALS_MAX, PEOPLE_MAX};

/// What a curve looks like.
const CURVE_ALLOWED: &str = "write a count a line, or second,count";

/// The people in each interval of a file that a value names.
pub(super) fn counts(node: &Node<'_>, interval: Duration) -> Option<Vec<u32>> {
    let path = node.file()?;
    let text = match text_of(&path, CURVE_BYTES_MAX) {
        Ok(text) => text,
        Err(mistakes) => return node.refuse(mistakes.to_string(), "name a CSV file"),
    };
    let mut curve = Curve { node, path: &path, counts: Vec::new(), columns: 0, wrong: false };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    for (at, row) in reader.records().enumerate() {
        match row {
            Ok(row) if at == 0 && is_heading(&row) => curve.columns = row.len(),
            Ok(row) => curve.row(&row),
            Err(fault) => curve.refuse(None, format!("not readable as CSV: {fault}")),
        }
    }
    if curve.columns == 2 && interval != Duration::from_secs(1) {
        let wrong = "has seconds of its own, so that `interval` is 1s";
        return node.refuse(wrong, "leave `interval` out, or give counts alone");
    }
    if curve.counts.is_empty() && !curve.wrong {
        return node.refuse(format!("{} has no counts", path.display()), CURVE_ALLOWED);
    }
    (!curve.wrong).then_some(curve.counts)
}

/// Whether a first line names its columns instead of counting.
fn is_heading(row: &csv::StringRecord) -> bool {
    let cells: Vec<&str> = row.iter().collect();
    cells == ["count"] || cells == ["second", "count"]
}

struct Curve<'c, 'a> {
    node: &'c Node<'a>,
    path: &'c Path,
    counts: Vec<u32>,
    /// As many as the first line has; 0 before it.
    columns: usize,
    wrong: bool,
}

impl Curve<'_, '_> {
    fn row(&mut self, row: &csv::StringRecord) {
        let line = row.position().map(csv::Position::line);
        let cells: Vec<&str> = row.iter().collect();
        if self.columns == 0 {
            self.columns = cells.len();
        }
        if cells.len() != self.columns {
            let wrong = format!("has {} columns, others have {}", cells.len(), self.columns);
            return self.refuse(line, wrong);
        }
        match cells.as_slice() {
            [count] => self.count(line, count),
            [second, count] => {
                self.second(line, second);
                self.count(line, count);
            }
            _ => self.refuse(line, format!("has {} columns", cells.len())),
        }
    }

    fn count(&mut self, line: Option<u64>, text: &str) {
        let count = text.parse().ok().filter(|count| u64::from(*count) <= PEOPLE_MAX);
        if count.is_none() {
            self.refuse(line, format!("{} is no count of up to {PEOPLE_MAX}", quoted(text)));
        }
        if self.counts.len() == INTERVALS_MAX {
            self.refuse(line, format!("is beyond the {INTERVALS_MAX} that a curve may have"));
        } else if self.counts.len() < INTERVALS_MAX {
            self.counts.push(count.unwrap_or(0));
        }
    }

    /// Seconds that are left out had nobody.
    fn second(&mut self, line: Option<u64>, text: &str) {
        let second = text.parse::<usize>().ok().filter(|second| *second < INTERVALS_MAX);
        match second {
            Some(second) if second >= self.counts.len() => self.counts.resize(second, 0),
            Some(second) => {
                let wrong = format!("second {second} comes after second {}", self.counts.len() - 1);
                self.refuse(line, wrong);
            }
            None => {
                let wrong = format!("{} is no second of up to {INTERVALS_MAX}", quoted(text));
                self.refuse(line, wrong);
            }
        }
    }

    fn refuse(&mut self, line: Option<u64>, wrong: String) {
        self.wrong = true;
        self.node.page.note(Mistake {
            file: self.path.display().to_string(),
            line: line.and_then(|line| usize::try_from(line).ok()),
            key: String::new(),
            wrong,
            allowed: CURVE_ALLOWED.to_owned(),
        });
    }
}
