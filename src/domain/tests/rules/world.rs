//! A sale and its naive model side by side: every command is judged, every change followed, and
//! after each step both must say the same of everything.

use crate::naive::{Naive, Place};
use crate::support::{Seen, shared};
use stanchion_domain::board::status::{Counts, Known, Status};
use stanchion_domain::board::trigger::Scope;
use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::{Number, PerformanceIndex, RequestKey, ZoneIndex};
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::refusal::Refusal;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::{Outcome, Sale};
use stanchion_domain::time::{Now, SaleTime, Span, WallTime};
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct World {
    pub sale: Sale,
    pub naive: Naive,
    pub seen: Seen,
    pub now: Now,
    recorded: Vec<Decided>,
    shown: BTreeMap<u32, u32>,
}

impl World {
    pub fn new(definition: Arc<Definition>) -> Self {
        let created = Change::Created(definition.clone());
        let mut world = Self {
            naive: Naive::new((*definition).clone()),
            sale: Sale::new(definition),
            seen: Seen::default(),
            now: Now::default(),
            recorded: vec![Decided { now: Now::default(), request: None, change: created }],
            shown: BTreeMap::new(),
        };
        world.record(Change::Started, None);
        world.settle();
        world
    }

    /// Asks, judges the answer, and makes it true.
    pub fn ask(
        &mut self,
        request: Option<RequestKey>,
        command: &Command,
    ) -> Result<Outcome, Refusal> {
        let decided = self.sale.decide(self.now, request, command);
        self.naive.judge(self.now.sale.0, request, command, &decided);
        if let Ok(Outcome::New(change) | Outcome::Repeated { record: change, .. }) = &decided {
            self.record(change.clone(), request);
        }
        decided
    }

    /// An operator does something that is not refused.
    pub fn operate(&mut self, action: OpsAction) {
        let revision = self.naive.revision;
        let (actor, reason) = ("ada".to_owned(), String::new());
        let command = Command::Ops(Ops { revision, actor, reason, action });
        self.ask(None, &command).expect("it is not refused");
        self.settle();
    }

    /// A sale that an operator has opened.
    pub fn opened() -> Self {
        let mut world = Self::new(shared());
        world.operate(OpsAction::Open);
        world
    }

    fn record(&mut self, change: Change, request: Option<RequestKey>) {
        let decided = Decided { now: self.now, request, change };
        self.naive.follow(&decided, &self.seen);
        self.sale.apply(&decided);
        self.recorded.push(decided);
    }

    /// Joins: the counter gives the next number, if one is reserved.
    pub fn join(&mut self) {
        if self.seen.issued < self.sale.line().reserved() {
            let number = self.seen.issued;
            self.seen.issued += 1;
            self.naive.places.insert(number, Place::Waiting);
            self.see(Number(number));
        }
    }

    pub fn see(&mut self, number: Number) {
        self.seen.see(number, self.now.sale);
    }

    /// Lets time pass; sale time stands while an operator has stopped it.
    pub fn pass(&mut self, span: Span) {
        self.now.wall.0 += span.0 as i64;
        if !self.naive.frozen {
            self.now.sale = self.now.sale.after(span);
        }
    }

    /// An outage: wall time alone goes on.
    pub fn outage(&mut self, span: Span) {
        self.now.wall.0 += span.0 as i64;
        self.record(Change::Resumed, None);
    }

    /// A new process: it has seen nobody and issues beyond what was reserved.
    pub fn restart(&mut self, from_image: bool) {
        self.sale = if from_image {
            Sale::from_image(self.sale.image())
        } else {
            Sale::replay(self.recorded.iter().cloned()).expect("a sale was created")
        };
        self.seen.forget();
        self.seen.issued = self.sale.line().reserved();
        self.record(Change::Started, None);
    }

