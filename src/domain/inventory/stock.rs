//! What each performance has left: seat maps, pools, and the counts that follow from them.
//!
//! Owns every unit for sale. All moves go through [`Stock::shift`], which keeps the states, the
//! counts per performance and zone, per zone, and of the whole sale in step: conservation is kept
//! move by move and asserted where it is cheap. A mirrored sale has no units here: its counts are
//! put in their places whole, by [`Stock::report`].

use crate::board::status::Counts;
use crate::change::{Line, ReportedZone, Taken};
use crate::id::{PerformanceIndex, PoolIndex, SeatIndex, ZoneIndex};
use crate::inventory::baskets::Slot;
use crate::inventory::seats::{SeatMap, SeatState};
use crate::sale::definition::{Definition, Performance, Withheld};

/// The state of some units, with their owner where they have one.
pub type UnitState = SeatState;

/// All units of a sale.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    performances: Vec<PerformanceStock>,
    by_zone: Vec<Counts>,
    total: Counts,
    changed: Vec<PerformanceIndex>,
}

/// All units of one performance.
#[derive(Clone, Debug)]
pub struct PerformanceStock {
    /// Numbered seats, if it has any.
    pub seats: Option<SeatMap>,
    /// Counted pools.
    pub pools: Vec<PoolStock>,
    /// Counts of each zone it sells, ascending by zone.
    pub zones: Vec<(ZoneIndex, Counts)>,
    changed: bool,
}

/// The units of one pool, by state. Who owns how many stands in the baskets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PoolStock {
    /// Units in each public state.
    pub counts: Counts,
    /// Of the withheld units, those that the house may sell.
    pub house: u64,
}

impl Stock {
    /// The stock of a sale before anybody comes.
    pub fn new(definition: &Definition) -> Self {
        let mut stock = Self::default();
        stock.extend(definition);
        stock
    }

    /// The stock of a sale of which these units are withheld and all others available.
    pub fn rebuild(definition: &Definition, withheld: &[WithheldUnits]) -> Self {
        let mut bare = definition.clone();
        for performance in &mut bare.performances {
            performance.seating.iter_mut().for_each(|seating| seating.withheld.clear());
            performance.pools.iter_mut().for_each(|pool| pool.withheld = 0);
        }
        let mut stock = Self::new(&bare);
        for units in withheld {
            for (line, kind) in units.lines(definition) {
                stock.shift(&line, SeatState::Available, SeatState::Withheld(kind));
            }
        }
        stock
    }

    /// Takes up performances, pools and capacity that a changed definition adds.
    ///
    /// # Panics
    /// If it takes away what is not available: the decision refused that.
    pub fn extend(&mut self, definition: &Definition) {
        self.by_zone.resize(definition.zones.len(), Counts::default());
        for (at, performance) in definition.performances.iter().enumerate() {
            if at == self.performances.len() {
                self.performances.push(PerformanceStock::new(definition, performance));
                let zones = self.performances[at].zones.clone();
                for (zone, counts) in zones {
                    self.by_zone[zone.at()].add(&counts);
                    self.total.add(&counts);
                }
                self.mark_changed(PerformanceIndex(at as u16));
            } else if definition.mirrored() {
                let stock = &mut self.performances[at];
                performance.pools.iter().for_each(|pool| _ = stock.zone_mut(pool.zone));
                self.mark_changed(PerformanceIndex(at as u16));
            } else {
                self.resize_pools(PerformanceIndex(at as u16), performance);
            }
        }
    }

    /// Puts what the venue's own system reported of a zone in the place of what it said before.
    ///
    /// # Panics
    /// If the performance does not sell the zone.
    pub fn report(&mut self, (performance, zone): ReportedZone, counts: Counts) {
        assert!(counts.conserved(), "units are neither made nor lost");
        let zones = &mut self.performances[performance.at()].zones;
        let at = zones.binary_search_by_key(&zone, |(zone, _)| *zone).expect("a zone it sells");
        let old = std::mem::replace(&mut zones[at].1, counts);
        for sum in [&mut self.by_zone[zone.at()], &mut self.total] {
            sum.add(&counts);
            sum.remove(&old);
        }
        self.mark_changed(performance);
    }

