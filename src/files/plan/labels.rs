//! The short way to write many labels: `1-20`, `2-40/2`, `20-1`, `A-M`, `1-10, 11A, 12-20`.
//!
//! Used by our own format only, for seats, rows and for naming some of them.

use super::super::node::Node;
use super::super::problem::quoted;
use super::super::tree::Kind;

/// Labels of one row, or rows of one section: ten times the longest there are.
const LABELS_MAX: usize = 2_000;
/// Bytes of one label.
pub(super) const LABEL_BYTES_MAX: usize = 32;

/// All labels that a text in the short form, a whole number, or a list of these stands for.
pub(super) fn labels(node: Node<'_>) -> Option<Vec<String>> {
    // Whoever made a file with too many has been told so.
    if !node.document.count_labels(0) {
        return None;
    }
    let mut all = Vec::new();
    match &node.value.kind {
        Kind::List(_) => {
            for item in node.list()? {
                all.extend(one(item)?);
            }
        }
        Kind::Text(text) => {
            for part in text.split(',') {
                all.extend(range_or_label(node, part.trim())?);
            }
        }
        _ => all.extend(one(node)?),
    }
    if all.len() > LABELS_MAX {
        node.refuse(format!("{} labels", all.len()), format!("use at most {LABELS_MAX}"));
        return None;
    }
    if !node.document.count_labels(all.len()) {
        node.refuse("is one label too many for one file", "split the plan");
        return None;
    }
    Some(all)
}

/// A label in a list stands for itself, so that it may have a hyphen or a comma.
fn one(node: Node<'_>) -> Option<Vec<String>> {
    match &node.value.kind {
        Kind::Text(_) => Some(vec![node.words(LABEL_BYTES_MAX)?.to_owned()]),
        Kind::Whole(whole) => Some(vec![whole.to_string()]),
        _ => node.wrong_kind("a label such as \"12\""),
    }
}

fn range_or_label(node: Node<'_>, part: &str) -> Option<Vec<String>> {
    if part.is_empty() || part.len() > LABEL_BYTES_MAX || part.chars().any(char::is_control) {
        let remedy = format!("use 1 to {LABEL_BYTES_MAX} bytes between the commas");
        node.refuse(format!("{} is no label", quoted(part)), remedy);
        return None;
    }
    let Some((first, rest)) = part.split_once('-') else { return Some(vec![part.to_owned()]) };
    let (last, step) = rest.split_once('/').unwrap_or((rest, "1"));
    let range = letters(first, last, step).or_else(|| numbers(first, last, step));
    if range.is_none() {
        let remedy = format!(
            "write a range as 1-20, 20-1, 1-39/2 or A-M of at most {LABELS_MAX}, and labels with \
             a hyphen as items of a list"
        );
        node.refuse(format!("{} is no range", quoted(part)), remedy);
    }
    range
}

fn numbers(first: &str, last: &str, step: &str) -> Option<Vec<String>> {
    let range = stepped(first.parse().ok()?, last.parse().ok()?, step.parse().ok()?)?;
    Some(range.into_iter().map(|number| number.to_string()).collect())
}

fn letters(first: &str, last: &str, step: &str) -> Option<Vec<String>> {
    let letter = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii_uppercase() => Some(u32::from(*byte)),
        _ => None,
    };
    let range = stepped(letter(first)?, letter(last)?, step.parse().ok()?)?;
    range.into_iter().map(|code| char::from_u32(code).map(String::from)).collect()
}

/// The numbers from `first` to `last` in steps, upwards or downwards.
fn stepped(first: u32, last: u32, step: u32) -> Option<Vec<u32>> {
    let count = first.abs_diff(last).checked_div(step)?.checked_add(1)?;
    if usize::try_from(count).ok()? > LABELS_MAX {
        return None;
    }
    let signed =
        |times: u32| if first <= last { first + times * step } else { first - times * step };
    Some((0..count).map(signed).collect())
}
