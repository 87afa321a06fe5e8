//! The board of one sale: the newest version, for everybody, without a lock.
//!
//! One thread publishes; readers load a pointer. A version is immutable and complete: whoever holds
//! one sees counts that belong together. A tick that changed nothing makes no version.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use jiff::Timestamp;
use stanchion_domain::board::picture::{Head, PerformancePicture};
use stanchion_domain::board::status::{Counts, Known};
use stanchion_domain::board::trigger::Scope;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::SaleTime;
use tokio::sync::watch;

use super::head::{HeadPart, HeadSource};
use super::performances::{Performances, PerformancesSource};
use super::projection::{Ahead, Projection};
use super::wire::Estimate;

/// The highest version: JSON readers commonly keep numbers as doubles. A thousand a second last for
/// 285,000 years.
pub const VERSION_MAX: u64 = (1 << 53) - 1;

/// What the engine publishes at a tick. Head and performances are of the same state.
#[derive(Clone, Debug)]
pub struct Update {
    /// What is fixed about the sale, as the newest ops change left it.
    pub definition: Arc<Definition>,
    /// The head.
    pub head: Head,
    /// What was observed of the queue's flow, once there is anything to observe.
    pub estimate: Option<Estimate>,
    /// The performances that changed since the last update; in the first one, all of them.
    pub performances: Vec<PerformancePicture>,
    /// The moment of the picture, on both clocks.
    pub projection: Projection,
    /// Whether sale time runs: neither was it stopped, nor is there a fault.
    pub running: bool,
}

/// One version of the board. Parts that did not change keep their older version.
#[derive(Debug)]
pub struct Board {
    /// The version of its newest part.
    pub version: u64,
    /// What everybody asks for.
    pub head: Arc<HeadPart>,
    /// The performances.
    pub performances: Arc<Performances>,
}

/// What followers are told; they read the rest from the board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// Version of the newest head.
    pub head_version: u64,
    /// Whether this server is about to stop.
    pub draining: bool,
}

/// The newest board.
#[derive(Debug)]
pub struct BoardStore {
    board: ArcSwap<Board>,
    news: watch::Sender<News>,
}

impl BoardStore {
    /// A board that begins with a whole picture. `after`: a version above which no earlier process
    /// has published anything of this sale.
    pub fn new(first: Update, after: u64) -> Self {
        let board = Board::first(first, after + 1);
        let news = News { head_version: board.version, draining: false };
        Self { board: ArcSwap::from_pointee(board), news: watch::Sender::new(news) }
    }

    /// The newest version. Never waits.
    pub fn current(&self) -> Arc<Board> {
        self.board.load_full()
    }

    /// The same for a short look at every poll: it does not count who looks.
    pub fn glance(&self) -> Guard<Arc<Board>> {
        self.board.load()
    }

    /// Wakes whenever the head has changed, and at the drain. The newest wins: no backlog.
    pub fn news(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// Publishes what a tick has changed. Called by one thread.
    ///
    /// # Panics
    /// If another thread publishes as well, or units were made or lost.
    pub fn publish(&self, update: Update) {
        self.swap(|old| old.next(update));
    }

    /// Shows that sale time stands still from this moment on, whatever it was before: nobody knows
    /// when a deadline will come. Called by the thread that publishes.
    pub fn halt(&self, moment: Projection) {
        self.swap(|old| old.halted(moment));
    }

    fn swap(&self, follow: impl FnOnce(&Board) -> Option<Board>) {
        let old = self.current();
        let Some(new) = follow(&old) else { return };
        let head_version = new.head.version;
        let seen = self.board.compare_and_swap(&old, Arc::new(new));
        assert!(Arc::ptr_eq(&seen, &old), "one thread publishes");
        // After the swap: whoever is woken finds the board that woke them.
        if head_version > old.head.version {
            self.news.send_modify(|news| news.head_version = head_version);
        }
    }

    /// Ends all streams: this server is about to stop.
    pub fn drain(&self) {
        self.news.send_modify(|news| news.draining = true);
    }
}

impl Update {
    fn ahead(&self) -> Ahead {
        self.projection.ahead(self.running)
    }

    fn sources(self, ahead: Ahead) -> (HeadSource, PerformancesSource) {
        let head = HeadSource {
            definition: self.definition.clone(),
            head: self.head,
            estimate: self.estimate,
            projection: self.projection,
            running: self.running,
            ahead,
        };
        let performances =
            PerformancesSource { definition: self.definition, pictures: self.performances, ahead };
        (head, performances)
    }
}

impl Board {
    fn first(update: Update, version: u64) -> Self {
        let ahead = update.ahead();
        let (head, performances) = update.sources(ahead);
        let head = Arc::new(HeadPart::new(head, version));
        let performances = Arc::new(Performances::new(performances, version));
        let board = Self { version, head, performances };
        board.check_invariants();
        board
    }

    /// What follows, if anything is new; of the same version if nothing else is to be seen.
    fn next(&self, update: Update) -> Option<Self> {
        let version = self.version + 1;
        let ahead = self.performances.ahead.follow(update.ahead());
        let (head, performances) = update.sources(ahead);
        let head = self.head.next(head, version);
        let performances = self.performances.next(performances, version);
        self.with(head, performances)
    }

    /// The same while sale time stands still, if it did not before.
    fn halted(&self, moment: Projection) -> Option<Self> {
        let version = self.version + 1;
        let head = self.head.halted(moment, version);
        let performances = self.performances.halted(version);
        self.with(head, performances)
    }

    fn with(&self, head: Option<HeadPart>, performances: Option<Performances>) -> Option<Self> {
        if head.is_none() && performances.is_none() {
            return None;
        }
        let head = head.map_or_else(|| self.head.clone(), Arc::new);
        let performances = performances.map_or_else(|| self.performances.clone(), Arc::new);
        let version = head.version.max(performances.version);
        let board = Self { version, head, performances };
        board.check_invariants();
        Some(board)
    }

    /// The counts of a part of the sale.
    pub fn counts_of(&self, scope: Scope) -> Counts {
        match scope {
            Scope::Sale => *self.head.counts(),
            Scope::Performance(at) => {
                let picture = self.performances.picture(at);
                picture.map(|picture| picture.total.counts).unwrap_or_default()
            }
            Scope::Zone(zone) => self.performances.zone(zone),
        }
    }

    /// Whether the counts of a part of the sale are known: those of our own seats always are.
    pub fn is_fact(&self, scope: Scope) -> bool {
        let fact = |known: Option<Known>| known.is_none_or(|known| known.fact);
        match scope {
            Scope::Sale => fact(self.head.picture().known),
            Scope::Performance(at) => {
                let picture = self.performances.picture(at);
                picture.is_some_and(|picture| fact(picture.total.known))
            }
            Scope::Zone(zone) => self.performances.zone_is_fact(zone),
        }
    }

    /// A deadline on this board for people, rounded up to the second; absent if nobody knows.
    pub fn wall(&self, deadline_at: SaleTime) -> Option<Timestamp> {
        self.performances.ahead.wall(deadline_at)
    }

    /// Asserts that head and performances count the same units, each in one state.
    pub fn check_invariants(&self) {
        assert_eq!(self.head.counts(), self.performances.total(), "the head is the sum");
        assert!(self.head.counts().conserved(), "units are neither made nor lost");
        assert!(self.version <= VERSION_MAX, "versions are exact in every JSON reader");
    }
}