    /// Does everything that time has brought.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let Some(change) = self.sale.due(self.now, &self.seen) else {
                return self.naive.check_settled(self.now.sale.0, self.now.wall.0, &self.seen);
            };
            self.record(change, None);
        }
        panic!("time always brings something more");
    }

    /// Both sides say the same.
    pub fn check(&mut self) {
        self.sale.check_invariants();
        self.check_counts();
        self.check_places();
        self.check_baskets();
        self.check_reports();
        let moved = self.sale.line().all_moved().iter().map(|(number, mark)| (number.0, *mark));
        assert!(moved.eq(self.naive.moved.clone()), "where places are");
        let operations = self.sale.operations();
        assert_eq!(operations.phase, self.naive.phase);
        assert_eq!(operations.cap as usize, self.naive.cap);
        assert_eq!(operations.revision, self.naive.revision);
        assert_eq!(operations.calling(), self.naive.calling());
        assert_eq!(operations.call_for_what_is_left, self.naive.for_what_is_left);
        assert_eq!(operations.notice.is_some(), self.naive.notice);
        assert_eq!(operations.notice_until.map(|until| until.0), self.naive.notice_until);
        let fired = operations.triggers.iter().filter(|(_, fired)| *fired).count();
        assert_eq!(fired, self.naive.triggers.values().filter(|(_, fired)| *fired).count());
    }

    fn check_counts(&mut self) {
        let zones = self.naive.zones();
        let mut total = Counts::default();
        for ((performance, zone), counts) in &zones {
            let stock = self.sale.stock().performance(PerformanceIndex(*performance));
            assert_eq!(stock.zone(ZoneIndex(*zone)), *counts, "{performance} {zone}");
            total.add(counts);
        }
        assert_eq!(self.sale.stock().total(), total);
        assert_eq!(self.sale.head(&self.seen).counts, total);
        let changed = self.sale.take_changed();
        for picture in self.sale.pictures(&changed) {
            let mine = zones.range((picture.performance.0, 0)..=(picture.performance.0, u16::MAX));
            assert!(mine.map(|((_, zone), _)| *zone).eq(picture.zones.iter().map(|(z, _)| z.0)));
        }
    }

    fn check_places(&mut self) {
        for (number, place) in &self.naive.places {
            let standing = self.sale.line().standing(Number(*number));
            let right = match place {
                Place::Waiting => matches!(standing, Standing::Waiting { .. }),
                Place::Passed => matches!(standing, Standing::Returning { .. }),
                Place::Called { .. } | Place::Active { .. } => standing == Standing::Called,
                Place::Gone => standing == Standing::Spent,
            };
            assert!(right, "{number} is {place:?} and stands {standing:?}");
            let position = self.naive.position(*number);
            assert_eq!(standing.position(), position, "position of {number}");
            if let Some(position) = position {
                let before = self.shown.insert(*number, position);
                assert!(before.is_none_or(|before| position <= before), "{number} moved back");
            }
        }
        assert_eq!(self.sale.passes().len() as usize, self.naive.called_or_active());
    }

    fn check_reports(&self) {
        assert_eq!(self.sale.reports().iter().count(), self.naive.reports.len());
        for newest in self.sale.reports().iter() {
            let (performance, zone) = newest.report.of();
            let told = &self.naive.reports[&(performance.0, zone.0)];
            let newest = (newest.report, newest.at.0, newest.stale);
            assert_eq!(newest, (told.report, told.at, told.stale));
        }
        let head = self.sale.head(&self.seen);
        let fact = self.naive.is_fact(Scope::Sale);
        let known = Known { as_of: self.naive.as_of(), fact };
        assert_eq!(head.known, self.naive.mirrored().then_some(known));
        assert_eq!(head.status == Status::Unknown, !fact, "what is no fact has no status");
        assert_eq!(self.sale.available_as_fact(), self.naive.available_as_fact());
        for scope in (0..3).map(|at| Scope::Performance(PerformanceIndex(at))) {
            assert_eq!(self.sale.is_fact(scope), self.naive.is_fact(scope), "{scope:?}");
        }
        for scope in (0..3).map(|at| Scope::Zone(ZoneIndex(at))) {
            assert_eq!(self.sale.is_fact(scope), self.naive.is_fact(scope), "{scope:?}");
        }
    }

    fn check_baskets(&self) {
        assert_eq!(self.sale.baskets().iter().count(), self.naive.baskets.len());
        for (_, basket) in self.sale.baskets().iter() {
            let naive = &self.naive.baskets[&basket.id.0];
            assert_eq!(basket.live(), naive.live());
            assert_eq!((basket.pass.0, basket.units()), (naive.pass, naive.units()));
            assert!(!basket.live() || basket.deadline_at == SaleTime(naive.deadline));
        }
    }

    /// The journal says the same as the memory, and an image is the whole sale.
    pub fn check_replay(&mut self) {
        let image = self.sale.image();
        let again = Sale::replay(self.recorded.iter().cloned()).expect("a sale was created");
        again.check_invariants();
        assert_eq!(again.image(), image, "replay ends where the first run did");
        let restored = Sale::from_image(image.clone());
        restored.check_invariants();
        assert_eq!(restored.image(), image, "an image is the whole sale");
        // From here on the restored one goes on, and must behave the same.
        self.sale = restored;
    }

    /// Wall time jumps; nothing but the opening and triggers may notice.
    pub fn jump(&mut self, wall: WallTime) {
        self.now.wall = wall;
    }
}

/// What led to a failure, newest last.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let first = self.recorded.len().saturating_sub(20);
            for decided in &self.recorded[first..] {
                eprintln!("{} {:?}", decided.now.sale.0, decided.change);
            }
        }
    }
}
