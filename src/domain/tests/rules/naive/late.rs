//! A payment for a basket that was closed meanwhile, in the naive sale: unit by unit.

use super::view::Unit;
use super::{Basket, Naive};
use stanchion_domain::change::{Line, Taken};
use stanchion_domain::sale::definition::Withheld;
use std::collections::BTreeMap;

/// Units of a pool that nobody has: the house's own, and on public sale.
type Left = BTreeMap<(u16, u16), (u32, u64)>;

impl Naive {
    /// The holds of a closed basket as they are taken again; `None` if any unit is gone. What was
    /// the house's comes from there, or from public sale if it was put there since.
    pub fn taken_again(&self, basket: &Basket) -> Option<BTreeMap<u32, Vec<Line>>> {
        let mut left = Left::new();
        let mut holds = BTreeMap::new();
        for (hold, lines) in &basket.holds {
            let mut again = Vec::new();
            for line in lines {
                again.extend(match line.what {
                    Taken::Seat(_) => vec![self.seat_again(line)?],
                    Taken::Pool(..) => self.units_again(line, &mut left)?,
                });
            }
            holds.insert(*hold, again);
        }
        Some(holds)
    }

    fn seat_again(&self, line: &Line) -> Option<Line> {
        let Taken::Seat(seat) = line.what else { panic!("a seat") };
        match self.seat(line.performance.0, seat.0) {
            Unit::Free => Some(Line { house: false, ..*line }),
            Unit::Kept(Withheld::House) if line.house => Some(*line),
            _ => None,
        }
    }

    fn units_again(&self, line: &Line, left: &mut Left) -> Option<Vec<Line>> {
        let Taken::Pool(pool, units) = line.what else { panic!("a pool") };
        let (house, free) = left.entry((line.performance.0, pool.0)).or_insert_with(|| {
            let (counts, house) = self.pool(line.performance.0, pool.0);
            (house, counts.available)
        });
        let (mut of_house, mut of_all) = (0, 0);
        for _ in 0..units {
            if line.house && *house > 0 {
                *house -= 1;
                of_house += 1;
            } else {
                *free = free.checked_sub(1)?;
                of_all += 1;
            }
        }
        let parts = [(of_house, true), (of_all, false)].into_iter().filter(|(units, _)| *units > 0);
        Some(
            parts
                .map(|(units, house)| Line { what: Taken::Pool(pool, units), house, ..*line })
                .collect(),
        )
    }
}