    fn resize_pools(&mut self, at: PerformanceIndex, performance: &Performance) {
        for (pool_at, pool) in performance.pools.iter().enumerate() {
            let stock = &mut self.performances[at.at()];
            if pool_at == stock.pools.len() {
                stock.pools.push(PoolStock::default());
                stock.zone_mut(pool.zone);
                self.mark_changed(at);
            }
            let stock = &mut self.performances[at.at()];
            let old = stock.pools[pool_at].counts.capacity;
            let new = u64::from(pool.capacity);
            if old != new {
                stock.pools[pool_at].counts.resize(new);
                stock.zone_mut(pool.zone).resize_by(old, new);
                self.by_zone[pool.zone.at()].resize_by(old, new);
                self.total.resize_by(old, new);
                self.mark_changed(at);
            }
        }
    }

    /// The stock of one performance.
    pub fn performance(&self, performance: PerformanceIndex) -> &PerformanceStock {
        &self.performances[performance.at()]
    }

    /// All performances, in the order of the definition.
    pub fn performances(&self) -> &[PerformanceStock] {
        &self.performances
    }

    /// Counts of the whole sale.
    pub fn total(&self) -> Counts {
        self.total
    }

    /// Counts of one zone over all performances.
    pub fn zone(&self, zone: ZoneIndex) -> Counts {
        self.by_zone[zone.at()]
    }

    /// The performances whose counts changed since this was last asked, ascending.
    pub fn take_changed(&mut self) -> Vec<PerformanceIndex> {
        for performance in &self.changed {
            self.performances[performance.at()].changed = false;
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed
    }

    /// Moves what a line names from one state to another.
    ///
    /// # Panics
    /// If the units are not in `from`.
    pub fn shift(&mut self, line: &Line, from: UnitState, to: UnitState) {
        let stock = &mut self.performances[line.performance.at()];
        let units = u64::from(line.units());
        match line.what {
            Taken::Seat(seat) => {
                stock.seats.as_mut().expect("a seat line has seats").shift(seat, from, to);
            }
            Taken::Pool(pool, _) => {
                let pool = &mut stock.pools[pool.at()];
                pool.counts.shift(from, to, units);
                pool.shift_house(from, to, units);
            }
        }
        stock.zone_mut(line.zone).shift(from, to, units);
        self.by_zone[line.zone.at()].shift(from, to, units);
        self.total.shift(from, to, units);
        self.mark_changed(line.performance);
        assert!(self.total.conserved(), "units are neither made nor lost");
    }

    /// Whether the units of a line are in the state from which a hold takes them.
    pub fn can_take(&self, line: &Line) -> bool {
        let stock = &self.performances[line.performance.at()];
        match line.what {
            Taken::Seat(seat) => {
                stock.seats.as_ref().and_then(|map| map.get(seat)) == Some(origin(line))
            }
            Taken::Pool(pool, units) if line.house => {
                stock.pools[pool.at()].house >= u64::from(units)
            }
            Taken::Pool(pool, units) => stock.pools[pool.at()].counts.available >= u64::from(units),
        }
    }

    /// The seats that are withheld, and the withheld units of each pool, for an image of the sale.
    pub fn withheld(&self) -> Vec<WithheldUnits> {
        let mut all = Vec::new();
        for (at, stock) in self.performances.iter().enumerate() {
            let seats: Vec<_> = (stock.seats.iter())
                .flat_map(|map| map.states().iter().enumerate())
                .filter_map(|(seat, state)| match state {
                    SeatState::Withheld(kind) => Some((SeatIndex(seat as u32), *kind)),
                    _ => None,
                })
                .collect();
            let pools: Vec<_> = (stock.pools.iter().enumerate())
                .filter(|(_, pool)| pool.counts.withheld > 0)
                .map(|(pool, stock)| (PoolIndex(pool as u16), stock.counts.withheld, stock.house))
                .collect();
            if !seats.is_empty() || !pools.is_empty() {
                all.push(WithheldUnits { performance: PerformanceIndex(at as u16), seats, pools });
            }
        }
        all
    }

    /// Says that what readers are shown of a performance changed.
    pub fn mark_changed(&mut self, performance: PerformanceIndex) {
        let stock = &mut self.performances[performance.at()];
        if !stock.changed {
            stock.changed = true;
            self.changed.push(performance);
        }
    }

    /// Asserts conservation everywhere, from the seats up.
    pub fn check_invariants(&self, definition: &Definition) {
        let mut total = Counts::default();
        for (at, stock) in self.performances.iter().enumerate() {
            stock.check_invariants(definition, PerformanceIndex(at as u16));
            stock.zones.iter().for_each(|(_, counts)| total.add(counts));
        }
        assert_eq!(total, self.total, "the total is the sum of the performances");
        let mut zones = Counts::default();
        self.by_zone.iter().for_each(|counts| zones.add(counts));
        assert_eq!(zones, self.total, "the total is the sum of the zones");
    }
}

/// What is withheld of one performance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WithheldUnits {
    /// Which performance.
    pub performance: PerformanceIndex,
    /// Seats with their kind.
    pub seats: Vec<(SeatIndex, Withheld)>,
    /// Pools with all withheld units, and those of them that are the house's.
    pub pools: Vec<(PoolIndex, u64, u64)>,
}

