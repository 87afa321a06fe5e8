//! The performances on the board: one ready-made fragment of JSON each, and lists of them.
//!
//! Owns the fragments and the lists. Renders again only what changed; a list is fragments
//! put one after another. Invariant: every zone and every performance is conserved, the zones add
//! up to their performance, and the performances to the sale.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use stanchion_domain::board::picture::PerformancePicture;
use stanchion_domain::board::status::Counts;
use stanchion_domain::id::{PerformanceIndex, ZoneIndex};
use stanchion_domain::sale::definition::Definition;

use super::fragment::{Fixed, check_conserved, dated};
use super::json;
use super::projection::Ahead;

/// One version of all performances.
#[derive(Clone, Debug)]
pub struct Performances {
    /// The version at which one of them last changed.
    pub version: u64,
    /// For the `ETag` header, quotes included; of a whole list and of any part.
    pub etag: Bytes,
    listed: Vec<Listed>,
    total: Counts,
    fixed: Arc<Fixed>,
    /// How deadlines are shown, in all of them alike.
    pub(super) ahead: Ahead,
    all: OnceLock<Bytes>,
}

/// A fragment with its version beside it, so that a search for what is new reads one array.
#[derive(Clone, Debug)]
struct Listed {
    version: u64,
    fragment: Arc<Fragment>,
}

/// One performance as everybody may see it.
#[derive(Debug)]
struct Fragment {
    bytes: Bytes,
    picture: PerformancePicture,
}

/// What the next version is made of.
pub(super) struct PerformancesSource {
    pub(super) definition: Arc<Definition>,
    /// Those whose counts changed, and all that are new.
    pub(super) pictures: Vec<PerformancePicture>,
    pub(super) ahead: Ahead,
}

impl Performances {
    /// The first version; the source holds every performance.
    pub(super) fn new(source: PerformancesSource, version: u64) -> Self {
        let none = Self {
            version,
            etag: json::etag(version),
            listed: Vec::new(),
            total: Counts::default(),
            fixed: Arc::default(),
            ahead: source.ahead,
            all: OnceLock::new(),
        };
        none.next(source, version).unwrap_or(none)
    }

    /// What follows, if anything is new. It has the new version only if something else is shown:
    /// a definition that changed behind the scenes is taken over in silence.
    ///
    /// # Panics
    /// If a new performance has no picture, or units were made or lost.
    pub(super) fn next(&self, source: PerformancesSource, version: u64) -> Option<Self> {
        let PerformancesSource { definition, pictures, ahead } = source;
        self.follow(Fixed::follow(&self.fixed, &definition), pictures, ahead, version)
    }

    /// The same while sale time stands still, if it did not before.
    pub(super) fn halted(&self, version: u64) -> Option<Self> {
        let known = self.listed.iter().map(|listed| &listed.fragment.picture);
        let reported = known.filter(|picture| picture.total.known.is_some());
        let doubted = reported.map(|picture| picture.clone().doubted()).collect();
        self.follow(self.fixed.clone(), doubted, Ahead::STILL, version)
    }

    fn follow(
        &self,
        fixed: Arc<Fixed>,
        pictures: Vec<PerformancePicture>,
        ahead: Ahead,
        version: u64,
    ) -> Option<Self> {
        let same = Arc::ptr_eq(&fixed, &self.fixed) && ahead == self.ahead;
        let mut stale = pictures;
        stale.retain(|new| self.picture(new.performance) != Some(new));
        stale.sort_by_key(|picture| picture.performance);
        if same && stale.is_empty() {
            return None;
        }
        let mut next = Self { fixed, ahead, ..self.clone() };
        stale.retain(|new| !next.renewed(new));
        if !same {
            stale = self.with_stale_parts(stale, &next);
        }
        if !stale.is_empty() {
            next.version = version;
            next.etag = json::etag(version);
            next.all = OnceLock::new();
        }
        stale.into_iter().for_each(|picture| next.show(picture));
        assert_eq!(next.listed.len(), next.fixed.len(), "every performance is shown");
        assert!(next.total.conserved(), "units are neither made nor lost");
        Some(next)
    }

    /// Adds the performances whose counts are the same, but not their name or the deadline that is
    /// shown.
    fn with_stale_parts(
        &self,
        changed: Vec<PerformancePicture>,
        next: &Self,
    ) -> Vec<PerformancePicture> {
        let moved = next.ahead != self.ahead;
        let mut stale = changed.clone();
        for (at, listed) in next.listed.iter().enumerate() {
            let old = &listed.fragment.picture;
            let renamed = next.fixed.opening(at) != self.fixed.opening(at);
            let known = changed.binary_search_by_key(&old.performance, |new| new.performance);
            if known.is_err() && (renamed || (moved && dated(old))) {
                stale.push(old.clone());
            }
        }
        stale.sort_by_key(|picture| picture.performance);
        stale
    }

