//! What is wrong with a scenario file, where, and what is allowed instead.
//!
//! Owns how mistakes are listed: file by file, by line, and never more than a person would read.

use std::fmt;

use crate::scenario::limits::MISTAKES_LISTED_MAX;

/// Characters quoted from a file.
const QUOTED_CHARS_MAX: usize = 60;

/// One mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mistake {
    /// The file as it was named to us.
    pub file: String,
    /// The line, from 1; absent if it is about the file as a whole.
    pub line: Option<usize>,
    /// The path of keys, such as `kinds[0].waits.tabs`; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub wrong: String,
    /// What is allowed.
    pub allowed: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        out.write_str(": ")?;
        if !self.key.is_empty() {
            write!(out, "{}: ", self.key)?;
        }
        write!(out, "{}; {}", self.wrong, self.allowed)
    }
}

/// Everything that is wrong, one a line when shown.
#[derive(Clone, PartialEq, Eq, Debug, Default, thiserror::Error)]
pub struct Mistakes {
    /// The first of them, by file and line.
    pub listed: Vec<Mistake>,
    /// How many there are beyond these.
    pub more: usize,
}

impl Mistakes {
    /// Adds one.
    pub(super) fn add(&mut self, mistake: Mistake) {
        if self.listed.len() < MISTAKES_LISTED_MAX {
            self.listed.push(mistake);
        } else {
            self.more += 1;
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.more == 0
    }

    /// Puts them in the order in which they are read.
    pub(super) fn sorted(mut self) -> Self {
        self.listed.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        self
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.listed.iter().enumerate() {
            if at > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{mistake}")?;
        }
        if self.more > 0 {
            write!(out, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// A text from a file in quotes, shortened, without control characters.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(QUOTED_CHARS_MAX)
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// Words as people list them: `a`, `b` or `c`.
pub(super) fn choice(words: &[&str]) -> String {
    let shown: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match shown.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The word that was probably meant, if one is near enough.
pub(super) fn meant<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    /// Longer words are not misspelt, they are something else.
    const BYTES_MAX: usize = 40;
    /// Two letters swapped, missing or wrong.
    const EDITS_MAX: usize = 2;
    let edits = |known: &str| strsim::osa_distance(word, known);
    if word.len() > BYTES_MAX {
        return None;
    }
    let nearest = known.iter().copied().min_by_key(|known| edits(known))?;
    // A short word is two edits away from any other.
    (edits(nearest) <= EDITS_MAX.min(nearest.len() / 2)).then_some(nearest)
}
