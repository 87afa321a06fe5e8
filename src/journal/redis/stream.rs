//! The stream of a sale's records: ids, frames, and the one script that appends.
//!
//! An id is `<epoch>-<sequence>`, so Redis orders records as we do and takes no id that is not
//! above its last. One entry is one record; its one field `r` is the record's frame.

use std::sync::LazyLock;
use std::time::Duration;

use redis::Script;
use redis::streams::StreamInfoStreamReply;

use super::keys::Keys;
use super::link::Link;
use crate::journal::fault::JournalFault;
use crate::journal::{Head, Record, record};

/// The field of an entry that holds the record.
pub(super) const FIELD: &str = "r";
/// What a disk writes at least in a millisecond. A batch of 400 KiB gets 25 ms more for its
/// answer, the largest record 4 s.
const BYTES_PER_MS: u64 = 16 << 10;

/// Appends a batch, all of it or nothing. It says `in` only if the lease was held by this opening
/// of the writer and the stream ended where the writer believes; otherwise it writes nothing and
/// says what is there instead.
pub(super) const APPEND: &str = "#!lua
local lease = redis.call('HMGET', KEYS[2], 'owner', 'opening', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
    return {'lease', lease[1] or '', lease[3] or '0'}
end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local newest = last[1] and last[1][1] or '0-0'
if newest ~= ARGV[3] then
    return {'newest', newest, ''}
end
for at = 4, #ARGV, 2 do
    redis.call('XADD', KEYS[1], ARGV[at], 'r', ARGV[at + 1])
end
return {'in', '', ''}
";

static APPEND_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(APPEND));

/// A record as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

/// Who appends.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) owner: &'a str,
    /// Counts how often this owner began anew: what an earlier opening sent and never heard of
    /// again comes to nothing, however late it arrives.
    pub(super) opening: u64,
}

/// What came of an append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Appended {
    /// It is in.
    In,
    /// Nothing was written: this opening does not hold the lease. Who does, since which epoch;
    /// empty if nobody.
    Lease(String, u32),
    /// Nothing was written: the stream ends elsewhere.
    Newest(Head),
}

impl Frame {
    /// Encodes a batch.
    ///
    /// # Faults
    /// [`JournalFault::TooLarge`].
    pub(super) fn batch(records: &[Record]) -> Result<Vec<Self>, JournalFault> {
        let frame = |record: &Record| {
            let mut bytes = Vec::new();
            record::encode(record, &mut bytes)?;
            let head = Head { sequence: record.sequence, epoch: record.epoch };
            Ok(Self { head, bytes })
        };
        records.iter().map(frame).collect()
    }

    /// The record in it, which has to be the one that its id says.
    ///
    /// # Faults
    /// [`JournalFault::Corrupt`], [`JournalFault::Format`].
    pub(super) fn read(&self) -> Result<Record, JournalFault> {
        let Head { sequence, epoch } = self.head;
        let read = record::decode(&self.bytes).map_err(|unreadable| unreadable.at(sequence))?;
        if (read.sequence, read.epoch) != (sequence, epoch) {
            let what = format!(
                "says that it is {}",
                id(Head { sequence: read.sequence, epoch: read.epoch })
            );
            return Err(JournalFault::corrupt(format!("record {}", id(self.head)), what));
        }
        Ok(read)
    }
}

/// The id of a record; `0-0` before the first.
pub(super) fn id(head: Head) -> String {
    format!("{}-{}", head.epoch, head.sequence)
}

/// The record that an id names.
pub(super) fn head_of(id: &str) -> Result<Head, JournalFault> {
    let read = |id: &str| {
        let (epoch, sequence) = id.split_once('-')?;
        Some(Head { epoch: epoch.parse().ok()?, sequence: sequence.parse().ok()? })
    };
    read(id).ok_or_else(|| JournalFault::corrupt(format!("entry {id}"), "no id of a record"))
}

/// Whether one record stands before another in a stream.
pub(super) fn before(one: Head, other: Head) -> bool {
    (one.epoch, one.sequence) < (other.epoch, other.sequence)
}

/// Appends a batch after `after`, all of it or nothing.
///
/// # Faults
/// Those of [`Link::ask`]; whether it is in is then unknown.
pub(super) fn append(
    link: &mut Link,
    keys: &Keys,
    (by, after): (Opening<'_>, Head),
    frames: &[Frame],
) -> Result<Appended, JournalFault> {
    let mut call = APPEND_SCRIPT.prepare_invoke();
    call.key(&keys.journal).key(&keys.lease).arg(by.owner).arg(by.opening).arg(id(after));
    let mut bytes = 0;
    for frame in frames {
        call.arg(id(frame.head)).arg(frame.bytes.as_slice());
        bytes += u64::try_from(frame.bytes.len()).unwrap_or(u64::MAX);
    }
    let more = Duration::from_millis(bytes / BYTES_PER_MS);
    let (what, said, epoch): (String, String, String) =
        link.ask_slow(("appending", more), |redis| call.invoke(redis))?;
    match what.as_str() {
        "in" => Ok(Appended::In),
        "lease" => Ok(Appended::Lease(said, epoch.parse().unwrap_or_default())),
        _ => Ok(Appended::Newest(head_of(&said)?)),
    }
}

/// The newest record of a stream.
///
/// # Faults
/// [`JournalFault::Corrupt`] if entries were deleted at its end; those of [`Link::ask`].
pub(super) fn newest(link: &mut Link, keys: &Keys) -> Result<Head, JournalFault> {
    let found: Option<StreamInfoStreamReply> = link.ask("looking at the stream", |redis| {
        let there: bool = redis::cmd("EXISTS").arg(&keys.journal).query(redis)?;
        if !there {
            return Ok(None);
        }
        redis::cmd("XINFO").arg("STREAM").arg(&keys.journal).query(redis).map(Some)
    })?;
    let Some(found) = found else { return Ok(Head::default()) };
    if found.last_generated_id != found.last_entry.id {
        let what = "entries at its end were deleted";
        return Err(JournalFault::corrupt(format!("stream {}", keys.journal), what));
    }
    head_of(&found.last_entry.id)
}

/// Frames in a range of ids, both ends included, an end with `(` before it excluded.
///
/// # Faults
/// [`JournalFault::Corrupt`] if an entry is none of ours; those of [`Link::ask`].
pub(super) fn range(
    link: &mut Link,
    keys: &Keys,
    (from, until): (&str, &str),
    most: usize,
) -> Result<Vec<Frame>, JournalFault> {
    let found: Vec<(String, Vec<Vec<u8>>)> = link.ask("reading the stream", |redis| {
        let mut ask = redis::cmd("XRANGE");
        ask.arg(&keys.journal).arg(from).arg(until).arg("COUNT").arg(most).query(redis)
    })?;
    found.into_iter().map(|(id, fields)| frame_of(&id, fields)).collect()
}

fn frame_of(id: &str, fields: Vec<Vec<u8>>) -> Result<Frame, JournalFault> {
    let head = head_of(id)?;
    match <[Vec<u8>; 2]>::try_from(fields) {
        Ok([name, bytes]) if name == FIELD.as_bytes() => Ok(Frame { head, bytes }),
        _ => Err(JournalFault::corrupt(format!("entry {id}"), "no record is in it")),
    }
}