    /// Takes over a picture that shows everybody the same as the one before it, in silence. Says
    /// whether it did.
    fn renewed(&mut self, picture: &PerformancePicture) -> bool {
        let Some(listed) = self.listed.get_mut(picture.performance.at()) else { return false };
        let same = listed.fragment.picture.shows_the_same(picture);
        if same {
            let bytes = listed.fragment.bytes.clone();
            listed.fragment = Arc::new(Fragment { bytes, picture: picture.clone() });
        }
        same
    }

    fn show(&mut self, picture: PerformancePicture) {
        check_conserved(&picture);
        let at = picture.performance.at();
        self.total.add(&picture.total.counts);
        let bytes = self.fixed.fragment(&picture, self.ahead, self.version);
        let fragment = Arc::new(Fragment { bytes, picture });
        let listed = Listed { version: self.version, fragment };
        if at == self.listed.len() {
            self.listed.push(listed);
        } else {
            let old = std::mem::replace(&mut self.listed[at], listed);
            self.total.remove(&old.fragment.picture.total.counts);
        }
    }

    /// What is shown of one performance, if the sale has it.
    pub fn picture(&self, performance: PerformanceIndex) -> Option<&PerformancePicture> {
        self.listed.get(performance.at()).map(|listed| &listed.fragment.picture)
    }

    /// Counts of a price zone in all performances together.
    pub fn zone(&self, zone: ZoneIndex) -> Counts {
        let mut counts = Counts::default();
        for listed in &self.listed {
            let zones = listed.fragment.picture.zones.iter().filter(|(at, _)| *at == zone);
            zones.for_each(|(_, picture)| counts.add(&picture.counts));
        }
        counts
    }

    /// Whether all that performances sell in a price zone is known.
    pub fn zone_is_fact(&self, zone: ZoneIndex) -> bool {
        let pictures = self.listed.iter().flat_map(|listed| &listed.fragment.picture.zones);
        let mut of_zone = pictures.filter(|(at, _)| *at == zone);
        of_zone.all(|(_, picture)| picture.known.is_none_or(|known| known.fact))
    }

    /// Counts of all performances together.
    pub fn total(&self) -> &Counts {
        &self.total
    }

    /// One performance with the version at which it last changed, if the sale has it.
    pub fn get(&self, performance: PerformanceIndex) -> Option<(u64, Bytes)> {
        let listed = self.listed.get(performance.at())?;
        Some((listed.version, listed.fragment.bytes.clone()))
    }

    /// Each performance that changed after a version, as it is shown.
    pub fn newer(&self, version: u64) -> impl Iterator<Item = (PerformanceIndex, &Bytes)> {
        let newer = self.listed.iter().filter(move |listed| listed.version > version);
        newer.map(|listed| (listed.fragment.picture.performance, &listed.fragment.bytes))
    }

    /// The whole list.
    ///
    /// Put together when first asked for. Two who ask at once may both do it: nobody waits for the
    /// other.
    pub fn all(&self) -> Bytes {
        if let Some(all) = self.all.get() {
            return all.clone();
        }
        let all = self.list(None, self.listed.iter());
        // Only moves finished bytes in; fails if another reader was first, with the same bytes.
        let _ = self.all.set(all.clone());
        all
    }

    /// What changed after a version: the whole list, without `since`, if that version is not one
    /// of ours or everything changed.
    pub fn since(&self, version: u64) -> Bytes {
        let newer: Vec<_> = self.listed.iter().filter(|listed| listed.version > version).collect();
        if version > self.version || newer.len() == self.listed.len() {
            return self.all();
        }
        self.list(Some(version), newer.into_iter())
    }

    fn list<'a>(
        &self,
        since: Option<u64>,
        listed: impl Iterator<Item = &'a Listed> + Clone,
    ) -> Bytes {
        let since = since.map(|since| format!("\"since\":{since},")).unwrap_or_default();
        let opening = format!("{{\"version\":{},{since}\"performances\":[", self.version);
        let len: usize = listed.clone().map(|listed| listed.fragment.bytes.len() + 1).sum();
        let mut bytes = Vec::with_capacity(opening.len() + len + 2);
        bytes.extend_from_slice(opening.as_bytes());
        for (at, listed) in listed.enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(&listed.fragment.bytes);
        }
        bytes.extend_from_slice(b"]}");
        bytes.into()
    }
}
