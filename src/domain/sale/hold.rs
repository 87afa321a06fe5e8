//! Decides a request to hold: all or nothing, with the item that could not be and why.

use super::Sale;
use crate::bits::Bits;
use crate::board::status::Counts;
use crate::change::{Held, Line, Taken, add_line};
use crate::command::{BestAvailable, Hold, Item, Target};
use crate::id::{BasketId, HoldId, PerformanceIndex, PoolIndex, PriceIndex, SeatIndex, ZoneIndex};
use crate::inventory::baskets::{Basket, BasketState};
use crate::inventory::best_available::{NoChoice, Wish};
use crate::inventory::seats::SeatState;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::sale::definition::Withheld;
use crate::time::SaleTime;

impl Sale {
    pub(super) fn decide_hold(&self, now: SaleTime, hold: &Hold) -> Result<Held, Refusal> {
        self.require_open()?;
        self.active_pass(hold.pass).ok_or(Refusal::whole(Code::NoPass))?;
        let (basket, kept) = self.target(hold)?;
        if kept.is_some_and(|kept| now > kept.deadline_at) {
            return Err(Refusal::whole(Code::Expired));
        }
        let lines = self.choose_lines(hold)?;
        let units: u32 = lines.iter().map(Line::units).sum();
        self.require_within_limits(units, kept, self.passes.units_bought(hold.pass))?;
        Ok(Held {
            basket,
            pass: hold.pass,
            hold: kept.map_or(HoldId(1), |kept| kept.hold_next),
            lines: lines.into(),
            deadline_at: kept
                .map_or(now.after(self.definition.policy.hold_span), |kept| kept.deadline_at),
        })
    }

    fn target(&self, hold: &Hold) -> Result<(BasketId, Option<&Basket>), Refusal> {
        match hold.basket {
            Target::New(id) => {
                let live = self.passes.get(hold.pass).and_then(|pass| pass.basket);
                if let Some(slot) = live {
                    return Err(Refusal::whole(Code::BasketOpen(self.baskets.get(slot).id)));
                }
                if self.baskets.find(id).is_some() {
                    return Err(Refusal::whole(Code::Invalid { what: "basket id" }));
                }
                Ok((id, None))
            }
            Target::Live(id) => {
                let basket = self.live_basket(hold.pass, id)?;
                if basket.state == BasketState::Paying {
                    return Err(Refusal::whole(Code::WrongState { state: "paying" }));
                }
                if basket.holds.len() >= limits::HOLDS_PER_BASKET_MAX {
                    return Err(limit("holds_per_basket", limits::HOLDS_PER_BASKET_MAX as u64));
                }
                Ok((id, Some(basket)))
            }
        }
    }

    fn require_within_limits(
        &self,
        units: u32,
        basket: Option<&Basket>,
        bought: u32,
    ) -> Result<(), Refusal> {
        let policy = &self.definition.policy;
        let in_basket = basket.map_or(0, Basket::units) + units;
        let per_basket = policy.basket_units_max.min(limits::UNITS_PER_BASKET_MAX);
        if in_basket > per_basket {
            return Err(limit("basket_units", u64::from(per_basket)));
        }
        if in_basket + bought > policy.visitor_units_max {
            return Err(limit("visitor_units", u64::from(policy.visitor_units_max)));
        }
        Ok(())
    }

    fn choose_lines(&self, hold: &Hold) -> Result<Vec<Line>, Refusal> {
        if hold.items.is_empty() {
            return Err(Refusal::whole(Code::Invalid { what: "items" }));
        }
        if hold.items.len() > limits::ITEMS_PER_REQUEST_MAX {
            return Err(limit("items_per_request", limits::ITEMS_PER_REQUEST_MAX as u64));
        }
        let lines = Vec::with_capacity(hold.items.len());
        let mut choice = Choice { sale: self, entitled: hold.entitled, lines };
        for (at, item) in hold.items.iter().enumerate() {
            choice.add(item).map_err(|code| Refusal::item(code, at))?;
        }
        Ok(choice.lines)
    }
}

/// The lines chosen so far; later items see them as taken.
struct Choice<'a> {
    sale: &'a Sale,
    entitled: bool,
    lines: Vec<Line>,
}

