//! A record as bytes: a frame that proves itself, around what was decided.
//!
//! ```text
//! bytes  0..4   u32  bytes of the whole record, these included
//!        4..6   u16  format
//!        6..10  u32  CRC-32 (ISO-HDLC) of bytes 0..6 and 10..
//!       10..18  u64  sequence
//!       18..22  u32  epoch
//!       22..         what was decided
//! ```
//! Integers of the frame are little-endian. See `docs/journal-format.md`.

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::OpsAction;
use stanchion_domain::limits::{ACTOR_BYTES_MAX, REASON_BYTES_MAX};
use stanchion_domain::sale::definition::Definition;
use thiserror::Error;

use super::Record;
use super::codec::{Input, Malformed, Wire};
use super::fault::JournalFault;

/// The format this version writes, and the only one it reads.
pub const FORMAT: u16 = 1;
/// Bytes of one record. The largest holds a definition: twelve of the largest stadiums (114,000
/// seats of about 45 bytes each, 5 MiB).
pub const RECORD_BYTES_MAX: usize = 64 << 20;
/// Bytes that a definition may take: a record without its frame, times, key, operator's name and
/// reason, which are 22, 30, 27, 102 and 502 bytes at most.
pub const DEFINITION_BYTES_MAX: usize = RECORD_BYTES_MAX - 1_024;

const _: () = assert!(22 + 30 + 27 + ACTOR_BYTES_MAX + REASON_BYTES_MAX + 4 < 1_024);

const CHECKED_BEFORE: usize = 6;
const CHECKED_FROM: usize = 10;

/// Bytes that are not a record of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(super) enum Unreadable {
    #[error("format {0}")]
    Format(u16),
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    Unsound(&'static str),
}

/// Whether a definition can be recorded. To be asked before it is decided on: a record that is too
/// large when it comes to the journal ends the process.
///
/// # Faults
/// [`JournalFault::LargeDefinition`].
pub fn check_definition(definition: &Definition) -> Result<(), JournalFault> {
    let mut out = Vec::new();
    definition.put(&mut out);
    let (bytes, most) = (out.len(), DEFINITION_BYTES_MAX);
    if bytes > most { Err(JournalFault::LargeDefinition { bytes, most }) } else { Ok(()) }
}

/// Writes a record into `out`, which is emptied first.
///
/// # Faults
/// [`JournalFault::TooLarge`].
pub(super) fn encode(record: &Record, out: &mut Vec<u8>) -> Result<(), JournalFault> {
    assert_eq!(flaw(&record.decided.change), None, "only sound definitions are decided");
    out.clear();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&record.sequence.to_le_bytes());
    out.extend_from_slice(&record.epoch.to_le_bytes());
    record.decided.put(out);
    let bytes = out.len();
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= RECORD_BYTES_MAX);
    let Some(length) = length else {
        let sequence = record.sequence;
        return Err(JournalFault::TooLarge { sequence, bytes, most: RECORD_BYTES_MAX });
    };
    out[..4].copy_from_slice(&length.to_le_bytes());
    let sum = checksum(&out[..CHECKED_BEFORE], &out[CHECKED_FROM..]);
    out[CHECKED_BEFORE..CHECKED_FROM].copy_from_slice(&sum.to_le_bytes());
    Ok(())
}

/// Reads a record that has to fill all of `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Result<Record, Unreadable> {
    let mut from = Input::new(bytes);
    let length = u32::from_le_bytes(from.array()?);
    if usize::try_from(length) != Ok(bytes.len()) {
        return Err(from.malformed("not the length it says").into());
    }
    let format = u16::from_le_bytes(from.array()?);
    let stored = u32::from_le_bytes(from.array()?);
    let before = bytes.get(..CHECKED_BEFORE).unwrap_or_default();
    if checksum(before, bytes.get(CHECKED_FROM..).unwrap_or_default()) != stored {
        return Err(from.malformed("the checksum does not match").into());
    }
    if format != FORMAT {
        return Err(Unreadable::Format(format));
    }
    let sequence = u64::from_le_bytes(from.array()?);
    let epoch = u32::from_le_bytes(from.array()?);
    let decided = Decided::take(&mut from)?;
    from.end()?;
    match flaw(&decided.change) {
        Some(flaw) => Err(Unreadable::Unsound(flaw)),
        None => Ok(Record { sequence, epoch, decided }),
    }
}

impl Unreadable {
    /// As a fault of the record with this sequence.
    pub(super) fn at(self, sequence: u64) -> JournalFault {
        let at = format!("record {sequence}");
        match self {
            Self::Format(found) => {
                JournalFault::Format { at, found: found.into(), known: FORMAT.into() }
            }
            Self::Malformed(_) | Self::Unsound(_) => JournalFault::corrupt(at, self.to_string()),
        }
    }
}

/// CRC-32 of two stretches of bytes, as if they were one.
pub(super) fn checksum(before: &[u8], after: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(before);
    sum.update(after);
    sum.finalize()
}

fn flaw(change: &Change) -> Option<&'static str> {
    match change {
        Change::Created(definition) => definition.flaw(),
        Change::Operated { action, .. } => match &**action {
            OpsAction::Redefine(definition) => definition.flaw(),
            _ => None,
        },
        _ => None,
    }
}
