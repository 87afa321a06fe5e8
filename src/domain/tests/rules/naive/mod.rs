//! The rules once more, as simply as they can be said: no index, no count, no bit.
//!
//! Written from the design and not from the code. [`Naive::expect`] says what a command must lead
//! to, [`Naive::follow`] says whether a change was right and makes it true here, too.

mod expect;
mod follow;
mod hold;
mod late;
mod queue;
mod report;
mod view;

use crate::support::ROWS;
use stanchion_domain::board::trigger::Trigger;
use stanchion_domain::change::{Change, Line};
use stanchion_domain::command::Report;
use stanchion_domain::id::PlaceMark;
use stanchion_domain::sale::definition::{Definition, Withheld};
use stanchion_domain::sale::operations::Phase;
use std::collections::BTreeMap;

/// Everything that is true of a sale.
pub struct Naive {
    pub definition: Definition,
    pub phase: Phase,
    pub paused: bool,
    pub frozen: bool,
    pub notice: bool,
    pub notice_until: Option<i64>,
    pub redirect: bool,
    pub cap: usize,
    pub pace: u64,
    pub for_what_is_left: bool,
    pub revision: u64,
    pub triggers: BTreeMap<String, (Trigger, bool)>,
    pub places: BTreeMap<u32, Place>,
    /// Numbers below this are known to be issued, whatever crashes.
    pub known: u32,
    pub front: u32,
    pub missed: BTreeMap<u32, (u64, u64)>,
    pub moved: BTreeMap<u32, PlaceMark>,
    /// Calls under this pace, and the last of all.
    pub calls: Vec<(u64, u64)>,
    pub called_at: Option<u64>,
    pub baskets: BTreeMap<u128, Basket>,
    /// Seats and pool units that are the house's or killed while nobody has them.
    pub kept_seats: BTreeMap<(u16, u32), Withheld>,
    pub kept_units: BTreeMap<(u16, u16), (u32, u32)>,
    pub answers: BTreeMap<u128, (u64, u64, Change)>,
    pub grace_until: u64,
    pub resumed_at: u64,
    pub reports: BTreeMap<(u16, u16), Told>,
}

/// What the venue's own system said last of a zone.
pub struct Told {
    pub report: Report,
    pub at: u64,
    pub wall: i64,
    pub stale: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Waiting,
    Passed,
    Called { until: u64 },
    Active { quiet_from: u64 },
    Gone,
}

pub struct Basket {
    pub pass: u32,
    pub stage: Stage,
    pub opened: u64,
    pub deadline: u64,
    pub holds: BTreeMap<u32, Vec<Line>>,
    pub hold_next: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stage {
    Open,
    Paying,
    Sold { payment: String, late: bool },
    Released { at: u64, payable: bool },
    Expired { at: u64, payable: bool },
    Cancelled { at: u64 },
    Lost(String),
}

impl Basket {
    pub fn live(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Paying)
    }

    pub fn owns(&self) -> bool {
        self.live() || matches!(self.stage, Stage::Sold { .. })
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.holds.values().flatten()
    }

    pub fn units(&self) -> u32 {
        self.lines().map(Line::units).sum()
    }
}

impl Naive {
    pub fn new(definition: Definition) -> Self {
        let mut naive = Self {
            phase: Phase::Before,
            paused: false,
            frozen: false,
            notice: false,
            notice_until: None,
            redirect: false,
            cap: definition.policy.cap as usize,
            pace: u64::from(definition.policy.pace_per_minute),
            for_what_is_left: definition.policy.call_for_what_is_left,
            revision: 0,
            triggers: BTreeMap::new(),
            places: BTreeMap::new(),
            known: 0,
            front: 0,
            missed: BTreeMap::new(),
            moved: BTreeMap::new(),
            calls: Vec::new(),
            called_at: None,
            baskets: BTreeMap::new(),
            kept_seats: BTreeMap::new(),
            kept_units: BTreeMap::new(),
            answers: BTreeMap::new(),
            grace_until: 0,
            resumed_at: 0,
            reports: BTreeMap::new(),
            definition: Definition::default(),
        };
        naive.define(definition);
        naive
    }

    /// Takes up a definition, or what a changed one adds.
    pub fn define(&mut self, definition: Definition) {
        let known = self.definition.performances.len();
        for (at, performance) in definition.performances.iter().enumerate().skip(known) {
            for (seat, kind) in performance.seating.iter().flat_map(|seating| &seating.withheld) {
                self.kept_seats.insert((at as u16, seat.0), *kind);
            }
            for (pool_at, pool) in performance.pools.iter().enumerate() {
                self.kept_units.insert((at as u16, pool_at as u16), (pool.withheld, 0));
            }
        }
        // What operators set stays, unless the definition says something else than before.
        let (old, new) = (&self.definition, &definition);
        if old.policy.cap != new.policy.cap {
            self.cap = new.policy.cap as usize;
        }
        let for_what_is_left = new.policy.call_for_what_is_left;
        if old.policy.call_for_what_is_left != for_what_is_left {
            self.for_what_is_left = for_what_is_left;
        }
        let new_pace = new.policy.pace_per_minute;
        let pace_differs = old.policy.pace_per_minute != new_pace;
        for trigger in new.triggers.iter().filter(|trigger| !old.triggers.contains(trigger)) {
            self.triggers.insert(trigger.id.clone(), (trigger.clone(), false));
        }
        if pace_differs {
            self.set_pace(new_pace);
        }
        self.definition = definition;
    }

    pub fn set_pace(&mut self, pace: u32) {
        self.pace = u64::from(pace);
        self.calls.clear();
    }

    pub fn called_or_active(&self) -> usize {
        let in_shop = |place: &&Place| matches!(place, Place::Called { .. } | Place::Active { .. });
        self.places.values().filter(in_shop).count()
    }

    pub fn is_active(&self, number: u32) -> bool {
        matches!(self.places.get(&number), Some(Place::Active { .. }))
    }

    pub fn live_basket_of(&self, pass: u32) -> Option<u128> {
        let mut live = self.baskets.iter().filter(|(_, kept)| kept.live() && kept.pass == pass);
        live.next().map(|(id, _)| *id)
    }

    /// Units in orders of a visitor.
    pub fn units_bought(&self, pass: u32) -> u32 {
        let sold = |basket: &&Basket| matches!(basket.stage, Stage::Sold { .. });
        let orders = self.baskets.values().filter(sold).filter(|basket| basket.pass == pass);
        orders.map(Basket::units).sum()
    }

    pub fn calling(&self) -> bool {
        self.phase == Phase::Open && !self.paused && !self.frozen && self.cap > 0 && self.pace > 0
    }

    pub fn has_seats(&self, performance: u16) -> bool {
        self.definition.performances[usize::from(performance)].seating.is_some()
    }

    pub fn zone_of_row(row: u32) -> u16 {
        u16::from(row == ROWS - 1)
    }
}
