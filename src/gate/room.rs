//! How many requests may be with the origin at once, and how many may wait for that.
//!
//! They are counted here, since the pool of connections opens a new one whenever none is idle. No
//! source has all of the room, or one that reads no answer would keep everybody else out; and part
//! of it is for who has a pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::net::source::Source;

/// Requests that wait, at most: four a connection, as many as a healthy origin answers within a
/// second or two.
const WAITING_PER_CONNECTION: usize = 4;
/// Of the room, one source has one part in so many: an office shares an address, and 32 requests
/// of a tenth of a second each are 320 a second.
const PARTS_OF_SOURCE: usize = 8;
/// But no less than this: browsers ask for six things at once.
const OF_SOURCE_MIN: usize = 8;
/// Of the room, one part in so many is for who has a pass.
const PARTS_OF_PASSES: usize = 4;

/// Room at the origin.
#[derive(Debug)]
pub(super) struct Room {
    all: Bound,
    /// What is left of it for who has no pass.
    open: Bound,
    /// A source is kept only while it has a request here.
    by_source: DashMap<Source, Arc<Bound>>,
    of_source: usize,
    patience: Duration,
}

/// Why there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoRoom {
    /// As many requests are with the origin as may be.
    InTotal,
    /// As many as this source may have, or all who have no pass together.
    OfThese,
}

/// The right to one request; both parts are given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    /// Until the origin has answered.
    pub(super) at_origin: AtOrigin,
    /// Until the answer has left us: what waits here for one source is bounded by it.
    pub(super) share: Share,
}

/// One of those that are with the origin at once.
#[derive(Debug)]
pub(super) struct AtOrigin {
    _of_all: OwnedSemaphorePermit,
    _of_open: Option<OwnedSemaphorePermit>,
}

/// One of what a source may have here.
#[derive(Debug)]
pub(super) struct Share {
    room: Arc<Room>,
    source: Source,
    bound: Arc<Bound>,
    /// `None` while it is waited for.
    permit: Option<OwnedSemaphorePermit>,
}

/// So many requests at once, and so many that may wait for one of them to end.
#[derive(Debug)]
struct Bound {
    /// Those of a source; changed under the lock of the list alone.
    shares: AtomicUsize,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    gauge: metrics::Gauge,
}

impl Room {
    /// Room for so many; for each part that it needs a request waits at most `patience`.
    /// The gauge has those that wait since there is none for anybody: what waits for its own share
    /// is no crowd.
    pub(super) fn new(most: usize, patience: Duration, gauge: metrics::Gauge) -> Self {
        Self {
            all: Bound::new(most, gauge),
            open: Bound::new(most - most / PARTS_OF_PASSES, metrics::Gauge::noop()),
            by_source: DashMap::new(),
            of_source: (most / PARTS_OF_SOURCE).max(OF_SOURCE_MIN),
            patience,
        }
    }

    /// Room for one request of this source, by a pass or without one, once there is any.
    ///
    /// # Errors
    /// [`NoRoom`]: there is none in time, or too many wait.
    pub(super) async fn enter(
        self: &Arc<Self>,
        source: Source,
        by_pass: bool,
    ) -> Result<Permit, NoRoom> {
        let mut share = self.share(source);
        share.permit = Some(self.take(&share.bound).await.ok_or(NoRoom::OfThese)?);
        let of_open = match by_pass {
            true => None,
            false => {
                let permit = self.take(&self.open).await;
                Some(permit.ok_or_else(|| self.full())?)
            }
        };
        let of_all = self.take(&self.all).await.ok_or(NoRoom::InTotal)?;
        Ok(Permit { at_origin: AtOrigin { _of_all: of_all, _of_open: of_open }, share })
    }

    /// Why who has no pass finds none: who has one may find none, too.
    fn full(&self) -> NoRoom {
        if self.all.free.available_permits() == 0 { NoRoom::InTotal } else { NoRoom::OfThese }
    }

    fn share(self: &Arc<Self>, source: Source) -> Share {
        let bound = self.by_source.entry(source);
        let own = || Arc::new(Bound::new(self.of_source, metrics::Gauge::noop()));
        let bound = bound.or_insert_with(own);
        bound.shares.fetch_add(1, Relaxed);
        Share { room: Arc::clone(self), source, bound: Arc::clone(&bound), permit: None }
    }

