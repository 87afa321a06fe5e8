//! The published states of numbered seats: one atomic word each, read without waiting.
//!
//! Owns, for each performance, a version and the words `version << 8 | mark` of its seats. One
//! thread publishes: it stores the words of a batch, then the version. A reader loads the version,
//! then the words. What it reads is at least as new as that version; where a batch is just being
//! published, some of its seats may be newer. That is harmless: states are absolute, every seat
//! that the reader saw too early carries a later version than it was told, and so it comes again
//! when the reader asks what changed since. A map that follows the changes becomes exact as soon
//! as the publishing pauses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use serde::Serialize;
use stanchion_domain::id::{PerformanceIndex, SeatIndex};
use stanchion_domain::inventory::seats::{SeatMap, SeatState};
use stanchion_domain::inventory::stock::Stock;
use stanchion_domain::sale::definition::{Definition, Performance, Withheld};
use utoipa::ToSchema;

use super::json;
use super::store::VERSION_MAX;

/// Bits of a word that hold the mark.
const MARK_BITS: u32 = 8;
/// The mark of a killed seat. All other marks are the letters that everybody reads.
const KILLED: u8 = b'k';

const _: () = assert!(VERSION_MAX < u64::MAX >> MARK_BITS, "a version fits above the mark");

/// Who reads the states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reader {
    /// Shops and their visitors: a seat that is withheld is a `w`, whatever for.
    Everybody,
    /// Operators: a killed seat is a `k`.
    Operators,
}

/// The seats of all performances of a sale.
#[derive(Debug)]
pub struct SeatMaps {
    maps: ArcSwap<Vec<Option<Arc<PublishedSeats>>>>,
    after: u64,
}

/// The seats of one performance.
#[derive(Debug)]
struct PublishedSeats {
    /// The performance's id as JSON.
    id: Vec<u8>,
    /// The version of the newest batch that is published whole.
    version: AtomicU64,
    words: Box<[AtomicU64]>,
}

/// A response about seats.
#[derive(Clone, Debug)]
pub struct SeatsRendered {
    /// The version that it is true of.
    pub version: u64,
    /// For the `ETag` header, quotes included.
    pub etag: Bytes,
    /// The JSON.
    pub bytes: Bytes,
}

/// The states of a performance's seats: all of them, or those that changed.
#[derive(Serialize, ToSchema)]
pub struct SeatsBody<'a> {
    /// The performance's id.
    pub performance: &'a str,
    /// Ask for what changed since this version next time.
    pub version: u64,
    /// The version that was asked about; absent when these are all seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// One letter for each seat, in the order of the plan: `a` available, `h` held, `p` paying,
    /// `s` sold, `w` withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<&'a str>,
    /// Subscript and letter of each seat that changed after `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<(u32, char)>>,
}

/// The letter of a state, as everybody reads it.
pub fn letter(state: SeatState) -> u8 {
    match state {
        SeatState::Available => b'a',
        SeatState::Held(_) => b'h',
        SeatState::Paying(_) => b'p',
        SeatState::Sold(_) => b's',
        SeatState::Withheld(_) => b'w',
    }
}

/// What is kept of a state.
fn mark(state: SeatState) -> u8 {
    match state {
        SeatState::Withheld(Withheld::Killed) => KILLED,
        other => letter(other),
    }
}

impl Reader {
    fn letter(self, word: u64) -> u8 {
        match (self, word as u8) {
            (Self::Everybody, KILLED) => b'w',
            (_, mark) => mark,
        }
    }
}

impl SeatMaps {
    /// All seats as they are in the stock. `after`: a version above which no earlier process has
    /// published anything of this sale.
    pub fn new(definition: &Definition, stock: &Stock, after: u64) -> Self {
        let states = stock.performances().iter().map(|stock| stock.seats.as_ref());
        let maps = (definition.performances.iter().zip(states))
            .map(|(performance, seats)| {
                Some(Arc::new(PublishedSeats::new(performance, seats?, after + 1)))
            })
            .collect();
        Self { maps: ArcSwap::from_pointee(maps), after }
    }

    /// Takes up the performances that a changed definition adds, as it sets them. Called by the
    /// thread that publishes, before it publishes any of their seats.
    pub fn extend(&self, definition: &Definition) {
        let mut maps = Vec::clone(&self.maps.load());
        for performance in definition.performances.iter().skip(maps.len()) {
            maps.push(performance.seating.as_ref().map(|seating| {
                let seats = definition.plans[seating.plan.at()].seats.len();
                let seats = SeatMap::new(seats, &seating.withheld);
                Arc::new(PublishedSeats::new(performance, &seats, self.after + 1))
            }));
        }
        self.maps.store(Arc::new(maps));
    }

    /// Publishes the states that some seats have now. Called by one thread.
    ///
    /// # Panics
    /// If the performance has no such seat.
    pub fn publish(&self, performance: PerformanceIndex, changed: &[(SeatIndex, SeatState)]) {
        if changed.is_empty() {
            return;
        }
        let map = self.map(performance).expect("a performance with seats");
        map.publish(changed);
    }

