//! What operators look up of one visitor's place, and how they give it back to them.
//!
//! Looking is no sign of life of the visitor, and whoever looks is in the book. A code is named in
//! the log, with who asked for it, and never shown there.

use http::StatusCode;
use stanchion_domain::id::Number;
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing as Stands;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::moving::code_for;
use crate::api::ops::book;
use crate::api::problem::Problem;
use crate::api::reply::{Json, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::desk::PlaceSeenBody;
use crate::api::wire::moving::CodeBody;
use crate::api::wire::place::PlaceState;
use crate::clock;
use crate::token::Standing;
use crate::token::role::Duty;

/// How a visitor's place stands. It is in the book before it is told.
pub async fn read(call: Call) -> Result<Reply<Json<PlaceSeenBody>>, Problem> {
    let actor = auth::operator(&call, Duty::Look)?;
    let sale = call.sale()?;
    let number = number(&call, sale)?;
    book::note(&call, &actor, "look_up", &format!("place {} of {}", number.0, sale.id)).await;
    Ok(Reply::own(StatusCode::OK, &seen(sale, number)))
}

fn seen(sale: &OpenSale, number: Number) -> PlaceSeenBody {
    let published = sale.engine.published();
    let (state, position, basket) = match published.find(number) {
        Found::Place(Stands::Waiting { position }) => (PlaceState::Waiting, Some(position), None),
        Found::Place(Stands::Returning { position }) => {
            (PlaceState::Returning, Some(position), None)
        }
        Found::Place(Stands::Called) => (PlaceState::Called, None, None),
        Found::Place(Stands::Spent | Stands::Unissued) => (PlaceState::Ended, None, None),
        Found::Pass(view) => match view.pass.state {
            PassState::Called { .. } => (PlaceState::Called, None, view.basket),
            PassState::Active => (PlaceState::Active, None, view.basket),
        },
    };
    let now = published.now().sale;
    PlaceSeenBody {
        number: number.0,
        state,
        position,
        seen_before_ms: published.places.seen_at(number).map(|at| now.since(at).0),
        moved: published.moved.mark(number).is_some(),
        basket: basket.map(Into::into),
    }
}

/// A code for a visitor who lost the device that their place was on.
pub fn offer(call: &Call) -> Result<Reply<Json<CodeBody>>, Problem> {
    let actor = auth::operator(call, Duty::Serve)?;
    let sale = call.sale()?;
    let number = number(call, sale)?;
    let code = give_code(call, sale, number, By { actor, reason: String::new() })?;
    Ok(Reply::own(StatusCode::CREATED, &code))
}

/// Who does something, and why.
pub struct By {
    /// Their name.
    pub actor: String,
    /// Their reason; may be empty.
    pub reason: String,
}

/// A code by which whoever types it has a place, on any device. Stands in the log and in the book.
///
/// # Errors
/// `gone` if the place has ended, `busy` while too many codes are about.
pub fn give_code(
    call: &Call,
    sale: &OpenSale,
    number: Number,
    by: By,
) -> Result<CodeBody, Problem> {
    let published = sale.engine.published();
    let ahead = published.places.standing(number).position().unwrap_or_default();
    // Whose tokens are believed now: the code is good for as long as the place stays there.
    let id = published.moved.mark(number).map_or_else(clock::random_mark, |mark| mark.0);
    let standing = Standing { sale: sale.mark, lane: 0, number, id, issue: u64::from(ahead) };
    let code = code_for(call, sale, standing)?;
    let actor = &by.actor;
    tracing::warn!(actor, sale = &*sale.id, number = number.0, "an operator gives a place back");
    book::note_soon(call, by, "give_place_back", format!("{} of {}", number.0, sale.id));
    Ok(code)
}

/// The number that the path names, if it was given to anybody.
fn number(call: &Call, sale: &OpenSale) -> Result<Number, Problem> {
    let number = call.segment("number").parse().ok().map(Number);
    let issued = |number: &Number| number.0 < sale.engine.published().places.issued();
    number.filter(issued).ok_or_else(|| Problem::not_found("place"))
}
