//! The fake's till: the card page, the payment, and what a lie makes of it.

use super::Lie;
use super::basket::Stage;
use super::sale::{Answer, Sale};
use super::stock::{Taken, UnitState, Wish};

impl Sale {
    /// Goes to the card page.
    pub(crate) fn check_out(&mut self, number: usize, id: &str, key: &str) -> Answer<()> {
        if self.answers.contains_key(key) {
            return Ok(());
        }
        if self.own(number, id)?.stage != Stage::Open {
            return Err("wrong_state");
        }
        let until_ms = self.now_ms + self.spans.checkout_ms;
        let basket = self.baskets.get_mut(id).ok_or("not_found")?;
        basket.stage = Stage::Paying;
        basket.deadline_ms = basket.deadline_ms.max(until_ms);
        if self.lie != Lie::ExpiresEarly {
            basket.ends_ms = basket.deadline_ms;
        }
        basket
            .holds
            .iter()
            .for_each(|(_, taken)| self.stock.put(taken, UnitState::Held, UnitState::Paying));
        self.answers.insert(key.to_owned(), Ok((id.to_owned(), 0, false)));
        Ok(())
    }

    /// Makes an order of a basket; whether it came late.
    pub(crate) fn confirm(&mut self, id: &str, key: &str) -> Answer<bool> {
        if let Some(answer) = self.answers.get(key) {
            if self.lie == Lie::TwoOutcomes {
                return Err("seat_lost");
            }
            return answer.clone().map(|(_, _, late)| late);
        }
        let stage = self.baskets.get(id).ok_or("not_found")?.stage;
        let late = match stage {
            Stage::Paying => Ok(false),
            Stage::Expired { was_paying: true } => self.take_again(id).map(|()| true),
            Stage::Confirmed => return Ok(false),
            Stage::Expired { was_paying: false } => return Err("expired"),
            Stage::Lost => return Err("seat_lost"),
            Stage::Open | Stage::Released => return Err("wrong_state"),
        };
        let basket = self.baskets.get_mut(id).ok_or("not_found")?;
        basket.stage = if late.is_ok() { Stage::Confirmed } else { Stage::Lost };
        if late.is_ok() {
            let sold = |taken| self.stock.put(taken, UnitState::Paying, UnitState::Sold);
            basket.holds.iter().map(|(_, taken)| taken).for_each(sold);
        }
        self.answers.insert(key.to_owned(), late.map(|late| (id.to_owned(), 0, late)));
        self.lie_about_order(id);
        // Nobody asks again who was answered.
        if self.lie == Lie::TwoOutcomes { Err("answer_lost") } else { late }
    }

    /// Takes the units of a basket whose time was over, if all are still there.
    fn take_again(&mut self, id: &str) -> Answer<()> {
        let holds = self.baskets.get(id).ok_or("not_found")?.holds.clone();
        for (done, (_, taken)) in holds.iter().enumerate() {
            let wish = match taken {
                Taken::Seats(seats) => Wish::Seats(seats.clone()),
                Taken::Standing(units) => Wish::Standing(*units),
            };
            if self.stock.choose(&wish).is_err() {
                let taken = holds[..done].iter();
                taken.for_each(|(_, taken)| {
                    self.stock.put(taken, UnitState::Paying, UnitState::Available)
                });
                return Err("seat_lost");
            }
            self.stock.put(taken, UnitState::Available, UnitState::Paying);
        }
        Ok(())
    }

    fn lie_about_order(&mut self, id: &str) {
        let Some(basket) = self.baskets.get_mut(id) else { return };
        if basket.stage != Stage::Confirmed {
            return;
        }
        let free = |taken| self.stock.put(taken, UnitState::Sold, UnitState::Available);
        match self.lie {
            Lie::SeatTwice => basket.holds.iter().map(|(_, taken)| taken).for_each(free),
            Lie::OrderLost => {
                basket.holds.iter().map(|(_, taken)| taken).for_each(free);
                basket.stage = Stage::Released;
            }
            _ => {}
        }
    }
}
