//! The journal in Redis: one stream for each sale, with a lease and snapshots beside it.
//!
//! ```text
//! <prefix>:{<sale>}:journal                      stream, one entry for each record
//! <prefix>:{<sale>}:lease                        hash: owner, epoch, opening, beat
//! <prefix>:{<sale>}:snapshots                    hash: sequence -> parts
//! <prefix>:{<sale>}:snapshot:<sequence>:<part>   strings
//! <data>/<sale>/redis-mark                       how far it was acknowledged, see `journal::mark`
//! ```
//!
//! Redis itself refuses a deposed writer and a batch that comes late. Nothing in it expires, and
//! none of its clocks is believed. See `docs/journal-format.md`.

mod checks;
mod faults;
mod history;
mod holder;
pub mod keys;
mod link;
pub mod settings;
pub mod showcase;
pub mod signers;
mod snapshots;
mod stream;
mod tail;
#[cfg(test)]
pub(crate) mod tests;
mod watch;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::fault::JournalFault;
use super::lease::{Lease, Taking};
use super::mark::Mark;
use super::{Head, History};
use crate::clock::{self, Clock};
use history::RedisHistory;
use holder::{Holder, look};
use keys::Keys;
use link::Link;
use settings::{Durability, Settings};
use stream::{before, id};
use watch::Watch;
use writer::RedisJournal;

const MARK: &str = "redis-mark";

/// One sale's journal in Redis, for a process that writes it or stands by to.
pub struct RedisSale {
    settings: Arc<Settings>,
    keys: Arc<Keys>,
    clock: Clock,
    /// How this process calls itself in the lease, but for what tells two takings apart.
    name: String,
    mark: Arc<Mark>,
    /// What the mark said before this process wrote, and where it is.
    marked: (Option<Head>, PathBuf),
    /// Fingerprints of the keys that sign its tokens here.
    signers: Vec<String>,
    history: Arc<RedisHistory>,
    /// For looking at the lease and the end of the stream.
    looking: Link,
    /// For waiting: a wait holds up whatever else is asked on its connection.
    waiting: Link,
    watch: Watch,
}

/// A sale's journal as it was at a glance.
pub struct Glance {
    /// The reading side.
    pub history: Arc<dyn History>,
    /// The newest record.
    pub newest: Head,
    /// Who holds the lease, if anybody does.
    pub holder: Option<String>,
}

impl RedisSale {
    /// Says where a sale's journal is, which may be empty; asks Redis nothing yet. `mark_dir` is
    /// the folder of this process in which the mark of the sale is kept, `signers` are fingerprints
    /// of the keys that sign its tokens, none where nothing is signed.
    ///
    /// # Faults
    /// Those of reading the mark.
    pub fn new(
        settings: &Settings,
        sale: &str,
        mark_dir: &Path,
        signers: Vec<String>,
    ) -> Result<Self, JournalFault> {
        let path = mark_dir.join(MARK);
        let (mark, marked) = Mark::open(&path)?;
        if settings.durability == Durability::EverySecond {
            tracing::warn!("journal.redis.durability is everysec: losing power loses up to 2 s");
        }
        let settings = Arc::new(settings.clone());
        let keys = Arc::new(Keys::new(&settings.prefix, sale));
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let link = || Link::new(settings.clone(), settings.response_ms);
        Ok(Self {
            clock: Clock::machine(),
            name: format!("{host}/{}", std::process::id()),
            mark: Arc::new(mark),
            marked: (marked, path),
            signers,
            history: Arc::new(RedisHistory::new(&settings, &keys)),
            looking: link(),
            waiting: link(),
            watch: Watch::new(settings.lease_ms),
            settings,
            keys,
        })
    }

    /// Looks at a sale's journal, and changes nothing: this Redis is not asked whether it is safe.
    ///
    /// # Faults
    /// Those of reaching it.
    pub fn glance(settings: &Settings, sale: &str) -> Result<Glance, JournalFault> {
        let settings = Arc::new(settings.clone());
        let keys = Arc::new(Keys::new(&settings.prefix, sale));
        let mut link = Link::new(settings.clone(), settings.response_ms);
        let newest = stream::newest(link.ensure()?, &keys)?;
        let owner = look(&mut link, &keys)?.owner;
        let history = Arc::new(RedisHistory::new(&settings, &keys));
        Ok(Glance { history, newest, holder: Some(owner).filter(|owner| !owner.is_empty()) })
    }

    /// This Redis is safe, and lacks nothing.
    fn must_be_well(&mut self) -> Result<(), JournalFault> {
        checks::check(self.looking.ensure()?)?;
        let newest = self.newest()?;
        let (marked, path) = &self.marked;
        if let Some(marked) = marked.filter(|marked| before(newest, *marked)) {
            return Err(short(newest, marked, &path.display().to_string()));
        }
        let snapshots = snapshots::sequences(self.looking.ensure()?, &self.keys)?;
        match snapshots.first() {
            Some(covered) if *covered > newest.sequence => {
                let at = format!("records {} to {covered}", newest.sequence + 1);
                Err(JournalFault::corrupt(at, "they are in a snapshot, and missing in the stream"))
            }
            _ => Ok(()),
        }
    }

