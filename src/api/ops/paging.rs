//! Lists, part by part: which part is asked for, and where the next one begins.
//!
//! Each list has an order in which what comes later stands later. A cursor names the last entry
//! that was shown, so nothing is shown twice, and nothing that stays is left out. Owns no entries.

use std::fmt::{self, Display};
use std::str::FromStr;

use stanchion_domain::id::BasketId;
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::time::SaleTime;

use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::wire::basket::{Id, read_id};

/// Entries of one answer: baskets of about 1 KB are 1 MB.
pub const ENTRIES_MAX: u64 = 1_000;
/// Query parameters of every list.
pub const PART: &[(&str, &str)] = &[AFTER, LIMIT];
/// Where it begins.
pub const AFTER: (&str, &str) = ("after", "only what follows: `next` of the answer before");
/// Where it ends.
pub const LIMIT: (&str, &str) = ("limit", "at most so many entries, 1 to 1000; 1000 if absent");

/// The part of a list that is asked for. `C` names an entry, and orders the list.
pub struct Part<C> {
    after: Option<C>,
    limit: usize,
}

impl<C: Ord + Copy + Display + FromStr> Part<C> {
    /// The part that a request asks for.
    ///
    /// # Errors
    /// `malformed` if the cursor is none of this list or the limit no number, `invalid` if the
    /// limit is out of range.
    pub fn asked(call: &Call) -> Result<Self, Problem> {
        let wrong = || Problem::new("malformed").says("after: `next` of an answer of this list");
        let after = call.query("after").map(|text| text.parse().map_err(|_| wrong()));
        let limit = call.query_number("limit")?.unwrap_or(ENTRIES_MAX);
        if !(1..=ENTRIES_MAX).contains(&limit) {
            return Err(Problem::invalid(format!("limit: 1 to {ENTRIES_MAX}")));
        }
        let limit = usize::try_from(limit).expect("a page fits into memory");
        Ok(Self { after: after.transpose()?, limit })
    }

    /// The entries of this part, in order, and the cursor of the next one if there is more.
    pub fn of<T>(
        self,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> C,
    ) -> (Vec<T>, Option<String>) {
        let named = all.into_iter().map(|entry| (name(&entry), entry));
        let follows = |name: C| self.after.is_none_or(|after| name > after);
        let mut part: Vec<_> = named.filter(|(name, _)| follows(*name)).collect();
        let more = part.len() > self.limit;
        if more {
            part.select_nth_unstable_by_key(self.limit, |(name, _)| *name);
            part.truncate(self.limit);
        }
        part.sort_unstable_by_key(|(name, _)| *name);
        let next = part.last().filter(|_| more).map(|(name, _)| name.to_string());
        (part.into_iter().map(|(_, entry)| entry).collect(), next)
    }
}

/// Names a basket in a list: the oldest come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasketCursor {
    opened_at: SaleTime,
    id: BasketId,
}

impl BasketCursor {
    /// Names this one.
    pub fn of(basket: &Basket) -> Self {
        Self { opened_at: basket.opened_at, id: basket.id }
    }
}

impl Display for BasketCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.opened_at.0, Id::from(self.id))
    }
}

impl FromStr for BasketCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (opened_at, id) = text.split_once('-').ok_or(())?;
        let opened_at = SaleTime(opened_at.parse().map_err(drop)?);
        Ok(Self { opened_at, id: read_id(id).ok_or(())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(after: Option<u64>, limit: usize, all: &[u64]) -> (Vec<u64>, Option<String>) {
        Part { after, limit }.of(all.iter().copied(), |entry| *entry)
    }

    #[test]
    fn parts_follow_one_another_and_the_last_names_no_next() {
        let all = [50, 10, 40, 20, 30];
        assert_eq!(part(None, 2, &all), (vec![10, 20], Some("20".to_owned())));
        assert_eq!(part(Some(20), 2, &all), (vec![30, 40], Some("40".to_owned())));
        assert_eq!(part(Some(40), 2, &all), (vec![50], None));
        assert_eq!(part(Some(50), 2, &all), (vec![], None));
        assert_eq!(part(None, 5, &all).1, None);
    }

    #[test]
    fn the_cursor_of_a_basket_is_read_as_it_was_written() {
        let cursor = BasketCursor { opened_at: SaleTime(1_234), id: BasketId(77) };
        assert!(cursor.to_string().parse() == Ok(cursor));
        for wrong in ["", "-", "12", "12-", "-00", "x-0000000000000000000000000000004d"] {
            assert!(wrong.parse::<BasketCursor>().is_err(), "{wrong}");
        }
    }
}
