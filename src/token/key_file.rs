//! The file that keeps the key ring between two runs: made on first start, for the owner's eyes
//! only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::keys::{KEYS_MAX, KeyRing, RingFault};

/// Read and write for the owner, nothing for anybody else.
const MODE: u32 = 0o600;
/// Bytes of a key file: 48 a line with its id, and room for white space.
const FILE_BYTES_MAX: u64 = 128 * KEYS_MAX as u64;

/// What can be wrong with a key file. Never quotes its content.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileFault {
    /// It cannot be read, made or written.
    #[error("key file {}: cannot {doing}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read it.
    #[error("key file {}: mode {mode:03o} lets others read it, 600 is wanted", file.display())]
    Mode {
        /// Which file.
        file: PathBuf,
        /// What it is.
        mode: u32,
    },
    /// It holds no list of keys.
    #[error("key file {}", file.display())]
    Ring {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        source: RingFault,
    },
}

/// Reads the ring from `file`, or makes a new ring and the file, durably, if there is none.
///
/// # Errors
/// [`KeyFileFault`], naming the file.
pub fn load_or_create(file: &Path) -> Result<KeyRing, KeyFileFault> {
    let fault = |doing, source| KeyFileFault::Io { file: file.to_owned(), doing, source };
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(file) {
        Ok(made) => {
            let ring = KeyRing::new();
            write(made, file, &ring).map_err(|source| fault("write it", source))?;
            Ok(ring)
        }
        Err(known) if known.kind() == io::ErrorKind::AlreadyExists => load(file),
        Err(source) => Err(fault("make it", source)),
    }
}

/// Reads the ring from `file`.
///
/// # Errors
/// [`KeyFileFault`], naming the file.
pub fn load(file: &Path) -> Result<KeyRing, KeyFileFault> {
    let fault = |source| KeyFileFault::Io { file: file.to_owned(), doing: "read it", source };
    let opened = File::open(file).map_err(fault)?;
    let mode = opened.metadata().map_err(fault)?.permissions().mode() & 0o777;
    // A group may read: that is how orchestrators hand secrets to a process that is not root.
    if mode & 0o007 != 0 {
        return Err(KeyFileFault::Mode { file: file.to_owned(), mode });
    }
    let mut text = String::new();
    opened.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(fault)?;
    KeyRing::read(&text).map_err(|source| KeyFileFault::Ring { file: file.to_owned(), source })
}

fn write(mut made: File, file: &Path, ring: &KeyRing) -> io::Result<()> {
    made.write_all(ring.text().as_bytes())?;
    made.sync_all()?;
    match file.parent() {
        // The name must last as well as the content: a lost key loses everybody's place.
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
