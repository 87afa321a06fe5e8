//! Snapshots beside the stream, in parts, so that no append waits long for one.
//!
//! A hash names what is complete: sequence to count of parts. A snapshot is named there only when
//! all parts were written and read back; what an interrupted writing left is named `unfinished`,
//! and removed by the next.

use std::sync::LazyLock;

use redis::Script;

use super::keys::Keys;
use super::link::Link;
use crate::journal::fault::JournalFault;
use crate::journal::snapshot::{SNAPSHOTS_KEPT, Snapshot, believed, encode};

/// Bytes of a part. Redis does one thing at a time: 256 KiB take a disk that writes 100 MB a second
/// less than three milliseconds.
pub(super) const PART_BYTES: usize = 256 << 10;
/// The field that names what is being written.
const UNFINISHED: &str = "unfinished";

/// Names a snapshot as complete, if all of its parts are there.
pub(super) const NAME: &str = "#!lua
for at = 2, #KEYS do
    if redis.call('EXISTS', KEYS[at]) == 0 then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], #KEYS - 1)
redis.call('HDEL', KEYS[1], 'unfinished')
return 1
";

static NAME_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(NAME));

/// A snapshot's name: its sequence, and how many parts it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Named {
    sequence: u64,
    parts: u64,
}

/// The sequences of the complete snapshots, newest first.
pub(super) fn sequences(link: &mut Link, keys: &Keys) -> Result<Vec<u64>, JournalFault> {
    Ok(index(link, keys)?.0.iter().map(|named| named.sequence).collect())
}

/// The complete snapshots that can be read, newest first. A damaged one is passed over.
pub(super) fn all(link: &mut Link, keys: &Keys) -> Result<Vec<Snapshot>, JournalFault> {
    let mut readable = Vec::new();
    for named in index(link, keys)?.0 {
        readable.extend(read(link, keys, named)?);
    }
    Ok(readable)
}

/// The newest snapshot that can be read.
pub(super) fn newest(link: &mut Link, keys: &Keys) -> Result<Option<Snapshot>, JournalFault> {
    for named in index(link, keys)?.0 {
        if let Some(snapshot) = read(link, keys, named)? {
            return Ok(Some(snapshot));
        }
    }
    Ok(None)
}

/// Keeps one more, then lets go of the ones that are too old.
pub(super) fn put(link: &mut Link, keys: &Keys, snapshot: &Snapshot) -> Result<(), JournalFault> {
    let bytes = encode(snapshot);
    let parts: Vec<&[u8]> = bytes.chunks(PART_BYTES).collect();
    let count = u64::try_from(parts.len()).expect("there are fewer parts than bytes");
    let named = Named { sequence: snapshot.sequence, parts: count };
    let (kept, unfinished) = index(link, keys)?;
    if let Some(unfinished) = unfinished {
        remove(link, keys, unfinished)?;
    }
    link.ask("beginning a snapshot", |redis| {
        let unfinished = format!("{} {}", named.sequence, named.parts);
        redis::cmd("HSET").arg(&keys.snapshots).arg(UNFINISHED).arg(unfinished).exec(redis)
    })?;
    for (part, bytes) in (0..).zip(&parts) {
        let key = keys.part(named.sequence, part);
        link.ask("writing a snapshot", |redis| redis::cmd("SET").arg(key).arg(*bytes).exec(redis))?;
    }
    if read(link, keys, named)?.as_ref() != Some(snapshot) {
        return Err(damaged(named, "reads back as something else"));
    }
    name(link, keys, named)?;
    for old in kept.into_iter().skip(SNAPSHOTS_KEPT - 1) {
        link.ask("forgetting an old snapshot", |redis| {
            redis::cmd("HDEL").arg(&keys.snapshots).arg(old.sequence).exec(redis)
        })?;
        remove(link, keys, old)?;
    }
    Ok(())
}

fn name(link: &mut Link, keys: &Keys, named: Named) -> Result<(), JournalFault> {
    let mut call = NAME_SCRIPT.prepare_invoke();
    call.key(&keys.snapshots);
    for part in 0..named.parts {
        call.key(keys.part(named.sequence, part));
    }
    call.arg(named.sequence);
    let complete: bool = link.ask("naming a snapshot", |redis| call.invoke(redis))?;
    if complete { Ok(()) } else { Err(damaged(named, "a part is missing")) }
}

/// Reads one; `None`, with a warning, if it is not what was written.
fn read(link: &mut Link, keys: &Keys, named: Named) -> Result<Option<Snapshot>, JournalFault> {
    let Named { sequence, parts } = named;
    let mut bytes = Vec::new();
    for part in 0..parts {
        let key = keys.part(sequence, part);
        let found: Option<Vec<u8>> =
            link.ask("reading a snapshot", |redis| redis::cmd("GET").arg(key).query(redis))?;
        let Some(found) = found else {
            tracing::warn!(sequence, part, "a part of a snapshot is missing");
            return Ok(None);
        };
        bytes.extend(found);
    }
    Ok(believed(sequence, bytes))
}

fn remove(link: &mut Link, keys: &Keys, named: Named) -> Result<(), JournalFault> {
    for part in 0..named.parts {
        let key = keys.part(named.sequence, part);
        link.ask("removing a snapshot", |redis| redis::cmd("UNLINK").arg(key).exec(redis))?;
    }
    Ok(())
}

/// What is complete, newest first, and what was begun.
fn index(link: &mut Link, keys: &Keys) -> Result<(Vec<Named>, Option<Named>), JournalFault> {
    let fields: Vec<(String, String)> = link.ask("listing snapshots", |redis| {
        redis::cmd("HGETALL").arg(&keys.snapshots).query(redis)
    })?;
    let named = |sequence: &str, parts: &str| {
        let read = Some(Named { sequence: sequence.parse().ok()?, parts: parts.parse().ok()? });
        read.filter(|named| named.parts <= PARTS_MAX)
    };
    let (mut complete, mut unfinished) = (Vec::new(), None);
    for (field, value) in &fields {
        if field == UNFINISHED {
            unfinished = value.split_once(' ').and_then(|(sequence, parts)| named(sequence, parts));
        } else {
            let what = || JournalFault::corrupt(&keys.snapshots, format!("{field} is no snapshot"));
            complete.push(named(field, value).ok_or_else(what)?);
        }
    }
    complete.sort_unstable_by_key(|named| std::cmp::Reverse(named.sequence));
    Ok((complete, unfinished))
}

/// Parts of a snapshot that is believed to be one: 16 GiB, a hundred times the largest sale.
const PARTS_MAX: u64 = 65_536;

fn damaged(named: Named, what: &str) -> JournalFault {
    JournalFault::corrupt(format!("snapshot {}", named.sequence), what)
}
