//! What happened to each seat, as clients saw it, and whether that can be true.
//!
//! A history is believed if, for every seat on its own, the calls can be put into an order in which
//! one visitor after the other had the seat, and no call comes before one that had ended when it
//! began. Seats are independent, so each is checked alone. A call whose outcome nobody knows may
//! have happened at any time since it began, or never. The search is that of Wing and Gong with
//! Lowe's memory of states that led nowhere. Shares no code with the server and trusts none of it.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

#[cfg(test)]
mod tests;

/// States looked at for one seat before the search gives up.
const STATES_MAX: usize = 2_000_000;
/// Calls shown around the one that nothing explains.
const SHOWN: usize = 12;

/// Who has a seat: the id of a basket.
pub(crate) type Basket = String;

/// What one call did to a seat, or what its answer says about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Did {
    /// Took it for a basket.
    Hold(Basket),
    /// Gave it back.
    Release(Basket),
    /// Its basket ran out of time.
    Expire(Basket),
    /// Its basket went to the card page.
    CheckOut(Basket),
    /// Its basket became an order in time.
    Sell(Basket),
    /// Its basket had been closed, and became an order all the same.
    SellLate(Basket),
    /// Was refused because it is in somebody's basket.
    MeetInBasket,
    /// Was refused because nobody can have it any more.
    MeetSold,
    /// Looked, and saw it free.
    SeeAvailable,
    /// Looked, and saw it sold to somebody.
    SeeSold,
}

/// One call, as far as it concerns one seat.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// When it was asked, in any unit that all calls share.
    pub(crate) began: u64,
    /// When its answer was there; `None` if none came.
    pub(crate) ended: Option<u64>,
    /// What it did.
    pub(crate) did: Did,
}

/// All calls, by seat.
#[derive(Default)]
pub(crate) struct History(Mutex<BTreeMap<String, Vec<Call>>>);

/// What was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Checked {
    /// Seats that were touched.
    pub(crate) seats: usize,
    /// Calls that touched them.
    pub(crate) calls: usize,
    /// States the search went through.
    pub(crate) states: usize,
}

impl History {
    /// Adds a call that concerns a seat.
    pub(crate) fn note(&self, seat: &str, call: Call) {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.entry(seat.to_owned()).or_default().push(call);
    }

    /// Checks every seat.
    ///
    /// # Errors
    /// The first seat whose calls contradict one another, with the calls.
    pub(crate) fn check(&self) -> Result<Checked, String> {
        let seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut checked = Checked { seats: seats.len(), ..Checked::default() };
        for (seat, calls) in seats.iter() {
            checked.calls += calls.len();
            checked.states += check(calls).map_err(|lie| format!("seat {seat}: {lie}"))?;
        }
        Ok(checked)
    }
}

/// A seat.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Seat {
    Available,
    Held(Basket),
    Paying(Basket),
    Sold(Basket),
}

impl Seat {
    /// The seat after a call; `None` if the call cannot have gone like that.
    fn after(&self, did: &Did) -> Option<Self> {
        let has = |basket: &Basket| match self {
            Self::Held(owner) | Self::Paying(owner) => owner == basket,
            Self::Available | Self::Sold(_) => false,
        };
        match did {
            Did::Hold(basket) => (*self == Self::Available).then(|| Self::Held(basket.clone())),
            Did::Release(basket) | Did::Expire(basket) => has(basket).then_some(Self::Available),
            Did::CheckOut(basket) => {
                (*self == Self::Held(basket.clone())).then(|| Self::Paying(basket.clone()))
            }
            Did::Sell(basket) => {
                (*self == Self::Paying(basket.clone())).then(|| Self::Sold(basket.clone()))
            }
            Did::SellLate(basket) => (*self == Self::Available).then(|| Self::Sold(basket.clone())),
            Did::MeetInBasket => {
                matches!(self, Self::Held(_) | Self::Paying(_)).then(|| self.clone())
            }
            Did::MeetSold | Did::SeeSold => matches!(self, Self::Sold(_)).then(|| self.clone()),
            Did::SeeAvailable => (*self == Self::Available).then_some(Self::Available),
        }
    }
}

/// A point of the search: which calls were put in order so far, and what they made of the seat.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Point {
    /// All calls before this one are in.
    before: usize,
    /// And these further on, in order.
    beyond: Vec<usize>,
    seat: Seat,
}

impl Point {
    fn has(&self, at: usize) -> bool {
        at < self.before || self.beyond.binary_search(&at).is_ok()
    }

    /// The point after one more call.
    fn with(&self, at: usize, seat: Seat) -> Self {
        let mut next = Self { seat, ..self.clone() };
        if let Err(place) = next.beyond.binary_search(&at) {
            next.beyond.insert(place, at);
        }
        while next.beyond.first() == Some(&next.before) {
            next.beyond.remove(0);
            next.before += 1;
        }
        next
    }
}

/// Looks for an order that explains the calls of one seat, and says how many states that took.
fn check(calls: &[Call]) -> Result<usize, String> {
    let mut calls = calls.to_vec();
    calls.sort_by_key(|call| call.began);
    let start = Point { before: 0, beyond: Vec::new(), seat: Seat::Available };
    let mut furthest = start.clone();
    let mut open = vec![start];
    let mut seen = HashSet::new();
    while let Some(point) = open.pop() {
        if all_known(&calls, &point) {
            return Ok(seen.len());
        }
        if point.before + point.beyond.len() > furthest.before + furthest.beyond.len() {
            furthest = point.clone();
        }
        let mut next: Vec<_> = candidates(&calls, &point)
            .into_iter()
            .filter_map(|at| Some(point.with(at, point.seat.after(&calls[at].did)?)))
            .collect();
        // What changes nothing and can be now is best put here: it closes no way.
        if let Some(reads) = next.iter().position(|next| next.seat == point.seat) {
            next = vec![next.swap_remove(reads)];
        }
        open.extend(next.into_iter().filter(|next| seen.insert(next.clone())));
        if seen.len() > STATES_MAX {
            return Err(format!("no answer after {STATES_MAX} states"));
        }
    }
    Err(describe(&calls, &furthest))
}

/// Calls that may come next: not in yet, and begun before every other one of these had ended.
fn candidates(calls: &[Call], point: &Point) -> Vec<usize> {
    let mut first_end = u64::MAX;
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate().skip(point.before) {
        if call.began > first_end {
            break;
        }
        if !point.has(at) {
            first_end = first_end.min(call.ended.unwrap_or(u64::MAX));
            found.push(at);
        }
    }
    found
}

/// Whether every call with a known outcome is in.
fn all_known(calls: &[Call], point: &Point) -> bool {
    let mut rest = (point.before..calls.len()).filter(|at| !point.has(*at));
    rest.all(|at| calls[at].ended.is_none())
}

fn describe(calls: &[Call], furthest: &Point) -> String {
    let mut text = format!("nothing explains what follows {:?}:", furthest.seat);
    let rest = (furthest.before.saturating_sub(SHOWN / 2)..calls.len()).take(2 * SHOWN);
    for at in rest {
        let Call { began, ended, did } = &calls[at];
        let mark = if furthest.has(at) { "  " } else { "? " };
        let ended = ended.map_or("never".to_owned(), |ended| ended.to_string());
        text.push_str(&format!("\n  {mark}{began}..{ended} {did:?}"));
    }
    text
}
