//! The local journal on a disk that loses power, loses writes, rots, fills up and lies.
//!
//! In every case it serves exactly what was written, or refuses and says where.

mod damage;
mod outage;
mod power;

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::journal::faulty::dice::Dice;
use crate::journal::faulty::disk::Disk;
use crate::journal::tests::samples::{batch, read_all};

/// A journal on a disk in memory, and what was written to it.
struct Written {
    dir: TempDir,
    disk: Disk,
    journal: LocalJournal,
    all: Vec<Record>,
}

impl Written {
    /// So many batches of a few records.
    fn new(seed: u64, batches: u64) -> Self {
        let (dir, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let journal = LocalJournal::open_on(dir.path(), Box::new(disk.clone())).unwrap();
        let mut written = Self { dir, disk, journal, all: Vec::new() };
        let mut dice = Dice::new(seed);
        for _ in 0..batches {
            let size = 1 + dice.below(6);
            written.append(size, &mut dice);
        }
        written
    }

    fn append(&mut self, size: u64, dice: &mut Dice) {
        let records = batch(self.all.len() as u64, 1, size, dice);
        self.journal.append(&records).unwrap();
        self.all.extend(records);
    }

    fn head(&self) -> Head {
        self.journal.head()
    }
}

/// What a start finds that sees these bytes, and this mark if any.
fn served(dir: &Path, bytes: Vec<u8>, mark: Option<Head>) -> Result<Vec<Record>, JournalFault> {
    let file = dir.join(ACKNOWLEDGED);
    match mark {
        Some(head) => Mark::open(&file)?.0.put(head),
        None => fs::write(file, "").unwrap(),
    }
    let journal = LocalJournal::open_on(dir, Box::new(Disk::with(bytes)))?;
    let records = read_all(&*journal.history(), 1)?;
    assert_eq!(journal.head().sequence, records.len() as u64);
    Ok(records)
}

/// Damage is refused and located, or does not matter; says whether it did not.
fn right_or_refused(result: Result<Vec<Record>, JournalFault>, all: &[Record], case: &str) -> bool {
    match result {
        Ok(records) => {
            assert!(records == all, "{case}: served {} of {}", records.len(), all.len());
            true
        }
        Err(JournalFault::Corrupt { .. } | JournalFault::Format { .. }) => false,
        Err(fault) => panic!("{case}: {fault:?}"),
    }
}
