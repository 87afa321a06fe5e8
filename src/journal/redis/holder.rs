//! The lease of a sale, as its holder keeps it: a hash that says who writes, and a beat.
//!
//! Nothing in it expires, and no clock of Redis counts: whoever stands by watches whether the beat
//! goes on. What keeps a former holder from writing is that the script that appends compares the
//! owner and the opening.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use super::checks;
use super::keys::Keys;
use super::link::Link;
use super::settings::{Durability, Settings};
use super::stream::{self, Appended, Frame, Opening};
use crate::clock::Clock;
use crate::journal::Head;
use crate::journal::fault::JournalFault;

/// Takes the lease if it is still as it was seen.
pub(super) const TAKE: &str = "#!lua
local found = redis.call('HMGET', KEYS[1], 'owner', 'opening', 'beat')
for at = 1, 3 do
    if (found[at] or '') ~= ARGV[at] then return 0 end
end
redis.call('HSET', KEYS[1], 'owner', ARGV[4], 'opening', 1, 'beat', 1, 'epoch', ARGV[5])
return 1
";
/// Shows a sign of life, and says who holds the lease. An opening of 0 leaves that as it is, and
/// finds nobody if the lease is gone; any other begins one, unless somebody else holds the lease.
pub(super) const BEAT: &str = "#!lua
local owner = redis.call('HGET', KEYS[1], 'owner') or ''
if owner ~= ARGV[1] and (owner ~= '' or ARGV[2] == '0') then
    return {owner, redis.call('HGET', KEYS[1], 'epoch') or '0'}
end
if ARGV[2] ~= '0' then
    redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'opening', ARGV[2], 'epoch', ARGV[3])
end
redis.call('HINCRBY', KEYS[1], 'beat', 1)
return {ARGV[1], ARGV[3]}
";
/// Gives the lease up, if it is ours.
pub(super) const GIVE_UP: &str = "#!lua
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
";

static TAKE_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(TAKE));
static BEAT_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(BEAT));
static GIVE_UP_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(GIVE_UP));

/// The lease as somebody saw it; all empty while nobody holds it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Sign {
    pub(super) owner: String,
    pub(super) opening: String,
    pub(super) beat: String,
}

/// Who holds a lease, and the connection on which they append and show that they live.
pub(super) struct Holder {
    settings: Arc<Settings>,
    keys: Arc<Keys>,
    clock: Clock,
    link: Link,
    owner: String,
    opening: u64,
    epoch: u32,
    beaten_at_ms: u64,
}

/// The lease as it is now.
pub(super) fn look(link: &mut Link, keys: &Keys) -> Result<Sign, JournalFault> {
    type Fields = (Option<String>, Option<String>, Option<String>);
    let (owner, opening, beat): Fields = link.ask("looking at the lease", |redis| {
        redis::cmd("HMGET").arg(&keys.lease).arg(&["owner", "opening", "beat"]).query(redis)
    })?;
    let or_empty = Option::unwrap_or_default;
    Ok(Sign { owner: or_empty(owner), opening: or_empty(opening), beat: or_empty(beat) })
}

impl Holder {
    /// Takes the lease if it is still as it was seen; `None` if it is not.
    pub(super) fn take(
        (settings, keys): (&Arc<Settings>, &Arc<Keys>),
        (owner, clock): (&str, &Clock),
        seen: &Sign,
        newest: Head,
    ) -> Result<Option<Self>, JournalFault> {
        let mut link = Link::new(settings.clone(), settings.response_ms);
        link.connect()?;
        checks::check(&mut link)?;
        let epoch = newest.epoch.saturating_add(1);
        let mut call = TAKE_SCRIPT.prepare_invoke();
        call.key(&keys.lease).arg(&seen.owner).arg(&seen.opening).arg(&seen.beat);
        call.arg(owner).arg(epoch);
        let taken: bool = link.ask("taking the lease", |redis| call.invoke(redis))?;
        let holder = Self {
            settings: settings.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            link,
            owner: owner.to_owned(),
            opening: 1,
            epoch,
            beaten_at_ms: clock.monotonic_ms(),
        };
        Ok(taken.then_some(holder))
    }

    /// Whether there is a connection on which nothing has failed.
    pub(super) fn connected(&self) -> bool {
        self.link.connected()
    }

    /// Gives up the connection: what was sent on it is of unknown outcome.
    pub(super) fn disconnect(&mut self) {
        self.link.close();
    }

