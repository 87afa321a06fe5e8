//! What a request to hold must lead to.

use super::view::Unit;
use super::{Naive, Stage};
use crate::support::{ROWS, SEATS_PER_ROW};
use stanchion_domain::change::{Change, Held, Line, Taken};
use stanchion_domain::command::{BestAvailable, Hold, Item, Target};
use stanchion_domain::id::{PoolIndex, PriceIndex, SeatIndex, ZoneIndex};
use stanchion_domain::refusal::Refusal;
use stanchion_domain::sale::Outcome;
use stanchion_domain::sale::definition::Withheld;

type Refused = &'static str;

impl Naive {
    /// Compares what was decided about a hold with what the rules say. Which of several blocks is
    /// best is not this model's business: only that the block is one.
    pub fn judge_hold(&self, now: u64, hold: &Hold, decided: &Result<Outcome, Refusal>) {
        let held = match decided {
            Ok(Outcome::New(Change::Held(held))) => Ok(held),
            Ok(other) => panic!("a hold leads to {other:?}"),
            Err(refusal) => Err(refusal.code.name()),
        };
        let chosen = held.ok().map(|held| &*held.lines);
        match (held, self.expect_hold(now, hold, chosen)) {
            (Ok(held), Ok(deadline)) => {
                assert_eq!((held.pass, held.deadline_at.0), (hold.pass, deadline));
                self.check_prices(held);
            }
            (held, wanted) => assert_eq!(held.map(|_| 0), wanted, "{hold:?}"),
        }
    }

    fn check_prices(&self, held: &Held) {
        for line in &*held.lines {
            let zone = &self.definition.zones[line.zone.at()];
            assert_eq!(line.amount_minor, zone.prices[line.price.at()].amount_minor);
        }
    }

    /// The deadline of the basket, or the code of the refusal.
    fn expect_hold(&self, now: u64, hold: &Hold, chosen: Option<&[Line]>) -> Result<u64, Refused> {
        if self.phase != stanchion_domain::sale::operations::Phase::Open {
            return Err("not_open");
        }
        if !self.is_active(hold.pass.0) {
            return Err("no_pass");
        }
        let (units_before, deadline) = self.expect_target(now, hold)?;
        let mut lines = Vec::new();
        for item in &hold.items {
            self.add(item, hold.entitled, chosen, &mut lines)?;
        }
        assert!(chosen.is_none_or(|chosen| chosen == lines), "{chosen:?} is not {lines:?}");
        if lines.is_empty() {
            return Err("invalid");
        }
        let policy = &self.definition.policy;
        let units = units_before + lines.iter().map(Line::units).sum::<u32>();
        let bought = self.units_bought(hold.pass.0);
        if units > policy.basket_units_max || units + bought > policy.visitor_units_max {
            return Err("limit_reached");
        }
        Ok(deadline)
    }

    fn expect_target(&self, now: u64, hold: &Hold) -> Result<(u32, u64), Refused> {
        match hold.basket {
            Target::New(_) if self.live_basket_of(hold.pass.0).is_some() => Err("basket_open"),
            Target::New(id) if self.baskets.contains_key(&id.0) => Err("invalid"),
            Target::New(_) => Ok((0, now + self.definition.policy.hold_span.0)),
            Target::Live(id) => {
                let basket = self.live(hold.pass.0, id)?;
                match basket.stage {
                    Stage::Paying => Err("wrong_state"),
                    _ if now > basket.deadline => Err("expired"),
                    _ => Ok((basket.units(), basket.deadline)),
                }
            }
        }
    }

    fn add(
        &self,
        item: &Item,
        entitled: bool,
        chosen: Option<&[Line]>,
        lines: &mut Vec<Line>,
    ) -> Result<(), Refused> {
        match item {
            Item::Seat { performance, seat, price } => {
                if !self.has_seats(performance.0) || seat.0 >= ROWS * SEATS_PER_ROW {
                    return Err("not_found");
                }
                let house = match self.seat(performance.0, seat.0) {
                    Unit::Free => false,
                    Unit::Kept(Withheld::House) if entitled => true,
                    Unit::Kept(Withheld::House) => return Err("not_entitled"),
                    Unit::Kept(Withheld::Killed) | Unit::Sold => return Err("unavailable"),
                    Unit::Held | Unit::Paying => return Err("in_baskets"),
                };
                if lines.iter().any(|line| is_seat(line, performance.0, seat.0)) {
                    return Err("invalid");
                }
                lines.push(self.line(performance.0, Taken::Seat(*seat), *price, house)?);
            }
            Item::Pool { performance, pool, price, units } => {
                let line =
                    self.pool_line((performance.0, *pool), (*price, *units), entitled, lines);
                let (what, house) = (Taken::Pool(*pool, *units), line?);
                lines.push(self.line(performance.0, what, *price, house)?);
            }
            Item::BestAvailable(wish) => self.add_best(wish, chosen, lines)?,
        }
        Ok(())
    }

