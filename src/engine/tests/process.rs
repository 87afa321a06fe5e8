//! One of several processes on a shared journal, without threads: standing by, writing, or gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::super::opening::Opened;
use super::super::standby::{Parts, Standby};
use super::super::vigil::Waits;
use super::super::{Engine, snapshots};
use super::night;
use crate::clock::{Clock, Hand};
use crate::journal::History;
use crate::journal::memory::lease::SharedJournal;
use crate::metrics::Metrics;

/// The span of every lease here.
pub(super) const LEASE_MS: u32 = 3_000;

/// One process.
pub(super) struct Process {
    pub(super) name: &'static str,
    shared: SharedJournal,
    clock: Clock,
    metrics: Arc<Metrics>,
    fatal: Arc<AtomicU32>,
    being: Being,
}

enum Being {
    StandsBy(Box<Standby>),
    Writes(Box<Opened>),
    Gone,
}

impl Process {
    /// A process that begins to stand by.
    pub(super) fn new(name: &'static str, shared: &SharedJournal, hand: &Arc<Hand>) -> Self {
        let mut process = Self {
            name,
            shared: shared.clone(),
            clock: Clock::by_hand(hand.clone()),
            metrics: Metrics::new(),
            fatal: Arc::default(),
            being: Being::Gone,
        };
        process.start();
        process
    }

    /// The process is gone, with all it had in memory, and a new one stands by. What it held of the
    /// lease is not given up: it lapses.
    pub(super) fn crash(&mut self) {
        match std::mem::replace(&mut self.being, Being::Gone) {
            // Who is killed gives nothing up; the little that stays in memory is a test's.
            Being::Writes(opened) => std::mem::forget(opened.commits),
            Being::StandsBy(standby) => std::mem::forget(standby),
            Being::Gone => {}
        }
        self.start();
    }

    fn start(&mut self) {
        self.fatal.store(0, Ordering::Relaxed);
        let fatal = self.fatal.clone();
        self.being = Being::StandsBy(Box::new(Standby::new(Parts {
            lease: self.shared.lease(self.name, self.clock.clone()),
            definition: night::shared(),
            clock: self.clock.clone(),
            registry: self.metrics.clone(),
            fatal: Arc::new(move |_| {
                fatal.fetch_add(1, Ordering::Relaxed);
            }),
        })));
    }

    /// Follows, and tries to take the lease: whether it is held afterwards.
    pub(super) fn try_take(&mut self) -> bool {
        let Being::StandsBy(standby) = &mut self.being else { return false };
        if standby.holds() {
            return standby.keep().is_ok();
        }
        standby.follow(Duration::ZERO).is_ok() && standby.take().unwrap_or(false)
    }

    /// Begins to write, if the lease is held: whether it does afterwards.
    pub(super) fn begin(&mut self) -> bool {
        if let Being::StandsBy(standby) = &mut self.being
            && standby.holds()
            && let Ok(opened) = standby.begin()
        {
            self.being = Being::Writes(Box::new(opened));
        }
        matches!(self.being, Being::Writes(_))
    }

    /// Waits for the silence of whoever holds the lease, and takes over.
    pub(super) fn take_over(&mut self, hand: &Hand) -> bool {
        if !self.try_take() {
            hand.pass_ms(LEASE_MS);
        }
        self.try_take() && self.begin()
    }

    /// What it waits for, while it stands by.
    pub(super) fn waits(&self) -> Waits {
        let Being::StandsBy(standby) = &self.being else { return Waits::ForNothing };
        standby.vigil().seen().waits.clone()
    }

    /// An operator accepts a loss: whether there is one.
    pub(super) fn accept_loss(&self) -> bool {
        matches!(&self.being, Being::StandsBy(standby) if standby.vigil().accept_loss())
    }

    pub(super) fn opened(&self) -> Option<&Opened> {
        match &self.being {
            Being::Writes(opened) => Some(opened),
            _ => None,
        }
    }

    pub(super) fn engine(&self) -> Option<&Engine> {
        self.opened().map(|opened| &opened.engine)
    }

    /// Writer and committer do what there is to do. False once the journal failed for good.
    pub(super) fn turn(&mut self) -> bool {
        if let Being::Writes(opened) = &mut self.being {
            assert!(opened.writer.turn().is_continue(), "nobody told it to stop");
            while let Ok(batch) = opened.commits.batches().try_recv() {
                opened.commits.take(batch);
            }
            opened.commits.look();
        }
        match self.fatal.load(Ordering::Relaxed) {
            0 => true,
            1 => false,
            _ => panic!("the end is told once"),
        }
    }

    /// Hands over: what was asked is done first, then the lease is given up. The engine that is
    /// left writes nothing.
    pub(super) fn hand_over(&mut self) -> Engine {
        let Being::Writes(opened) = std::mem::replace(&mut self.being, Being::Gone) else {
            panic!("{} does not write", self.name)
        };
        let Opened { engine, mut writer, mut commits, stop, .. } = *opened;
        engine.closed.store(true, Ordering::Relaxed);
        let batches = commits.batches().clone();
        drop(stop);
        assert!(writer.turn().is_break(), "it was told to stop");
        drop(writer);
        batches.try_iter().for_each(|batch| commits.take(batch));
        drop(commits);
        self.start();
        engine
    }

    /// Makes a snapshot, and forgets the records that two of them cover.
    pub(super) fn snapshot(&self) {
        let history = self.history();
        if snapshots::make(&*history).is_ok() {
            while history.trim().expect("memory is trimmed") > 0 {}
        }
    }

    pub(super) fn history(&self) -> Arc<dyn History> {
        self.shared.lease(self.name, self.clock.clone()).history()
    }
}