    /// Connects anew, to a Redis that is safe, under the next opening, and finds the newest record:
    /// nothing that was sent before can come to anything after this.
    ///
    /// # Faults
    /// [`JournalFault::Deposed`] if somebody else holds the lease.
    pub(super) fn open_anew(&mut self) -> Result<Head, JournalFault> {
        self.link.connect()?;
        checks::check(&mut self.link)?;
        self.opening += 1;
        self.beat(self.opening)?;
        self.newest()
    }

    /// Shows that we live if it is time to: when half the span has passed.
    pub(super) fn beat_if_due(&mut self) -> Result<(), JournalFault> {
        let since_ms = self.clock.monotonic_ms().saturating_sub(self.beaten_at_ms);
        if since_ms < self.settings.lease_ms / 2 { Ok(()) } else { self.beat(0) }
    }

    /// Shows that we live, and finds out whether this Redis is still safe.
    pub(super) fn check(&mut self) -> Result<(), JournalFault> {
        self.beat(0)?;
        checks::check(&mut self.link)
    }

    fn beat(&mut self, opening: u64) -> Result<(), JournalFault> {
        let mut call = BEAT_SCRIPT.prepare_invoke();
        call.key(&self.keys.lease).arg(&self.owner).arg(opening).arg(self.epoch);
        let (owner, epoch): (String, u32) =
            self.link.ask("keeping the lease", |redis| call.invoke(redis))?;
        self.must_be_ours(&owner, epoch)?;
        self.beaten_at_ms = self.clock.monotonic_ms();
        Ok(())
    }

    /// Appends a batch after `after`, under this opening, and waits until it is as durable as it
    /// has to be. What is said not to be in is not, for good.
    pub(super) fn append(
        &mut self,
        after: Head,
        frames: &[Frame],
    ) -> Result<Appended, JournalFault> {
        let by = Opening { owner: &self.owner, opening: self.opening };
        let appended = stream::append(&mut self.link, &self.keys, (by, after), frames)?;
        match &appended {
            Appended::Lease(owner, epoch) => self.must_be_ours(owner, *epoch)?,
            Appended::Newest(_) => self.link.close(),
            Appended::In => {
                self.epoch = frames.last().map_or(self.epoch, |last| last.head.epoch);
                self.confirm()?;
            }
        }
        Ok(appended)
    }

    /// Waits until enough replicas have all that was written on this connection.
    fn confirm(&mut self) -> Result<(), JournalFault> {
        let Durability::Replicas { count, wait_ms } = self.settings.durability else {
            return Ok(());
        };
        let slow = ("waiting for replicas", Duration::from_millis(wait_ms));
        let confirmed: u32 = self
            .link
            .ask_slow(slow, |redis| redis::cmd("WAIT").arg(count).arg(wait_ms).query(redis))?;
        if confirmed >= count {
            return Ok(());
        }
        self.link.close();
        let what = format!("{confirmed} of {count} replicas confirmed within {wait_ms} ms");
        Err(JournalFault::Unreachable { what })
    }

    /// Whoever holds the lease has to be us.
    fn must_be_ours(&mut self, owner: &str, epoch: u32) -> Result<(), JournalFault> {
        if owner == self.owner {
            return Ok(());
        }
        self.link.close();
        if owner.is_empty() {
            let what = "the lease is gone: Redis was emptied, or fell back".to_owned();
            return Err(JournalFault::Unreachable { what });
        }
        Err(JournalFault::Deposed { ours: self.epoch, newest: epoch })
    }

    /// The newest record of the stream, once it is as durable as it has to be.
    pub(super) fn newest(&mut self) -> Result<Head, JournalFault> {
        self.confirm()?;
        stream::newest(&mut self.link, &self.keys)
    }

    /// One frame of the stream, if it is there.
    pub(super) fn frame(&mut self, head: Head) -> Result<Option<Frame>, JournalFault> {
        let id = stream::id(head);
        Ok(stream::range(&mut self.link, &self.keys, (&id, &id), 1)?.pop())
    }

    /// Lets somebody else take the lease at once. Without a connection it is left to lapse.
    pub(super) fn give_up(&mut self) {
        if !self.connected() {
            return;
        }
        let mut call = GIVE_UP_SCRIPT.prepare_invoke();
        call.key(&self.keys.lease).arg(&self.owner);
        let given: Result<u32, _> =
            self.link.ask("giving up the lease", |redis| call.invoke(redis));
        if let Err(fault) = given {
            tracing::warn!(%fault, "the lease was not given up: it lapses");
        }
    }
}
