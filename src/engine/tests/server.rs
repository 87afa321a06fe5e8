//! One process after the other, without threads: the turns of writer and committer in virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use stanchion_domain::sale::definition::Definition;

use super::super::decider::Batch;
use super::super::limits::REOPEN_MS;
use super::super::opening::{Opened, open};
use super::super::{Engine, Parts, snapshots};
use crate::clock::{Clock, Hand};
use crate::journal::Journal;
use crate::journal::faulty::dice::Dice;
use crate::journal::faulty::{FaultyJournal, Misfortune, Script};
use crate::metrics::Metrics;

/// What outlives a process, and the process that serves now.
pub(super) struct Server {
    pub(super) journal: FaultyJournal,
    pub(super) hand: Arc<Hand>,
    clock: Clock,
    calm: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
    fatal: Arc<AtomicU32>,
    opened: Option<Opened>,
    /// The batch that is being written, and the monotonic time at which that will be done.
    under_way: Option<(Batch, u64)>,
}

/// How one process ended, or that it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Process {
    Serves,
    /// The journal failed for good.
    Failed,
}

impl Server {
    pub(super) fn new(seed: u64, metrics: Arc<Metrics>) -> Self {
        let calm = Arc::new(AtomicBool::new(false));
        Self::under(weather(seed, calm.clone()), calm, metrics)
    }

    /// A server whose journal follows this script.
    pub(super) fn under(script: Script, calm: Arc<AtomicBool>, metrics: Arc<Metrics>) -> Self {
        let hand = Arc::new(Hand::default());
        // Zero would mean that no write is under way.
        hand.pass_ms(1_000);
        Self {
            journal: FaultyJournal::new(script),
            clock: Clock::by_hand(hand.clone()),
            hand,
            calm,
            metrics,
            fatal: Arc::default(),
            opened: None,
            under_way: None,
        }
    }

    /// From now on nothing goes wrong.
    pub(super) fn calm(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Starts a process; false if its journal fails at once.
    pub(super) fn start(&mut self, definition: Arc<Definition>) -> bool {
        assert!(self.opened.is_none(), "one process at a time");
        self.fatal.store(0, Ordering::Relaxed);
        let fatal = self.fatal.clone();
        let parts = Parts {
            journal: Box::new(self.journal.clone()),
            definition: Some(definition),
            clock: self.clock.clone(),
            registry: self.metrics.clone(),
            fatal: Arc::new(move |_| {
                fatal.fetch_add(1, Ordering::Relaxed);
            }),
        };
        self.opened = open(parts).ok().map(|opened| opened.expect("there is a definition"));
        self.opened.is_some()
    }

    /// Waits for a journal that could only be read, until the first batch is in; false if it fails
    /// for good. `waited`: there was something to wait for.
    pub(super) fn wait_until_well(&mut self, waited: &mut bool) -> bool {
        let well = |server: &Self| server.engine().published().health.well();
        *waited = !well(self);
        let mut begun = !*waited;
        while !(begun && well(self)) {
            self.hand.pass_ms(REOPEN_MS as u32);
            begun = well(self);
            self.turn(0);
            if self.commit() == Process::Failed {
                return false;
            }
        }
        true
    }

    /// The process is gone, with all it had in memory; what it had written and not synced is kept
    /// or not.
    pub(super) fn crash(&mut self, keep: bool) {
        self.opened = None;
        self.under_way = None;
        self.journal.crash(keep);
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.opened().engine
    }

    pub(super) fn opened(&self) -> &Opened {
        self.opened.as_ref().expect("a process serves")
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.clock.monotonic_ms()
    }

    /// How long the write under way has been going on.
    pub(super) fn writing_ms(&self) -> u64 {
        self.opened().commits.writing().for_ms(self.now_ms())
    }

    /// The writer does what there is to do; a batch that it hands on takes `write_ms` to write.
    pub(super) fn turn(&mut self, write_ms: u64) {
        let now_ms = self.now_ms();
        let opened = self.opened.as_mut().expect("a process serves");
        assert!(opened.writer.turn().is_continue(), "nobody told it to stop");
        if self.under_way.is_none()
            && let Some(batch) = opened.commits.handed().take()
        {
            let calm = self.calm.load(Ordering::Relaxed);
            self.under_way = Some((batch, if calm { now_ms } else { now_ms + write_ms }));
            opened.commits.writing().begin(now_ms);
        }
    }

    /// Whether no batch is on its way.
    pub(super) fn quiet(&self) -> bool {
        self.under_way.is_none() && self.opened().commits.handed().is_empty()
    }

    /// The committer does what there is to do.
    pub(super) fn commit(&mut self) -> Process {
        let now_ms = self.now_ms();
        let opened = self.opened.as_mut().expect("a process serves");
        if let Some((batch, _)) = self.under_way.take_if(|(_, ends_ms)| *ends_ms <= now_ms) {
            opened.commits.writing().end();
            opened.commits.take(batch);
        }
        opened.commits.look();
        match self.fatal.load(Ordering::Relaxed) {
            0 => Process::Serves,
            1 => Process::Failed,
            _ => panic!("the end is told once"),
        }
    }

    /// Stops in order: what was asked is done first.
    pub(super) fn stop(&mut self) {
        let Opened { engine: _engine, mut writer, mut commits, stop, .. } =
            self.opened.take().expect("a process serves");
        let under_way = self.under_way.take().map(|(batch, _)| batch);
        let handed = commits.handed().clone();
        let handed = || handed.take();
        under_way.into_iter().chain(handed()).for_each(|batch| commits.take(batch));
        drop(stop);
        assert!(writer.turn().is_break(), "it was told to stop");
        drop(writer);
        handed().into_iter().for_each(|batch| commits.take(batch));
        drop(commits);
    }

    /// Makes a snapshot, and forgets the records that two of them cover.
    pub(super) fn snapshot(&self) {
        let history = self.journal.history();
        if snapshots::make(&*history).is_ok() {
            while history.trim().expect("memory is trimmed") > 0 {}
        }
    }
}

/// Nights differ: on some nearly every write goes wrong, on others none.
fn weather(seed: u64, calm: Arc<AtomicBool>) -> Script {
    let mut dice = Dice::new(seed ^ 0x5eed);
    let permille = dice.pick(&[0, 10, 30, 100, 300]);
    Box::new(move |_| {
        let unlucky = dice.below(1_000) < permille;
        let (what, reopenings) = (dice.below(4), dice.pick(&[0, 0, 1, 2, 5]));
        (unlucky && !calm.load(Ordering::Relaxed)).then_some(match what {
            0 => Misfortune::WriteFails,
            1 => Misfortune::SyncFails,
            2 => Misfortune::Full { reopenings },
            _ => Misfortune::FullAfter { reopenings },
        })
    })
}
