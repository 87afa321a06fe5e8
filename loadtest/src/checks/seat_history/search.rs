//! The search for an order that explains one seat's history.

use std::collections::HashSet;

/// States that are looked at for one seat before it is left undecided, beside [`STATES_PER_ACT`]
/// for each act: a seat that changed hands often takes long without being hard.
const STATES_MAX: usize = 50_000;
const STATES_PER_ACT: usize = 8;

/// Who has the seat; baskets by their subscript in the story.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Owner {
    Nobody,
    Held(usize),
    Sold(usize),
}

/// What was told of the seat, of the basket of that subscript.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    /// The basket was given the seat.
    Taken(usize),
    /// The basket gave it back, if it still had it.
    Released(usize),
    /// The basket became an order; of a closed basket only if that may be.
    Bought { basket: usize, late: bool },
    /// The basket was seen alive with the seat.
    Has(usize),
    /// The basket was seen confirmed with the seat.
    Sold(usize),
    /// The basket was seen without it.
    HasNot(usize),
}

impl Deed {
    /// Whether it only says whose the seat is.
    fn is_sight(self) -> bool {
        matches!(self, Self::Has(_) | Self::Sold(_) | Self::HasNot(_))
    }
}

/// Something that was told, at an instant between asking and answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    pub(super) asked_us: u64,
    pub(super) told_us: u64,
    pub(super) deed: Deed,
}

/// What may happen to a basket unseen, each from an instant on; the end of time is never.
#[derive(Clone, Debug)]
pub(super) struct Hidden {
    /// Its id, for examples.
    pub(super) id: String,
    /// Takes the seat.
    pub(super) take_us: u64,
    /// Loses it: expired, given back, left.
    pub(super) free_us: u64,
    /// Becomes an order.
    pub(super) buy_us: u64,
}

/// All about one seat.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    /// In order of asking.
    pub(super) acts: Vec<Act>,
    pub(super) baskets: Vec<Hidden>,
    /// Those that may take it unseen.
    pub(super) takers: Vec<usize>,
    /// An order may be taken back by staff from here on.
    pub(super) undo_us: u64,
}

/// What the search found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Explained,
    /// However far it is explained, there is an act that cannot follow.
    Impossible {
        act: usize,
        owner: Owner,
    },
    Undecided,
}

/// How far one explanation has come.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// All acts below this one have happened.
    below: usize,
    /// And these, ascending.
    above: Vec<usize>,
    owner: Owner,
}