impl WithheldUnits {
    fn lines(&self, definition: &Definition) -> Vec<(Line, Withheld)> {
        let mut lines = Vec::new();
        for (seat, kind) in &self.seats {
            let zone = definition.zone_of_seat(self.performance, *seat);
            let zone = zone.expect("a withheld seat has a zone");
            lines.push((Line::bare(self.performance, Taken::Seat(*seat), zone), *kind));
        }
        for (pool, withheld, house) in &self.pools {
            let zone = definition.pool(self.performance, *pool).expect("a known pool").zone;
            for (units, kind) in [(*house, Withheld::House), (withheld - house, Withheld::Killed)] {
                let units = u32::try_from(units).expect("pools are limited");
                let what = Taken::Pool(*pool, units);
                if units > 0 {
                    lines.push((Line::bare(self.performance, what, zone), kind));
                }
            }
        }
        lines
    }
}

impl PerformanceStock {
    fn new(definition: &Definition, performance: &Performance) -> Self {
        let mut stock = Self { seats: None, pools: Vec::new(), zones: Vec::new(), changed: false };
        if let Some(seating) = &performance.seating {
            let plan = &definition.plans[seating.plan.at()];
            let map = SeatMap::new(plan.seats.len(), &seating.withheld);
            for (seat, state) in plan.seats.iter().zip(map.states()) {
                let zone = seating.zone_of_category[usize::from(seat.category)];
                stock.zone_mut(zone).add(&Counts::of(*state, 1));
            }
            stock.seats = Some(map);
        }
        if definition.mirrored() {
            performance.pools.iter().for_each(|pool| _ = stock.zone_mut(pool.zone));
            return stock;
        }
        for pool in &performance.pools {
            let counts = Counts {
                capacity: u64::from(pool.capacity),
                available: u64::from(pool.capacity - pool.withheld),
                withheld: u64::from(pool.withheld),
                ..Counts::default()
            };
            stock.zone_mut(pool.zone).add(&counts);
            stock.pools.push(PoolStock { counts, house: u64::from(pool.withheld) });
        }
        stock
    }

    /// Counts of one zone of this performance; empty if it does not sell that zone.
    pub fn zone(&self, zone: ZoneIndex) -> Counts {
        match self.zones.binary_search_by_key(&zone, |(zone, _)| *zone) {
            Ok(at) => self.zones[at].1,
            Err(_) => Counts::default(),
        }
    }

