//! What a visitor of a walk may ask, and what the fake makes of it.

use stanchion_loadtest::history::{Attempt, Order, Place, Unit, What};

use super::{SEATS, Step, Walk};
use crate::fake::queue::State;
use crate::fake::stock::{HALL, Wish, YARD, seat_id};

/// What somebody asks.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Look,
    Claim,
    Hold { wish: Wish, key: String },
    Release { basket: String, hold: Option<u32>, key: String },
    CheckOut { basket: String, key: String },
    Confirm { basket: String, key: String },
    See { basket: String },
    Leave,
}

impl Walk {
    pub(super) fn attempt(&self, who: usize, request: &Request) -> Option<Attempt> {
        Some(match request {
            Request::Look | Request::See { .. } | Request::CheckOut { .. } => return None,
            Request::Claim | Request::Leave => {
                Attempt::Other { number: self.visitors[who].number.map(|number| number as u64) }
            }
            Request::Hold { wish, .. } => {
                let (performance, seats) = match wish {
                    Wish::Seats(seats) => (HALL, seats.iter().map(|seat| seat_id(*seat)).collect()),
                    Wish::Best(_) => (HALL, Vec::new()),
                    Wish::Standing(_) => (YARD, Vec::new()),
                };
                Attempt::Hold { performance: performance.to_owned(), seats }
            }
            Request::Release { basket, hold, .. } => {
                let hold = hold.map(|hold| hold.to_string());
                Attempt::Release { basket: basket.clone(), hold }
            }
            Request::Confirm { basket, key } => {
                Attempt::Order { basket: basket.clone(), key: key.clone() }
            }
        })
    }

    /// Something that this visitor may ask.
    pub(super) fn draw(&mut self, who: usize, number: usize, step: Step) -> Request {
        self.keys += 1;
        let key = format!("key-{}", self.keys);
        match self.sale.queue.state(number) {
            Some(State::Called { .. }) if !step.pick.is_multiple_of(3) => return Request::Claim,
            Some(State::Active) => {}
            _ => return Request::Look,
        }
        let wish = match step.pick % 4 {
            0 => Wish::Seats(vec![usize::from(step.pick) / 4 % SEATS]),
            1 => Wish::Seats(vec![0, 1]),
            2 => Wish::Best(1 + usize::from(step.pick) % 2),
            _ => Wish::Standing(1 + u32::from(step.pick) % 3),
        };
        let Some(basket) = self.visitors[who].basket.clone() else {
            return if step.pick < 20 { Request::Leave } else { Request::Hold { wish, key } };
        };
        match step.what % 10 {
            0..=1 => Request::Hold { wish, key },
            2 => Request::Release { basket, hold: Some(1 + u32::from(step.pick % 2)), key },
            3 if step.pick < 100 => Request::Release { basket, hold: None, key },
            4..=5 => Request::CheckOut { basket, key },
            6..=7 => Request::Confirm { basket, key },
            8 if step.pick < 30 => Request::Leave,
            _ => Request::See { basket },
        }
    }

    /// Does what was asked; what is told of it, if there is an answer worth writing down.
    pub(super) fn apply(&mut self, who: usize, request: &Request) -> Option<What> {
        let number = self.visitors[who].number?;
        let queue_number = number as u64;
        Some(match request {
            Request::Look => self.look(number)?,
            Request::Claim if self.sale.queue.claim(number) => {
                What::Claimed { number: queue_number }
            }
            Request::Claim => return None,
            Request::Hold { wish, key } => return self.hold(who, number, (wish, key)),
            Request::Release { basket, hold, key } => {
                self.sale.release(number, basket, *hold, key).ok()?;
                if hold.is_none() {
                    self.visitors[who].basket = None;
                }
                let hold = hold.map(|hold| hold.to_string());
                What::Released { basket: basket.clone(), hold }
            }
            Request::CheckOut { basket, key } => {
                self.sale.check_out(number, basket, key).ok()?;
                What::CheckedOut { basket: basket.clone(), expires_in_ms: self.left_ms(basket) }
            }
            Request::Confirm { basket, key } => match self.sale.confirm(basket, key) {
                Ok(late) => What::Ordered(Order {
                    basket: basket.clone(),
                    payment: format!("pay-{basket}"),
                    key: key.clone(),
                    units: self.sale.baskets.get(basket)?.units(),
                    late,
                }),
                Err(code) => What::OrderRefused { basket: basket.clone(), code: code.to_owned() },
            },
            Request::See { basket } => self.see(basket),
            Request::Leave => match self.sale.leave(number) {
                Ok(()) => What::Left { number: queue_number },
                Err(_) => What::Ended { number: queue_number },
            },
        })
    }

    fn look(&mut self, number: usize) -> Option<What> {
        let now_ms = self.sale.now_ms;
        let (state, position) = self.sale.queue.look(number, now_ms)?;
        let claim_in_ms = match state {
            State::Called { until_ms } => Some(until_ms.saturating_sub(now_ms)),
            _ => None,
        };
        let wait_ms = position.map(|position| (position * 100, position * 10_000));
        let state = state.word().to_owned();
        Some(What::Saw(Place { number: number as u64, state, position, wait_ms, claim_in_ms }))
    }

    fn hold(&mut self, who: usize, number: usize, (wish, key): (&Wish, &str)) -> Option<What> {
        let basket = self.visitors[who].basket.clone();
        let (basket, hold) = match self.sale.hold(number, basket.as_deref(), wish, key) {
            Ok(held) => held,
            Err(code) => {
                if matches!(code, "expired" | "wrong_state") {
                    self.visitors[who].basket = None;
                }
                let performance = if matches!(wish, Wish::Standing(_)) { YARD } else { HALL };
                let (performance, code) = (performance.to_owned(), code.to_owned());
                return Some(What::HoldRefused { performance, code });
            }
        };
        self.visitors[who].basket = Some(basket.clone());
        let held = self.sale.baskets.get(&basket)?;
        let (_, taken) = held.holds.iter().find(|(id, _)| *id == hold)?;
        Some(What::Held {
            number: number as u64,
            hold: hold.to_string(),
            units: taken.units(),
            expires_in_ms: self.left_ms(&basket),
            basket,
        })
    }

    fn left_ms(&self, basket: &str) -> Option<u64> {
        let live = self.sale.baskets.get(basket).filter(|basket| basket.live())?;
        Some(live.deadline_ms.saturating_sub(self.sale.now_ms))
    }

    pub(super) fn see(&self, basket: &str) -> What {
        let seen = self.sale.baskets.get(basket);
        let state = seen.map_or("not_found", |seen| seen.word()).to_owned();
        let units: Vec<Unit> = seen.map(|seen| seen.units()).unwrap_or_default();
        What::BasketSeen { basket: basket.to_owned(), state, units }
    }
}
