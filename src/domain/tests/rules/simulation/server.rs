//! A server as the rules see one: it decides ahead, makes batches durable, answers only then, and
//! after a crash knows only what was durable.

use super::ledger::Ledger;
use crate::support::{Random, Seen, definition};
use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::{BasketId, Number, PerformanceIndex, RequestKey};
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::refusal::Refusal;
use stanchion_domain::sale::image::Image;
use stanchion_domain::sale::operations::Operations;
use stanchion_domain::sale::{Outcome, Sale};
use stanchion_domain::time::{Advance, Now, SaleClock, SaleTime, WallTime};
use std::sync::Arc;

pub type Answer = Result<Change, Refusal>;

pub struct Server {
    /// Decides; ahead of what is durable.
    sale: Sale,
    /// Follows what is durable: what visitors are shown, and a standby.
    pub shown: Sale,
    pub seen: Seen,
    clock: SaleClock,
    read_at_ms: u64,
    durable: Vec<Decided>,
    snapshot: (usize, Image),
    pending: Vec<Decided>,
    answers: Vec<(usize, Option<RequestKey>, Answer)>,
    pub ledger: Ledger,
}

impl Server {
    pub fn new() -> Self {
        let definition = Arc::new(definition());
        let now = Now::default();
        let created = Decided { now, request: None, change: Change::Created(definition.clone()) };
        let sale = Sale::new(definition.clone());
        let mut server = Self {
            snapshot: (1, sale.image()),
            shown: Sale::new(definition.clone()),
            sale,
            seen: Seen::default(),
            clock: SaleClock::resume(SaleTime(0), 0),
            read_at_ms: 0,
            durable: vec![created],
            pending: Vec::new(),
            answers: Vec::new(),
            ledger: Ledger::new(definition),
        };
        server.record(Change::Started, None);
        server.settle();
        server.flush();
        server
    }

    pub fn now(&self) -> Now {
        let wall = WallTime(self.read_at_ms as i64);
        Now { sale: self.clock.now(), wall }
    }

    pub fn operations(&self) -> &Operations {
        self.sale.operations()
    }

    /// Some order that is durable.
    pub fn order(&self, random: &mut Random) -> Option<BasketId> {
        let baskets = self.shown.baskets().iter().map(|(_, basket)| basket);
        let sold = |basket: &&Basket| matches!(basket.state, BasketState::Confirmed { .. });
        let orders: Vec<BasketId> = baskets.filter(sold).map(|basket| basket.id).collect();
        (!orders.is_empty()).then(|| orders[random.below(orders.len() as u64) as usize])
    }

    /// The monotonic clock goes on; after a gap an outage has ended.
    pub fn advance(&mut self, passed_ms: u64) {
        self.read_at_ms += passed_ms;
        let frozen = self.sale.operations().frozen;
        self.clock.set_frozen(frozen);
        match self.clock.advance(self.read_at_ms) {
            Advance::Outage(_) => {
                self.ledger.outage();
                self.record(Change::Resumed, None);
            }
            Advance::Ran if !frozen => self.ledger.serve(passed_ms),
            Advance::Ran => {}
        }
    }

    /// A queue number, if one is durably reserved.
    pub fn join(&mut self) -> Option<Number> {
        let number = self.seen.issued;
        (number < self.shown.line().reserved()).then(|| {
            self.seen.issued += 1;
            self.poll(Number(number));
            Number(number)
        })
    }

    pub fn poll(&mut self, number: Number) {
        self.seen.see(number, self.clock.now());
        self.ledger.see(number);
    }

    pub fn ask(&mut self, visitor: usize, request: Option<RequestKey>, command: &Command) {
        let answer = match self.sale.decide(self.now(), request, command) {
            Ok(Outcome::New(change)) => {
                self.record(change.clone(), request);
                Ok(change)
            }
            Ok(Outcome::Again(change)) => Ok(change),
            Ok(Outcome::Repeated { record, answer }) => {
                self.record(record, request);
                Ok(answer)
            }
            Err(refusal) => Err(refusal),
        };
        self.answers.push((visitor, request, answer));
    }

    pub fn operate(&mut self, action: OpsAction) {
        let revision = self.sale.operations().revision;
        let (actor, reason) = ("ada".to_owned(), String::new());
        let command = Command::Ops(Ops { revision, actor, reason, action });
        if let Ok(Outcome::New(change)) = self.sale.decide(self.now(), None, &command) {
            self.record(change, None);
        }
    }

    fn record(&mut self, change: Change, request: Option<RequestKey>) {
        if let Change::Called { numbers, .. } = &change {
            self.ledger.check_turn(numbers, &self.sale, self.clock.now(), &self.seen);
        }
        let decided = Decided { now: self.now(), request, change };
        self.sale.apply(&decided);
        self.ledger.note(&decided);
        self.pending.push(decided);
    }

    /// Does what time has brought.
    pub fn settle(&mut self) {
        while let Some(change) = self.sale.due(self.now(), &self.seen) {
            self.record(change, None);
        }
    }

    /// Makes durable what was decided, shows it, and hands out the answers.
    pub fn flush(&mut self) -> Vec<(usize, Answer)> {
        for decided in self.pending.drain(..) {
            self.shown.apply(&decided);
            self.durable.push(decided);
        }
        self.ledger.made_durable();
        for (_, request, answer) in &self.answers {
            if let (Some(request), Ok(change)) = (request, answer) {
                self.ledger.acknowledge(*request, change);
            }
        }
        self.answers.drain(..).map(|(visitor, _, answer)| (visitor, answer)).collect()
    }

    /// The process dies with what was not durable, and another takes over: from the journal, from a
    /// snapshot and the rest, or because it had followed.
    pub fn crash(&mut self, random: &mut Random) {
        let replayed = || Sale::replay(self.durable.iter().cloned()).expect("a sale was created");
        self.sale = match random.below(3) {
            0 => replayed(),
            1 => {
                let (taken_at, image) = self.snapshot.clone();
                let mut sale = Sale::from_image(image);
                self.durable[taken_at..].iter().for_each(|decided| sale.apply(decided));
                sale
            }
            _ => Sale::from_image(self.shown.image()),
        };
        assert_eq!(self.sale.image(), replayed().image(), "every way leads to the same sale");
        self.pending.clear();
        self.answers.clear();
        self.ledger.crash(&self.sale);
        self.read_at_ms += random.below(100_000);
        self.clock = SaleClock::resume(self.sale.now(), self.read_at_ms);
        self.seen.forget();
        self.seen.issued = self.sale.line().reserved();
        self.record(Change::Started, None);
        self.snapshot = (self.durable.len(), self.shown.image());
    }

    pub fn check(&self) {
        self.sale.check_invariants();
        self.shown.check_invariants();
        let all: Vec<_> =
            (0..self.shown.definition().performances.len() as u16).map(PerformanceIndex).collect();
        self.ledger.check_pictures(&self.shown.pictures(&all));
    }

    pub fn trace(&self) -> Vec<String> {
        self.durable.iter().skip(1).map(|decided| format!("{:?}", decided.change)).collect()
    }
}
