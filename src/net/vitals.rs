//! What one connection is doing and since when, and whether a deadline has passed.
//!
//! The socket, the requests and the answers write here; one watcher per connection reads, and
//! sleeps no longer than the shortest deadline, so that none can begin and pass unseen. A request
//! costs no timer. Never closes anything itself.
//!
//! All accesses are relaxed: each number stands alone and guards no data; a stale one is read again
//! at the next look.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::framing::Answered;
use super::limits::REQUESTS_INSIDE_MAX;
use super::settings::Deadlines;
use crate::clock::coarse_ms;
use crate::metrics::http::Limit;

/// No instant: the clock never reads zero.
const NEVER: u64 = 0;
/// A request whose answer does not wait for the peer.
const BUSY: u64 = u64::MAX;

/// The state of one connection. Instants are of the monotonic clock, in milliseconds.
#[derive(Debug)]
pub struct Vitals {
    deadlines: Deadlines,
    begun_at: u64,
    /// Many requests at once: reads do not belong to a head, and silence does not end a write.
    multiplexed: bool,
    /// Since when a head has been arriving.
    head_since: AtomicU64,
    /// When the last request ended.
    rested_at: AtomicU64,
    served: AtomicBool,
    /// Requests of which the answer has begun.
    answered: AtomicU64,
    /// The last answer was 101.
    switched: AtomicBool,
    /// When the socket last took bytes.
    written_at: AtomicU64,
    /// Since when the socket takes no bytes.
    blocked_since: AtomicU64,
    /// One word a request inside: `NEVER` is free, [`BUSY`] works, else waits for the peer since.
    requests: Box<[AtomicU64]>,
}

/// What follows from the vitals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing before this instant.
    Until(u64),
    /// The connection has rested, or lived, long enough: end it politely.
    Rest,
    /// A deadline passed: cut it.
    Over(Limit),
}

impl Vitals {
    /// A connection whose first bytes have been read (`greeted`), or not.
    pub fn new(deadlines: Deadlines, multiplexed: bool, greeted: bool) -> Arc<Self> {
        let now = coarse_ms();
        let inside = if multiplexed { REQUESTS_INSIDE_MAX } else { 1 };
        Arc::new(Self {
            deadlines,
            begun_at: now,
            multiplexed,
            head_since: AtomicU64::new(if greeted && !multiplexed { now } else { NEVER }),
            rested_at: AtomicU64::new(now),
            served: AtomicBool::new(multiplexed),
            answered: AtomicU64::new(0),
            switched: AtomicBool::new(false),
            written_at: AtomicU64::new(NEVER),
            blocked_since: AtomicU64::new(NEVER),
            requests: (0..inside).map(|_| AtomicU64::new(NEVER)).collect(),
        })
    }

    /// Bytes arrived.
    pub fn read(&self) {
        if !self.multiplexed && self.head_since.load(Relaxed) == NEVER && self.resting() {
            self.head_since.store(coarse_ms(), Relaxed);
        }
    }

    /// The socket took bytes.
    pub fn wrote(&self) {
        self.blocked_since.store(NEVER, Relaxed);
        self.written_at.store(coarse_ms(), Relaxed);
    }

    /// Everything written has left us.
    pub fn flushed(&self) {
        self.blocked_since.store(NEVER, Relaxed);
    }

    /// The socket takes no bytes.
    pub fn blocked(&self) {
        if self.blocked_since.load(Relaxed) == NEVER {
            self.blocked_since.store(coarse_ms(), Relaxed);
        }
    }

    /// A request came in. `None` if there are too many inside, which only a peer that resets its
    /// streams can bring about.
    pub fn begin(self: &Arc<Self>) -> Option<Inside> {
        let free = |word: &AtomicU64| word.compare_exchange(NEVER, BUSY, Relaxed, Relaxed).is_ok();
        let at = self.requests.iter().position(free)?;
        self.head_since.store(NEVER, Relaxed);
        self.served.store(true, Relaxed);
        Some(Inside { vitals: Arc::clone(self), at })
    }

    /// What was answered. The requests of HTTP/1 and its socket are of one task.
    pub fn answered(&self) -> Answered {
        let heads = self.answered.load(Relaxed);
        Answered { heads, switched: self.switched.load(Relaxed) }
    }

    /// How long the watcher may sleep at most.
    pub fn look_every_ms(&self) -> u64 {
        self.deadlines.shortest_ms()
    }

    /// What follows at `now`.
    pub fn judge(&self, now: u64) -> Verdict {
        let stalled_at = self.waits_since().map(|since| since + self.deadlines.write_stall_ms);
        if stalled_at.is_some_and(|at| at <= now) {
            return Verdict::Over(Limit::WriteStall);
        }
        if !self.resting() {
            return Verdict::Until(stalled_at.unwrap_or(u64::MAX));
        }
        let head_since = self.head_since.load(Relaxed);
        let (ends_at, end) = if head_since != NEVER {
            (head_since + self.deadlines.head_ms, Verdict::Over(Limit::Head))
        } else if self.served.load(Relaxed) {
            (self.rests_since() + self.deadlines.idle_ms, Verdict::Rest)
        } else {
            (self.begun_at + self.deadlines.first_byte_ms, Verdict::Over(Limit::FirstByte))
        };
        let old_at = self.deadlines.life_ms.map_or(u64::MAX, |life_ms| self.begun_at + life_ms);
        match (ends_at <= now, old_at <= now) {
            (true, _) => end,
            (false, true) if head_since == NEVER => Verdict::Rest,
            _ => Verdict::Until(ends_at.min(stalled_at.unwrap_or(u64::MAX))),
        }
    }

    /// Whether no request is inside.
    fn resting(&self) -> bool {
        self.requests.iter().all(|word| word.load(Relaxed) == NEVER)
    }

    /// An HTTP/1 answer may still be on its way after its body was handed over.
    fn rests_since(&self) -> u64 {
        let rested_at = self.rested_at.load(Relaxed);
        if self.multiplexed { rested_at } else { rested_at.max(self.written_at.load(Relaxed)) }
    }

    /// Since when the socket, or the answer that waits longest, has made no progress.
    fn waits_since(&self) -> Option<u64> {
        let waiting = self.requests.iter().map(|word| word.load(Relaxed));
        let blocked = std::iter::once(self.blocked_since.load(Relaxed));
        waiting.chain(blocked).filter(|since| *since != NEVER && *since != BUSY).min()
    }
}

/// One request, from its head to the end of its answer.
#[derive(Debug)]
pub struct Inside {
    vitals: Arc<Vitals>,
    at: usize,
}

impl Inside {
    /// The answer begins; `switches` if it is another protocol that follows.
    pub fn answers(&self, switches: bool) {
        self.vitals.answered.fetch_add(1, Relaxed);
        self.vitals.switched.store(switches, Relaxed);
    }

    /// The next part of the answer is there; the peer has to take it.
    pub fn waits_for_peer(&self) {
        self.set(coarse_ms());
    }

    /// The peer took everything there was; we have to make more.
    pub fn works(&self) {
        self.set(BUSY);
    }

    fn set(&self, word: u64) {
        if let Some(request) = self.vitals.requests.get(self.at) {
            request.store(word, Relaxed);
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.vitals.rested_at.store(coarse_ms(), Relaxed);
        self.set(NEVER);
    }
}

#[cfg(test)]
mod tests;
