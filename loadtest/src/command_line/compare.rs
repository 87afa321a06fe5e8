//! `stanchion-loadtest compare`: two reports side by side.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use crate::report::compare::Comparison;
use crate::report::{FORMAT, Report};

#[derive(Args)]
pub(super) struct Asked {
    /// The earlier `report.json`.
    before: PathBuf,
    /// The later one.
    after: PathBuf,
}

/// 0, or 1 if the later run comes to something worse.
pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let (before, after) = (&read(&asked.before)?, &read(&asked.after)?);
    let comparison = Comparison { before, after };
    print!("{comparison}");
    Ok(u8::from(comparison.worse()))
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let about = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(about)?;
    let value: serde_json::Value = serde_json::from_str(&text).with_context(about)?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    ensure!(
        format == Some(u64::from(FORMAT)),
        "{}: this is not a report of format {FORMAT}",
        path.display()
    );
    serde_json::from_value(value).with_context(about)
}
