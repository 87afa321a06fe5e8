//! A place, a basket and a deed in words.

use stanchion_domain::id::{BasketId, Number};
use stanchion_domain::inventory::baskets::{Basket, BasketState, Closing};
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::places::Found as Stands;
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::time::{Now, SaleTime, Span, WallTime};

use super::deeds::Deed;
use super::look::payment;
use crate::api::state::OpenSale;
use crate::api::wire::basket::code_of;
use crate::clock;
use crate::console::written::{amount, counted};
use crate::engine::PassView;

/// What time it is, and whether sale time runs: while it does not, nobody knows the hour at which
/// something ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    now: Now,
    runs: bool,
}

impl Moment {
    pub(super) fn of(sale: &OpenSale) -> Self {
        let published = sale.engine.published();
        Self { now: published.now(), runs: published.time_runs(clock::monotonic_ms()) }
    }
}

/// What a deed will do.
pub(super) fn will(deed: &Deed, sale: &OpenSale) -> String {
    match deed {
        Deed::Restore(number) => format!(
            "Let the visitor of place {} back into the queue: they are next as soon as calling has \
             come as far as their number.",
            number.0
        ),
        Deed::GiveCode(number) => format!(
            "Show a code for place {}. Whoever types it within ten minutes has the place, on \
             whatever device; where it was, it is no more. Be sure of who asks.",
            number.0
        ),
        Deed::EndPass(number) => format!(
            "End the pass of place {}: they are out of the shop at once{}, and somebody else is \
             called. Letting them back in takes it back, but not their basket.",
            number.0,
            loses(*number, sale)
        ),
        Deed::Extend(basket, minutes) => extended(*basket, *minutes, sale),
        Deed::Cancel(order) => match sale.engine.published().basket(*order) {
            Some(order) => format!(
                "Take the order {} back: {}. What it holds is on sale again at once, for anybody. \
                 No money goes back by this: do that where it was paid. It cannot be undone.",
                code_of(order.id),
                in_short(&order, sale)
            ),
            None => "Take an order back that is not there.".to_owned(),
        },
    }
}

fn loses(number: Number, sale: &OpenSale) -> String {
    let published = sale.engine.published();
    let basket = published.pass(number).and_then(|view| view.basket);
    let basket = basket.and_then(|id| published.basket(id));
    basket.map_or_else(String::new, |basket| {
        format!(", their basket {} ({}) is given back", code_of(basket.id), in_short(&basket, sale))
    })
}

fn extended(basket: BasketId, minutes: u32, sale: &OpenSale) -> String {
    let published = sale.engine.published();
    let moment = Moment::of(sale);
    let code = code_of(basket);
    let told = format!("Give the basket {code} {} more.", counted(minutes.into(), "minute"));
    match published.basket(basket).filter(|basket| basket.live()) {
        Some(basket) => {
            let more = Span(u64::from(minutes).saturating_mul(60_000));
            let (was, will) = (basket.deadline_at, basket.deadline_at.after(more));
            let (was, will) = (ahead(was, moment), ahead(will, moment));
            format!("{told} It runs out {will} then, and not {was}.")
        }
        None => told,
    }
}

/// How a place stands.
pub(super) fn place_in_words(found: &Stands<PassView>) -> String {
    match found {
        Stands::Place(Standing::Waiting { .. }) => "waiting",
        Stands::Place(Standing::Returning { .. }) => {
            "passed over, let back in, or did not come when called: next once calling comes so far"
        }
        Stands::Place(Standing::Called) => "called",
        Stands::Place(Standing::Spent) => {
            "ended: given up, left the shop, silent for too long, or ended by staff"
        }
        Stands::Place(Standing::Unissued) => "never given to anybody",
        Stands::Pass(view) => match view.pass.state {
            PassState::Called { .. } => "called, has not come in yet",
            PassState::Active => "in the shop",
        },
    }
    .to_owned()
}

/// When a pass ends if its visitor does nothing.
pub(super) fn pass_ends(view: &PassView, idles_at: SaleTime, moment: Moment) -> String {
    match (view.pass.state, view.basket) {
        (PassState::Called { claim_until }, _) => {
            format!("{} if they do not come in", ahead(claim_until, moment))
        }
        (PassState::Active, Some(basket)) => {
            format!("not while the basket {} is live", code_of(basket))
        }
        (PassState::Active, None) => {
            format!("{} if nothing is heard of them", ahead(idles_at, moment))
        }
    }
}

/// How far a basket has come.
pub(super) fn basket_in_words(state: &BasketState, moment: Moment) -> String {
    match state {
        BasketState::Open => "open: not on the card page yet".to_owned(),
        BasketState::Paying => "on the card page".to_owned(),
        BasketState::Confirmed { late: false, .. } => "an order: paid".to_owned(),
        BasketState::Confirmed { late: true, .. } => {
            "an order: paid after its time had run out, when all was still free".to_owned()
        }
        BasketState::Lost { .. } => {
            "lost: its payment came when the seats were gone, and goes back".to_owned()
        }
        BasketState::Closed { at, why, .. } => {
            let why = match why {
                Closing::Released => "given back",
                Closing::Expired => "ran out",
                Closing::Cancelled => "an order that was taken back",
            };
            format!("{why}, {}", ago(*at, moment))
        }
    }
}

/// What people call it.
pub(super) fn title(basket: &Basket) -> String {
    let order = matches!(basket.state, BasketState::Confirmed { .. });
    format!("{} {}", if order { "Order" } else { "Basket" }, code_of(basket.id))
}

/// A basket in a line.
pub(super) fn in_short(basket: &Basket, sale: &OpenSale) -> String {
    let desk = sale.desk();
    let units = basket.units();
    let noun = if units == 1 { "unit" } else { "units" };
    let total = amount(basket.total_minor(), &desk.definition.currency);
    let paid = payment(&basket.state).map(|payment| format!(", payment {payment}"));
    let state = basket_in_words(&basket.state, Moment::of(sale));
    format!(
        "{units} {noun}, {total}, {state}{}, of place {}",
        paid.unwrap_or_default(),
        basket.pass.0
    )
}

/// An instant of sale time that was. Its hour is near, unless sale time stood still since.
pub(super) fn ago(at: SaleTime, Moment { now, .. }: Moment) -> String {
    let span = now.sale.since(at);
    let wall = WallTime(now.wall.0.saturating_sub(i64::try_from(span.0).unwrap_or(i64::MAX)));
    format!("{} ago, about {}", in_words(span), hour(wall))
}

/// An instant of sale time that will be.
pub(super) fn ahead(at: SaleTime, Moment { now, runs }: Moment) -> String {
    let span = at.since(now.sale);
    if !runs {
        return format!("in {} once sale time runs again", in_words(span));
    }
    let wall = WallTime(now.wall.0.saturating_add(i64::try_from(span.0).unwrap_or(i64::MAX)));
    format!("in {}, at {}", in_words(span), hour(wall))
}

fn in_words(span: Span) -> String {
    let seconds = span.0 / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn hour(wall: WallTime) -> String {
    let text = clock::rfc3339(wall).unwrap_or_default();
    format!("{} UTC", text.get(11..19).unwrap_or_default())
}
