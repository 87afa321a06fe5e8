//! A table of a file: its keys are known beforehand, and every other one is a mistake.

use toml::de::DeTable;

use super::mistakes::{choice, meant, quoted};
use super::node::Node;

/// The keys of a table. Documents are compared with them.
pub(super) type Keys = &'static [&'static str];

/// A table that is being read.
pub(super) struct Table<'a> {
    node: Node<'a>,
    entries: &'a DeTable<'a>,
    keys: Keys,
}

impl<'a> Table<'a> {
    /// Opens it and notes the keys that it must not have.
    pub(super) fn open(node: Node<'a>, entries: &'a DeTable<'a>, keys: Keys) -> Self {
        let table = Self { node, entries, keys };
        for key in entries.keys() {
            if !keys.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref();
                let path = table.path_of(&shown(name));
                let allowed = match meant(name, keys) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the keys here are {}", choice(keys)),
                };
                table.node.page.refuse_at(key.span().start, &path, "is unknown".into(), allowed);
            }
        }
        table
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &'static str) -> Option<Node<'a>> {
        debug_assert!(self.keys.contains(&key), "{key} is missing among the keys of its table");
        let (name, value) = self.entries.get_key_value(key)?;
        let (at, path) = (name.span().start, self.path_of(key));
        Some(Node { page: self.node.page, value: value.get_ref(), at, path })
    }

    /// What a key is read as, or the default if it is absent or wrong.
    pub(super) fn or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> T {
        self.get(key).and_then(|node| read(&node)).unwrap_or(default)
    }

    /// What a key is read as; its absence is a mistake.
    pub(super) fn need<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        match self.get(key) {
            Some(node) => read(&node),
            None => self.node.refuse(format!("`{key}` is missing"), format!("write `{key}`")),
        }
    }

    /// Notes a mistake of the table as a whole.
    pub(super) fn refuse<T>(&self, wrong: &str, allowed: impl Into<String>) -> Option<T> {
        self.node.refuse(wrong, allowed)
    }

    /// Notes those keys that do not go with what was chosen.
    pub(super) fn only(&self, keys: Keys, chosen: &str) {
        for key in self.keys.iter().filter(|key| !keys.contains(*key)) {
            if let Some(node) = self.get(key) {
                let wrong = format!("does not go with {chosen}");
                node.refuse::<()>(wrong, format!("the keys here are {}", choice(keys)));
            }
        }
    }

    fn path_of(&self, key: &str) -> String {
        match self.node.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }
}

/// A key as part of a path: as it is if it is plain, in quotes otherwise.
fn shown(key: &str) -> String {
    /// Longer ones are no keys that anybody meant.
    const BYTES_MAX: usize = 60;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !key.is_empty() && key.len() <= BYTES_MAX && key.bytes().all(plain) {
        key.to_owned()
    } else {
        quoted(key)
    }
}