impl Choice<'_> {
    fn add(&mut self, item: &Item) -> Result<(), Code> {
        match item {
            Item::Seat { performance, seat, price } => {
                self.require_performance(*performance)?;
                self.add_seat(*performance, *seat, *price)
            }
            Item::Pool { performance, pool, price, units } => {
                self.require_performance(*performance)?;
                self.add_pool((*performance, *pool), *price, *units)
            }
            Item::BestAvailable(wish) => {
                self.require_performance(wish.performance)?;
                self.add_best(wish)
            }
        }
    }

    fn require_performance(&self, performance: PerformanceIndex) -> Result<(), Code> {
        let known = performance.at() < self.sale.definition.performances.len();
        known.then_some(()).ok_or(Code::NotFound { what: "performance" })
    }

    fn add_seat(
        &mut self,
        performance: PerformanceIndex,
        seat: SeatIndex,
        price: PriceIndex,
    ) -> Result<(), Code> {
        let map = self.sale.stock.performance(performance).seats.as_ref();
        let state = map.and_then(|map| map.get(seat)).ok_or(Code::NotFound { what: "seat" })?;
        let house = match state {
            SeatState::Available => false,
            SeatState::Withheld(Withheld::House) if self.entitled => true,
            SeatState::Withheld(Withheld::House) => return Err(Code::NotEntitled),
            SeatState::Withheld(Withheld::Killed) => {
                return Err(Code::Unavailable { killed: true });
            }
            SeatState::Sold(_) => return Err(Code::Unavailable { killed: false }),
            SeatState::Held(slot) | SeatState::Paying(slot) => {
                let first_return_at = Some(self.sale.baskets.get(slot).deadline_at);
                return Err(Code::InBaskets { first_return_at });
            }
        };
        let what = Taken::Seat(seat);
        if self.lines.iter().any(|line| line.performance == performance && line.what == what) {
            return Err(Code::Invalid { what: "the same seat twice" });
        }
        let zone = self.sale.definition.zone_of_seat(performance, seat);
        let zone = zone.expect("a seat with a state has a zone");
        self.push(performance, what, zone, (price, house))
    }

    fn add_pool(
        &mut self,
        (performance, pool): (PerformanceIndex, PoolIndex),
        price: PriceIndex,
        units: u32,
    ) -> Result<(), Code> {
        let defined = self.sale.definition.pool(performance, pool);
        let zone = defined.ok_or(Code::NotFound { what: "pool" })?.zone;
        if units == 0 || units > limits::UNITS_PER_BASKET_MAX {
            return Err(Code::Invalid { what: "units" });
        }
        let stock = &self.sale.stock.performance(performance).pools[pool.at()];
        for house in [false, true] {
            if house && !self.entitled {
                continue;
            }
            let line = self.line(performance, Taken::Pool(pool, units), zone, (price, house))?;
            if self.can_take_too(line) {
                self.lines.push(line);
                return Ok(());
            }
        }
        Err(nothing_free(&stock.counts))
    }

    /// Whether a line can be taken beside those chosen so far.
    fn can_take_too(&self, line: Line) -> bool {
        if self.lines.is_empty() {
            return self.sale.stock.can_take(&line);
        }
        let mut wanted: Vec<Line> = Vec::with_capacity(self.lines.len() + 1);
        for other in self.lines.iter().filter(|other| other.performance == line.performance) {
            add_line(&mut wanted, *other);
        }
        add_line(&mut wanted, line);
        wanted.iter().all(|line| self.sale.stock.can_take(line))
    }

    fn add_best(&mut self, wish: &BestAvailable) -> Result<(), Code> {
        if wish.seats == 0
            || wish.seats > limits::BEST_AVAILABLE_MAX
            || wish.accessible > wish.seats
        {
            return Err(Code::Invalid { what: "seats" });
        }
        self.require_scope(wish)?;
        let performance = wish.performance;
        let layout = self.sale.layouts.get(performance);
        let layout = layout.ok_or(Code::NotFound { what: "seating" })?;
        let stock = self.sale.stock.performance(performance);
        let map = stock.seats.as_ref().expect("a performance with a layout has seats");
        let asked = Wish {
            seats: wish.seats,
            accessible: wish.accessible,
            zone: wish.zone,
            section: wish.section,
        };
        let chosen = match self.without_chosen(performance, map.available()) {
            Some(rest) => layout.choose(&rest, &asked),
            None => layout.choose(map.available(), &asked),
        };
        let seats = chosen.map_err(|why| match why {
            NoChoice::NoBlock | NoChoice::Fewer { available: 1.. } => Code::NoBlock,
            NoChoice::Fewer { available: 0 } => nothing_free(&self.counts_in_scope(wish)),
        })?;
        for seat in seats {
            let zone = self.sale.definition.zone_of_seat(performance, seat);
            let zone = zone.expect("a chosen seat has a zone");
            self.push(performance, Taken::Seat(seat), zone, (wish.price, false))?;
        }
        Ok(())
    }

    /// Refuses a zone or a section that does not exist.
    fn require_scope(&self, wish: &BestAvailable) -> Result<(), Code> {
        let definition = &self.sale.definition;
        let plan = definition.plan_of(wish.performance);
        let sections = plan.ok_or(Code::NotFound { what: "seating" })?.sections.len();
        if wish.zone.is_some_and(|zone| zone.at() >= definition.zones.len()) {
            return Err(Code::NotFound { what: "zone" });
        }
        if wish.section.is_some_and(|section| section.at() >= sections) {
            return Err(Code::NotFound { what: "section" });
        }
        Ok(())
    }

    /// Counts of the seats, and of nothing else, among which a wish looks. Looks at the seats one
    /// by one only where the counts of the zone leave it open.
    fn counts_in_scope(&self, wish: &BestAvailable) -> Counts {
        let stock = self.sale.stock.performance(wish.performance);
        let all = wish.zone.map_or(stock.total(), |zone| stock.zone(zone));
        if all.available + all.held + all.paying == 0 {
            return all;
        }
        let definition = &self.sale.definition;
        let plan = definition.plan_of(wish.performance).expect("a wish for seats has a plan");
        let states = stock.seats.iter().flat_map(|map| map.states());
        let mut counts = Counts::default();
        for (seat, state) in (0..).map(SeatIndex).zip(states) {
            let zone = definition.zone_of_seat(wish.performance, seat);
            let section = plan.row_of(seat).section;
            if (wish.zone.is_none() || wish.zone == zone)
                && wish.section.is_none_or(|wanted| wanted == section)
            {
                counts.add(&Counts::of(*state, 1));
            }
        }
        counts
    }

    /// The available seats without those that earlier items of this request chose, if any did.
    fn without_chosen(&self, performance: PerformanceIndex, available: &Bits) -> Option<Bits> {
        let mut chosen = (self.lines.iter())
            .filter(|line| line.performance == performance && !line.house)
            .filter_map(|line| match line.what {
                Taken::Seat(seat) => Some(seat),
                Taken::Pool(..) => None,
            })
            .peekable();
        chosen.peek()?;
        let mut rest = available.clone();
        chosen.for_each(|seat| {
            rest.remove(seat.0);
        });
        Some(rest)
    }

    fn push(
        &mut self,
        performance: PerformanceIndex,
        what: Taken,
        zone: ZoneIndex,
        terms: (PriceIndex, bool),
    ) -> Result<(), Code> {
        let line = self.line(performance, what, zone, terms)?;
        self.lines.push(line);
        Ok(())
    }

    fn line(
        &self,
        performance: PerformanceIndex,
        what: Taken,
        zone: ZoneIndex,
        (price, house): (PriceIndex, bool),
    ) -> Result<Line, Code> {
        let known = self.sale.definition.price(zone, price);
        let amount_minor = known.ok_or(Code::NotFound { what: "price" })?.amount_minor;
        Ok(Line { performance, what, zone, price, amount_minor, house })
    }
}

/// Why units cannot be had, from the counts of where they were looked for.
fn nothing_free(counts: &Counts) -> Code {
    if counts.available > 0 {
        Code::NoBlock
    } else if counts.held + counts.paying > 0 {
        Code::InBaskets { first_return_at: None }
    } else {
        Code::SoldOut
    }
}

fn limit(limit: &'static str, most: u64) -> Refusal {
    Refusal::whole(Code::LimitReached { limit, most })
}
