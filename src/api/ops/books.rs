//! What operators look up: who did what, passes, baskets, orders. Whoever looks one basket up is in
//! the book.

use http::StatusCode;
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::queue::passes::PassState;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::ops::book;
use crate::api::ops::paging::{self, BasketCursor, Part};
use crate::api::problem::Problem;
use crate::api::reply::{Json, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::action::action_body;
use crate::api::wire::basket::{BasketBody, Id, Shown, StateBody, read_id};
use crate::api::wire::desk::{AuditBody, AuditsBody, BasketsBody, PassShortBody, PassesBody};
use crate::api::wire::place::PlaceState;
use crate::api::wire::time::Moment;
use crate::clock;
use crate::token::role::Duty;

/// Query parameters of the baskets.
pub const BASKETS: &[(&str, &str)] =
    &[("state", "only baskets in this state"), paging::AFTER, paging::LIMIT];

/// Who did what, oldest first.
pub fn audit(call: &Call) -> Result<Reply<Json<AuditsBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    let part = Part::asked(call)?;
    let desk = call.sale()?.desk();
    let (entries, next) = part.of(desk.operations.audit.iter(), |entry| entry.revision);
    let entries = entries.into_iter().map(|entry| AuditBody {
        revision: entry.revision,
        at: Moment(entry.now.wall),
        sale_time_ms: entry.now.sale.0,
        actor: entry.actor.clone(),
        reason: entry.reason.clone(),
        action: action_body(&entry.action, &desk.definition),
    });
    Ok(Reply::own(StatusCode::OK, &AuditsBody { entries: entries.collect(), next }))
}

/// Passes called and active, by number.
pub fn passes(call: &Call) -> Result<Reply<Json<PassesBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    let part = Part::asked(call)?;
    let published = call.sale()?.engine.published();
    let now = published.now();
    let (passes, next) = part.of(published.passes(), |(number, _)| number.0);
    let passes = passes.into_iter().map(|(number, view)| PassShortBody {
        pass: number.0,
        state: match view.pass.state {
            PassState::Called { .. } => PlaceState::Called,
            PassState::Active => PlaceState::Active,
        },
        for_ms: now.sale.since(view.pass.since).0,
        basket: view.basket.map(Into::into),
        units_bought: view.units_bought,
    });
    Ok(Reply::own(StatusCode::OK, &PassesBody { passes: passes.collect(), next }))
}

/// Baskets, of one state or of all.
pub fn baskets(call: &Call) -> Result<Reply<Json<BasketsBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    let state = call.query("state");
    let wanted = |basket: &Basket| {
        state.as_deref().is_none_or(|state| StateBody::new(&basket.state).name() == state)
    };
    listed(call, wanted)
}

/// Confirmed baskets.
pub fn orders(call: &Call) -> Result<Reply<Json<BasketsBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    let paid = |basket: &Basket| matches!(basket.state, BasketState::Confirmed { .. });
    listed(call, paid)
}

/// A basket or an order. It is in the book before it is told.
pub async fn basket(call: Call) -> Result<Reply<Json<BasketBody>>, Problem> {
    let actor = auth::operator(&call, Duty::Look)?;
    let sale = call.sale()?;
    let found = read_id(&call.segment("basket")).and_then(|id| sale.engine.published().basket(id));
    let found = found.ok_or_else(|| Problem::not_found("basket"))?;
    let about = format!("basket {} of {}", Id::from(found.id), sale.id);
    book::note(&call, &actor, "look_up", &about).await;
    Ok(Reply::own(StatusCode::OK, &one(sale, &found)))
}

fn listed(
    call: &Call,
    wanted: impl Fn(&Basket) -> bool,
) -> Result<Reply<Json<BasketsBody>>, Problem> {
    let part = Part::asked(call)?;
    let sale = call.sale()?;
    let found = sale.engine.published().baskets(wanted);
    let (found, next) = part.of(found, |basket| BasketCursor::of(basket));
    let baskets = found.iter().map(|basket| one(sale, basket)).collect();
    Ok(Reply::own(StatusCode::OK, &BasketsBody { baskets, next }))
}

fn one(sale: &OpenSale, basket: &Basket) -> BasketBody {
    let desk = sale.desk();
    let published = sale.engine.published();
    let (now, time_running) = (published.now(), published.time_runs(clock::monotonic_ms()));
    let shown = Shown { definition: &desk.definition, time_running, now, late: None };
    BasketBody::new(basket, shown)
}
