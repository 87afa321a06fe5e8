//! What the journal says of a mirrored sale, in books of its own: what was reported, what of it is
//! still a fact, and so what the board may show and who may be called.
//!
//! Reads records and nothing else; shares no rule with the sale.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use stanchion_domain::board::picture::{PerformancePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Known, Status, StatusKind};
use stanchion_domain::board::trigger::{Condition, Scope};
use stanchion_domain::change::{Change, Decided, ReportedZone};
use stanchion_domain::command::{OpsAction, Report};
use stanchion_domain::id::{Number, PerformanceIndex, ZoneIndex};
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{Now, SaleTime, WallTime};

use super::super::limits::TICK_MS;
use crate::board::store::Board;

/// The books of one mirrored sale.
pub(super) struct Books {
    definition: Arc<Definition>,
    told: BTreeMap<ReportedZone, Told>,
    frozen: bool,
    for_what_is_left: bool,
    /// Called, or in the shop.
    passes: BTreeSet<Number>,
    /// What a board may show: first what it shows at least, last what it shows in the end.
    pictures: VecDeque<Picture>,
    /// Which kinds of things happened.
    pub(super) happened: BTreeSet<&'static str>,
}

/// What was said last of one zone.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) report: Report,
    at: SaleTime,
    wall: WallTime,
    fresh: bool,
}

/// All that a board says of what is left.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Picture {
    head: ZonePicture,
    price_range_minor: Option<(u64, u64)>,
    performances: Vec<(ZonePicture, Vec<(ZoneIndex, ZonePicture)>)>,
}

impl Books {
    pub(super) fn new(definition: &Arc<Definition>) -> Self {
        let mut books = Self {
            definition: definition.clone(),
            told: BTreeMap::new(),
            frozen: false,
            for_what_is_left: definition.policy.call_for_what_is_left,
            passes: BTreeSet::new(),
            pictures: VecDeque::new(),
            happened: BTreeSet::new(),
        };
        books.pictures.push_back(books.picture());
        books
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
        let picture = self.picture();
        if self.pictures.back() != Some(&picture) {
            self.pictures.push_back(picture);
        }
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
                self.for_what_is_left = definition.policy.call_for_what_is_left;
                self.happened.insert("redefined");
            }
            _ => {}
        }
    }

    fn check_trigger(&mut self, id: &str) {
        let trigger = self.definition.triggers.iter().find(|trigger| trigger.id == id);
        let trigger = trigger.expect("it is of the definition");
        let picture = self.picture();
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

    /// The board shows what the journal said at some time, and never again what it said before.
    pub(super) fn check(&mut self, board: &Board) {
        let shown = Picture::of(board);
        let halted = halted(board);
        let right = |picture: &Picture| match halted {
            true => picture.clone().doubted() == shown,
            false => *picture == shown,
        };
        let found = self.pictures.iter().rposition(right);
        let found = found.unwrap_or_else(|| {
            let newest = self.pictures.back();
            panic!("halted: {halted}\nthe board shows {shown:#?}\nwhat is known {newest:#?}")
        });
        self.pictures.drain(..found);
    }

    /// The board shows all that the journal says.
    pub(super) fn check_newest(&self, board: &Board) {
        let newest = self.pictures.back().expect("there is always one");
        assert_eq!(Picture::of(board), *newest, "the board shows what was said last");
        for (at, (total, _)) in (0..).map(PerformanceIndex).zip(&newest.performances) {
            let (_, bytes) = board.performances.get(at).expect("every performance is on it");
            let body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            let Known { as_of, fact } = total.known.expect("it is mirrored");
            assert_eq!(body.get("counts").is_some(), as_of.is_some(), "no invented zero: {body}");
            assert_eq!(body.get("stale").is_some(), as_of.is_some() && !fact, "{body}");
            assert_eq!(body["status"] == "unknown", !fact, "{body}");
        }
    }

    fn picture(&self) -> Picture {
        let performances = (0..).map(PerformanceIndex).zip(&self.definition.performances);
        let of_one = performances.map(|(at, performance)| {
            let mut zones: Vec<_> = performance.pools.iter().map(|pool| pool.zone).collect();
            zones.sort();
            let together = zones.iter().map(|zone| self.told.get(&(at, *zone)));
            let apart = zones.iter().map(|zone| (*zone, line([self.told.get(&(at, *zone))])));
            (line(together), apart.collect::<Vec<_>>())
        });
        let performances: Vec<_> = of_one.collect();
        let zones = (0..).map(PerformanceIndex).zip(&performances).flat_map(|(at, (_, zones))| {
            zones.iter().map(move |(zone, _)| self.told.get(&(at, *zone)))
        });
        let head = line(zones);
        let fact = head.known.is_some_and(|known| known.fact);
        let price_range_minor = self.price_range(&performances).filter(|_| fact);
        Picture { head, price_range_minor, performances }
    }

    fn price_range(
        &self,
        performances: &[(ZonePicture, Vec<(ZoneIndex, ZonePicture)>)],
    ) -> Option<(u64, u64)> {
        let zones = performances.iter().flat_map(|(_, zones)| zones);
        let open = zones.filter(|(_, one)| one.counts.available + one.counts.held > 0);
        let prices = open.map(|(zone, _)| self.definition.zones[zone.at()].prices[0].amount_minor);
        let prices: Vec<_> = prices.collect();
        prices.iter().min().copied().zip(prices.iter().max().copied())
    }
}

