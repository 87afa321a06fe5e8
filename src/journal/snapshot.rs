//! A snapshot: the state after a record, so that a start need not replay everything before it.
//!
//! The image is opaque here. A file is one snapshot, whole or not there: written aside, synced,
//! renamed, and the directory synced, before anything that it replaces may go.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Head;
use super::codec::{Input, Malformed};
use super::fault::JournalFault;
use super::record::checksum;

/// The state of a sale after one record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last record that is in it.
    pub sequence: u64,
    /// That record's epoch.
    pub epoch: u32,
    /// The format of the image.
    pub format: u16,
    /// The state, as whoever made it writes it.
    pub image: Vec<u8>,
}

/// Snapshots that are kept: the newest, and the one before in case that turns out damaged.
pub const SNAPSHOTS_KEPT: usize = 2;
/// The format of the file around the image.
const FILE_FORMAT: u16 = 1;
const MAGIC: [u8; 4] = *b"SNAP";
const CHECKED_BEFORE: usize = 6;
const CHECKED_FROM: usize = 10;
const IMAGE_FROM: usize = 24;
const ASIDE: &str = "snapshot.part";

impl Snapshot {
    /// Whether it may follow a newest snapshot at `newest` in a journal with this head.
    pub(super) fn fits(&self, newest: u64, head: Head) -> Result<(), JournalFault> {
        let got = self.sequence;
        if got <= newest {
            return Err(JournalFault::OutOfSequence { expected: newest + 1, got });
        }
        if got > head.sequence {
            return Err(JournalFault::OutOfSequence { expected: head.sequence, got });
        }
        Ok(())
    }
}

/// A snapshot as bytes that prove themselves.
pub(super) fn encode(snapshot: &Snapshot) -> Vec<u8> {
    [&head_of(snapshot)[..], &snapshot.image].concat()
}

/// The snapshot files of one directory. Whoever has it is the only one who writes there.
pub(super) struct Shelf {
    dir: PathBuf,
}

impl Shelf {
    /// Removes what an interrupted writing left, if it can: it is in nobody's way but the disk's.
    pub(super) fn open(dir: &Path) -> Self {
        match fs::remove_file(dir.join(ASIDE)) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%fault, "an unfinished snapshot could not be removed");
            }
            _ => {}
        }
        Self { dir: dir.to_owned() }
    }

    /// The sequences of the snapshots that are there, newest first.
    pub(super) fn sequences(&self) -> Result<Vec<u64>, JournalFault> {
        let list = || -> io::Result<Vec<u64>> {
            let mut found = Vec::new();
            for entry in fs::read_dir(&self.dir)? {
                found.extend(entry?.file_name().to_str().and_then(sequence_of));
            }
            Ok(found)
        };
        let mut found = list().map_err(|fault| JournalFault::io("list snapshots", fault))?;
        found.sort_unstable_by(|one, next| next.cmp(one));
        Ok(found)
    }

    /// The newest that can be read. A damaged one is passed over, for the one before it.
    pub(super) fn newest(&self) -> Result<Option<Snapshot>, JournalFault> {
        for sequence in self.sequences()? {
            if let Some(snapshot) = self.read(sequence)? {
                return Ok(Some(snapshot));
            }
        }
        Ok(None)
    }

    /// All that can be read, newest first.
    pub(super) fn readable(&self) -> Result<Vec<Snapshot>, JournalFault> {
        let read = self.sequences()?.into_iter().map(|sequence| self.read(sequence));
        read.filter_map(Result::transpose).collect()
    }

    fn read(&self, sequence: u64) -> Result<Option<Snapshot>, JournalFault> {
        let bytes = fs::read(self.path(sequence))
            .map_err(|fault| JournalFault::io("read a snapshot", fault))?;
        Ok(believed(sequence, bytes))
    }

    /// Keeps one more, durably, then lets go of the ones that are too old.
    pub(super) fn put(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        let aside = self.dir.join(ASIDE);
        let write = || -> io::Result<()> {
            let mut file = File::create(&aside)?;
            file.write_all(&head_of(snapshot))?;
            file.write_all(&snapshot.image)?;
            file.sync_all()?;
            fs::rename(&aside, self.path(snapshot.sequence))?;
            File::open(&self.dir)?.sync_all()
        };
        if let Err(fault) = write() {
            // It may be the disk that is full: what was written so far is of no use.
            let _ = fs::remove_file(&aside);
            return Err(JournalFault::io("write a snapshot", fault));
        }
        for old in self.sequences()?.into_iter().skip(SNAPSHOTS_KEPT) {
            fs::remove_file(self.path(old))
                .map_err(|fault| JournalFault::io("remove an old snapshot", fault))?;
        }
        Ok(())
    }

    fn path(&self, sequence: u64) -> PathBuf {
        self.dir.join(format!("snapshot-{sequence}.bin"))
    }
}

fn sequence_of(name: &str) -> Option<u64> {
    name.strip_prefix("snapshot-")?.strip_suffix(".bin")?.parse().ok()
}

fn head_of(snapshot: &Snapshot) -> [u8; IMAGE_FROM] {
    let mut head = [0; IMAGE_FROM];
    head[..4].copy_from_slice(&MAGIC);
    head[4..6].copy_from_slice(&FILE_FORMAT.to_le_bytes());
    head[10..18].copy_from_slice(&snapshot.sequence.to_le_bytes());
    head[18..22].copy_from_slice(&snapshot.epoch.to_le_bytes());
    head[22..].copy_from_slice(&snapshot.format.to_le_bytes());
    let mut sum = crc32fast::Hasher::new();
    sum.update(&head[..CHECKED_BEFORE]);
    sum.update(&head[CHECKED_FROM..]);
    sum.update(&snapshot.image);
    head[CHECKED_BEFORE..CHECKED_FROM].copy_from_slice(&sum.finalize().to_le_bytes());
    head
}

/// Reads what [`encode`] wrote; `None`, with a warning, if it is not the snapshot it should be.
pub(super) fn believed(sequence: u64, bytes: Vec<u8>) -> Option<Snapshot> {
    match decode(bytes) {
        Ok(snapshot) if snapshot.sequence == sequence => return Some(snapshot),
        Ok(_) => tracing::warn!(sequence, "a snapshot is not the one its name says"),
        Err(what) => tracing::warn!(sequence, what, "a snapshot is damaged"),
    }
    None
}

fn decode(mut bytes: Vec<u8>) -> Result<Snapshot, &'static str> {
    let (before, after) = (bytes.get(..CHECKED_BEFORE), bytes.get(CHECKED_FROM..));
    let sum = checksum(before.unwrap_or_default(), after.unwrap_or_default());
    let mut from = Input::new(&bytes);
    let mut head = || {
        let (magic, format) = (from.array()?, u16::from_le_bytes(from.array()?));
        let stored = u32::from_le_bytes(from.array()?);
        let sequence = u64::from_le_bytes(from.array()?);
        let epoch = u32::from_le_bytes(from.array()?);
        Ok((magic, format, stored, sequence, epoch, u16::from_le_bytes(from.array()?)))
    };
    let (magic, file_format, stored, sequence, epoch, format) =
        head().map_err(|short: Malformed| short.what)?;
    if magic != MAGIC || stored != sum {
        return Err("the checksum does not match");
    }
    if file_format != FILE_FORMAT {
        return Err("written by another version");
    }
    let image = bytes.split_off(IMAGE_FROM);
    Ok(Snapshot { sequence, epoch, format, image })
}
