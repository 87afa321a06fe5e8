//! Card pages: what is not passed on, so that no card number comes through here.

use super::super::node::Table;
use super::{address, read_url, rule};

/// Card pages that a gate file may name.
const PATHS_MAX: usize = 32;
/// What shops usually call them, for a gate file that says nothing.
const USUAL: [(&str, bool); 9] = [
    ("/card", false),
    ("/card/", true),
    ("/checkout/card", true),
    ("/checkout/payment", true),
    ("/pay", false),
    ("/pay/", true),
    ("/payment", false),
    ("/payment/", true),
    ("/payments/", true),
];

/// The card pages of a shop behind us.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cards {
    /// Their paths, and whether each is the beginning of more.
    pub paths: Vec<(String, bool)>,
    /// Where visitors find them: scheme and authority.
    pub at: Option<String>,
}

impl Cards {
    /// What is taken for one where nothing else is said.
    pub(super) fn usual() -> Self {
        let paths = USUAL.map(|(path, begins)| (path.to_owned(), begins)).into();
        Self { paths, at: None }
    }
}

pub(super) fn read(mut table: Table<'_>) -> Cards {
    let mut cards = Cards::usual();
    if let Some(nodes) = table.get("paths") {
        cards.paths.clear();
        for node in nodes.list().into_iter().flatten() {
            if cards.paths.len() == PATHS_MAX {
                node.refuse("is one path too many", format!("use at most {PATHS_MAX}"));
                break;
            }
            cards.paths.extend(rule::read_path(node));
        }
    }
    cards.at = table.get("at").and_then(read_url).map(|url| address(&url));
    table.finish();
    cards
}
