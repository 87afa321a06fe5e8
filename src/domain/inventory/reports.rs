//! What is known of a mirrored sale: which report of each price zone is the newest, and whether it
//! still counts as fact.
//!
//! Owns versions and ages; the counts that were reported stand in the stock. Ages are sale time,
//! and an outage makes all of them stale: nobody served meanwhile, and nobody knows for how long.
//! Invariant: a zone that was reported is either fresh or stale.

use crate::board::status::{Counts, Known};
use crate::change::ReportedZone;
use crate::command::Report;
use crate::id::{PerformanceIndex, ZoneIndex};
use crate::sale::definition::Definition;
use crate::time::{Now, SaleTime, WallTime};
use std::collections::{BTreeMap, BTreeSet};

/// The newest reports of a sale; empty unless the sale is mirrored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reports {
    newest: BTreeMap<ReportedZone, Newest>,
    fresh: BTreeSet<Age>,
    stale: BTreeSet<Age>,
    by_zone: Vec<ZoneReports>,
    fresh_available: u64,
}

/// The newest report of one price zone of one performance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Newest {
    /// What it said.
    pub report: Report,
    /// When it came, or came once more.
    pub at: SaleTime,
    /// The same for people.
    pub wall: WallTime,
    /// Whether it is too old to be a fact.
    pub stale: bool,
}

/// When a report came, and of which zone: the oldest first. While sale time stands still, wall time
/// alone says which one is older.
type Age = (SaleTime, WallTime, ReportedZone);

/// How many performances sell a zone, and of how many of them the newest report is fresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct ZoneReports {
    sold_by: usize,
    fresh: usize,
}

impl Reports {
    /// Before anything was reported.
    pub fn new(definition: &Definition) -> Self {
        let mut reports = Self::default();
        reports.extend(definition);
        reports
    }

    /// Takes up what a changed definition adds.
    pub fn extend(&mut self, definition: &Definition) {
        if !definition.mirrored() {
            return;
        }
        self.by_zone.resize(definition.zones.len(), ZoneReports::default());
        self.by_zone.iter_mut().for_each(|zone| zone.sold_by = 0);
        for pool in definition.performances.iter().flat_map(|one| &one.pools) {
            self.by_zone[pool.zone.at()].sold_by += 1;
        }
    }

    /// The newest report of a zone, if there was one.
    pub fn get(&self, zone: ReportedZone) -> Option<&Newest> {
        self.newest.get(&zone)
    }

    /// All of them, by performance and zone.
    pub fn iter(&self) -> impl Iterator<Item = &Newest> {
        self.newest.values()
    }

    /// Keeps a report as the newest of its zone.
    pub fn keep(&mut self, newest: Newest) {
        let zone = newest.report.of();
        self.forget(zone);
        if newest.stale {
            self.stale.insert(newest.age());
        } else {
            self.fresh.insert(newest.age());
            self.by_zone[zone.1.at()].fresh += 1;
            self.fresh_available += u64::from(newest.report.available);
        }
        self.newest.insert(zone, newest);
    }

    /// What a zone said is said once more.
    ///
    /// # Panics
    /// If it said nothing yet.
    pub fn renew(&mut self, zone: ReportedZone, now: Now, stale: bool) {
        let known = self.newest[&zone];
        self.keep(Newest { at: now.sale, wall: now.wall, stale, ..known });
    }

    /// What a zone said is too old to be a fact.
    ///
    /// # Panics
    /// If it said nothing yet.
    pub fn age(&mut self, zone: ReportedZone) {
        let known = self.newest[&zone];
        self.keep(Newest { stale: true, ..known });
    }

    /// The fresh zones that were reported before an instant, the oldest first.
    pub fn fresh_before(&self, before: SaleTime) -> impl Iterator<Item = ReportedZone> {
        let fresh = self.fresh.iter().take_while(move |(at, ..)| *at < before);
        fresh.map(|(.., zone)| *zone)
    }

    fn forget(&mut self, zone: ReportedZone) {
        let Some(old) = self.newest.remove(&zone) else { return };
        let known = if old.stale {
            self.stale.remove(&old.age())
        } else {
            self.by_zone[zone.1.at()].fresh -= 1;
            self.fresh_available -= u64::from(old.report.available);
            self.fresh.remove(&old.age())
        };
        assert!(known, "a report is fresh or stale");
    }

    /// Units that can be had by what is no older than a fact may be.
    pub fn fresh_available(&self) -> u64 {
        self.fresh_available
    }

    /// What is known of all zones together.
    pub fn known(&self) -> Known {
        let sold_by: usize = self.by_zone.iter().map(|zone| zone.sold_by).sum();
        let all = self.newest.len() == sold_by;
        let firsts = [self.fresh.first(), self.stale.first()].map(|first| first.filter(|_| all));
        let oldest = firsts.into_iter().flatten().min();
        let as_of = oldest.map(|(_, wall, _)| *wall);
        Known { as_of, fact: self.fresh.len() == sold_by }
    }

    /// Whether all that performances sell in one price zone is a fact.
    pub fn zone_is_fact(&self, zone: ZoneIndex) -> bool {
        let of_zone = self.by_zone.get(zone.at()).copied().unwrap_or_default();
        of_zone.fresh == of_zone.sold_by
    }

    /// What is known of one zone of one performance.
    pub fn known_of(&self, zone: ReportedZone) -> Known {
        self.get(zone).map_or(Known::NOTHING, |newest| Known {
            as_of: Some(newest.wall),
            fact: !newest.stale,
        })
    }

    /// What is known of some zones of one performance together.
    pub fn known_of_all(
        &self,
        performance: PerformanceIndex,
        zones: impl Iterator<Item = ZoneIndex>,
    ) -> Known {
        let (mut oldest, mut fact) = (None, true);
        for zone in zones {
            let Some(newest) = self.get((performance, zone)) else { return Known::NOTHING };
            fact &= !newest.stale;
            oldest = oldest.into_iter().chain([(newest.at, newest.wall)]).min();
        }
        Known { as_of: oldest.map(|(_, wall)| wall), fact }
    }

    /// Asserts that every report is fresh or stale, that sums are sums, and that the stock says
    /// what was reported.
    pub fn check_invariants(&self, counts_of: impl Fn(ReportedZone) -> Counts) {
        assert_eq!(self.newest.len(), self.fresh.len() + self.stale.len());
        let (mut available, mut fresh) = (0, vec![0; self.by_zone.len()]);
        for (zone, newest) in &self.newest {
            assert_eq!(counts_of(*zone), newest.report.counts(), "counts say what was reported");
            let ages = if newest.stale { &self.stale } else { &self.fresh };
            assert!(ages.contains(&newest.age()), "a report is fresh or stale");
            if !newest.stale {
                available += u64::from(newest.report.available);
                fresh[zone.1.at()] += 1;
            }
        }
        assert_eq!(available, self.fresh_available);
        assert!(self.by_zone.iter().map(|zone| zone.fresh).eq(fresh), "each zone's own");
    }
}

impl Newest {
    fn age(&self) -> Age {
        (self.at, self.wall, self.report.of())
    }
}

impl Report {
    /// The zone that it is about.
    pub fn of(&self) -> ReportedZone {
        (self.performance, self.zone)
    }

    /// What it says. The capacity is what was reported in all.
    pub fn counts(&self) -> Counts {
        let [available, held, sold, withheld] =
            [self.available, self.held, self.sold, self.withheld].map(u64::from);
        let capacity = available + held + sold + withheld;
        Counts { capacity, available, held, paying: 0, sold, withheld }
    }
}
