//! Numbers: given, read, and how far the counter has come.

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};

use super::{NO_SALE, Stage, named, open, told};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Json, Reply};
use crate::api::wire::counter::{
    AssignBody, AssignedBody, ExpiryBody, NumberBody, ServingBody, WaitingBody,
};

/// The same for everybody, and a second old is as good.
const SHARED_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=1");
const NO_PLACE: &str = "Request ID not found";

/// Gives a number at once, under the limits of everybody who joins.
pub async fn assign(call: Call, asked: AssignBody) -> Result<Reply<Json<AssignedBody>>, Problem> {
    let (_, Some(sale)) = open(&call, Some(&asked.event_id))? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let (standing, _) = queue::new_place(&call, sale)?;
    let now_s = sale.engine.published().now().wall.0 / 1_000;
    let given_at_s = u32::try_from(now_s).unwrap_or_default();
    let api_request_id =
        call.state.signers().now().ring.place_id(sale.mark, standing.number, given_at_s);
    Ok(Reply::own(StatusCode::OK, &AssignedBody { api_request_id }))
}

/// The number of a place, whatever became of it.
pub fn number(call: &Call) -> Result<Reply<Json<NumberBody>>, Problem> {
    let (counter, Some(sale)) = open(call, call.query("event_id").as_deref())? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let id = call.query("request_id").unwrap_or_default();
    let Some((place, _)) = named(call, sale, &id)? else {
        return Ok(told(StatusCode::ACCEPTED, NO_PLACE));
    };
    let body = NumberBody {
        queue_number: place.number.0,
        entry_time: place.given_at_s,
        event_id: counter.sale.clone(),
        status: 1,
    };
    Ok(Reply::own(StatusCode::OK, &body))
}

/// The highest number up to which everybody was called.
pub fn serving(call: &Call) -> Result<Reply<Json<ServingBody>>, Problem> {
    let (_, Some(sale)) = open(call, call.query("event_id").as_deref())? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let served = sale.engine.published().tally.front().saturating_sub(1);
    let body = ServingBody { serving_counter: served.to_string() };
    Ok(Reply::json(StatusCode::OK, &body).header(CACHE_CONTROL, SHARED_CACHE))
}

/// How many wait.
pub fn waiting(call: &Call) -> Result<Reply<Json<WaitingBody>>, Problem> {
    let (_, Some(sale)) = open(call, call.query("event_id").as_deref())? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let body = WaitingBody { waiting_num: sale.engine.published().places.waiting() };
    Ok(Reply::json(StatusCode::OK, &body).header(CACHE_CONTROL, SHARED_CACHE))
}

/// How long a turn can be claimed still, or how long a pass lasts if nothing is heard of it.
pub fn expiry(call: &Call) -> Result<Reply<Json<ExpiryBody>>, Problem> {
    let (_, Some(sale)) = open(call, call.query("event_id").as_deref())? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let id = call.query("request_id").unwrap_or_default();
    let published = sale.engine.published();
    let until = match named(call, sale, &id)? {
        None => return Ok(told(StatusCode::NOT_FOUND, NO_PLACE)),
        Some((_, Stage::Ended)) => {
            return Ok(told(StatusCode::GONE, "Request ID has expired"));
        }
        Some((_, Stage::Waits)) => {
            return Ok(told(StatusCode::ACCEPTED, "Request ID is not being served yet"));
        }
        Some((_, Stage::Called(until))) => until,
        Some((place, Stage::Active)) => {
            let view = published.pass(place.number);
            view.map_or(published.now().sale, |view| published.idles_at(place.number, &view))
        }
    };
    let expires_in = until.since(published.now().sale).0 / 1_000;
    Ok(Reply::own(StatusCode::OK, &ExpiryBody { expires_in }))
}