    fn zone_mut(&mut self, zone: ZoneIndex) -> &mut Counts {
        let at = match self.zones.binary_search_by_key(&zone, |(zone, _)| *zone) {
            Ok(at) => at,
            Err(at) => {
                self.zones.insert(at, (zone, Counts::default()));
                at
            }
        };
        &mut self.zones[at].1
    }

    /// Counts of all its zones together.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.zones.iter().for_each(|(_, counts)| total.add(counts));
        total
    }

    fn check_invariants(&self, definition: &Definition, at: PerformanceIndex) {
        if definition.mirrored() {
            for (zone, counts) in &self.zones {
                let most = definition.reported_max(at, *zone).expect("a zone it sells");
                assert!(counts.conserved() && counts.capacity <= u64::from(most));
            }
            return;
        }
        let mut again = vec![Counts::default(); definition.zones.len()];
        if let Some(map) = &self.seats {
            map.check_invariants();
            for (seat, state) in map.states().iter().enumerate() {
                let zone = definition.zone_of_seat(at, SeatIndex(seat as u32));
                again[zone.expect("every seat has a zone").at()].add(&Counts::of(*state, 1));
            }
        }
        for (pool, stock) in definition.performance(at).pools.iter().zip(&self.pools) {
            assert_eq!(u64::from(pool.capacity), stock.counts.capacity);
            assert!(stock.house <= stock.counts.withheld);
            again[pool.zone.at()].add(&stock.counts);
        }
        for (zone, counts) in &self.zones {
            assert!(counts.conserved(), "units are neither made nor lost");
            assert_eq!(*counts, again[zone.at()], "counts say what the units say");
        }
    }
}

impl PoolStock {
    fn shift_house(&mut self, from: UnitState, to: UnitState, units: u64) {
        if from == SeatState::Withheld(Withheld::House) {
            assert!(self.house >= units, "the house has that many");
            self.house -= units;
        }
        if to == SeatState::Withheld(Withheld::House) {
            self.house += units;
        }
        assert!(self.house <= self.counts.withheld, "the house's units are withheld");
    }
}

/// The state from which a hold takes a line, and to which its release returns it.
pub fn origin(line: &Line) -> UnitState {
    if line.house { SeatState::Withheld(Withheld::House) } else { SeatState::Available }
}

impl Counts {
    /// `units` units in one state.
    pub fn of(state: UnitState, units: u64) -> Self {
        let mut counts = Self { capacity: units, ..Self::default() };
        *counts.of_state(state) += units;
        counts
    }

    fn of_state(&mut self, state: UnitState) -> &mut u64 {
        match state {
            SeatState::Available => &mut self.available,
            SeatState::Held(_) => &mut self.held,
            SeatState::Paying(_) => &mut self.paying,
            SeatState::Sold(_) => &mut self.sold,
            SeatState::Withheld(_) => &mut self.withheld,
        }
    }

    fn shift(&mut self, from: UnitState, to: UnitState, units: u64) {
        let source = self.of_state(from);
        assert!(*source >= units, "{units} units are in {from:?}");
        *source -= units;
        *self.of_state(to) += units;
    }

    fn resize(&mut self, capacity: u64) {
        self.resize_by(self.capacity, capacity);
    }

    fn resize_by(&mut self, old: u64, new: u64) {
        assert!(self.available + new >= old, "only what is available can be taken away");
        self.available = self.available + new - old;
        self.capacity = self.capacity + new - old;
    }
}

/// The slot that owns a unit in this state, if any.
pub fn owner(state: UnitState) -> Option<Slot> {
    match state {
        SeatState::Held(slot) | SeatState::Paying(slot) | SeatState::Sold(slot) => Some(slot),
        SeatState::Available | SeatState::Withheld(_) => None,
    }
}
