//! TOML text to a tree whose values know their line.
//!
//! A value of a table stands where its key stands: that is where people look.

use ::toml::de::{DeTable, DeValue};

use super::Mode;
use super::document::{Document, position};
use super::problem::{Problem, Problems};
use super::tree::{At, Kind, Value};

/// Reads a TOML text. Refused with every place where it is not TOML.
pub(super) fn document(name: &str, text: &str, mode: Mode) -> Result<Document, Problems> {
    let (root, faults) = DeTable::parse_recoverable(text);
    let mut problems = Problems::default();
    for fault in faults {
        let wrong = format!("not readable as TOML: {}", fault.message().replace('\n', ", "));
        let mut problem = Problem::of_file(name, wrong, "mend it");
        problem.position = fault.span().map(|span| position(text, offset(span.start)));
        problems.add(problem);
    }
    problems.or_else_ok()?;
    let mut order = 0;
    let at = At { offset: 0, order };
    let kind = table(root.get_ref(), &mut order);
    Ok(Document::new(name, Value { at, kind }, mode).with_text(text))
}

fn table(entries: &DeTable<'_>, order: &mut u32) -> Kind {
    let entries = entries.iter().map(|(key, value)| {
        let start = key.span().start;
        (key.get_ref().to_string(), value_at(start, value.get_ref(), order))
    });
    Kind::Table(entries.collect())
}

fn value_at(start: usize, value: &DeValue<'_>, order: &mut u32) -> Value {
    *order += 1;
    let at = At { offset: offset(start), order: *order };
    let kind = match value {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix())
            .map_or(Kind::Number(f64::INFINITY), Kind::Whole),
        DeValue::Float(number) => Kind::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Kind::Flag(*flag),
        DeValue::Datetime(moment) => Kind::Moment(moment.to_string()),
        DeValue::Array(items) => Kind::List(
            items.iter().map(|item| value_at(item.span().start, item.get_ref(), order)).collect(),
        ),
        DeValue::Table(entries) => table(entries, order),
    };
    Value { at, kind }
}

/// A byte of a text that is smaller than [`super::FILE_BYTES_MAX`].
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}
