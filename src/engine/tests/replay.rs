//! A takeover replays nothing: what is read then is what came since the last look.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::super::standby::{Parts, Standby};
use super::night;
use super::process::{LEASE_MS, Process};
use crate::clock::{Clock, Hand};
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::memory::lease::SharedJournal;
use crate::journal::snapshot::Snapshot;
use crate::journal::{Head, History, Journal, Record};
use crate::metrics::Metrics;

/// Records of a night that was followed.
const FOLLOWED: u64 = 300;
/// Records that come between the last look and the takeover.
const LATE: u64 = 5;

/// What was read of a journal.
#[derive(Default)]
struct Reads {
    /// Times that records were asked for.
    looks: AtomicU64,
    records: AtomicU64,
    snapshots: AtomicU64,
}

/// A lease, a journal or a history that counts what is read through it.
struct Counted<T> {
    inner: T,
    reads: Arc<Reads>,
}

impl Reads {
    fn forget(&self) {
        for count in [&self.looks, &self.records, &self.snapshots] {
            count.store(0, Ordering::Relaxed);
        }
    }

    fn all(&self) -> [u64; 3] {
        [&self.looks, &self.records, &self.snapshots].map(|count| count.load(Ordering::Relaxed))
    }
}

impl<T> Counted<T> {
    fn beside<U>(&self, inner: U) -> Counted<U> {
        Counted { inner, reads: self.reads.clone() }
    }
}

impl Lease for Counted<Box<dyn Lease>> {
    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.beside(self.inner.history()))
    }

    fn wait(&mut self, head: Head, at_most: Duration) -> Result<(), JournalFault> {
        self.inner.wait(head, at_most)
    }

    fn take(&mut self, seen: Head) -> Result<Taking, JournalFault> {
        Ok(match self.inner.take(seen)? {
            Taking::Taken(journal) => Taking::Taken(Box::new(self.beside(journal))),
            other => other,
        })
    }

    fn take_short(&mut self) -> Result<Taking, JournalFault> {
        self.inner.take_short()
    }
}

impl Journal for Counted<Box<dyn Journal>> {
    fn head(&self) -> Head {
        self.inner.head()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        self.inner.append(records)
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        self.inner.reopen()
    }

    fn health(&self) -> Result<(), JournalFault> {
        self.inner.health()
    }

    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.beside(self.inner.history()))
    }
}

impl History for Counted<Arc<dyn History>> {
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        self.reads.looks.fetch_add(1, Ordering::Relaxed);
        self.inner.read_from(sequence, &mut |record| {
            self.reads.records.fetch_add(1, Ordering::Relaxed);
            each(record)
        })
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        self.inner.oldest()
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault> {
        self.reads.snapshots.fetch_add(1, Ordering::Relaxed);
        self.inner.snapshot()
    }

    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        self.inner.put_snapshot(snapshot)
    }

    fn trim(&self) -> Result<u64, JournalFault> {
        self.inner.trim()
    }
}

/// Another process, and what it reads.
fn standby(shared: &SharedJournal, hand: &Arc<Hand>) -> (Standby, Arc<Reads>) {
    let (clock, reads) = (Clock::by_hand(hand.clone()), Arc::<Reads>::default());
    let lease = Counted { inner: shared.lease("other", clock.clone()), reads: reads.clone() };
    let standby = Standby::new(Parts {
        lease: Box::new(lease),
        definition: night::shared(),
        clock,
        registry: Metrics::new(),
        fatal: Arc::new(|fault| panic!("{fault}")),
    });
    (standby, reads)
}

/// Looks once, as the thread of a standby does; whether it holds the lease afterwards.
fn look(standby: &mut Standby) -> bool {
    standby.follow(Duration::ZERO).expect("memory can be read");
    standby.take().expect("memory can be reached")
}

#[test]
fn a_takeover_reads_what_came_since_the_last_look_and_nothing_that_was_followed() {
    let (shared, hand) = (SharedJournal::new(LEASE_MS.into()), Arc::new(Hand::default()));
    hand.pass_ms(1_000);
    let mut writer = Process::new("one", &shared, &hand);
    assert!(writer.take_over(&hand), "nobody held the lease");
    let sequence = |writer: &Process| writer.engine().expect("it writes").published().sequence();
    let write_until = |writer: &mut Process, enough: u64, each: &mut dyn FnMut()| {
        while sequence(writer) < enough {
            hand.pass_ms(1_000);
            assert!(writer.turn(), "the journal is well");
            each();
        }
    };

    let (mut other, reads) = standby(&shared, &hand);
    write_until(&mut writer, FOLLOWED, &mut || assert!(!look(&mut other), "the first is alive"));
    assert!(!look(&mut other), "the first is alive");
    let followed = sequence(&writer);
    let [_, records, _] = reads.all();
    assert!(records >= followed, "{records} of {followed} were read");

    let newest = followed + LATE;
    write_until(&mut writer, newest, &mut || ());
    reads.forget();
    assert!(!look(&mut other), "it showed that it lives");
    hand.pass_ms(LEASE_MS);
    assert!(look(&mut other), "it is silent");
    let opened = other.begin().expect("it is written");
    let came = sequence(&writer) - followed;
    let [looks, records, snapshots] = reads.all();
    // Each look reads the newest record that it knows once more, to see that the rest continues it.
    assert_eq!((records, snapshots), (came + looks, 0), "{looks} looks");
    let (after, epoch) = (opened.engine.published().sequence(), opened.engine.published().epoch());
    assert!(after > sequence(&writer) && epoch == 2, "it goes on: {after}, epoch {epoch}");

    let (mut late, reads) = standby(&shared, &hand);
    look(&mut late);
    let [_, records, _] = reads.all();
    assert!(records > followed, "whoever stood by for nothing reads everything: {records}");
}