/// Looks for an order of all acts.
pub(super) fn search(story: &Story) -> Outcome {
    let start = State { below: 0, above: Vec::new(), owner: Owner::Nobody };
    let states_max = STATES_MAX + STATES_PER_ACT * story.acts.len();
    let mut best = (0, 0, Owner::Nobody);
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some(state) = open.pop() {
        if state.below == story.acts.len() {
            return Outcome::Explained;
        }
        if seen.len() > states_max {
            return Outcome::Undecided;
        }
        let come = state.below + state.above.len();
        if come >= best.0 {
            best = (come, state.below, state.owner);
        }
        for next in story.next(&state) {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Outcome::Impossible { act: best.1, owner: best.2 }
}

impl Story {
    /// The states that may follow. The likeliest comes last, since the last is tried first: what
    /// was told, in order of asking, before what may have happened unseen.
    fn next(&self, state: &State) -> Vec<State> {
        let left = |at: &usize| state.above.binary_search(at).is_err();
        // Whatever happens next, happens before every answer that is still to come.
        let mut until_us = u64::MAX;
        let mut may = Vec::new();
        for at in (state.below..self.acts.len()).filter(left) {
            let act = &self.acts[at];
            if act.asked_us > until_us {
                break;
            }
            until_us = until_us.min(act.told_us);
            may.push(at);
        }
        may.retain(|at| self.acts[*at].asked_us <= until_us);
        // A sight that fits changes nothing, and what follows is only freer without it.
        let fits = |at: &&usize| {
            let deed = self.acts[**at].deed;
            deed.is_sight() && after(deed, state.owner).is_some()
        };
        if let Some(sight) = may.iter().find(fits) {
            return vec![state.done(*sight, state.owner)];
        }
        let mut next: Vec<State> = (self.unseen(state.owner, until_us).into_iter())
            .map(|owner| State { owner, ..state.clone() })
            .collect();
        next.extend(may.into_iter().rev().filter_map(|at| {
            let owner = after(self.acts[at].deed, state.owner)?;
            Some(state.done(at, owner))
        }));
        next
    }

    fn unseen(&self, owner: Owner, until_us: u64) -> Vec<Owner> {
        let mut next = Vec::new();
        match owner {
            Owner::Nobody => {
                for at in self.takers.iter().copied() {
                    let basket = &self.baskets[at];
                    if basket.take_us <= until_us {
                        next.push(Owner::Held(at));
                    }
                    if basket.buy_us <= until_us {
                        next.push(Owner::Sold(at));
                    }
                }
            }
            Owner::Held(at) => {
                if self.baskets[at].buy_us <= until_us {
                    next.push(Owner::Sold(at));
                }
                if self.baskets[at].free_us <= until_us {
                    next.push(Owner::Nobody);
                }
            }
            Owner::Sold(_) if self.undo_us <= until_us => next.push(Owner::Nobody),
            Owner::Sold(_) => {}
        }
        next
    }

    /// An act for a person to read.
    pub(super) fn say(&self, act: &Act) -> String {
        let id = |basket: usize| &self.baskets[basket].id;
        match act.deed {
            Deed::Taken(basket) => format!("that basket {} was given it", id(basket)),
            Deed::Released(basket) => format!("that basket {} gave it back", id(basket)),
            Deed::Bought { basket, .. } => format!("that basket {} bought it", id(basket)),
            Deed::Has(basket) => format!("that basket {} was seen with it", id(basket)),
            Deed::Sold(basket) => format!("that basket {} was seen sold with it", id(basket)),
            Deed::HasNot(basket) => format!("that basket {} was seen without it", id(basket)),
        }
    }

    /// Who has it, for a person to read.
    pub(super) fn say_owner(&self, owner: Owner) -> String {
        match owner {
            Owner::Nobody => "as nobody had it".to_owned(),
            Owner::Held(basket) => format!("as {} held it", self.baskets[basket].id),
            Owner::Sold(basket) => format!("as {} had bought it", self.baskets[basket].id),
        }
    }
}

impl State {
    fn done(&self, at: usize, owner: Owner) -> Self {
        let mut next = Self { owner, ..self.clone() };
        if let Err(place) = next.above.binary_search(&at) {
            next.above.insert(place, at);
        }
        let whole =
            (next.above.iter().enumerate()).take_while(|(ahead, at)| **at == next.below + ahead);
        let whole = whole.count();
        next.above.drain(..whole);
        next.below += whole;
        next
    }
}

/// Whose the seat is after a deed; `None` if the deed cannot be.
fn after(deed: Deed, owner: Owner) -> Option<Owner> {
    match deed {
        Deed::Taken(basket) => (owner == Owner::Nobody).then_some(Owner::Held(basket)),
        Deed::Released(basket) if owner == Owner::Held(basket) => Some(Owner::Nobody),
        Deed::Released(_) => Some(owner),
        Deed::Bought { basket, late } => {
            let may = owner == Owner::Held(basket)
                || owner == Owner::Sold(basket)
                || (late && owner == Owner::Nobody);
            may.then_some(Owner::Sold(basket))
        }
        Deed::Has(basket) => (owner == Owner::Held(basket)).then_some(owner),
        Deed::Sold(basket) => (owner == Owner::Sold(basket)).then_some(owner),
        Deed::HasNot(basket) => {
            (owner != Owner::Held(basket) && owner != Owner::Sold(basket)).then_some(owner)
        }
    }
}
