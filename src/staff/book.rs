//! The book: what staff did, in order, one JSON line for each entry, chained by hashes.
//!
//! Each line holds the SHA-256 of the line before it, so that none is changed, left out or put in
//! between without everything after it being wrong. Lines are appended and synced; the last one may
//! be torn by a crash, and is then cut off before the next is written.
//! What cannot be written is kept in memory and written with the next entry.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::file::{MODE, StaffFault, sync_folder_of};
use super::lock;

/// Its name in the data folder.
pub const FILE: &str = "audit.book";
/// What stands where there is no line before.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Entries kept in memory while the disk does not write: a night of changes.
const WAITING_MAX: usize = 10_000;

/// One entry. What does not apply is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What they did, in a word.
    pub did: String,
    /// To what.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The sale that was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<String>,
    /// The revision that the change made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The change itself, as the interface writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Value>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// From 1 on, without a gap.
    number: u64,
    /// SHA-256 of the line before, in hex.
    before: String,
    entry: Entry,
}

/// The book of one server.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    end: Mutex<End>,
}

/// Where the next line goes.
#[derive(Debug)]
struct End {
    /// Opened at the first line, and anew after a fault.
    file: Option<File>,
    /// Bytes that are sound.
    bytes: u64,
    chain: Chain,
    /// Not written yet.
    waiting: Vec<Entry>,
}

/// The chain as far as it was read or written.
#[derive(Clone, Debug)]
pub struct Chain {
    lines: u64,
    hash: String,
    /// The newest revision of each sale that is in it.
    revisions: BTreeMap<String, u64>,
}

impl Book {
    /// Reads the chain of a book, which need not be there.
    ///
    /// # Errors
    /// [`StaffFault`], naming the line that does not follow.
    pub fn open(path: PathBuf) -> Result<Self, StaffFault> {
        let (chain, bytes) = read(&path, &mut |_| {})?;
        let end = End { file: None, bytes, chain, waiting: Vec::new() };
        Ok(Self { path, end: Mutex::new(end) })
    }

    /// The same, but a book that does not follow is set aside and a new one begun: it is there
    /// beside, for whoever finds out what happened. Says what is wrong, and where it went.
    ///
    /// # Errors
    /// [`StaffFault`] of the disk.
    pub(super) fn open_or_begin(path: PathBuf) -> Result<(Self, Option<String>), StaffFault> {
        let wrong = match Self::open(path.clone()) {
            Err(StaffFault::Content { wrong, .. }) => wrong,
            other => return Ok((other?, None)),
        };
        let named = |number: u32| path.with_extension(format!("book.{number}"));
        let aside = (1..).map(named).find(|aside| !aside.exists()).expect("some number is free");
        let fault = |source| StaffFault::Io { file: path.clone(), doing: "set it aside", source };
        std::fs::rename(&path, &aside).map_err(fault)?;
        let damage = format!("{wrong}; it is {} now", aside.display());
        Ok((Self::open(path)?, Some(damage)))
    }

    /// Adds entries; returns when they are durable, or when the disk refused them. Waits for the
    /// disk.
    pub fn append(&self, entries: impl IntoIterator<Item = Entry>) {
        let mut end = lock(&self.end);
        let room = WAITING_MAX.saturating_sub(end.waiting.len());
        end.waiting.extend(entries.into_iter().take(room));
        if let Err(fault) = end.write(&self.path) {
            let waiting = end.waiting.len();
            tracing::error!(%fault, waiting, "the book of what staff did cannot be written");
        }
    }

    /// The newest revision of a sale that is in it; 0 if none is.
    pub fn revision(&self, sale: &str) -> u64 {
        let end = lock(&self.end);
        let waiting = end.waiting.iter().filter(|entry| entry.sale.as_deref() == Some(sale));
        let waiting = waiting.filter_map(|entry| entry.revision).max();
        waiting.or_else(|| end.chain.revisions.get(sale).copied()).unwrap_or_default()
    }

    /// The newest entries, the newest first.
    ///
    /// # Errors
    /// [`StaffFault`] of reading it.
    pub fn newest(&self, most: usize) -> Result<Vec<Entry>, StaffFault> {
        let mut kept = std::collections::VecDeque::new();
        read(&self.path, &mut |entry| {
            kept.push_front(entry);
            kept.truncate(most);
        })?;
        Ok(kept.into())
    }
}

impl End {
    /// Writes what waits, and forgets the file if that fails: what is on disk then is unknown until
    /// it is opened anew, and what follows the last sound line is cut off.
    fn write(&mut self, path: &Path) -> io::Result<()> {
        let mut chain = self.chain.clone();
        let mut text = String::new();
        for entry in &self.waiting {
            text.push_str(&chain.next(entry.clone()));
        }
        let written = self.put(path, text.as_bytes());
        match written {
            Ok(()) => {
                self.bytes += text.len() as u64;
                self.chain = chain;
                self.waiting.clear();
            }
            Err(_) => self.file = None,
        }
        written
    }

    fn put(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut options = OpenOptions::new();
                let options = options.write(true).create(true).truncate(false).mode(MODE);
                let file = options.open(path)?;
                file.set_len(self.bytes)?;
                sync_folder_of(path)?;
                none.insert(file)
            }
        };
        file.seek(SeekFrom::Start(self.bytes))?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

impl Chain {
    fn begin() -> Self {
        Self { lines: 0, hash: BEGINNING.to_owned(), revisions: BTreeMap::new() }
    }

    /// How many entries there are.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The line for an entry, which the next one follows.
    fn next(&mut self, entry: Entry) -> String {
        let line = Line { number: self.lines + 1, before: self.hash.clone(), entry };
        let mut text = serde_json::to_string(&line).expect("an entry is plain data");
        self.take(&text, &line);
        text.push('\n');
        text
    }

    /// Whether a line follows; it is the newest then.
    fn follow(&mut self, text: &str) -> Result<Entry, String> {
        let number = self.lines + 1;
        let wrong = |what: &str| format!("line {number} {what}");
        let line: Line = serde_json::from_str(text).map_err(|_| wrong("is not an entry"))?;
        if line.number != number {
            return Err(wrong(&format!("has the number {}", line.number)));
        }
        if line.before != self.hash {
            return Err(wrong("does not follow the line before it"));
        }
        self.take(text, &line);
        Ok(line.entry)
    }

    fn take(&mut self, text: &str, line: &Line) {
        self.lines = line.number;
        self.hash = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        if let (Some(sale), Some(revision)) = (&line.entry.sale, line.entry.revision) {
            self.revisions.insert(sale.clone(), revision);
        }
    }
}

/// Reads a book, each entry in order; says how far the chain goes, and to which byte. A last line
/// without an end was torn by a crash and is no entry.
///
/// # Errors
/// [`StaffFault`], naming the line that does not follow.
pub fn read(path: &Path, each: &mut dyn FnMut(Entry)) -> Result<(Chain, u64), StaffFault> {
    let fault = |source| StaffFault::Io { file: path.to_owned(), doing: "read it", source };
    let (mut chain, mut bytes) = (Chain::begin(), 0);
    let opened = match File::open(path) {
        Ok(opened) => opened,
        Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok((chain, bytes)),
        Err(source) => return Err(fault(source)),
    };
    let mut reader = BufReader::new(opened);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(fault)?;
        let Some(whole) = line.strip_suffix(b"\n") else { return Ok((chain, bytes)) };
        let text = String::from_utf8_lossy(whole);
        let wrong = |wrong| StaffFault::Content { file: path.to_owned(), wrong };
        each(chain.follow(&text).map_err(wrong)?);
        bytes += length as u64;
    }
}