    /// The newest version of a performance's seats and its `ETag`; `None` if it has no seats.
    pub fn version(&self, performance: PerformanceIndex) -> Option<(u64, Bytes)> {
        let version = self.map(performance)?.read_version();
        Some((version, json::etag(version)))
    }

    /// All seats of a performance; `None` if it has none.
    pub fn render(&self, performance: PerformanceIndex) -> Option<SeatsRendered> {
        Some(self.map(performance)?.render(Reader::Everybody))
    }

    /// The letters of a performance's seats as operators read them; `None` if it has none.
    pub fn letters(&self, performance: PerformanceIndex) -> Option<Vec<u8>> {
        let map = self.map(performance)?;
        map.read_version();
        Some(map.words().map(|word| Reader::Operators.letter(word)).collect())
    }

    /// The seats that changed after a version; all of them if that version is not one of ours, or
    /// if that is shorter.
    pub fn since(&self, performance: PerformanceIndex, since: u64) -> Option<SeatsRendered> {
        Some(self.changes(&*self.map(performance)?, since, Reader::Everybody))
    }

    /// The same for operators, for whom a killed seat is a `k`; all seats if no version is named.
    pub fn operated(
        &self,
        performance: PerformanceIndex,
        since: Option<u64>,
    ) -> Option<SeatsRendered> {
        let map = self.map(performance)?;
        Some(self.changes(&map, since.unwrap_or_default(), Reader::Operators))
    }

    fn changes(&self, map: &PublishedSeats, since: u64, to: Reader) -> SeatsRendered {
        let first = self.after + 1;
        if since < first { map.render(to) } else { map.since(since, to) }
    }

    fn map(&self, performance: PerformanceIndex) -> Option<Arc<PublishedSeats>> {
        self.maps.load().get(performance.at())?.clone()
    }
}

impl PublishedSeats {
    fn new(performance: &Performance, seats: &SeatMap, version: u64) -> Self {
        let word = |state: &SeatState| AtomicU64::new(word(version, mark(*state)));
        Self {
            id: json::write(&performance.id),
            version: AtomicU64::new(version),
            words: seats.states().iter().map(word).collect(),
        }
    }

    fn publish(&self, changed: &[(SeatIndex, SeatState)]) {
        // Relaxed: only this thread writes it.
        let version = self.version.load(Ordering::Relaxed) + 1;
        assert!(version <= VERSION_MAX, "versions are exact in every JSON reader");
        for (seat, state) in changed {
            // Relaxed: the store of the version below publishes the words.
            self.words[seat.at()].store(word(version, mark(*state)), Ordering::Relaxed);
        }
        // Release: with the acquire of `read_version`, who sees this version sees its words.
        self.version.store(version, Ordering::Release);
    }

    fn read_version(&self) -> u64 {
        // Acquire: with the release at the end of `publish`.
        self.version.load(Ordering::Acquire)
    }

    /// The words, read after the version: each as of that version or newer.
    fn words(&self) -> impl Iterator<Item = u64> {
        // Relaxed: ordered by the acquire of `read_version`, which comes first.
        self.words.iter().map(|word| word.load(Ordering::Relaxed))
    }

    fn render(&self, to: Reader) -> SeatsRendered {
        let version = self.read_version();
        let mut bytes = self.opening(version);
        bytes.reserve(self.words.len() + 16);
        bytes.extend_from_slice(b"\"seats\":\"");
        bytes.extend(self.words().map(|word| to.letter(word)));
        bytes.extend_from_slice(b"\"}");
        SeatsRendered { version, etag: json::etag(version), bytes: bytes.into() }
    }

    fn since(&self, since: u64, to: Reader) -> SeatsRendered {
        let version = self.read_version();
        if since > version {
            return self.render(to);
        }
        let mut bytes = self.opening(version);
        bytes.extend_from_slice(format!("\"since\":{since},\"changes\":[").as_bytes());
        if since < version {
            let whole = bytes.len() + self.words.len();
            for (at, word) in self.words().enumerate() {
                if version_of(word) > since {
                    let letter = char::from(to.letter(word));
                    bytes.extend_from_slice(format!("[{at},\"{letter}\"],").as_bytes());
                }
                if bytes.len() > whole {
                    return self.render(to);
                }
            }
            if bytes.last() == Some(&b',') {
                bytes.pop();
            }
        }
        bytes.extend_from_slice(b"]}");
        SeatsRendered { version, etag: json::etag(version), bytes: bytes.into() }
    }

    fn opening(&self, version: u64) -> Vec<u8> {
        let mut bytes = b"{\"performance\":".to_vec();
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(format!(",\"version\":{version},").as_bytes());
        bytes
    }
}

fn word(version: u64, mark: u8) -> u64 {
    version << MARK_BITS | u64::from(mark)
}

fn version_of(word: u64) -> u64 {
    word >> MARK_BITS
}
