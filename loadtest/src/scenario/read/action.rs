//! An ops change, as the ops interface takes it: `change = { type = "set_cap", cap = 100 }`.
//!
//! Knows the names of the actions and of their fields, so that a slip is found before the night.
//! What a field may hold is the server's to say.

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::mistakes::{choice, meant, quoted};
use super::node::Node;
use super::table::Keys;

/// The actions, and the fields of each: all are needed.
pub(super) const ACTIONS: &[(&str, Keys)] = &[
    ("open", &[]),
    ("close", &[]),
    ("pause_calling", &[]),
    ("resume_calling", &[]),
    ("set_cap", &["cap"]),
    ("set_pace", &["per_minute"]),
    ("post_notice", &["texts"]),
    ("withdraw_notice", &[]),
    ("redirect", &["url"]),
    ("end_redirect", &[]),
    ("freeze_time", &[]),
    ("resume_time", &[]),
    ("add_time", &["add_ms"]),
    ("withhold", &["what", "kind"]),
    ("restore", &["what"]),
    ("set_trigger", &["trigger"]),
    ("remove_trigger", &["id"]),
    ("end_pass", &["pass"]),
    ("cancel_order", &["basket"]),
];

/// Reads an action.
pub(super) fn action(node: &Node<'_>) -> Option<Value> {
    let body = json(node, node.value)?;
    let Value::Object(fields) = &body else {
        return node.refuse("is no table", "write { type = \"set_cap\", cap = 100 } and the like");
    };
    let names: Vec<&str> = ACTIONS.iter().map(|(name, _)| *name).collect();
    let Some(named) = fields.get("type").and_then(Value::as_str) else {
        return node.refuse("has no `type`", format!("write {}", choice(&names)));
    };
    let Some((_, keys)) = ACTIONS.iter().find(|(name, _)| *name == named) else {
        let allowed = match meant(named, &names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write {}", choice(&names)),
        };
        return node.refuse(format!("the action {} is not known", quoted(named)), allowed);
    };
    check_fields(node, named, keys, fields)?;
    Some(body)
}

fn check_fields(
    node: &Node<'_>,
    named: &str,
    keys: Keys,
    fields: &Map<String, Value>,
) -> Option<()> {
    let mut good = Some(());
    let needed = format!("`{named}` takes {}", choice(keys));
    for key in keys.iter().filter(|key| !fields.contains_key(**key)) {
        good = node.refuse(format!("`{key}` is missing"), needed.clone());
    }
    for key in fields.keys().filter(|key| *key != "type" && !keys.contains(&key.as_str())) {
        good = node.refuse(format!("{} is unknown", quoted(key)), needed.clone());
    }
    let counts = ["cap", "per_minute", "add_ms", "pass"];
    for (key, value) in fields.iter().filter(|(key, _)| counts.contains(&key.as_str())) {
        if !value.is_u64() {
            good = node.refuse(format!("`{key}` is no count"), "write a whole number from 0");
        }
    }
    good
}

/// A TOML value as JSON. The parser bounds the depth, and with it this recursion.
fn json(node: &Node<'_>, value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Integer(whole) => match i64::from_str_radix(whole.as_str(), whole.radix()) {
            Ok(whole) => Value::from(whole),
            Err(_) => return node.refuse("has a number beyond 64 bits", "write a smaller one"),
        },
        DeValue::Float(number) => {
            let finite = number.as_str().parse().ok().and_then(serde_json::Number::from_f64);
            match finite {
                Some(number) => Value::Number(number),
                None => return node.refuse("has a number that is none", "write a finite one"),
            }
        }
        DeValue::Array(items) => Value::Array(
            items.iter().map(|item| json(node, item.get_ref())).collect::<Option<_>>()?,
        ),
        DeValue::Table(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                Some((key.get_ref().to_string(), json(node, value.get_ref())?))
            });
            Value::Object(entries.collect::<Option<_>>()?)
        }
    })
}
