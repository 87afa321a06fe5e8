//! What was promised, written down apart from the sale: by changes that became durable, in served
//! time of its own. Never reads the sale's state to judge the sale's state.

use crate::support::Seen;
use stanchion_domain::board::picture::PerformancePicture;
use stanchion_domain::board::status::Status;
use stanchion_domain::change::{Change, Decided, Line, Taken};
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{BasketId, Number, RequestKey};
use stanchion_domain::inventory::baskets::BasketState;
use stanchion_domain::inventory::stock::owner;
use stanchion_domain::sale::definition::{Definition, Withheld};
use stanchion_domain::sale::{Presence, Sale};
use stanchion_domain::time::SaleTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub struct Ledger {
    definition: Arc<Definition>,
    /// Milliseconds in which visitors could be served, over all processes.
    served_ms: u64,
    /// When the last outage or crash ended.
    outage_at: u64,
    seen_at: BTreeMap<u32, u64>,
    /// What was decided and is not durable, with the served time and the last outage then.
    noted: Vec<(Decided, u64, u64)>,
    seats: BTreeMap<(u16, u32), BasketId>,
    withheld: BTreeMap<(u16, u32), Withheld>,
    /// Owned seats that go back to the house.
    of_house: BTreeSet<(u16, u32)>,
    units: BTreeMap<(u16, u16), u32>,
    baskets: BTreeMap<BasketId, Basket>,
    called: BTreeMap<u32, u64>,
    active: BTreeSet<u32>,
    cap: usize,
    cancelled: BTreeSet<BasketId>,
    acknowledged: BTreeMap<u128, Change>,
}

struct Basket {
    pass: Number,
    holds: Vec<(u32, Vec<Line>)>,
    opened_at: u64,
    paying_at: Option<u64>,
    live: bool,
}

