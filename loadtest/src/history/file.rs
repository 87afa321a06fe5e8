//! The history as a file: one JSON object a line, and a whole history in memory.

use std::io::{BufRead, Write};

use anyhow::Context;

use super::Told;

/// Writes what was told, a line each.
///
/// # Errors
/// If it cannot be written.
pub fn write(out: &mut impl Write, told: &[Told]) -> anyhow::Result<()> {
    for told in told {
        serde_json::to_writer(&mut *out, told)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Reads a history, in order of asking.
///
/// # Errors
/// If a line is not what this program writes; says which.
pub fn read(from: impl BufRead) -> anyhow::Result<Vec<Told>> {
    let mut history = Vec::new();
    for (at, line) in from.lines().enumerate() {
        let line = line.context("the history cannot be read")?;
        let told = serde_json::from_str(&line);
        history.push(told.with_context(|| format!("line {} of the history", at + 1))?);
    }
    history.sort_by_key(|told: &Told| told.asked_us);
    Ok(history)
}
