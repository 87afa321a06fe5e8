//! What the journal says of a mirrored sale, in books of its own: what was reported, what of it is
//! still a fact, and so what the board may show and who may be called.
//!
//! Reads records and nothing else; shares no rule with the sale.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Scope};
use stanchion_domain::change::{Change, Decided, ReportedZone};
use stanchion_domain::command::{OpsAction, Report};
use stanchion_domain::id::Number;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{Now, SaleTime};

use super::super::limits::TICK_MS;
use super::shown::{Picture, Pictures, Told};

/// The books of one mirrored sale.
pub(super) struct Books {
    definition: Arc<Definition>,
    told: BTreeMap<ReportedZone, Told>,
    frozen: bool,
    for_what_is_left: bool,
    /// Called, or in the shop.
    passes: BTreeSet<Number>,
    pub(super) shown: Pictures,
    /// Which kinds of things happened.
    pub(super) happened: BTreeSet<&'static str>,
}

impl Books {
    pub(super) fn new(definition: &Arc<Definition>) -> Self {
        let told = BTreeMap::new();
        Self {
            shown: Pictures::new(Picture::new(definition, &told)),
            told,
            definition: definition.clone(),
            frozen: false,
            for_what_is_left: definition.policy.call_for_what_is_left,
            passes: BTreeSet::new(),
            happened: BTreeSet::new(),
        }
    }

    /// What was said last of a zone.
    pub(super) fn told(&self, zone: ReportedZone) -> Option<&Told> {
        self.told.get(&zone)
    }

    /// What was said last of each zone.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.told.values().map(|told| &told.report)
    }

    /// Enters a record.
    pub(super) fn follow(&mut self, decided: &Decided) {
        let Decided { now, change, .. } = decided;
        self.check_ages(change, now.sale);
        match change {
            Change::Reported { newer, same } => self.take(newer, same, *now),
            Change::WentStale { zones } => self.go_stale(zones, now.sale),
            Change::Started | Change::Resumed => self.doubt(),
            Change::Called { numbers, .. } => self.call(numbers),
            Change::Left { number } => _ = self.passes.remove(number),
            Change::ClaimsMissed { numbers } | Change::IdledOut { numbers } => {
                self.passes.retain(|number| !numbers.contains(number));
            }
            Change::TriggerFired { trigger } => self.check_trigger(trigger),
            Change::Operated { action, .. } => self.operate(action),
            Change::Held(_)
            | Change::Released { .. }
            | Change::BasketReleased { .. }
            | Change::BasketExpired { .. }
            | Change::CheckedOut { .. }
            | Change::Confirmed { .. }
            | Change::PaymentLost { .. } => panic!("the venue keeps the seats: {change:?}"),
            _ => {}
        }
        self.shown.add(Picture::new(&self.definition, &self.told));
    }

    /// Whatever time brings, it brings after what is too old has gone stale. A last mark at a stop
    /// may come between two ticks.
    fn check_ages(&self, change: &Change, now: SaleTime) {
        let slack = match change {
            Change::Called { .. } | Change::TriggerFired { .. } | Change::Reserved { .. } => 0,
            Change::Marked { .. } => TICK_MS,
            _ => return,
        };
        let span = self.stale_span() + slack;
        let old = self.told.values().find(|told| told.fresh && now.0 > told.at.0 + span);
        let old = old.map(|told| told.report);
        assert_eq!(old, None, "too old to be a fact at {now:?}, before {change:?}");
    }

    fn stale_span(&self) -> u64 {
        self.definition.mirror.expect("it is mirrored").stale_span.0
    }

    fn take(&mut self, newer: &[Report], same: &[ReportedZone], now: Now) {
        let fresh = !self.frozen;
        for report in newer {
            let told = Told { report: *report, at: now.sale, wall: now.wall, fresh };
            if let Some(before) = self.told.insert(report.of(), told) {
                let (before, after) = (before.report.version, report.version);
                assert!(before < after, "{after} over the newer {before}");
                self.happened.insert("newer");
            }
        }
        for zone in same {
            let told = self.told.get_mut(zone).expect("it was said before");
            let renewed = Told { at: now.sale, wall: now.wall, fresh, ..*told };
            let before = std::mem::replace(told, renewed);
            self.happened.insert(if before.fresh { "same" } else { "same when stale" });
        }
    }

    fn go_stale(&mut self, zones: &[ReportedZone], now: SaleTime) {
        let span = self.stale_span();
        for zone in zones {
            let told = self.told.get_mut(zone).expect("it was said");
            assert!(told.fresh && now.0 > told.at.0 + span, "{zone:?} was a fact until now");
            told.fresh = false;
            self.happened.insert("stale");
        }
    }

    /// Nobody knows how old anything is.
    fn doubt(&mut self) {
        if self.told.values().any(|told| told.fresh) {
            self.happened.insert("doubted");
        }
        self.told.values_mut().for_each(|told| told.fresh = false);
    }

    /// For what may be gone, nobody is called.
    fn call(&mut self, numbers: &[Number]) {
        self.passes.extend(numbers);
        let left: u64 = self.told.values().filter(|told| told.fresh).map(Told::available).sum();
        if self.for_what_is_left && !numbers.is_empty() {
            assert!(self.passes.len() as u64 <= left, "{:?} for {left} left", self.passes);
            self.happened.insert("called for what is left");
        }
    }

    fn operate(&mut self, action: &OpsAction) {
        match action {
            OpsAction::FreezeTime => {
                self.frozen = true;
                self.doubt();
            }
            OpsAction::ResumeTime => self.frozen = false,
            OpsAction::CallForWhatIsLeft(on) => self.for_what_is_left = *on,
            OpsAction::EndPass(number) => _ = self.passes.remove(number),
            OpsAction::Redefine(definition) => {
                assert!(definition.mirrored(), "who keeps the seats never changes");
                self.definition = definition.clone();
                // Its policy is the same: what operators set stays.
                self.happened.insert("redefined");
            }
            _ => {}
        }
    }

    fn check_trigger(&mut self, id: &str) {
        let trigger = self.definition.triggers.iter().find(|trigger| trigger.id == id);
        let trigger = trigger.expect("it is of the definition");
        let picture = self.shown.newest();
        let watched = match trigger.scope {
            Scope::Sale => picture.head,
            Scope::Performance(at) => picture.performances[at.at()].0,
            Scope::Zone(_) => panic!("none of them watches a zone"),
        };
        assert!(watched.known.is_some_and(|known| known.fact), "{id} fired on a guess");
        let met = match trigger.condition {
            Condition::StatusIs(kind) => watched.status.kind() == Some(kind),
            Condition::AvailableAtMost(most) => watched.counts.available <= most,
            _ => panic!("none of them waits for anything else"),
        };
        assert!(met, "{id} fired on {watched:?}");
        let sold_out = trigger.condition == Condition::StatusIs(StatusKind::SoldOut);
        self.happened.insert(if sold_out { "sold out" } else { "few left" });
    }
}
