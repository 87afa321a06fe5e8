//! A disk in memory with a *live* copy of its bytes, which readers see, and a *durable* one, which
//! a power cut leaves; everything written in between is known, so that a test can cut it anywhere.
//!
//! It stands in for the file under the local journal. Clones share the bytes.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::journal::local::Medium;

/// One thing done to the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// These bytes were written there.
    Wrote { offset: usize, bytes: Vec<u8> },
    /// It was made this long.
    Resized { len: usize },
}

/// What was done between two syncs.
#[derive(Clone, Default, Debug)]
pub struct Stretch {
    /// The durable bytes before it.
    pub before: Vec<u8>,
    /// What was done, in order.
    pub steps: Vec<Step>,
}

/// What the disk does wrong from now on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disobedience {
    /// The n-th write from now, counted from 0, is reported done and is not.
    LoseWrite(u64),
    /// Every sync fails.
    FailSync,
    /// There is no space for any write or growth.
    Full,
    /// It cannot be written to.
    ReadOnly,
}

/// A disk in memory.
#[derive(Clone, Default, Debug)]
pub struct Disk {
    state: Arc<Mutex<State>>,
}

#[derive(Default, Debug)]
struct State {
    live: Vec<u8>,
    /// Up to the last sync.
    last: Stretch,
    /// Since the last sync.
    pending: Vec<Step>,
    disobedience: Option<Disobedience>,
    writes: u64,
    syncs: u64,
}

impl Disk {
    /// A disk with these bytes on it, durably.
    pub fn with(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.state().last.before.clone_from(&bytes);
        disk.state().live = bytes;
        disk
    }

    /// What a power cut would leave now.
    pub fn durable(&self) -> Vec<u8> {
        self.state().last.only(|_| true)
    }

    /// What readers see now.
    pub fn live(&self) -> Vec<u8> {
        self.state().live.clone()
    }

    /// What was done between the last sync and the one before it.
    pub fn last_stretch(&self) -> Stretch {
        self.state().last.clone()
    }

    /// Begins, or ends, to misbehave.
    pub fn disobey(&self, disobedience: Option<Disobedience>) {
        let mut state = self.state();
        state.disobedience = disobedience;
        (state.writes, state.syncs) = (0, 0);
    }

    /// Writes and syncs that were tried since the last call of [`Disk::disobey`].
    pub fn tried(&self) -> (u64, u64) {
        let state = self.state();
        (state.writes, state.syncs)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stretch {
    /// Bytes written in all.
    pub fn bytes(&self) -> usize {
        self.steps.iter().map(Step::bytes).sum()
    }

    /// The durable bytes if power fails when only the first `bytes` of those written have arrived.
    pub fn cut_after(&self, mut bytes: usize) -> Vec<u8> {
        let mut image = self.before.clone();
        for step in &self.steps {
            let arrived = step.bytes().min(bytes);
            step.apply(&mut image, arrived);
            if arrived < step.bytes() {
                break;
            }
            bytes -= arrived;
        }
        image
    }

    /// The durable bytes if only these steps arrived, whatever their order was.
    pub fn only(&self, arrives: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut image = self.before.clone();
        for (at, step) in self.steps.iter().enumerate() {
            if matches!(step, Step::Resized { .. }) || arrives(at) {
                step.apply(&mut image, step.bytes());
            }
        }
        image
    }
}

impl Step {
    fn bytes(&self) -> usize {
        match self {
            Self::Wrote { bytes, .. } => bytes.len(),
            Self::Resized { .. } => 0,
        }
    }

    fn apply(&self, image: &mut Vec<u8>, arrived: usize) {
        match self {
            Self::Resized { len } => image.resize(*len, 0),
            Self::Wrote { offset, bytes } => {
                image[*offset..*offset + arrived].copy_from_slice(&bytes[..arrived]);
            }
        }
    }
}

impl State {
    fn may_write(&self) -> io::Result<()> {
        match self.disobedience {
            Some(Disobedience::Full) => Err(io::ErrorKind::StorageFull.into()),
            Some(Disobedience::ReadOnly) => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            _ => Ok(()),
        }
    }

    fn done(&mut self, step: Step) {
        step.apply(&mut self.live, step.bytes());
        self.pending.push(step);
    }
}

fn at(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.state().live.len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (state, offset) = (self.state(), at(offset)?);
        let bytes = state.live.get(offset..).and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.may_write()?;
        state.done(Step::Resized { len: at(len)? });
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.syncs += 1;
        if state.disobedience == Some(Disobedience::FailSync) {
            return Err(io::Error::other("the disk does not answer"));
        }
        let State { last, pending, .. } = &mut *state;
        last.steps.iter().for_each(|step| step.apply(&mut last.before, step.bytes()));
        last.steps = std::mem::take(pending);
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.may_write()?;
        state.writes += 1;
        if state.disobedience == Some(Disobedience::LoseWrite(state.writes - 1)) {
            return Ok(());
        }
        state.done(Step::Wrote { offset: at(offset)?, bytes: bytes.to_vec() });
        Ok(())
    }
}

impl Medium for Disk {}
