//! The file that keeps the key ring between two runs: made on first start, for the owner's eyes
//! only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
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
    let known = std::fs::metadata(file).map_err(|source| fault("read it", source))?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let open = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside);
    let made = open.map_err(|source| fault("make its successor, FILE.new", source))?;
    // Whoever rotates may be root; whoever reads it is the server.
    fchown(&made, Some(known.uid()), Some(known.gid()))
        .and_then(|()| made.set_permissions(known.permissions()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_file_belongs_to_whom_it_belonged_and_a_rotation_at_a_time_is_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token.keys");
        let first = load_or_create(&file).expect("made");
        let opened = File::open(&file).expect("it is there");
        opened.set_permissions(PermissionsExt::from_mode(0o640)).expect("ours");
        // Only root may give a file away; to anybody else it stays their own.
        let _ = fchown(&opened, Some(65_534), Some(65_534));
        let of = || {
            let found = std::fs::metadata(&file).expect("it is there");
            (found.uid(), found.gid(), found.permissions().mode() & 0o777)
        };
        let before = of();
        let ring = rotate(&file).expect("rotated");
        assert_eq!((ring.count(), before.2, of()), (2, 0o640, before));
        assert_eq!(load(&file).expect("whole").text(), ring.text());
        assert!(ring.text().starts_with(&first.text()));
        std::fs::write(folder.path().join("token.keys.new"), "").expect("another one");
        assert!(rotate(&file).is_err());
        assert_eq!(load(&file).expect("as it was").text(), ring.text());
    }
}
