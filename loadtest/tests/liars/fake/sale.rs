//! The fake's sale: the queue, baskets, the board. Told the time, asked one thing after the other.

use std::collections::{BTreeMap, HashMap};

use stanchion_loadtest::history::{Board, Performance};

use super::basket::{Basket, Stage};
use super::queue::{Queue, State};
use super::stock::{FLOOR, HALL, STALLS, Stock, UnitState, Wish, YARD, status};
use super::{Lie, Spans};

/// An answer: what it is about, or the code of a refusal.
pub(crate) type Answer<T> = Result<T, &'static str>;

/// What was answered under a key: the basket, and what the request was about.
pub(super) type Kept = Answer<(String, u32, bool)>;

/// One sale.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) lie: Lie,
    pub(crate) now_ms: u64,
    pub(crate) spans: Spans,
    pub(crate) queue: Queue,
    pub(crate) stock: Stock,
    pub(crate) baskets: BTreeMap<String, Basket>,
    pub(crate) notice: Option<String>,
    pub(crate) revision: u64,
    pub(crate) head: Board,
    pub(crate) performances: Vec<Performance>,
    pub(super) answers: HashMap<String, Kept>,
}

impl Sale {
    pub(crate) fn new(lie: Lie, cap: usize, spans: Spans, (seats, standing): (usize, u32)) -> Self {
        let mut sale = Self {
            lie,
            now_ms: 1,
            spans,
            queue: Queue::new(cap, lie, spans),
            stock: Stock::new(seats, standing),
            baskets: BTreeMap::new(),
            notice: None,
            revision: 0,
            head: Board::default(),
            performances: Vec::new(),
            answers: HashMap::new(),
        };
        sale.publish();
        sale
    }