    /// One of these, now or in time.
    async fn take(&self, bound: &Bound) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&bound.free).try_acquire_owned() {
            return Some(permit);
        }
        // Relaxed: the count guards no data, and a few too many at once do no harm.
        if bound.waiting.load(Relaxed) >= bound.waiting_max {
            return None;
        }
        let _one = Waiting::new(bound);
        // Apart, or every request would have room for what few do.
        let free = Box::pin(timeout(self.patience, Arc::clone(&bound.free).acquire_owned()));
        free.await.ok()?.ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.permit = None;
        let last = |bound: &Arc<Bound>| bound.shares.fetch_sub(1, Relaxed) == 1;
        self.room.by_source.remove_if(&self.source, |_, bound| last(bound));
    }
}

impl Bound {
    fn new(most: usize, gauge: metrics::Gauge) -> Self {
        let [shares, waiting] = [0, 0].map(AtomicUsize::new);
        let free = Arc::new(Semaphore::new(most));
        Self { shares, free, waiting, waiting_max: most * WAITING_PER_CONNECTION, gauge }
    }
}

/// One request that waits; it may stop at any time.
struct Waiting<'p>(&'p Bound);

impl<'p> Waiting<'p> {
    fn new(bound: &'p Bound) -> Self {
        bound.waiting.fetch_add(1, Relaxed);
        bound.gauge.increment(1);
        Self(bound)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
        self.0.gauge.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::atomic::AtomicU64;
    use std::task::Poll;

    use super::*;

    const ONE: Source = Source::V4(1);

    fn room(most: usize) -> Arc<Room> {
        Arc::new(Room::new(most, Duration::from_millis(10), metrics::Gauge::noop()))
    }

    async fn fill(room: &Arc<Room>, source: Source, by_pass: bool) -> (Vec<Permit>, NoRoom) {
        let mut inside = Vec::new();
        loop {
            match room.enter(source, by_pass).await {
                Ok(permit) => inside.push(permit),
                Err(full) => return (inside, full),
            }
        }
    }

    #[tokio::test]
    async fn one_source_has_a_part_of_the_room_and_who_has_no_pass_leaves_some() {
        let room = room(80);
        let (ones, full) = fill(&room, ONE, true).await;
        assert_eq!((ones.len(), full), (10, NoRoom::OfThese));
        let mut others = Vec::new();
        for source in 2..=7 {
            others.extend(fill(&room, Source::V4(source), false).await.0);
        }
        assert_eq!(others.len(), 60);
        drop(ones);
        let (none, full) = fill(&room, Source::V4(8), false).await;
        assert_eq!((none.len(), full), (0, NoRoom::OfThese));
        assert_eq!(fill(&room, Source::V4(8), true).await.0.len(), 10);
    }

    #[tokio::test]
    async fn a_small_room_is_one_source_s_and_full() {
        let room = room(2);
        let (inside, full) = fill(&room, ONE, true).await;
        assert_eq!((inside.len(), full), (2, NoRoom::InTotal));
    }

    #[tokio::test]
    async fn who_waits_for_their_own_share_is_no_crowd() {
        let gauge = Arc::new(AtomicU64::new(0));
        let waiting = || f64::from_bits(gauge.load(Relaxed)) as u64;
        let shown = metrics::Gauge::from_arc(Arc::clone(&gauge));
        let room = Arc::new(Room::new(16, Duration::from_secs(3_600), shown));
        let mut inside = Vec::new();
        for (source, next, wanted) in [(ONE, ONE, 0), (Source::V4(2), Source::V4(3), 1)] {
            for _ in 0..8 {
                inside.push(room.enter(source, true).await.expect("its share"));
            }
            let mut more = pin!(room.enter(next, true));
            let waits = poll_fn(|context| Poll::Ready(more.as_mut().poll(context).is_pending()));
            assert!(waits.await);
            assert_eq!(waiting(), wanted);
        }
        assert_eq!(waiting(), 0);
    }

    #[tokio::test]
    async fn a_source_is_forgotten_once_nothing_of_it_is_left() {
        let room = room(2);
        let (inside, _) = fill(&room, ONE, true).await;
        assert_eq!(room.by_source.len(), 1);
        drop(inside);
        assert!(room.by_source.is_empty());
    }
}
