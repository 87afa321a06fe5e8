//! Reading a journal in Redis, on a connection of its own.
//!
//! A reader in the writer's process sees what was acknowledged, and nothing of what is on its way;
//! one that follows sees what is in the stream.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::keys::Keys;
use super::link::Link;
use super::settings::Settings;
use super::snapshots;
use super::stream::{self, Frame, id};
use crate::journal::fault::JournalFault;
use crate::journal::snapshot::{SNAPSHOTS_KEPT, Snapshot};
use crate::journal::{Head, History, Record, TRIMMED_AT_ONCE_MAX};

/// Longest wait for an answer: nobody in front of us waits for a reader, and a start should not
/// fail for a hiccup.
const READING_MS: u64 = 5_000;
/// Records asked for at once: 100 KB of ordinary ones. The rare ones that hold a definition of some
/// MiB do not follow one another.
const PAGE_RECORDS: usize = 1_024;

/// The reading side of a journal in Redis.
pub(super) struct RedisHistory {
    keys: Arc<Keys>,
    reader: Mutex<Reader>,
    /// For what takes long and nobody waits for: writing snapshots, and trimming.
    keeper: Mutex<Link>,
    /// The newest acknowledged sequence, `u64::MAX` while nobody here writes. Stored by the writer
    /// (release) after an append, loaded by readers (acquire) before they begin to read.
    newest: AtomicU64,
}

struct Reader {
    link: Link,
    /// The last record that was read: most readings go on where the last one ended.
    last: Option<Frame>,
}

impl RedisHistory {
    pub(super) fn new(settings: &Arc<Settings>, keys: &Arc<Keys>) -> Self {
        let patience_ms = settings.response_ms.max(READING_MS);
        let reader = Reader { link: Link::new(settings.clone(), patience_ms), last: None };
        let keeper = Link::new(settings.clone(), patience_ms);
        Self {
            keys: keys.clone(),
            reader: Mutex::new(reader),
            keeper: Mutex::new(keeper),
            newest: AtomicU64::new(u64::MAX),
        }
    }

    /// Readers see the journal up to here from now on.
    pub(super) fn acknowledge(&self, head: Head) {
        self.newest.store(head.sequence, Ordering::Release);
    }

    /// Readers see whatever is in the stream from now on.
    pub(super) fn follow(&self) {
        self.newest.store(u64::MAX, Ordering::Release);
    }

    fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    fn reader(&self) -> MutexGuard<'_, Reader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keeper(&self) -> MutexGuard<'_, Link> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next records from a sequence on; none past the newest.
    fn page(&self, from: u64, most: usize) -> Result<Vec<Frame>, JournalFault> {
        let mut reader = self.reader();
        let Reader { link, last } = &mut *reader;
        if !link.connected() {
            link.connect()?;
            last.iter().try_for_each(|last| still_there(link, &self.keys, last))?;
        }
        let goes_on = last.as_ref().filter(|last| last.head.sequence + 1 == from);
        let start = match goes_on {
            Some(last) => format!("({}", id(last.head)),
            None => match locate(link, &self.keys, from)? {
                Some(head) => id(head),
                None => return Ok(Vec::new()),
            },
        };
        let frames = stream::range(link, &self.keys, (&start, "+"), most)?;
        for (frame, expected) in frames.iter().zip(from..) {
            if frame.head.sequence != expected {
                return Err(missing(expected, frame.head.sequence));
            }
        }
        if let Some(newest) = frames.last() {
            *last = Some(newest.clone());
        }
        Ok(frames)
    }
}

