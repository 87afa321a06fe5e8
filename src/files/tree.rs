//! A file as a tree of values that know where they stand: what JSON and TOML have in common.
//!
//! Tables keep the order of the file. Every value is numbered in that order, so that its path can
//! be found when somebody asks for it, and no reader carries one along.

use super::problem::quoted;

/// Values in one file: 131,072 seats of 24 values each, rounded up; 40 bytes a value, 160 MB.
pub(super) const VALUES_MAX: u32 = 4_000_000;
/// Bytes of a key that is shown as it is.
const PLAIN_KEY_BYTES_MAX: usize = 60;

/// Where a value stands, ordered as a person reads the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct At {
    /// Byte of the text where it begins; 0 in JSON, whose parser does not tell.
    pub offset: u32,
    /// Its number in the tree, parents before children.
    pub order: u32,
}

/// One value of a file.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Value {
    pub at: At,
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Null,
    Flag(bool),
    Whole(i64),
    /// Not whole, or too large for a whole number.
    Number(f64),
    Text(String),
    /// A date, a time or both, as TOML writes them without quotes.
    Moment(String),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Value {
    /// The path of keys and subscripts from this value down to the one with that number.
    pub(super) fn path_to(&self, order: u32) -> String {
        let mut path = String::new();
        let mut here = self;
        while here.at.order != order {
            let Some((step, next)) = here.towards(order) else { break };
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(&step);
            here = next;
        }
        path
    }

    /// The child that has the value with that number below it.
    fn towards(&self, order: u32) -> Option<(String, &Self)> {
        match &self.kind {
            Kind::List(items) => {
                let after = items.partition_point(|item| item.at.order <= order);
                let index = after.checked_sub(1)?;
                Some((format!("[{index}]"), items.get(index)?))
            }
            Kind::Table(entries) => {
                let after = entries.partition_point(|(_, value)| value.at.order <= order);
                let (key, value) = entries.get(after.checked_sub(1)?)?;
                Some((key_shown(key), value))
            }
            _ => None,
        }
    }
}

impl Kind {
    /// A number as it is, for a message; anything else by its kind.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Whole(whole) => whole.to_string(),
            Self::Number(number) => format!("{number:e}"),
            _ => self.name().to_owned(),
        }
    }

    /// What people call this kind of value.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(_) => "true or false",
            Self::Whole(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Moment(_) => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A key as part of a path: as it is if it is plain, in quotes otherwise.
pub(super) fn key_shown(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte);
    if !key.is_empty() && key.len() <= PLAIN_KEY_BYTES_MAX && key.bytes().all(plain) {
        key.to_owned()
    } else {
        quoted(key)
    }
}
