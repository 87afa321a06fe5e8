//! Ids that must be unique, and what refers to them.

use std::collections::HashMap;

use super::super::node::Node;
use super::super::problem::{quoted, some_of};

/// The ids of one kind of thing, in the order of the file.
pub(super) struct Ids {
    what: &'static str,
    in_order: Vec<String>,
    at: HashMap<String, usize>,
}

impl Ids {
    /// No ids yet of that kind of thing, named in the singular.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, in_order: Vec::new(), at: HashMap::new() }
    }

    /// Adds the next id; notes it at `from` if it is there already.
    pub(super) fn add(&mut self, from: Node<'_>, id: &str) {
        if self.at.contains_key(id) {
            from.refuse(format!("the {} {} comes twice", self.what, quoted(id)), "rename one");
        } else {
            self.at.insert(id.to_owned(), self.in_order.len());
        }
        self.in_order.push(id.to_owned());
    }

    /// How many were added, repeated ones too.
    pub(super) fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Whether none was added.
    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// The how manieth has this id, if any.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.at.get(id).copied()
    }

    /// The how manieth is named by a node; notes if there is none.
    pub(super) fn find(&self, node: Node<'_>) -> Option<usize> {
        let id = node.text()?;
        let found = self.position(id);
        if found.is_none() {
            let known = some_of(self.in_order.iter().map(String::as_str));
            let remedy = format!("the {}s are {known}", self.what);
            node.refuse(format!("no {} {}", self.what, quoted(id)), remedy);
        }
        found
    }
}
