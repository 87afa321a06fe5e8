//! Looking for what somebody read out: a queue number, the letters of a basket, a long id, a
//! payment.
//!
//! Looks at every basket: for a thread that may take its time.

use std::sync::Arc;

use stanchion_domain::id::{BasketId, Number};
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::limits::PAYMENT_BYTES_MAX;

use crate::api::letters::Letters;
use crate::api::wire::basket::{Id, code_of, read_id};
use crate::engine::published::Published;

/// Things that are listed.
const LISTED_MAX: usize = 25;
/// Baskets and orders of one place that are listed.
const THEIRS_MAX: usize = 50;
/// A part of a payment or of a long id that tells enough.
const PART_MIN: usize = 4;

/// What can be found.
#[derive(Clone, Debug)]
pub(super) enum Thing {
    /// A place, and its pass.
    Place(Number),
    /// A basket or an order.
    Basket(Arc<Basket>),
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    things: Vec<Thing>,
    /// What was asked for was not there: these go by nearly the same.
    pub(super) nearly: bool,
    /// How many there are, listed or not.
    pub(super) all: usize,
    /// Of the one place that was found.
    theirs: Vec<Arc<Basket>>,
}

/// What somebody may have meant.
struct Wanted {
    number: Option<Number>,
    id: Option<BasketId>,
    code: Option<Letters>,
    text: String,
}

/// Looks for what goes by this text.
pub(super) fn find(published: &Published, text: &str) -> Found {
    if text.is_empty() || text.len() > PAYMENT_BYTES_MAX {
        return Found::default();
    }
    let wanted = Wanted::read(text);
    let known = |number: &Number| (1..published.places.issued()).contains(&number.0);
    let place = wanted.number.filter(known).map(Thing::Place);
    let mut baskets = published.baskets(|basket| wanted.is(basket));
    let nearly = place.is_none() && baskets.is_empty();
    if nearly {
        baskets = published.baskets(|basket| wanted.is_nearly(basket));
    }
    baskets.sort_unstable_by_key(|basket| (basket.opened_at, basket.id));
    let all = baskets.len() + usize::from(place.is_some());
    let baskets = baskets.into_iter().map(Thing::Basket);
    let things: Vec<_> = place.into_iter().chain(baskets).take(LISTED_MAX).collect();
    let theirs = match things[..] {
        [Thing::Place(number)] => theirs(published, number),
        _ => Vec::new(),
    };
    Found { nearly: nearly && all > 0, things, all, theirs }
}

/// The address of the page that shows what goes by this text.
pub(super) fn path(sale: &str, what: &str) -> String {
    let what: String = form_urlencoded::byte_serialize(what.as_bytes()).collect();
    format!("/console/sales/{sale}/find?what={what}")
}

/// The baskets and orders of a place, the newest first.
fn theirs(published: &Published, number: Number) -> Vec<Arc<Basket>> {
    let mut theirs = published.baskets(|basket| basket.pass == number);
    theirs.sort_unstable_by_key(|basket| std::cmp::Reverse((basket.opened_at, basket.id)));
    theirs.truncate(THEIRS_MAX);
    theirs
}

impl Found {
    /// The one thing that was asked for, with the baskets of a place.
    pub(super) fn one(&self) -> Option<(&Thing, &[Arc<Basket>])> {
        match &self.things[..] {
            [thing] if !self.nearly => Some((thing, &self.theirs)),
            _ => None,
        }
    }

    /// What there is to choose from, if there is a choice.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Thing> {
        let choice = if self.one().is_some() { &[][..] } else { &self.things };
        choice.iter()
    }
}

impl Thing {
    /// What the book says of it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Place(number) => format!("place {}", number.0),
            Self::Basket(basket) => format!("basket {}", Id::from(basket.id)),
        }
    }

    /// What is typed to find this and nothing else.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Place(number) => number.0.to_string(),
            Self::Basket(basket) => Id::from(basket.id).to_string(),
        }
    }
}

impl Wanted {
    fn read(text: &str) -> Self {
        // Pages write numbers in groups, each language with a sign of its own; people say "no. 7".
        let bare = text.trim_start_matches(['#', 'N', 'n', 'o', '°', '.', ' ']);
        let group =
            |letter: char| letter.is_whitespace() || matches!(letter, '.' | ',' | '\'' | '’');
        let digits: String = bare.chars().filter(|letter| !group(*letter)).collect();
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        Self {
            number: plain.then(|| digits.parse().ok().map(Number)).flatten(),
            id: read_id(&text.to_ascii_lowercase()),
            code: Letters::read(text),
            text: text.to_ascii_lowercase(),
        }
    }

    /// Whether this is it.
    fn is(&self, basket: &Basket) -> bool {
        self.id == Some(basket.id)
            || self.code == Some(code_of(basket.id))
            || payment(&basket.state)
                .is_some_and(|payment| payment.eq_ignore_ascii_case(&self.text))
    }

    /// Whether this may be it: a letter was misheard, or only a part was said.
    fn is_nearly(&self, basket: &Basket) -> bool {
        let part = self.text.len() >= PART_MIN;
        self.code.is_some_and(|code| code.nearly(code_of(basket.id)))
            || part && Id::from(basket.id).to_string().starts_with(&self.text)
            || part
                && payment(&basket.state)
                    .is_some_and(|payment| payment.to_ascii_lowercase().contains(&self.text))
    }
}

/// The payment of a basket, if one came.
pub(super) fn payment(state: &BasketState) -> Option<&str> {
    match state {
        BasketState::Confirmed { payment, .. } | BasketState::Lost { payment } => Some(payment),
        BasketState::Open | BasketState::Paying | BasketState::Closed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_pages_write_it_and_as_people_type_it() {
        for typed in ["12345", "12,345", "12.345", "12 345", "12\u{202f}345", "#12345", "No. 12345"]
        {
            assert_eq!(Wanted::read(typed).number, Some(Number(12_345)), "{typed}");
        }
        for typed in ["", "#", "12a", "-7", "99999999999"] {
            assert_eq!(Wanted::read(typed).number, None, "{typed}");
        }
    }

    #[test]
    fn a_basket_is_meant_by_its_letters_its_id_and_its_payment() {
        let state = BasketState::Confirmed { payment: "Pay_9".to_owned(), late: false };
        let basket = Basket {
            id: BasketId(0x1234_5678_9a00_0000_0000_0000_0000_00ff),
            pass: Number(1),
            state,
            opened_at: Default::default(),
            deadline_at: Default::default(),
            holds: Vec::new(),
            hold_next: stanchion_domain::id::HoldId(1),
        };
        let code = code_of(basket.id).to_string();
        assert_eq!(code, "28T5-CY4T");
        let long = Id::from(basket.id).to_string();
        for typed in [&code, "28t5cy4t", &long, &long.to_uppercase(), "pay_9", "PAY_9"] {
            assert!(Wanted::read(typed).is(&basket), "{typed}");
        }
        for typed in ["28T5-CY4V", "82T5-CY4T", "123456789A", "ay_9"] {
            let wanted = Wanted::read(typed);
            assert!(!wanted.is(&basket) && wanted.is_nearly(&basket), "{typed}");
        }
        for typed in ["28T5-CYV4", "123", "y_9", "ay_8"] {
            assert!(!Wanted::read(typed).is_nearly(&basket), "{typed}");
        }
    }
}
