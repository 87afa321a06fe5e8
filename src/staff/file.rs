//! The file of accounts: read at the start, replaced whole and durably at each change.
//!
//! For its owner's eyes only: it holds hashes of passwords and the secrets of second factors.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ACCOUNTS_MAX;
use super::account::Account;

/// Read and write for the owner, nothing for anybody else.
pub(super) const MODE: u32 = 0o600;
/// What this version writes.
const FORMAT: u32 = 1;
/// Bytes of the file: about 400 for each account, and room.
const FILE_BYTES_MAX: u64 = 1_024 * ACCOUNTS_MAX as u64;

/// What can be wrong with what is kept of staff. Never quotes it.
#[derive(Debug, thiserror::Error)]
pub enum StaffFault {
    /// It cannot be read or written.
    #[error("{}: cannot {doing}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read it.
    #[error("{}: mode {mode:03o} lets others read it, 600 is wanted", file.display())]
    Mode {
        /// Which file.
        file: PathBuf,
        /// What it is.
        mode: u32,
    },
    /// It holds something else.
    #[error("{}: {wrong}", file.display())]
    Content {
        /// Which file.
        file: PathBuf,
        /// What is wrong, and where.
        wrong: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u32,
    accounts: Vec<Account>,
}

/// Where accounts are kept.
pub(super) struct AccountFile(PathBuf);

impl AccountFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Everybody who is in it; nobody, if there is none.
    pub(super) fn load(&self) -> Result<Vec<Account>, StaffFault> {
        let fault = |source| StaffFault::Io { file: self.0.clone(), doing: "read it", source };
        let opened = match File::open(&self.0) {
            Ok(opened) => opened,
            Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(fault(source)),
        };
        let mode = opened.metadata().map_err(fault)?.permissions().mode() & 0o777;
        if mode & 0o007 != 0 {
            return Err(StaffFault::Mode { file: self.0.clone(), mode });
        }
        let mut text = String::new();
        opened.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(fault)?;
        read(&text).map_err(|wrong| StaffFault::Content { file: self.0.clone(), wrong })
    }

    /// Replaces what is in it. Whoever reads sees all of the old or all of the new, also after a
    /// power cut.
    pub(super) fn replace(&self, accounts: &[Account]) -> Result<(), StaffFault> {
        let kept = Kept { format: FORMAT, accounts: accounts.to_vec() };
        let text = serde_json::to_string_pretty(&kept).expect("accounts are plain data");
        let next = self.0.with_extension("json.new");
        let fault = |source| StaffFault::Io { file: self.0.clone(), doing: "replace it", source };
        write(&next, text.as_bytes()).and_then(|()| self.swap(&next)).map_err(fault)
    }

    fn swap(&self, next: &Path) -> io::Result<()> {
        fs::rename(next, &self.0)?;
        sync_folder_of(&self.0)
    }
}

fn read(text: &str) -> Result<Vec<Account>, String> {
    let kept: Kept = serde_json::from_str(text).map_err(|fault| {
        // The fault itself may quote a secret.
        format!("line {} is not what a list of accounts has there", fault.line())
    })?;
    if kept.format != FORMAT {
        return Err(format!("format {} is not known to this version", kept.format));
    }
    let accounts = kept.accounts;
    if accounts.len() > ACCOUNTS_MAX {
        return Err(format!("there are more than {ACCOUNTS_MAX} accounts"));
    }
    let twice = accounts
        .iter()
        .enumerate()
        .find(|(at, account)| accounts.iter().take(*at).any(|earlier| earlier.is(&account.name)));
    match twice {
        Some((_, account)) => Err(format!("{:?} is there twice", account.name)),
        None => Ok(accounts),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut made = options.write(true).create(true).truncate(true).mode(MODE).open(path)?;
    made.write_all(bytes)?;
    made.sync_all()
}

/// The name must last as well as the content.
pub(super) fn sync_folder_of(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
