//! The sale file as the harness reads it: as little of it as a rehearsal needs, and a copy of it in
//! which time runs faster.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use toml::{Table, Value};

use crate::checks::order::PRESENCE_MS_MIN;

/// Cap and pace of a sale that names none, as the server's documents say.
const CAP: u32 = 100;
const PACE_PER_MINUTE: u32 = 600;
/// The shortest span that a sale file may name.
const SPAN_MS_MIN: f64 = 1_000.0;
/// The highest cap and pace that a sale file may name.
const CAP_MAX: u32 = 100_000;
const PACE_MAX: u32 = 6_000_000;

/// A sale file.
#[derive(Clone, Debug)]
pub struct Sale {
    path: PathBuf,
    table: Table,
    /// The sale's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Most visitors in the shop at once.
    pub cap: u32,
    /// Most called in a minute.
    pub pace_per_minute: u32,
}

impl Sale {
    /// Reads a sale file.
    ///
    /// # Errors
    /// If it is not TOML, or has no id; everything else is the server's to check.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let table: Table = text.parse().with_context(|| path.display().to_string())?;
        let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
        let id = text("id").with_context(|| format!("{}: it has no `id`", path.display()))?;
        let name = text("name").unwrap_or_else(|| id.clone());
        let policy = |key: &str| {
            let value = table.get("policy")?.get(key)?.as_integer()?;
            u32::try_from(value).ok()
        };
        let cap = policy("cap").unwrap_or(CAP);
        let pace_per_minute = policy("pace_per_minute").unwrap_or(PACE_PER_MINUTE);
        Ok(Self { path: path.to_owned(), table, id, name, cap, pace_per_minute })
    }

    /// Writes the same sale into a folder, with another cap, and with every span of its policy
    /// divided by the pace of life: then a crowd that lives so much faster finds the same sale. It
    /// opens by hand. Presence stays long enough for the order of calling to be judged.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn hurried(&self, pace: f64, cap: u32, folder: &Path) -> anyhow::Result<PathBuf> {
        let mut table = self.table.clone();
        table.remove("opens_at");
        let home = self.path.parent().unwrap_or(Path::new("."));
        let home =
            fs::canonicalize(if home.as_os_str().is_empty() { Path::new(".") } else { home })?;
        for plan in table.get_mut("plans").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(Value::String(file)) = plan.get_mut("file") {
                *file = home.join(&*file).display().to_string();
            }
        }
        let policy = table.entry("policy").or_insert_with(|| Value::Table(Table::new()));
        let policy = policy.as_table_mut().context("`policy` is not a table")?;
        for (key, default, least) in SPANS {
            let span_ms = match policy.get(*key).and_then(Value::as_str) {
                Some(text) => span_ms(text).with_context(|| format!("policy.{key}: {text}"))?,
                None => *default,
            };
            let span_ms = (span_ms / pace).max(*least);
            policy.insert((*key).to_owned(), Value::String(format!("{span_ms:.0}ms")));
        }
        let pace_per_minute = f64::from(self.pace_per_minute) * pace;
        let pace_per_minute = pace_per_minute.min(f64::from(PACE_MAX)) as i64;
        policy.insert("pace_per_minute".to_owned(), Value::Integer(pace_per_minute));
        policy.insert("cap".to_owned(), Value::Integer(cap.min(CAP_MAX).into()));
        let path = folder.join(format!("sale-{cap}.toml"));
        fs::write(&path, toml::to_string(&table)?)?;
        Ok(path)
    }
}

/// Spans of a policy with their defaults, as the server's documents say, and how short each may be
/// made, in milliseconds.
const SPANS: &[(&str, f64, f64)] = &[
    ("claim_span", 120_000.0, SPAN_MS_MIN),
    ("idle_span", 300_000.0, SPAN_MS_MIN),
    ("presence_span", 90_000.0, PRESENCE_MS_MIN as f64),
    ("grace_span", 120_000.0, SPAN_MS_MIN),
    ("grace_basket_span", 90_000.0, SPAN_MS_MIN),
    ("hold_span", 600_000.0, SPAN_MS_MIN),
    ("checkout_span", 600_000.0, SPAN_MS_MIN),
    ("basket_span_max", 1_800_000.0, SPAN_MS_MIN),
];

/// Milliseconds of a span such as `"90s"` or `"1h30m"`.
fn span_ms(text: &str) -> Option<f64> {
    let mut whole = 0.0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let ms = match unit.trim() {
            "ms" => 1.0,
            "s" => 1_000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return None,
        };
        whole += number.parse::<f64>().ok()? * ms;
        rest = after.trim_start();
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_the_server_reads_them() {
        let read = ["90s", "10m", "1h30m", "500ms", "1d"].map(span_ms);
        let wanted = [90_000.0, 600_000.0, 5_400_000.0, 500.0, 86_400_000.0].map(Some);
        assert_eq!(read, wanted);
        assert_eq!(["", "7", "m", "3 weeks"].map(span_ms), [Some(0.0), None, None, None]);
    }

    #[test]
    fn a_hurried_sale_keeps_everything_but_time_and_the_cap() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sale.toml");
        let text = "id = \"s\"\nopens_at = 2027-01-15T10:00:00Z\n[policy]\ncap = 30\n\
                    hold_span = \"8m\"\npace_per_minute = 60\n\
                    [[plans]]\nid = \"p\"\nfile = \"plan.json\"\n";
        fs::write(&path, text).expect("a file");
        let sale = Sale::read(&path).expect("it is good");
        assert_eq!((sale.id.as_str(), sale.cap, sale.pace_per_minute), ("s", 30, 60));
        let hurried = sale.hurried(20.0, 70, folder.path()).expect("it can be written");
        let table: Table = fs::read_to_string(hurried).expect("a file").parse().expect("TOML");
        let policy = &table["policy"];
        assert_eq!(policy["cap"].as_integer(), Some(70));
        assert_eq!(policy["hold_span"].as_str(), Some("24000ms"));
        assert_eq!(policy["idle_span"].as_str(), Some("15000ms"));
        assert_eq!(policy["presence_span"].as_str(), Some("8000ms"), "so that it can be judged");
        assert_eq!(policy["pace_per_minute"].as_integer(), Some(1_200));
        assert!(!table.contains_key("opens_at"));
        assert!(Path::new(table["plans"][0]["file"].as_str().expect("a path")).is_absolute());
    }
}
