//! What of a change can be done, as things are, and what it will do in words.
//!
//! A seat that somebody has stays theirs: only what is available can be kept off sale, and only
//! what is withheld be put back.

use stanchion_domain::command::Units;
use stanchion_domain::id::{PoolIndex, SeatIndex};
use stanchion_domain::limits::WITHHOLD_UNITS_MAX;

use super::asked::{Asked, To, What};
use super::{Looked, words};
use crate::console::written;

/// The part of a change that can be done.
#[derive(Debug)]
pub(super) struct Doable {
    /// Of which units.
    pub(super) units: Units,
    /// What it will do.
    pub(super) told: String,
}

impl Doable {
    /// What of a change can be done now.
    ///
    /// # Errors
    /// Why nothing of it can be, as a sentence.
    pub(super) fn of(asked: &Asked, looked: &Looked<'_>) -> Result<Self, String> {
        match &asked.what {
            What::Seats(seats) => of_seats(asked.to, seats, looked),
            What::Pool { pool, units } => of_pool(asked.to, (*pool, *units), looked),
        }
    }
}

fn of_seats(to: To, seats: &[SeatIndex], looked: &Looked<'_>) -> Result<Doable, String> {
    let none = || "It has no numbered seats.".to_owned();
    let letters = looked.sale.engine.published().seats.letters(looked.at).ok_or_else(none)?;
    let plan = looked.desk.definition.plan_of(looked.at).ok_or_else(none)?;
    let letter = |seat: &SeatIndex| letters.get(seat.at()).copied().unwrap_or_default();
    let able: Vec<_> = seats.iter().copied().filter(|seat| can(to, letter(seat))).collect();
    let rest = rest(to, seats.iter().map(letter));
    if able.is_empty() {
        return Err(format!("Nothing can be done with the seats chosen: {rest}."));
    }
    if able.len() > WITHHOLD_UNITS_MAX {
        let most = written::grouped(WITHHOLD_UNITS_MAX as u64);
        return Err(format!("At most {most} seats in one change: choose fewer."));
    }
    let mut told = words::will(to, able.len() as u64, "seat");
    told.push_str(&format!(": {}.", words::named(plan, &able)));
    if !rest.is_empty() {
        let chosen = written::grouped(seats.len() as u64);
        told.push_str(&format!("\nOf the {chosen} chosen, the others stay as they are: {rest}."));
    }
    Ok(Doable { units: Units::Seats { performance: looked.at, seats: able }, told })
}

/// Whether a seat in this state can go there.
fn can(to: To, letter: u8) -> bool {
    match to {
        To::House | To::Killed => letter == b'a',
        To::Sale => matches!(letter, b'w' | b'k'),
    }
}

/// How many seats are in which state that does not allow it.
fn rest(to: To, letters: impl Iterator<Item = u8> + Clone) -> String {
    let of_state = |(letter, state): &(u8, &str)| {
        let count = letters.clone().filter(|found| found == letter).count() as u64;
        (count > 0 && !can(to, *letter)).then(|| format!("{} {state}", written::grouped(count)))
    };
    words::STATES.iter().filter_map(of_state).collect::<Vec<_>>().join(", ")
}

fn of_pool(to: To, (pool, units): (PoolIndex, u32), looked: &Looked<'_>) -> Result<Doable, String> {
    let gone = || "There is no such pool.".to_owned();
    let board = looked.board();
    let picture = board.performances.picture(looked.at);
    let stock = picture.and_then(|picture| picture.pools.get(pool.at())).ok_or_else(gone)?;
    let name = &looked.desk.definition.pool(looked.at, pool).ok_or_else(gone)?.name;
    let (house, withheld) = (stock.house, stock.counts.withheld);
    let wanted = u64::from(units);
    let (there, of) = match to {
        To::House | To::Killed => (stock.counts.available, "available"),
        To::Sale => (withheld, "withheld"),
    };
    let there_told = written::grouped(there);
    if wanted > there {
        return Err(format!("Only {there_told} of {name} are {of}."));
    }
    let most = WITHHOLD_UNITS_MAX as u64;
    if wanted > most {
        return Err(format!("At most {} units in one change.", written::grouped(most)));
    }
    let mut told = format!("{}, of {there_told} {of} in {name}.", words::will(to, wanted, "unit"));
    let killed = withheld.saturating_sub(house);
    if to == To::Sale && house > 0 && killed > 0 {
        let first = written::grouped(killed.min(wanted));
        told.push_str(&format!(" Killed ones come first: {first} of them are."));
    }
    Ok(Doable { units: Units::Pool { performance: looked.at, pool, units }, told })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_has_stays_theirs_and_is_counted() {
        let letters = *b"aahpswk";
        let able = |to| letters.iter().filter(|letter| can(to, **letter)).count();
        assert_eq!((able(To::House), able(To::Killed), able(To::Sale)), (2, 2, 2));
        let told = rest(To::House, letters.iter().copied());
        assert_eq!(told, "1 in a basket, 1 being paid, 1 sold, 1 withheld for the house, 1 killed");
        let told = rest(To::Sale, letters.iter().copied());
        assert_eq!(told, "2 available, 1 in a basket, 1 being paid, 1 sold");
    }
}
