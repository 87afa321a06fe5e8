//! What the venue's own system reports of a mirrored sale: all of a request or nothing of it, never
//! an older report over a newer one, and what becomes of reports that nobody renews.

use super::{Outcome, Sale};
use crate::change::{Change, ReportedZone};
use crate::command::{Command, Report};
use crate::inventory::reports::Newest;
use crate::limits::{REPORTS_PER_REQUEST_MAX, STALE_PER_CHANGE_MAX};
use crate::refusal::{Code, Refusal};
use crate::time::{Now, SaleTime};
use std::collections::BTreeSet;

/// What a report is to what is known.
enum Standing {
    Newer,
    Same,
    Older,
}

impl Sale {
    /// Refuses what belongs to baskets and orders, where the venue's own system keeps the seats.
    pub(super) fn require_own_seats(&self, command: &Command) -> Result<(), Refusal> {
        let of_baskets = matches!(
            command,
            Command::Hold(_)
                | Command::Release { .. }
                | Command::CheckOut { .. }
                | Command::Confirm { .. }
        );
        if of_baskets && self.definition.mirrored() {
            return Err(Refusal::whole(Code::Mirrored));
        }
        Ok(())
    }

    /// Sorts reports into those that are newer than what is known and those that say the same once
    /// more. What is older is left out, and so are all if none is either: then nothing is recorded.
    pub(super) fn decide_reports(&self, reports: &[Report]) -> Result<Outcome, Refusal> {
        self.check_reports(reports)?;
        let (mut newer, mut same) = (Vec::new(), Vec::new());
        for report in reports {
            match self.standing_of(report) {
                Standing::Newer => newer.push(*report),
                Standing::Same => same.push(report.of()),
                Standing::Older => {}
            }
        }
        let nothing = newer.is_empty() && same.is_empty();
        let change = Change::Reported { newer: newer.into(), same: same.into() };
        Ok(if nothing { Outcome::Again(change) } else { Outcome::New(change) })
    }

    fn standing_of(&self, report: &Report) -> Standing {
        let Some(known) = self.reports.get(report.of()) else { return Standing::Newer };
        match report.version.cmp(&known.report.version) {
            std::cmp::Ordering::Greater => Standing::Newer,
            std::cmp::Ordering::Equal if *report == known.report => Standing::Same,
            _ => Standing::Older,
        }
    }

    /// Refuses all of a request for the first of its reports that cannot be.
    fn check_reports(&self, reports: &[Report]) -> Result<(), Refusal> {
        if !self.definition.mirrored() {
            return Err(Refusal::whole(Code::WrongState { state: "not mirrored" }));
        }
        if reports.is_empty() {
            return Err(Refusal::whole(Code::Invalid { what: "reports" }));
        }
        let most = REPORTS_PER_REQUEST_MAX;
        if reports.len() > most {
            let limit = Code::LimitReached { limit: "reports_per_request", most: most as u64 };
            return Err(Refusal::whole(limit));
        }
        let mut seen = BTreeSet::new();
        for (at, report) in reports.iter().enumerate() {
            self.check_report(report).map_err(|code| Refusal::item(code, at))?;
            if !seen.insert(report.of()) {
                let twice = Code::Invalid { what: "a price zone that comes twice" };
                return Err(Refusal::item(twice, at));
            }
        }
        Ok(())
    }

    fn check_report(&self, report: &Report) -> Result<(), Code> {
        let (performance, zone) = report.of();
        if performance.at() >= self.definition.performances.len() {
            return Err(Code::NotFound { what: "performance" });
        }
        let most = self.definition.reported_max(performance, zone);
        let most = u64::from(most.ok_or(Code::NotFound { what: "zone" })?);
        if report.counts().capacity > most {
            return Err(Code::LimitReached { limit: "capacity", most });
        }
        Ok(())
    }

    pub(super) fn take_reports(&mut self, newer: &[Report], same: &[ReportedZone], now: Now) {
        // While time stands still nobody can say how old a report is.
        let stale = self.operations.frozen;
        for report in newer {
            let known = self.reports.get(report.of());
            let later = known.is_none_or(|known| known.report.version < report.version);
            assert!(later, "a late report never replaces a newer one");
            let newest = Newest { report: *report, at: now.sale, wall: now.wall, stale };
            self.reports.keep(newest);
            self.stock.report(report.of(), report.counts());
        }
        for zone in same {
            self.reports.renew(*zone, now, stale);
            self.stock.mark_changed(zone.0);
        }
    }

    /// The zones whose newest report has become too old.
    pub(super) fn due_stale(&self, now: SaleTime) -> Option<Change> {
        let span = self.definition.mirror?.stale_span;
        let before = SaleTime(now.0.checked_sub(span.0)?);
        let zones = self.reports.fresh_before(before).take(STALE_PER_CHANGE_MAX);
        let zones: Vec<_> = zones.collect();
        (!zones.is_empty()).then_some(Change::WentStale { zones })
    }

    pub(super) fn go_stale(&mut self, zones: &[ReportedZone]) {
        for zone in zones {
            self.reports.age(*zone);
            self.stock.mark_changed(zone.0);
        }
    }

    /// Nothing that was reported before this instant is a fact any more.
    pub(super) fn doubt_reports(&mut self) {
        let fresh: Vec<_> = self.reports.fresh_before(SaleTime(u64::MAX)).collect();
        self.go_stale(&fresh);
    }
}
