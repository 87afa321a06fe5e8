//! The live states of the numbered seats of one performance.
//!
//! Owns who has which seat. A seat has at most one owner: every move names the state it leaves, and
//! a move from another state is a bug that stops the process.

use crate::bits::Bits;
use crate::id::SeatIndex;
use crate::inventory::baskets::Slot;
use crate::sale::definition::Withheld;

/// What can be true of a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SeatState {
    /// Anybody with a pass may hold it.
    #[default]
    Available,
    /// In an open basket.
    Held(Slot),
    /// In a basket on the card page.
    Paying(Slot),
    /// In an order.
    Sold(Slot),
    /// Kept off public sale.
    Withheld(Withheld),
}

/// The seats of one performance, by their index in the plan.
#[derive(Clone, Debug)]
pub struct SeatMap {
    states: Vec<SeatState>,
    available: Bits,
}

impl SeatMap {
    /// A map of `seats` seats, all available but the withheld ones.
    pub fn new(seats: usize, withheld: &[(SeatIndex, Withheld)]) -> Self {
        let len = u32::try_from(seats).expect("seats are limited per plan");
        let mut available = Bits::empty(len);
        available.insert_range(0, len);
        let mut map = Self { states: vec![SeatState::Available; seats], available };
        for (seat, kind) in withheld {
            map.shift(*seat, SeatState::Available, SeatState::Withheld(*kind));
        }
        map
    }

    /// The state of a seat; `None` if the plan has no such seat.
    pub fn get(&self, seat: SeatIndex) -> Option<SeatState> {
        self.states.get(seat.at()).copied()
    }

    /// All states, in the order of the plan.
    pub fn states(&self) -> &[SeatState] {
        &self.states
    }

    /// One bit for every seat that is available.
    pub fn available(&self) -> &Bits {
        &self.available
    }

    /// Moves a seat from one state to another.
    ///
    /// # Panics
    /// If the seat is not in `from`: somebody else owns it.
    pub fn shift(&mut self, seat: SeatIndex, from: SeatState, to: SeatState) {
        assert_eq!(self.states[seat.at()], from, "seat {} has another owner", seat.0);
        assert_ne!(from, to, "seat {} does not move", seat.0);
        self.states[seat.at()] = to;
        if from == SeatState::Available {
            assert!(self.available.remove(seat.0), "an available seat has its bit");
        } else if to == SeatState::Available {
            assert!(self.available.insert(seat.0), "a taken seat has no bit");
        }
    }

    /// Asserts that bits and states say the same.
    pub fn check_invariants(&self) {
        for (at, state) in self.states.iter().enumerate() {
            assert_eq!(self.available.contains(at as u32), *state == SeatState::Available);
        }
    }
}
