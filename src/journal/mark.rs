//! How far a journal was acknowledged: 24 bytes in a file of its own.
//!
//! Moved after durable appends and never synced, so it can lag behind the journal and never lead.
//! A journal that ends before its mark has lost acknowledged records, whatever else looks
//! right: a store fell back to an older state, or an old copy was put in its place.
//!
//! ```text
//! bytes  0..4   "ACKN"
//!        4..8   u32  format
//!        8..16  u64  sequence
//!       16..20  u32  epoch
//!       20..24  u32  CRC-32 of bytes 0..20
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Head;
use super::codec::{Input, Malformed};
use super::fault::JournalFault;

const MAGIC: [u8; 4] = *b"ACKN";
const FORMAT: u32 = 1;
const BYTES: usize = 24;
const CHECKED: usize = 20;

/// The mark of one journal.
pub(super) struct Mark {
    path: PathBuf,
    /// Opened when it is first moved: a mark on a disk that can only be read is still read.
    file: OnceLock<File>,
}

impl Mark {
    /// Reads the mark if it is there and whole.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<Head>), JournalFault> {
        let mark = Self { path: path.to_owned(), file: OnceLock::new() };
        let mut bytes = [0; BYTES];
        match File::open(&mark.path).and_then(|file| file.read_exact_at(&mut bytes, 0)) {
            Ok(()) => Ok((mark, decode(&bytes))),
            Err(fault) => match fault.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Ok((mark, None)),
                _ => Err(JournalFault::io("read the mark", fault)),
            },
        }
    }

    /// Moves it. A failure is no fault of the journal: the mark then lags.
    pub(super) fn put(&self, head: Head) {
        let put = self.file().and_then(|file| file.write_all_at(&encode(head), 0));
        if let Err(fault) = put {
            tracing::warn!(%fault, "the mark of what was acknowledged could not be moved");
        }
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = File::options().write(true).create(true).truncate(false).open(&self.path)?;
        Ok(self.file.get_or_init(|| file))
    }
}

fn encode(head: Head) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4..8].copy_from_slice(&FORMAT.to_le_bytes());
    bytes[8..16].copy_from_slice(&head.sequence.to_le_bytes());
    bytes[16..CHECKED].copy_from_slice(&head.epoch.to_le_bytes());
    let sum = crc32fast::hash(&bytes[..CHECKED]);
    bytes[CHECKED..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8; BYTES]) -> Option<Head> {
    let read = || -> Result<_, Malformed> {
        let mut from = Input::new(bytes);
        let (magic, format) = (from.array::<4>()?, u32::from_le_bytes(from.array()?));
        let sequence = u64::from_le_bytes(from.array()?);
        let epoch = u32::from_le_bytes(from.array()?);
        Ok((magic, format, Head { sequence, epoch }, u32::from_le_bytes(from.array()?)))
    };
    let (magic, format, head, stored) = read().ok()?;
    let sum = crc32fast::hash(bytes.get(..CHECKED)?);
    (magic == MAGIC && format == FORMAT && stored == sum).then_some(head)
}