    /// Lets time come to this; expires and calls what is due.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        let due = self.baskets.values().filter(|one| one.live() && self.now_ms > one.ends_ms);
        let due: Vec<String> = due.map(|basket| basket.id.clone()).collect();
        for id in due {
            let was_paying = self.baskets[&id].stage == Stage::Paying;
            self.close(&id, Stage::Expired { was_paying });
        }
        self.queue.tick(self.now_ms);
    }

    /// Makes the board new.
    pub(crate) fn publish(&mut self) {
        let mut counts = self.stock.total();
        if self.lie == Lie::UnitsVanish && counts.sold > 0 {
            counts.available = counts.available.saturating_sub(1);
        }
        let head = Board {
            version: self.head.version,
            status: status(&counts).to_owned(),
            counts,
            waiting: self.queue.waiting() as u64,
            called: self.queue.called() as u64,
            active: self.queue.active() as u64,
            cap: self.queue.cap as u64,
            notice: self.notice.clone(),
        };
        let show = |id: &str, zone: &str, counts| Performance {
            id: id.to_owned(),
            status: status(&counts).to_owned(),
            counts,
            zones: vec![(zone.to_owned(), counts)],
        };
        let performances =
            vec![show(HALL, STALLS, self.stock.hall()), show(YARD, FLOOR, self.stock.standing)];
        if head != self.head || performances != self.performances {
            self.head = Board { version: head.version + 1, ..head };
            self.performances = performances;
        }
    }

    /// Holds in a new basket or in one that is there; the basket and the hold.
    pub(crate) fn hold(
        &mut self,
        number: usize,
        basket: Option<&str>,
        wish: &Wish,
        key: &str,
    ) -> Answer<(String, u32)> {
        if let Some(Ok((id, hold, _))) = self.answers.get(key) {
            return Ok((id.clone(), *hold));
        }
        let (id, hold) = self.try_hold(number, basket, wish)?;
        self.answers.insert(key.to_owned(), Ok((id.clone(), hold, false)));
        Ok((id, hold))
    }

    fn try_hold(
        &mut self,
        number: usize,
        basket: Option<&str>,
        wish: &Wish,
    ) -> Answer<(String, u32)> {
        self.pass(number)?;
        let live = self.baskets.values().find(|basket| basket.number == number && basket.live());
        match (basket, live) {
            (None, Some(_)) => return Err("basket_open"),
            (Some(id), _) => {
                let basket = self.own(number, id)?;
                if basket.stage != Stage::Open {
                    return Err("wrong_state");
                }
            }
            (None, None) => {}
        }
        let taken = self.stock.choose(wish).map_err(|code| match (self.lie, code) {
            (Lie::SoldOutEarly, "in_baskets") => "sold_out",
            _ => code,
        })?;
        self.stock.put(&taken, UnitState::Available, UnitState::Held);
        let id = basket.map_or_else(|| format!("{:032x}", self.baskets.len() + 1), str::to_owned);
        let deadline_ms = self.now_ms + self.spans.hold_ms;
        let early = self.lie == Lie::ExpiresEarly;
        let basket = self.baskets.entry(id.clone()).or_insert_with(|| Basket {
            id: id.clone(),
            number,
            stage: Stage::Open,
            holds: Vec::new(),
            deadline_ms,
            ends_ms: if early { self.now_ms + self.spans.hold_ms / 200 } else { deadline_ms },
            next: 1,
        });
        let hold = basket.next;
        basket.next += 1;
        basket.holds.push((hold, taken));
        Ok((id, hold))
    }

    fn pass(&self, number: usize) -> Answer<()> {
        match self.queue.state(number) {
            Some(State::Active) => Ok(()),
            _ => Err("no_pass"),
        }
    }

    pub(super) fn own(&self, number: usize, id: &str) -> Answer<&Basket> {
        self.pass(number)?;
        let basket = self.baskets.get(id).filter(|basket| basket.number == number);
        let basket = basket.ok_or("not_found")?;
        match basket.stage {
            Stage::Open | Stage::Paying => Ok(basket),
            Stage::Expired { .. } | Stage::Lost => Err("expired"),
            Stage::Released | Stage::Confirmed => Err("wrong_state"),
        }
    }

    /// Gives back a hold, or everything.
    pub(crate) fn release(
        &mut self,
        number: usize,
        id: &str,
        hold: Option<u32>,
        key: &str,
    ) -> Answer<()> {
        if let Some(answer) = self.answers.get(key) {
            return answer.clone().map(|_| ());
        }
        let basket = self.own(number, id)?;
        let only = basket.holds.len() == 1;
        let place = basket.holds.iter().position(|(held, _)| Some(*held) == hold);
        match (hold, place) {
            (None, _) => self.close(id, Stage::Released),
            (Some(_), _) if basket.stage == Stage::Paying => return Err("wrong_state"),
            (Some(_), None) => return Err("not_found"),
            (Some(_), Some(_)) if only => self.close(id, Stage::Released),
            (Some(_), Some(place)) => {
                let basket = self.baskets.get_mut(id).ok_or("not_found")?;
                let (_, taken) = basket.holds.remove(place);
                self.stock.put(&taken, UnitState::Held, UnitState::Available);
            }
        }
        self.answers.insert(key.to_owned(), Ok((id.to_owned(), 0, false)));
        Ok(())
    }

    fn close(&mut self, id: &str, stage: Stage) {
        let Some(basket) = self.baskets.get_mut(id) else { return };
        let from = if basket.stage == Stage::Paying { UnitState::Paying } else { UnitState::Held };
        basket
            .holds
            .iter()
            .for_each(|(_, taken)| self.stock.put(taken, from, UnitState::Available));
        basket.stage = stage;
    }

    /// Leaves the queue or the shop.
    pub(crate) fn leave(&mut self, number: usize) -> Answer<()> {
        let live = self.baskets.values().find(|basket| basket.number == number && basket.live());
        if let Some(id) = live.map(|basket| basket.id.clone()) {
            self.close(&id, Stage::Released);
        }
        if self.queue.leave(number) { Ok(()) } else { Err("gone") }
    }
}
