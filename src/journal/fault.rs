//! What the world can do to a journal.
//!
//! Each fault says whether waiting can help, and has a sentence for people outside beside the one
//! for the log.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A journal failed.
#[derive(Debug, Error)]
pub enum JournalFault {
    /// No space left, or the quota is used up.
    #[error("no space left for the journal")]
    Full(#[source] io::Error),
    /// The file system, the directory or the file refuses to be written to.
    #[error("the journal is read-only")]
    ReadOnly(#[source] io::Error),
    /// A sync failed, so nobody knows what is on the disk: never to be tried again.
    #[error("a sync of the journal failed: what is on disk is unknown until it is opened again")]
    Poisoned(#[source] io::Error),
    /// What is stored is not what was written, or acknowledged records are missing.
    #[error("journal is damaged at {at}: {what}")]
    Corrupt { at: String, what: String },
    /// Another process has it.
    #[error("another process has {}: stop it, or use another data directory", path.display())]
    Locked { path: PathBuf },
    /// Written by another version.
    #[error("{at} has format {found}, this version reads {known}")]
    Format { at: String, found: u32, known: u32 },
    /// The file was removed or replaced under us.
    #[error("the journal {} was removed or replaced while it was open", path.display())]
    Gone { path: PathBuf },
    /// A newer writer took over.
    #[error("epoch {ours} was deposed by epoch {newest}")]
    Deposed { ours: u32, newest: u32 },
    /// Not the next one.
    #[error("sequence {got} offered where {expected} is next")]
    OutOfSequence { expected: u64, got: u64 },
    /// A record that could not be read back within the limits.
    #[error("record {sequence} has {bytes} bytes, more than {most}")]
    TooLarge { sequence: u64, bytes: usize, most: usize },
    /// A definition that no record can hold.
    #[error("the definition takes {bytes} bytes in the journal, more than the {most} of a record")]
    LargeDefinition { bytes: usize, most: usize },
    /// The store of the journal cannot be reached, or does not answer in time.
    #[error("the journal cannot be reached: {what}")]
    Unreachable { what: String },
    /// The store answers, and refuses to write for now.
    #[error("the journal refuses to write: {what}")]
    Refused { what: String },
    /// The store does not know us, or forbids us what we have to do.
    #[error("access to the journal is denied: {what}")]
    Denied { what: String },
    /// The store is set up in a way that would lose what was acknowledged, or is not the one that
    /// it should be.
    #[error("the journal's store is not safe: {what}")]
    Unsafe { what: String },
    /// The store went back in time, or was emptied: what was acknowledged is missing there.
    #[error("the journal ends at record {newest}, and record {acknowledged} was acknowledged")]
    Behind { newest: u64, acknowledged: u64 },
    /// Whoever else serves this sale signs its tokens with other keys.
    #[error(
        "the tokens of this sale are signed with other keys elsewhere: give every process the \
         same secrets.token_keys_file, or nobody's place is believed after a takeover"
    )]
    OtherSigners,
    /// Anything else that reading or writing can fail with.
    #[error("journal: {doing}")]
    Io { doing: &'static str, source: io::Error },
}

impl JournalFault {
    /// Damage, and where it is.
    pub(crate) fn corrupt(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Corrupt { at: at.into(), what: what.into() }
    }

    /// Sorts a failure of anything but a sync.
    pub(crate) fn io(doing: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(source),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(source)
            }
            _ => Self::Io { doing, source },
        }
    }

    /// Whether the cause may pass while the process stays: wait, then reopen. Otherwise the
    /// process has to end, and what starts it again recovers from what is on disk.
    pub fn resumes(&self) -> bool {
        matches!(
            self,
            Self::Full(_)
                | Self::ReadOnly(_)
                | Self::Unreachable { .. }
                | Self::Refused { .. }
                | Self::Denied { .. }
                | Self::Unsafe { .. }
                | Self::Behind { .. }
        )
    }

    /// Whether a process that begins waits for the cause to pass: nobody has to correct anything
    /// for that. What is set up wrongly is better said at once, by not beginning.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { .. })
    }

    /// What people outside are told: what it means for them and what to do.
    pub fn outward(&self) -> &'static str {
        match self {
            Self::Full(_)
            | Self::ReadOnly(_)
            | Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::Denied { .. }
            | Self::Unsafe { .. }
            | Self::Behind { .. } => {
                "selling pauses because nothing can be stored; your place and your basket are kept"
            }
            Self::Deposed { .. } => "another server has taken over; please ask again",
            Self::TooLarge { .. } | Self::LargeDefinition { .. } => {
                "this change is too large to be stored; split it"
            }
            Self::Poisoned(_)
            | Self::Corrupt { .. }
            | Self::Locked { .. }
            | Self::Format { .. }
            | Self::Gone { .. }
            | Self::OutOfSequence { .. }
            | Self::OtherSigners
            | Self::Io { .. } => {
                "selling stops because nothing can be stored safely; your place is kept"
            }
        }
    }
}
