//! What a crowd remembers when it is stopped: who has which place, what was bought, who went home.
//!
//! A file of lines, one for each deed, appended as it happens: it plays the part of the cookies in
//! so many browsers, and of the orders in so many mailboxes. So a crowd that is stopped, also by
//! `kill -9`, takes up its places again. Never asks the server; a line that broke off is passed
//! over.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::tally::Tally;
use crate::command_line::demo::wire::basket::Basket;

/// The memory of one crowd, of this run and of those before.
#[derive(Default)]
pub struct Memory {
    /// Without one, nothing is kept.
    file: Option<Mutex<File>>,
    visitors: BTreeMap<u32, Remembered>,
    orders: Vec<Basket>,
}

/// What one visitor did before this run.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered {
    /// Their place token, if they joined.
    pub(super) place: Option<String>,
    /// Whether they have an order.
    pub(super) bought: bool,
    /// Whether their evening is over.
    pub(super) gone: bool,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Deed {
    Joined { visitor: u32, place: String },
    Bought { visitor: u32, order: Basket },
    Gone { visitor: u32 },
}

impl Memory {
    /// Reads what is in a file, and keeps it there from now on; makes the file if there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::options().read(true).append(true).create(true).open(path)?;
        let text = fs::read_to_string(path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        let mut memory = Self { file: Some(Mutex::new(file)), ..Self::default() };
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|deed| {
            memory.recall(deed);
        });
        Ok(memory)
    }

    /// How many have a place and have not gone home.
    pub fn staying(&self) -> usize {
        let visitors = self.visitors.values();
        visitors.filter(|visitor| visitor.place.is_some() && !visitor.gone).count()
    }

    /// Counts what was done before, so that the counts go on where they were.
    pub(super) fn count(&self, tally: &Tally) {
        for visitor in self.visitors.values() {
            tally.joined.add(u64::from(visitor.place.is_some()));
            tally.orders.add(u64::from(visitor.bought));
            tally.without_order.add(u64::from(visitor.gone && !visitor.bought));
        }
    }

    /// The orders that were acknowledged before.
    pub(super) fn orders(&self) -> &[Basket] {
        &self.orders
    }

    pub(super) fn of(&self, visitor: u32) -> Remembered {
        self.visitors.get(&visitor).cloned().unwrap_or_default()
    }

    pub(super) fn joined(&self, visitor: u32, place: &str) {
        self.keep(&Deed::Joined { visitor, place: place.to_owned() });
    }

    pub(super) fn bought(&self, visitor: u32, order: &Basket) {
        self.keep(&Deed::Bought { visitor, order: order.clone() });
    }

    pub(super) fn gone(&self, visitor: u32) {
        self.keep(&Deed::Gone { visitor });
    }

    fn recall(&mut self, deed: Deed) {
        match deed {
            Deed::Joined { visitor, place } => {
                self.visitors.entry(visitor).or_default().place = Some(place);
            }
            Deed::Bought { visitor, order } => {
                self.visitors.entry(visitor).or_default().bought = true;
                self.orders.push(order);
            }
            Deed::Gone { visitor } => self.visitors.entry(visitor).or_default().gone = true,
        }
    }

    fn keep(&self, deed: &Deed) {
        let Some(file) = &self.file else { return };
        let mut line = serde_json::to_vec(deed).expect("plain data with text keys is always JSON");
        line.push(b'\n');
        // In one piece, so that a stop leaves whole lines. A memory that cannot be written is no
        // reason to go home.
        let _ = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_broke_off_is_passed_over_and_what_comes_after_it_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("crowd.jsonl");
        Memory::open(&path).expect("a file").joined(1, "place-1");
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"{\"joined\":{\"vis"))
            .expect("the file is there");
        let memory = Memory::open(&path).expect("a file");
        memory.joined(2, "place-2");
        memory.gone(1);
        let memory = Memory::open(&path).expect("a file");
        assert_eq!(memory.of(2).place.as_deref(), Some("place-2"));
        assert!(memory.of(1).gone && !memory.of(2).gone);
        assert_eq!(memory.staying(), 1);
    }
}