impl Told {
    fn available(&self) -> u64 {
        u64::from(self.report.available)
    }

    fn counts(&self) -> Counts {
        let Report { available, held, sold, withheld, .. } = self.report;
        let [available, held, sold, withheld] = [available, held, sold, withheld].map(u64::from);
        let capacity = available + held + sold + withheld;
        Counts { capacity, available, held, paying: 0, sold, withheld }
    }
}

impl Picture {
    fn of(board: &Board) -> Self {
        let head = board.head.picture();
        let shown = |at| board.performances.picture(PerformanceIndex(at));
        let all: Vec<&PerformancePicture> = (0..).map_while(shown).collect();
        Self {
            head: ZonePicture { counts: head.counts, status: head.status, known: head.known },
            price_range_minor: head.price_range_minor,
            performances: all.into_iter().map(|one| (one.total, one.zones.clone())).collect(),
        }
    }

    /// The same while nothing can be written.
    fn doubted(mut self) -> Self {
        let zones = self.performances.iter_mut();
        let all =
            zones.flat_map(|(total, zones)| zones.iter_mut().map(|(_, one)| one).chain([total]));
        for one in all.chain([&mut self.head]) {
            one.known = one.known.map(|known| Known { fact: false, ..known });
            one.status = Status::Unknown;
        }
        self.price_range_minor = None;
        self
    }
}

/// What is known of some zones together.
fn line<'a>(zones: impl IntoIterator<Item = Option<&'a Told>>) -> ZonePicture {
    let zones: Vec<Option<&Told>> = zones.into_iter().collect();
    let mut counts = Counts::default();
    zones.iter().flatten().for_each(|told| counts.add(&told.counts()));
    let all = zones.iter().all(Option::is_some);
    let fact = zones.iter().all(|told| told.is_some_and(|told| told.fresh));
    let oldest = zones.iter().flatten().map(|told| (told.at, told.wall)).min();
    let as_of = oldest.filter(|_| all).map(|(_, wall)| wall);
    let status = if fact { status(&counts) } else { Status::Unknown };
    ZonePicture { counts, status, known: Some(Known { as_of, fact }) }
}

/// What follows from counts that are a fact.
fn status(counts: &Counts) -> Status {
    let Counts { capacity, available, held, withheld, .. } = *counts;
    match (available, held) {
        (0, 0) => Status::SoldOut,
        (0, units) => Status::InBaskets { units, first_return_at: None },
        (left, _) if left * 20 <= capacity - withheld => Status::Low { left },
        _ => Status::OnSale,
    }
}

/// Whether the board says that nothing can be written.
fn halted(board: &Board) -> bool {
    let body: serde_json::Value = serde_json::from_slice(&board.head.body.bytes).expect("JSON");
    body["time_running"] == false && !board.head.picture().frozen
}