    fn newest(&mut self) -> Result<Head, JournalFault> {
        stream::newest(self.looking.ensure()?, &self.keys)
    }

    /// A stream that is longer than what was seen has to hold it, unless that was trimmed.
    fn must_have_come_by(&mut self, seen: Head) -> Result<(), JournalFault> {
        let keys = self.keys.clone();
        let link = self.looking.ensure()?;
        let seen_id = id(seen);
        let first = stream::range(link, &keys, ("-", "+"), 1)?.first().map(|frame| frame.head);
        let trimmed = first.is_none_or(|first| first.sequence > seen.sequence);
        if trimmed || !stream::range(link, &keys, (&seen_id, &seen_id), 1)?.is_empty() {
            return Ok(());
        }
        let what = "it was seen here, and the journal went on without it";
        Err(JournalFault::corrupt(format!("record {seen_id}"), what))
    }

    /// Takes the lease if nobody holds it or its holder fell silent. `seen`: refuse to, if the
    /// stream ends before that.
    fn try_to_take(&mut self, seen: Option<Head>) -> Result<Taking, JournalFault> {
        let looked = look(self.looking.ensure()?, &self.keys);
        let sign = looked.inspect_err(|_| self.watch.forget())?;
        if !self.watch.lapsed(&sign, self.clock.monotonic_ms()) {
            return Ok(Taking::Held { holder: sign.owner });
        }
        let newest = self.newest()?;
        if let Some(seen) = seen.filter(|seen| misses(newest, *seen)) {
            return Ok(Taking::Short { newest, seen });
        }
        seen.map_or(Ok(()), |seen| self.must_have_come_by(seen))?;
        let owner = format!("{}/{:016x}", self.name, clock::random_mark());
        let (of, by) = ((&self.settings, &self.keys), (owner.as_str(), &self.clock));
        let Some(mut holder) = Holder::take(of, by, &sign, newest)? else {
            return Ok(Taking::Held { holder: "somebody who was faster".to_owned() });
        };
        let newest = holder.newest().inspect_err(|_| holder.give_up())?;
        if let Some(seen) = seen.filter(|seen| misses(newest, *seen)) {
            holder.give_up();
            return Ok(Taking::Short { newest, seen });
        }
        let marked = (self.mark.clone(), self.clock.clone());
        let journal = RedisJournal::new(holder, self.history.clone(), marked, newest);
        Ok(Taking::Taken(Box::new(journal)))
    }
}

impl Lease for RedisSale {
    fn open(&mut self) -> Result<(), JournalFault> {
        let well = self.must_be_well();
        let agreed =
            well.and_then(|()| signers::agree(self.looking.ensure()?, &self.keys, &self.signers));
        // Whoever is the primary by the next time is asked then.
        agreed.inspect_err(|_| self.looking.close())
    }

    fn history(&self) -> Arc<dyn History> {
        self.history.clone()
    }

    fn wait(&mut self, head: Head, at_most: Duration) -> Result<(), JournalFault> {
        let wait_ms = at_most.as_millis().max(1);
        let after = id(head);
        let found = self.waiting.ensure()?.ask_slow(("waiting for records", at_most), |redis| {
            let mut wait = redis::cmd("XREAD");
            wait.arg("BLOCK").arg(u64::try_from(wait_ms).unwrap_or(u64::MAX)).arg("COUNT").arg(1);
            wait.arg("STREAMS").arg(&self.keys.journal).arg(after);
            wait.query::<Option<redis::streams::StreamReadReply>>(redis)
        })?;
        let next = found.and_then(|found| Some(found.keys.first()?.ids.first()?.id.clone()));
        let Some(next) = next else { return Ok(()) };
        let next = stream::head_of(&next)?;
        if next.sequence == head.sequence + 1 {
            return Ok(());
        }
        let what = format!("after record {} comes {}: it went another way", id(head), id(next));
        Err(JournalFault::corrupt(format!("stream {}", self.keys.journal), what))
    }

    fn take(&mut self, seen: Head) -> Result<Taking, JournalFault> {
        self.try_to_take(Some(seen))
    }

    fn take_short(&mut self) -> Result<Taking, JournalFault> {
        self.try_to_take(None)
    }
}

/// Whether a stream that ends there lacks what was seen, or holds another record in its place.
fn misses(newest: Head, seen: Head) -> bool {
    newest.sequence < seen.sequence || before(newest, seen)
}

/// A stream that ends before the mark of this process, in words that say what to do.
fn short(newest: Head, marked: Head, path: &str) -> JournalFault {
    let at = format!("records {} to {}", newest.sequence + 1, marked.sequence);
    let what = format!(
        "they were acknowledged from here, says {path}, and Redis lacks them: bring back the Redis \
         that has them; or, to go on without them, move that file away"
    );
    JournalFault::corrupt(at, what)
}