    /// Whether the units come from the house, or why there are not enough.
    fn pool_line(
        &self,
        (performance, pool): (u16, PoolIndex),
        (price, units): (PriceIndex, u32),
        entitled: bool,
        lines: &[Line],
    ) -> Result<bool, Refused> {
        let pools = &self.definition.performances[usize::from(performance)].pools;
        if pool.at() >= pools.len() {
            return Err("not_found");
        }
        if units == 0 {
            return Err("invalid");
        }
        self.line(performance, Taken::Pool(pool, units), price, false)?;
        let (counts, house) = self.pool(performance, pool.0);
        let taken = |house: bool| -> u32 {
            let same = lines.iter().filter(|line| {
                line.performance.0 == performance
                    && line.house == house
                    && matches!(line.what, Taken::Pool(other, _) if other == pool)
            });
            same.map(Line::units).sum()
        };
        if counts.available >= u64::from(taken(false) + units) {
            Ok(false)
        } else if entitled && house >= taken(true) + units {
            Ok(true)
        } else if counts.available > 0 {
            Err("no_block")
        } else if counts.held + counts.paying > 0 {
            Err("in_baskets")
        } else {
            Err("sold_out")
        }
    }

    fn line(
        &self,
        performance: u16,
        what: Taken,
        price: PriceIndex,
        house: bool,
    ) -> Result<Line, Refused> {
        let zone = match what {
            Taken::Seat(seat) => Self::zone_of_row(seat.0 / SEATS_PER_ROW),
            Taken::Pool(pool, _) => {
                self.definition.performances[usize::from(performance)].pools[pool.at()].zone.0
            }
        };
        let prices = &self.definition.zones[usize::from(zone)].prices;
        let amount_minor = prices.get(price.at()).ok_or("not_found")?.amount_minor;
        let performance = stanchion_domain::id::PerformanceIndex(performance);
        Ok(Line { performance, what, zone: ZoneIndex(zone), price, amount_minor, house })
    }

    fn add_best(
        &self,
        wish: &BestAvailable,
        chosen: Option<&[Line]>,
        lines: &mut Vec<Line>,
    ) -> Result<(), Refused> {
        if wish.seats == 0 || wish.seats > 50 || wish.accessible > wish.seats {
            return Err("invalid");
        }
        let unknown = wish.zone.is_some_and(|zone| zone.at() >= self.definition.zones.len())
            || wish.section.is_some_and(|section| section.0 > 1);
        if !self.has_seats(wish.performance.0) || unknown {
            return Err("not_found");
        }
        let starts = 0..ROWS * SEATS_PER_ROW;
        let mut good = starts.filter(|start| self.is_block(wish, *start, lines));
        let start = match chosen {
            None => good.next().ok_or_else(|| self.why_no_block(wish))?,
            Some(chosen) => {
                let Taken::Seat(first) = chosen[lines.len()].what else { panic!("a seat") };
                assert!(good.any(|start| start == first.0), "{first:?} begins no block: {wish:?}");
                first.0
            }
        };
        for seat in start..start + wish.seats {
            let what = Taken::Seat(SeatIndex(seat));
            lines.push(self.line(wish.performance.0, what, wish.price, false)?);
        }
        Ok(())
    }

    /// Whether free seats that a wish may take stand side by side from here on.
    fn is_block(&self, wish: &BestAvailable, start: u32, lines: &[Line]) -> bool {
        let seats = start..start + wish.seats;
        let row = start / SEATS_PER_ROW;
        let accessible = seats.clone().filter(|seat| *seat == 8).count() as u32;
        let together =
            (seats.end - 1) / SEATS_PER_ROW == row && !(seats.contains(&3) && seats.contains(&4));
        let free = |seat: u32| {
            self.seat(wish.performance.0, seat) == Unit::Free
                && !lines.iter().any(|line| is_seat(line, wish.performance.0, seat))
                && (wish.accessible > 0 || !(8..10).contains(&seat))
        };
        together
            && in_scope(wish, start)
            && accessible >= wish.accessible
            && seats.into_iter().all(free)
    }

    fn why_no_block(&self, wish: &BestAvailable) -> Refused {
        let seats = (0..ROWS * SEATS_PER_ROW).filter(|seat| in_scope(wish, *seat));
        let units: Vec<Unit> = seats.map(|seat| self.seat(wish.performance.0, seat)).collect();
        if units.contains(&Unit::Free) {
            "no_block"
        } else if units.contains(&Unit::Held) || units.contains(&Unit::Paying) {
            "in_baskets"
        } else {
            "sold_out"
        }
    }
}

fn in_scope(wish: &BestAvailable, seat: u32) -> bool {
    let row = seat / SEATS_PER_ROW;
    let section = u16::from(row == ROWS - 1);
    wish.zone.is_none_or(|zone| zone.0 == Naive::zone_of_row(row))
        && wish.section.is_none_or(|wanted| wanted.0 == section)
}

fn is_seat(line: &Line, performance: u16, seat: u32) -> bool {
    line.performance.0 == performance && line.what == Taken::Seat(SeatIndex(seat))
}
