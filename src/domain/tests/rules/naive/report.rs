//! What the venue's own system said, in the naive sale, and what of it is believed.

use super::expect::Verdict;
use super::{Naive, Told};
use stanchion_domain::board::status::Counts;
use stanchion_domain::board::trigger::Scope;
use stanchion_domain::change::{Change, ReportedZone};
use stanchion_domain::command::{Command, OpsAction, Report};
use stanchion_domain::refusal::Refusal;
use stanchion_domain::sale::Outcome;
use stanchion_domain::time::{Now, WallTime};

impl Naive {
    pub fn mirrored(&self) -> bool {
        self.definition.mirror.is_some()
    }

    /// Whether a command is about what the venue's own system keeps.
    pub fn is_the_venues(&self, command: &Command) -> bool {
        self.mirrored()
            && match command {
                Command::Hold(_)
                | Command::Release { .. }
                | Command::CheckOut { .. }
                | Command::Confirm { .. } => true,
                Command::Ops(ops) => {
                    matches!(
                        ops.action,
                        OpsAction::Withhold { .. }
                            | OpsAction::Restore { .. }
                            | OpsAction::CancelOrder(_)
                            | OpsAction::ExtendBasket { .. }
                    ) && ops.revision == self.revision
                }
                _ => false,
            }
    }

    /// What reports must lead to.
    pub fn judge_reports(&self, reports: &[Report], decided: &Result<Outcome, Refusal>) {
        let verdict = match decided {
            Ok(outcome) => Ok(matches!(outcome, Outcome::New(_))),
            Err(refusal) => Err(refusal.code.name()),
        };
        let known = |report: &Report| self.reports.get(&key(report.of()));
        let is_newer = |report: &&Report| {
            known(report).is_none_or(|told| told.report.version < report.version)
        };
        let is_same = |report: &&Report| known(report).is_some_and(|told| told.report == **report);
        let newer: Vec<Report> = reports.iter().filter(is_newer).copied().collect();
        let same: Vec<_> = reports.iter().filter(is_same).map(Report::of).collect();
        let anything = !newer.is_empty() || !same.is_empty();
        assert_eq!(verdict, self.expect_reports(reports).map(|()| anything), "{reports:?}");
        if let Ok(Outcome::New(change) | Outcome::Again(change)) = decided {
            let (newer, same) = (newer.into(), same.into());
            assert_eq!(*change, Change::Reported { newer, same }, "each is judged by its number");
        }
    }

    fn expect_reports(&self, reports: &[Report]) -> Result<(), &'static str> {
        if !self.mirrored() {
            return Err("wrong_state");
        }
        if reports.is_empty() {
            return Err("invalid");
        }
        for (at, report) in reports.iter().enumerate() {
            let performance = self.definition.performances.get(usize::from(report.performance.0));
            let pools = &performance.ok_or("not_found")?.pools;
            let pool = pools.iter().find(|pool| pool.zone == report.zone).ok_or("not_found")?;
            let sum = [report.available, report.held, report.sold, report.withheld];
            if sum.into_iter().map(u64::from).sum::<u64>() > u64::from(pool.capacity) {
                return Err("limit_reached");
            }
            if reports[..at].iter().any(|before| before.of() == report.of()) {
                return Err("invalid");
            }
        }
        Ok(())
    }

    pub fn take_reports(&mut self, newer: &[Report], same: &[ReportedZone], now: Now) {
        assert!(!newer.is_empty() || !same.is_empty(), "a record says something");
        let (at, wall, stale) = (now.sale.0, now.wall.0, self.frozen);
        for report in newer {
            let told = Told { report: *report, at, wall, stale };
            let before = self.reports.insert(key(report.of()), told);
            assert!(before.is_none_or(|told| told.report.version < report.version), "never back");
        }
        for zone in same {
            let told = self.reports.get_mut(&key(*zone)).expect("it was said before");
            (told.at, told.wall, told.stale) = (at, wall, stale);
        }
    }

    pub fn go_stale(&mut self, zones: &[ReportedZone], now: u64) {
        let span = self.stale_span();
        for zone in zones {
            let told = self.reports.get_mut(&key(*zone)).expect("it was reported");
            assert!(!told.stale && now > told.at + span, "it was a fact until now");
            told.stale = true;
        }
    }

    /// An outage, or sale time that stands still: nobody knows how old anything is.
    pub fn doubt(&mut self) {
        self.reports.values_mut().for_each(|told| told.stale = true);
    }

    fn stale_span(&self) -> u64 {
        self.definition.mirror.map_or(0, |mirror| mirror.stale_span.0)
    }

    /// Nothing that is too old is held to be a fact.
    pub fn check_ages(&self, now: u64) {
        let overdue = |told: &&Told| !told.stale && now > told.at + self.stale_span();
        assert_eq!(self.reports.values().filter(overdue).count(), 0, "too old to be a fact");
    }

    /// What is sold where, as far as it was reported.
    pub fn reported(&self) -> impl Iterator<Item = ((u16, u16), Option<&Told>)> {
        let performances = (0_u16..).zip(&self.definition.performances);
        let zones =
            performances.flat_map(|(at, one)| one.pools.iter().map(move |pool| (at, pool.zone.0)));
        zones.map(|zone| (zone, self.reports.get(&zone)))
    }

    /// Whether everything within a scope is a fact.
    pub fn is_fact(&self, scope: Scope) -> bool {
        let within = |(performance, zone): (u16, u16)| match scope {
            Scope::Sale => true,
            Scope::Performance(wanted) => wanted.0 == performance,
            Scope::Zone(wanted) => wanted.0 == zone,
        };
        let fact = |told: Option<&Told>| told.is_some_and(|told| !told.stale);
        !self.mirrored() || self.reported().all(|(zone, told)| !within(zone) || fact(told))
    }

    /// When the oldest of all that is sold was reported, once all of it was.
    pub fn as_of(&self) -> Option<WallTime> {
        let ages: Option<Vec<_>> =
            self.reported().map(|(_, told)| told.map(|told| (told.at, told.wall))).collect();
        ages?.into_iter().min().map(|(_, wall)| WallTime(wall))
    }

    /// Units that can be had, as far as that is a fact.
    pub fn available_as_fact(&self) -> u64 {
        if !self.mirrored() {
            return self.zones().values().map(|counts| counts.available).sum();
        }
        let fresh = self.reports.values().filter(|told| !told.stale);
        fresh.map(|told| u64::from(told.report.available)).sum()
    }
}

impl Told {
    pub fn counts(&self) -> Counts {
        let Report { available, held, sold, withheld, .. } = self.report;
        let [available, held, sold, withheld] = [available, held, sold, withheld].map(u64::from);
        let capacity = available + held + sold + withheld;
        Counts { capacity, available, held, paying: 0, sold, withheld }
    }
}

fn key(zone: ReportedZone) -> (u16, u16) {
    (zone.0.0, zone.1.0)
}

/// What is refused where the venue's own system keeps the seats.
pub const MIRRORED: Verdict = Err("mirrored");