impl Ledger {
    pub fn new(definition: Arc<Definition>) -> Self {
        let mut withheld = BTreeMap::new();
        for (at, performance) in (0..).zip(&definition.performances) {
            let seats = performance.seating.iter().flat_map(|seating| &seating.withheld);
            withheld.extend(seats.map(|(seat, kind)| ((at, seat.0), *kind)));
        }
        Self {
            cap: definition.policy.cap as usize,
            definition,
            served_ms: 0,
            outage_at: 0,
            seen_at: BTreeMap::new(),
            noted: Vec::new(),
            seats: BTreeMap::new(),
            withheld,
            of_house: BTreeSet::new(),
            units: BTreeMap::new(),
            baskets: BTreeMap::new(),
            called: BTreeMap::new(),
            active: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    pub fn serve(&mut self, passed_ms: u64) {
        self.served_ms += passed_ms;
    }

    pub fn outage(&mut self) {
        self.outage_at = self.served_ms;
    }

    pub fn see(&mut self, number: Number) {
        self.seen_at.insert(number.0, self.served_ms);
    }

    pub fn note(&mut self, decided: &Decided) {
        if let Change::IdledOut { numbers } = &decided.change {
            numbers.iter().for_each(|number| self.check_idle(*number));
        }
        self.noted.push((decided.clone(), self.served_ms, self.outage_at));
    }

    /// Among those who are here, nobody is called before a lower number, but who missed a claim.
    pub fn check_turn(&self, numbers: &[Number], sale: &Sale, now: SaleTime, seen: &Seen) {
        let missed = |number: Number| sale.line().missed(number).is_some();
        let Some(last) = numbers.iter().filter(|number| !missed(**number)).max() else { return };
        let span = self.definition.policy.presence_span;
        for number in self.seen_at.range(..last.0).map(|(number, _)| Number(*number)) {
            let here = seen.seen_at(number).is_some_and(|at| now.since(at) <= span);
            if here && !missed(number) && !numbers.contains(&number) {
                let waits = sale.line().standing(number).position().is_some();
                assert!(!waits, "{last:?} is called before {number:?}, who is here");
            }
        }
    }

    pub fn made_durable(&mut self) {
        for (decided, served, outage_at) in std::mem::take(&mut self.noted) {
            self.follow(&decided.change, served, outage_at);
        }
    }

    pub fn acknowledge(&mut self, request: RequestKey, change: &Change) {
        let before = self.acknowledged.insert(request.key, change.clone());
        assert!(before.is_none_or(|before| before == *change), "one key, one answer");
    }

    /// What was not durable is forgotten; what was acknowledged is not.
    pub fn crash(&mut self, sale: &Sale) {
        self.noted.clear();
        self.outage();
        for (key, change) in &self.acknowledged {
            let kept = sale.answers().get(*key).map(|answer| &answer.change);
            assert_eq!(kept, Some(change), "what was acknowledged survives");
            let Change::Confirmed { basket, payment, late } = change else { continue };
            if !self.cancelled.contains(basket) {
                let kept = sale.baskets().by_id(*basket).map(|basket| basket.state.clone());
                let payment = payment.clone();
                assert_eq!(kept, Some(BasketState::Confirmed { payment, late: *late }));
            }
        }
        let maps = sale.stock().performances().iter().filter_map(|stock| stock.seats.as_ref());
        let owned = maps.flat_map(|map| map.states()).filter(|state| owner(**state).is_some());
        assert_eq!(owned.count(), self.seats.len(), "every seat has the owner it had");
        assert_eq!(sale.passes().len() as usize, self.called.len() + self.active.len());
    }

    fn follow(&mut self, change: &Change, served: u64, outage_at: u64) {
        let policy = self.definition.policy.clone();
        match change {
            Change::Called { numbers, .. } => {
                let in_shop = self.called.len() + self.active.len() + numbers.len();
                assert!(numbers.is_empty() || in_shop <= self.cap, "the cap is a cap");
                self.called.extend(numbers.iter().map(|number| (number.0, served)));
            }
            Change::ClaimsMissed { numbers } => {
                for number in numbers {
                    let from = self.called.remove(&number.0).expect("a called visitor");
                    let from = from.max(outage_at);
                    assert!(served - from > policy.claim_span.0, "{number:?} had less time");
                }
            }
            Change::Claimed { number } => {
                self.called.remove(&number.0).expect("a called visitor");
                self.active.insert(number.0);
            }
            Change::Left { number } => self.leave(*number),
            Change::IdledOut { numbers } => numbers.iter().for_each(|number| self.leave(*number)),
            Change::Held(held) => {
                self.take(held.basket, &held.lines);
                let basket = self.baskets.entry(held.basket).or_insert(Basket {
                    pass: held.pass,
                    holds: Vec::new(),
                    opened_at: served,
                    paying_at: None,
                    live: true,
                });
                basket.holds.push((held.hold.0, held.lines.to_vec()));
            }
            Change::Released { basket, hold } => self.release(*basket, hold.0),
            Change::BasketReleased { basket } => self.close(*basket),
            Change::BasketExpired { basket } => {
                self.check_expiry(*basket, served, outage_at);
                self.close(*basket);
            }
            Change::CheckedOut { basket, .. } => {
                self.baskets.get_mut(basket).expect("a basket").paying_at = Some(served);
            }
            Change::Confirmed { basket, late, .. } => self.confirm(*basket, *late),
            Change::PaymentLost { basket, .. } => {
                let lines = self.lines(*basket);
                let gone = lines.iter().any(|line| self.gone(line));
                assert!(gone, "a late payment is lost only with a seat that is gone");
            }
            Change::Operated { action, .. } => self.operate(action),
            _ => {}
        }
    }

    fn operate(&mut self, action: &OpsAction) {
        match action {
            OpsAction::SetCap(cap) => self.cap = *cap as usize,
            OpsAction::CancelOrder(order) => {
                let lines = self.lines(*order);
                self.give_back(*order, &lines);
                self.cancelled.insert(*order);
            }
            OpsAction::Withhold { what: Units::Seats { performance, seats }, kind } => {
                for seat in seats.iter().map(|seat| (performance.0, seat.0)) {
                    assert!(!self.seats.contains_key(&seat), "only what nobody has");
                    assert_eq!(self.withheld.insert(seat, *kind), None, "withheld once");
                }
            }
            OpsAction::Restore { what: Units::Seats { performance, seats } } => {
                for seat in seats.iter().map(|seat| (performance.0, seat.0)) {
                    assert!(self.withheld.remove(&seat).is_some(), "only what is withheld");
                }
            }
            _ => {}
        }
    }

    /// Whether a line of a closed basket cannot be taken again; of a pool, nobody knows here.
    fn gone(&self, line: &Line) -> bool {
        let Taken::Seat(seat) = line.what else { return true };
        let seat = (line.performance.0, seat.0);
        let free = match self.withheld.get(&seat) {
            None => !self.seats.contains_key(&seat),
            Some(kind) => line.house && *kind == Withheld::House,
        };
        !free
    }

    fn check_idle(&self, number: Number) {
        let policy = &self.definition.policy;
        let seen_at = self.seen_at.get(&number.0).copied().unwrap_or(0).max(self.outage_at);
        assert!(self.served_ms - seen_at > policy.idle_span.0, "{number:?} was not silent");
        assert!(self.served_ms - self.outage_at >= policy.grace_span.0, "everyone gets the grace");
    }

    /// A basket lives as long as was promised in served time, and has the grace after an outage.
    fn check_expiry(&self, basket: BasketId, served: u64, outage_at: u64) {
        let policy = &self.definition.policy;
        let basket = &self.baskets[&basket];
        let lived = served - basket.opened_at;
        let promised = match basket.paying_at {
            None => policy.hold_span.0,
            Some(at) => {
                let since = at - basket.opened_at;
                (since + policy.checkout_span.0).min(policy.basket_span_max.0)
            }
        };
        assert!(lived > promised, "promised {promised} ms, lived {lived} ms");
        let grace = outage_at + policy.grace_basket_span.0;
        assert!(basket.opened_at > outage_at || served > grace, "everyone gets the grace");
    }

    fn lines(&self, basket: BasketId) -> Vec<Line> {
        let holds = &self.baskets[&basket].holds;
        holds.iter().flat_map(|(_, lines)| lines).copied().collect()
    }

    fn take(&mut self, basket: BasketId, lines: &[Line]) {
        for line in lines {
            match line.what {
                Taken::Seat(seat) => {
                    let before = self.seats.insert((line.performance.0, seat.0), basket);
                    assert_eq!(before, None, "no seat twice");
                    match self.withheld.remove(&(line.performance.0, seat.0)) {
                        None => {}
                        Some(Withheld::House) if line.house => {
                            self.of_house.insert((line.performance.0, seat.0));
                        }
                        Some(kind) => panic!("a seat is {kind:?} and was taken"),
                    }
                }
                Taken::Pool(pool, units) => {
                    let pools = &self.definition.performances[line.performance.at()].pools;
                    let taken = self.units.entry((line.performance.0, pool.0)).or_default();
                    *taken += units;
                    assert!(*taken <= pools[pool.at()].capacity, "no pool over its capacity");
                }
            }
        }
    }

    fn give_back(&mut self, basket: BasketId, lines: &[Line]) {
        for line in lines {
            match line.what {
                Taken::Seat(seat) => {
                    let owner = self.seats.remove(&(line.performance.0, seat.0));
                    assert_eq!(owner, Some(basket), "only the owner gives back");
                    if self.of_house.remove(&(line.performance.0, seat.0)) {
                        self.withheld.insert((line.performance.0, seat.0), Withheld::House);
                    }
                }
                Taken::Pool(pool, units) => {
                    *self.units.get_mut(&(line.performance.0, pool.0)).expect("taken") -= units;
                }
            }
        }
    }

    fn release(&mut self, id: BasketId, hold: u32) {
        let basket = self.baskets.get_mut(&id).expect("a basket");
        if basket.holds.len() == 1 {
            return self.close(id);
        }
        let at = basket.holds.iter().position(|(kept, _)| *kept == hold).expect("a hold");
        let (_, lines) = basket.holds.remove(at);
        self.give_back(id, &lines);
    }

    fn close(&mut self, basket: BasketId) {
        let lines = self.lines(basket);
        self.give_back(basket, &lines);
        self.baskets.get_mut(&basket).expect("a basket").live = false;
    }

    fn confirm(&mut self, basket: BasketId, late: bool) {
        let live = std::mem::replace(&mut self.baskets.get_mut(&basket).unwrap().live, false);
        assert_ne!(live, late, "late means that it had been closed");
        if late {
            let lines = self.lines(basket);
            self.take(basket, &lines);
        }
    }

    fn leave(&mut self, number: Number) {
        let live = self.baskets.iter().find(|(_, kept)| kept.live && kept.pass == number);
        if let Some(basket) = live.map(|(id, _)| *id) {
            self.close(basket);
        }
        self.called.remove(&number.0);
        self.active.remove(&number.0);
    }

    /// Every unit is in one state, those that are owned as often as written down here; sold out
    /// means sold.
    pub fn check_pictures(&self, pictures: &[PerformancePicture]) {
        for picture in pictures {
            let counts = picture.total.counts;
            let in_baskets = counts.held + counts.paying;
            let owned = in_baskets + counts.sold;
            assert_eq!(counts.available + owned + counts.withheld, counts.capacity);
            let at = picture.performance.0;
            let seats = self.seats.keys().filter(|(performance, _)| *performance == at).count();
            let units = self.units.iter().filter(|((performance, _), _)| *performance == at);
            let units: u32 = units.map(|(_, units)| units).sum();
            assert_eq!(owned, seats as u64 + u64::from(units), "no unit without an owner");
            if picture.total.status == Status::SoldOut {
                assert_eq!(counts.available + in_baskets, 0, "sold out means sold");
            }
        }
    }
}
