//! The fake's seats and pool: who has each, and how many are in which state.

use stanchion_loadtest::history::{Counts, Source, Unit};

/// The performance with seats, its zone; the performance with a pool, its zone and the pool.
pub(crate) const HALL: &str = "hall";
pub(crate) const STALLS: &str = "stalls";
pub(crate) const YARD: &str = "yard";
pub(crate) const FLOOR: &str = "floor";
pub(crate) const STANDING: &str = "standing";

/// What a visitor asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    /// These seats of the hall.
    Seats(Vec<usize>),
    /// Any seats of the hall.
    Best(usize),
    /// Units of the yard.
    Standing(u32),
}

/// What was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    Seats(Vec<usize>),
    Standing(u32),
}

/// Whose units are in which state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UnitState {
    Available,
    Held,
    Paying,
    Sold,
}

/// All there is.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) seats: Vec<UnitState>,
    pub(crate) standing: Counts,
}

impl Stock {
    pub(crate) fn new(seats: usize, standing: u32) -> Self {
        let all = u64::from(standing);
        let standing = Counts { capacity: all, available: all, ..Counts::default() };
        Self { seats: vec![UnitState::Available; seats], standing }
    }

    /// What a wish would take, or the code that refuses it.
    pub(crate) fn choose(&self, wish: &Wish) -> Result<Taken, &'static str> {
        let free = |seat: &usize| self.seats.get(*seat) == Some(&UnitState::Available);
        match wish {
            Wish::Seats(seats) => match seats.iter().find(|seat| !free(seat)) {
                None => Ok(Taken::Seats(seats.clone())),
                Some(seat) => Err(match self.seats.get(*seat) {
                    None => "not_found",
                    Some(UnitState::Sold) => "unavailable",
                    Some(_) => "in_baskets",
                }),
            },
            Wish::Best(count) => {
                let seats: Vec<_> = (0..self.seats.len()).filter(free).take(*count).collect();
                if seats.len() == *count {
                    return Ok(Taken::Seats(seats));
                }
                Err(nothing(&self.hall()))
            }
            Wish::Standing(units) if u64::from(*units) <= self.standing.available => {
                Ok(Taken::Standing(*units))
            }
            Wish::Standing(_) => Err(nothing(&self.standing)),
        }
    }

    /// Moves units from one state into another.
    pub(crate) fn put(&mut self, taken: &Taken, from: UnitState, to: UnitState) {
        match taken {
            Taken::Seats(seats) => seats.iter().for_each(|seat| self.seats[*seat] = to),
            Taken::Standing(units) => {
                *of(&mut self.standing, from) -= u64::from(*units);
                *of(&mut self.standing, to) += u64::from(*units);
            }
        }
    }

    pub(crate) fn hall(&self) -> Counts {
        let mut counts = Counts { capacity: self.seats.len() as u64, ..Counts::default() };
        self.seats.iter().for_each(|seat| *of(&mut counts, *seat) += 1);
        counts
    }

    pub(crate) fn total(&self) -> Counts {
        let (hall, yard) = (self.hall(), self.standing);
        Counts {
            capacity: hall.capacity + yard.capacity,
            available: hall.available + yard.available,
            held: hall.held + yard.held,
            paying: hall.paying + yard.paying,
            sold: hall.sold + yard.sold,
            withheld: 0,
        }
    }
}

fn of(counts: &mut Counts, state: UnitState) -> &mut u64 {
    match state {
        UnitState::Available => &mut counts.available,
        UnitState::Held => &mut counts.held,
        UnitState::Paying => &mut counts.paying,
        UnitState::Sold => &mut counts.sold,
    }
}

fn nothing(counts: &Counts) -> &'static str {
    match status(counts) {
        "sold_out" | "in_baskets" => status(counts),
        _ => "no_block",
    }
}

/// The status that follows from counts.
pub(crate) fn status(counts: &Counts) -> &'static str {
    if counts.available == 0 && counts.held + counts.paying == 0 {
        "sold_out"
    } else if counts.available == 0 {
        "in_baskets"
    } else if counts.available * 20 <= counts.capacity {
        "low"
    } else {
        "on_sale"
    }
}

impl Taken {
    /// As the history says it.
    pub(crate) fn units(&self) -> Vec<Unit> {
        match self {
            Self::Seats(seats) => seats.iter().map(|seat| seat_unit(*seat)).collect(),
            Self::Standing(units) => {
                let of = Source::Pool { pool: STANDING.to_owned(), units: *units };
                vec![Unit { performance: YARD.to_owned(), zone: FLOOR.to_owned(), of }]
            }
        }
    }
}

/// A seat's id.
pub(crate) fn seat_id(seat: usize) -> String {
    format!("A-{}", seat + 1)
}

fn seat_unit(seat: usize) -> Unit {
    let of = Source::Seat(seat_id(seat));
    Unit { performance: HALL.to_owned(), zone: STALLS.to_owned(), of }
}
