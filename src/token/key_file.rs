//! The file that keeps the key ring between two runs: made on first start, for the owner's eyes
//! only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::keys::{KEYS_MAX, KeyRing, RingFault};
use super::signers::{Signers, Stranger};

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
    /// It holds the keys of somebody else.
    #[error("key file {}", file.display())]
    Stranger {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        source: Stranger,
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

/// Signs with the ring of `file` from now on.
///
/// # Errors
/// [`KeyFileFault`], naming the file; then nothing has changed.
pub fn reload(file: &Path, signers: &Signers) -> Result<(), KeyFileFault> {
    let stranger = |source| KeyFileFault::Stranger { file: file.to_owned(), source };
    signers.exchange(load(file)?).map_err(stranger)
}

/// Rotates the ring of `file`, which is whole at every moment: before, or after.
///
/// # Errors
/// [`KeyFileFault`], naming the file.
pub fn rotate(file: &Path) -> Result<KeyRing, KeyFileFault> {
    let ring = load(file)?.rotated();
    let fault = |doing, source| KeyFileFault::Io { file: file.to_owned(), doing, source };
    let mode = std::fs::metadata(file).map_err(|source| fault("read it", source))?.permissions();
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let open = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside);
    let made = open.map_err(|source| fault("make its successor, FILE.new", source))?;
    made.set_permissions(mode)
        .and_then(|()| write(made, &beside, &ring))
        .and_then(|()| std::fs::rename(&beside, file))
        .and_then(|()| sync_folder(file))
        .map_err(|source| fault("write it", source))?;
    Ok(ring)
}

fn write(mut made: File, file: &Path, ring: &KeyRing) -> io::Result<()> {
    made.write_all(ring.text().as_bytes())?;
    made.sync_all()?;
    sync_folder(file)
}

/// The name must last as well as the content: a lost key loses everybody's place.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