impl History for RedisHistory {
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        let newest = self.newest();
        let mut next = sequence.max(1);
        while next <= newest {
            let left = usize::try_from(newest - next).unwrap_or(usize::MAX).saturating_add(1);
            let frames = self.page(next, left.min(PAGE_RECORDS))?;
            if frames.is_empty() {
                break;
            }
            for frame in &frames {
                if each(frame.read()?).is_break() {
                    return Ok(());
                }
                next += 1;
            }
        }
        if newest == u64::MAX || next > newest {
            return Ok(());
        }
        Err(JournalFault::Behind { newest: next - 1, acknowledged: newest })
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        let mut reader = self.reader();
        let oldest = first_from(reader.link.ensure()?, &self.keys, "-")?;
        Ok(oldest.map_or(0, |oldest| oldest.sequence))
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault> {
        let mut reader = self.reader();
        snapshots::newest(reader.link.ensure()?, &self.keys)
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>, JournalFault> {
        let mut reader = self.reader();
        snapshots::all(reader.link.ensure()?, &self.keys)
    }

    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        let mut keeper = self.keeper();
        let link = keeper.ensure()?;
        let head = Head { sequence: self.newest(), epoch: snapshot.epoch };
        let newest = snapshots::sequences(link, &self.keys)?.first().copied().unwrap_or(0);
        snapshot.fits(newest, head)?;
        snapshots::put(link, &self.keys, snapshot)
    }

    fn trim(&self) -> Result<u64, JournalFault> {
        let (mut keeper, keys) = (self.keeper(), &self.keys);
        let link = keeper.ensure()?;
        let kept = snapshots::sequences(link, keys)?;
        let Some(older) = kept.get(SNAPSHOTS_KEPT - 1) else { return Ok(0) };
        let Some(Head { sequence: oldest, .. }) = first_from(link, keys, "-")? else {
            return Ok(0);
        };
        let covered = (*older).min(self.newest().saturating_sub(1));
        let until = covered.min(oldest + TRIMMED_AT_ONCE_MAX - 1);
        if until < oldest {
            return Ok(0);
        }
        // What is kept from is looked up, so the newest always stays.
        let Some(kept_from) = locate(link, keys, until + 1)? else { return Ok(0) };
        link.ask("trimming the stream", |redis| {
            let mut trim = redis::cmd("XTRIM");
            trim.arg(&keys.journal).arg("MINID").arg("=").arg(id(kept_from)).query(redis)
        })
    }
}

/// The id of the record with a sequence, or of the one where it is missing; `None` past the newest.
///
/// Both parts of an id only grow, so the epoch of a record is found by halving: it is the last one
/// that begins at or before it.
fn locate(link: &mut Link, keys: &Keys, sequence: u64) -> Result<Option<Head>, JournalFault> {
    let Some(oldest) = first_from(link, keys, "-")? else { return Ok(None) };
    let newest = stream::newest(link, keys)?;
    if sequence > newest.sequence {
        return Ok(None);
    }
    if sequence < oldest.sequence {
        return Err(missing(sequence, oldest.sequence));
    }
    let (mut begun, mut later) = (oldest.epoch, newest.epoch.saturating_add(1));
    while later - begun > 1 {
        let middle = begun + (later - begun) / 2;
        let first = first_from(link, keys, &format!("{middle}-0"))?;
        match first.filter(|first| first.sequence <= sequence) {
            Some(_) => begun = middle,
            None => later = middle,
        }
    }
    Ok(Some(Head { sequence, epoch: begun }))
}

/// A Redis that took over may hold other records under the ids of those that it lacked: whoever
/// read those went another way. A record that is gone says nothing: it may have been trimmed.
fn still_there(link: &mut Link, keys: &Keys, last: &Frame) -> Result<(), JournalFault> {
    let id = id(last.head);
    match stream::range(link, keys, (&id, &id), 1)?.first() {
        Some(found) if found != last => {
            let what = "another record stands where this process read one";
            Err(JournalFault::corrupt(format!("record {id}"), what))
        }
        _ => Ok(()),
    }
}

/// The first record from an id on.
fn first_from(link: &mut Link, keys: &Keys, from: &str) -> Result<Option<Head>, JournalFault> {
    Ok(stream::range(link, keys, (from, "+"), 1)?.first().map(|frame| frame.head))
}

fn missing(from: u64, found: u64) -> JournalFault {
    let what = format!("the next one that is kept is {found}");
    JournalFault::corrupt(format!("record {from}"), what)
}
