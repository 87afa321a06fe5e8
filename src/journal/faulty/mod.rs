//! A journal that fails on purpose, for simulation and tests. Deterministic, and without a clock.
//!
//! It keeps a *live* copy, what was written, and a *durable* one, what a crash leaves. Clones share
//! both: the writer owns one, the simulator keeps another to crash it and to ask how slow it was.
//! [`disk`] does the same one floor deeper, with the bytes under the local journal.

pub mod dice;
pub mod disk;

use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dice::Dice;

use super::fault::JournalFault;
use super::memory::MemoryJournal;
use super::snapshot::Snapshot;
use super::{Head, History, Journal, Record};

/// What goes wrong with one append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misfortune {
    /// It fails before anything is written; the process has to end.
    WriteFails,
    /// It is written, and the sync fails: whether it is there shows only after a crash.
    SyncFails,
    /// There is no space, nor at so many attempts to reopen.
    Full { reopenings: u32 },
    /// It is written, but the space was used up before that was known; nor is there any at so many
    /// attempts to reopen.
    FullAfter { reopenings: u32 },
    /// It works, but takes so long.
    Slow { ms: u64 },
}

/// Says what goes wrong with the n-th append, counted from 1 over crashes and reopenings.
pub type Script = Box<dyn FnMut(u64) -> Option<Misfortune> + Send>;

/// Nothing goes wrong but what is listed, by the number of the append.
pub fn scripted(script: impl IntoIterator<Item = (u64, Misfortune)>) -> Script {
    let script: Vec<_> = script.into_iter().collect();
    Box::new(move |append| script.iter().find(|(at, _)| *at == append).map(|(_, what)| *what))
}

/// Of a thousand appends so many go wrong, in ways that the seed determines.
pub fn seeded(seed: u64, permille: u64) -> Script {
    let mut dice = Dice::new(seed);
    Box::new(move |_| {
        (dice.below(1_000) < permille).then(|| match dice.below(4) {
            0 => Misfortune::WriteFails,
            1 => Misfortune::SyncFails,
            2 => Misfortune::Full { reopenings: dice.pick(&[0, 1, 2, 3, 4, 5, 6, 7]) },
            _ => Misfortune::Slow { ms: dice.below(5_000) },
        })
    })
}

/// A journal in memory that follows a script of misfortune. Clones share everything.
#[derive(Clone)]
pub struct FaultyJournal {
    durable: MemoryJournal,
    state: Arc<Mutex<State>>,
}

struct State {
    script: Script,
    appends: u64,
    delay_ms: u64,
    /// Written and not synced.
    unsynced: Vec<Record>,
    broken: Option<Broken>,
}

#[derive(Clone, Copy)]
enum Broken {
    Write,
    Sync,
    Full { reopenings: u32 },
}

impl FaultyJournal {
    /// An empty journal with this script.
    pub fn new(script: Script) -> Self {
        let (appends, delay_ms, unsynced, broken) = (0, 0, Vec::new(), None);
        let state = State { script, appends, delay_ms, unsynced, broken };
        Self { durable: MemoryJournal::default(), state: Arc::new(Mutex::new(state)) }
    }

    /// The process dies. What was written and not synced is kept whole, or goes.
    pub fn crash(&self, keep: bool) {
        let mut state = self.state();
        let unsynced = std::mem::take(&mut state.unsynced);
        state.broken = None;
        if keep {
            self.durable.clone().append(&unsynced).expect("written records continue the head");
        }
    }

    /// How long the last append took, in milliseconds of whatever time the simulator keeps.
    pub fn delay_ms(&self) -> u64 {
        self.state().delay_ms
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broken {
    fn fault(self) -> JournalFault {
        match self {
            Self::Write => JournalFault::io("write", io::Error::other("broken on purpose")),
            Self::Sync => JournalFault::Poisoned(io::Error::other("broken on purpose")),
            Self::Full { .. } => JournalFault::Full(io::ErrorKind::StorageFull.into()),
        }
    }
}

impl Journal for FaultyJournal {
    fn head(&self) -> Head {
        self.durable.head()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let mut durable = self.durable.clone();
        let mut state = self.state();
        if let Some(broken) = state.broken {
            return Err(broken.fault());
        }
        durable.head().after(records)?;
        state.appends += 1;
        state.delay_ms = 0;
        let append = state.appends;
        let broken = match (state.script)(append) {
            None => return durable.append(records),
            Some(Misfortune::Slow { ms }) => {
                state.delay_ms = ms;
                return durable.append(records);
            }
            Some(Misfortune::WriteFails) => Broken::Write,
            Some(Misfortune::SyncFails) => {
                state.unsynced = records.to_vec();
                Broken::Sync
            }
            Some(Misfortune::Full { reopenings }) => Broken::Full { reopenings },
            Some(Misfortune::FullAfter { reopenings }) => {
                state.unsynced = records.to_vec();
                Broken::Full { reopenings }
            }
        };
        state.broken = Some(broken);
        Err(broken.fault())
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        let mut state = self.state();
        match state.broken {
            None | Some(Broken::Full { reopenings: 0 }) => {
                state.broken = None;
                self.durable.clone().append(&std::mem::take(&mut state.unsynced))?;
                Ok(self.durable.head())
            }
            Some(Broken::Full { reopenings }) => {
                let broken = Broken::Full { reopenings: reopenings - 1 };
                state.broken = Some(broken);
                Err(broken.fault())
            }
            Some(broken) => Err(broken.fault()),
        }
    }

    fn health(&self) -> Result<(), JournalFault> {
        self.state().broken.map_or(Ok(()), |broken| Err(broken.fault()))
    }

    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.clone())
    }
}

impl History for FaultyJournal {
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        self.durable.read_from(sequence, each)
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        self.durable.oldest()
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault> {
        self.durable.snapshot()
    }

    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        self.durable.put_snapshot(snapshot)
    }

    fn trim(&self) -> Result<u64, JournalFault> {
        self.durable.trim()
    }
}
