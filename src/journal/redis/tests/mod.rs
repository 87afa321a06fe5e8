//! A journal in a real Redis that is wiped, wound back, taken over, slow, refusing and unsafe.
//!
//! In every case what was acknowledged is served, or nothing is.

mod beside;
mod lease;
mod outcome;
mod reach;
mod refusals;
mod snapshots;
mod wiped;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::clock::Hand;
use crate::journal::faulty::dice::Dice;
use crate::journal::tests::samples::{batch, read_all};
use crate::journal::tests::servers::{ALWAYS, Redis};
use crate::journal::{Journal, Record};
use settings::{Address, At};

/// Long enough for a machine with other work, and far less than a lease.
const RESPONSE_MS: u64 = 2_000;
const LEASE_MS: u64 = 10_000;

/// Everything that runs in Redis.
pub(crate) const SCRIPTS: [&str; 7] = [
    stream::APPEND,
    holder::TAKE,
    holder::BEAT,
    holder::GIVE_UP,
    super::snapshots::NAME,
    showcase::SHOW,
    signers::AGREE,
];

/// A Redis, and a folder for each process that uses it.
pub(crate) struct Elsewhere {
    pub(crate) redis: Redis,
    dir: TempDir,
}

/// One process that wants to write a sale, with a clock of its own.
pub(crate) struct Process {
    pub(crate) sale: RedisSale,
    hand: Arc<Hand>,
}

impl Elsewhere {
    pub(crate) fn start(options: &str) -> Self {
        Self { redis: Redis::start(options), dir: tempfile::tempdir().unwrap() }
    }

    /// Settings for what the server is set to, with which a test is told of trouble soon.
    pub(crate) fn settings(&self) -> Settings {
        match self.redis.must(&["CONFIG", "GET", "appendfsync"]).list() {
            [_, flushed] if flushed.text().as_deref() == Some("always") => {
                self.settings_for(Durability::Always)
            }
            _ => self.settings_for(Durability::EverySecond),
        }
    }

    /// The same without asking the server.
    fn settings_for(&self, durability: Durability) -> Settings {
        let (host, port) = ("127.0.0.1".to_owned(), self.redis.address().port());
        Settings {
            at: At::Server(Address { host, port, tls: false, database: 0 }),
            username: None,
            password: None,
            authority: None,
            durability,
            response_ms: RESPONSE_MS,
            connect_ms: RESPONSE_MS,
            lease_ms: LEASE_MS,
            prefix: "stanchion".to_owned(),
        }
    }

    /// A process with a folder of its own.
    pub(crate) fn process(&self, sale: &str) -> Process {
        let dir = tempfile::tempdir_in(self.dir.path()).unwrap().keep();
        self.process_in(sale, &dir)
    }

    /// A process that finds its folder as it was left.
    pub(crate) fn process_in(&self, sale: &str, dir: &Path) -> Process {
        Process::open(&self.settings(), sale, dir).unwrap()
    }
}

impl Process {
    fn open(settings: &Settings, sale: &str, dir: &Path) -> Result<Self, JournalFault> {
        let mut sale = open(settings, sale, dir)?;
        let hand = Arc::new(Hand::default());
        sale.clock = Clock::by_hand(hand.clone());
        Ok(Self { sale, hand })
    }

    /// Becomes the writer, which nobody else is.
    pub(crate) fn must_take(&mut self) -> Box<dyn Journal> {
        match self.sale.take(Head::default()).unwrap() {
            Taking::Taken(journal) => journal,
            other => panic!("{other:?}"),
        }
    }

    /// Watches until the holder was silent for the span of a lease, and takes it.
    fn take_over(&mut self, seen: Head) -> Taking {
        for _ in 0..=4 {
            let taking = self.sale.take(seen).unwrap();
            if !matches!(taking, Taking::Held { .. }) {
                return taking;
            }
            self.hand.pass_ms(u32::try_from(LEASE_MS).unwrap() / 4);
        }
        panic!("it never lapses");
    }
}

/// Finds a journal, and looks at it for the first time.
fn open(settings: &Settings, sale: &str, dir: &Path) -> Result<RedisSale, JournalFault> {
    let mut found = RedisSale::new(settings, sale, dir, Vec::new())?;
    found.open().map(|()| found)
}

/// What is wrong with a journal.
#[track_caller]
fn fault_of(settings: &Settings, dir: &Path) -> JournalFault {
    open(settings, "s", dir).map(|_| ()).unwrap_err()
}

/// Appends so many records, and returns them.
fn append(journal: &mut dyn Journal, epoch: u32, count: u64) -> Vec<Record> {
    let sequence = journal.head().sequence;
    let records = batch(sequence, epoch, count, &mut Dice::new(sequence + 1));
    journal.append(&records).unwrap();
    records
}
