//! The counter: seven calls of a retired waiting room, answered as its clients expect, for shops
//! whose code was written for it. Only served where the gate file has `[counter]`.
//!
//! Such a client gets a number, and asks nothing but how far the counter has come until it is
//! served. So nobody of them says that they are still here, and it is said for them. What they are
//! told is true because numbers are then called in their order: whoever has a number up to that of
//! the counter was called, and gets tokens as soon as they ask, or once one slot is free if they
//! let their claim go by.

pub mod number;
pub mod tokens;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing as Stands;
use stanchion_domain::time::SaleTime;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::auth;
use super::call::Call;
use super::problem::Problem;
use super::reply::{Json, Reply, Shape};
use super::state::{OpenSale, State};
use super::wire::counter::ErrorBody;
use crate::files::gate::Gate;
use crate::token::place_id::NamedPlace;
use crate::token::rsa::RsaSigner;

/// The query of a call about the sale.
pub const SALE: &[(&str, &str)] = &[("event_id", "the sale's id")];
/// The query of a call about a place.
pub const PLACE: &[(&str, &str)] = &[("event_id", "the sale's id"), ("request_id", "the place")];

/// What the waiting room's own clients read where a sale is not the one.
const NO_SALE: &str = "Invalid event ID";
/// Who waits is said to be here so many times in a presence span; two may fail.
const SEEN_PER_PRESENCE: u64 = 3;
/// Between two looks whether the sale is served here, and the shortest time between two sayings.
const LOOK_MS: u64 = 250;

/// What the calls need besides the sale.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The sale that is counted.
    pub sale: String,
    /// Who signs tokens, as they say it.
    pub issuer: String,
    /// Whether every call needs the API key of a shop.
    pub api_key: bool,
    /// Signs tokens.
    pub signer: RsaSigner,
}

impl Counter {
    /// The counter that a gate file asks for, if it does; of the first sale, if it names none.
    ///
    /// # Panics
    /// If nothing can sign: settings without the key are refused.
    pub fn new(
        gate: &Gate,
        first_sale: Option<&String>,
        signer: Option<RsaSigner>,
    ) -> Option<Self> {
        let given = gate.counter.as_ref()?;
        Some(Self {
            sale: given.sale.as_ref().or(gate.sale.as_ref()).or(first_sale)?.clone(),
            issuer: given.issuer.clone(),
            api_key: given.api_key,
            signer: signer.expect("settings without the key are refused"),
        })
    }
}

/// How a place stands, in the terms of its client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Not called, or no longer: back in the queue.
    Waits,
    /// Called, until then.
    Called(SaleTime),
    /// In the shop.
    Active,
    /// Over, or on another device.
    Ended,
}

/// The counter, and its sale if it is the one that is named.
fn open<'c>(
    call: &'c Call,
    event: Option<&str>,
) -> Result<(&'c Counter, Option<&'c Arc<OpenSale>>), Problem> {
    let counter = call.state.counter().ok_or_else(|| Problem::new("no_route"))?;
    if counter.api_key {
        let genuine = |text| call.state.shops.check(text).is_some();
        let text = call.header("x-api-key");
        if !text.is_some_and(genuine) {
            auth::count_guess(call)?;
            return Err(Problem::new("forbidden").says("Send an API key in X-API-Key."));
        }
    }
    call.state.serves()?;
    let sale = event.filter(|event| *event == counter.sale);
    Ok((counter, sale.and_then(|id| call.state.sale(id))))
}

/// The place of an id; `None` if it is none that we gave.
fn named(call: &Call, sale: &OpenSale, id: &str) -> Result<Option<(NamedPlace, Stage)>, Problem> {
    let place = call.state.signers().now().ring.named_place(sale.mark, id);
    let found = place.and_then(|place| Some((place, stage(sale, &place)?)));
    if found.is_none() {
        auth::count_guess(call)?;
    }
    Ok(found)
}

/// How a place stands. Who waits counts as here from now on.
fn stage(sale: &OpenSale, place: &NamedPlace) -> Option<Stage> {
    let published = sale.engine.published();
    if !published.moved.believes(place.number, place.mark) {
        return Some(Stage::Ended);
    }
    match published.find(place.number) {
        Found::Place(Stands::Unissued) => None,
        Found::Place(Stands::Spent) => Some(Stage::Ended),
        Found::Place(_) => {
            published.places.see(place.number, published.now().sale);
            Some(Stage::Waits)
        }
        Found::Pass(view) => Some(match view.pass.state {
            PassState::Called { claim_until } => Stage::Called(claim_until),
            PassState::Active => Stage::Active,
        }),
    }
}

/// What stands in the way, as clients read it.
fn told<S: Shape>(status: StatusCode, error: &'static str) -> Reply<S> {
    Reply::<Json<ErrorBody>>::own(status, &ErrorBody { error }).shaped()
}

/// Says for everybody who waits that they are here, as long as this runs.
pub async fn keep_present(state: Arc<State>, stop: CancellationToken) {
    let Some(counter) = state.counter() else { return };
    loop {
        let mut pause_ms = LOOK_MS;
        if let Some(sale) = state.sale(&counter.sale) {
            let published = sale.engine.published();
            published.places.see_waiting(published.tally.front(), published.now().sale);
            let presence_ms = sale.desk().definition.policy.presence_span.0;
            pause_ms = pause_ms.max(presence_ms / SEEN_PER_PRESENCE);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(Duration::from_millis(pause_ms)) => {}
        }
    }
}
