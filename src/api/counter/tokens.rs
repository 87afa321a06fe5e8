//! Tokens of a pass for a shop that checks them by itself, and the key by which it does.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::{Counter, NO_SALE, Stage, named, open, stage, told};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Json, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::counter::{Claims, GenerateBody, KeyBody, TokensBody};
use crate::token::Standing;
use crate::token::place_id::NamedPlace;

/// Whoever the counter has passed is called within a tick or two, if a slot is free: they are not
/// sent away for that. A second in all.
const LOOKS_MAX: u32 = 40;
const LOOK: Duration = Duration::from_millis(25);
const NOT_YET: &str = "Request ID is not being served yet";

/// Claims the turn of a place and gives the tokens of its pass; again, as long as the pass lasts,
/// which each time begins anew.
pub async fn generate(call: Call, asked: GenerateBody) -> Result<Reply<Json<TokensBody>>, Problem> {
    let GenerateBody { event_id, request_id } = &asked;
    let (counter, Some(sale)) = open(&call, Some(event_id))? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let Some((place, found)) = named(&call, sale, request_id)? else {
        return Ok(told(StatusCode::BAD_REQUEST, "Invalid request ID"));
    };
    let expired = || told(StatusCode::GONE, "Request ID has expired");
    match once_called(sale, &place, found).await {
        Stage::Ended => return Ok(expired()),
        Stage::Waits => return Ok(told(StatusCode::ACCEPTED, NOT_YET)),
        Stage::Called(_) | Stage::Active => {}
    }
    let NamedPlace { number, mark, .. } = place;
    let standing = Standing { sale: sale.mark, lane: 0, number, id: mark.0, issue: 0 };
    match queue::take_turn(&call, sale, &standing).await {
        Ok(_) => {
            let published = sale.engine.published();
            published.places.see(number, published.now().sale);
            let (counter, sale) = (counter.clone(), Arc::clone(sale));
            let sign = move || tokens(&counter, &sale, &asked, &place);
            // Up to a sixtieth of a second, with a large key: not where visitors wait for it.
            let signed = spawn_blocking(sign).await.expect("signing does not panic");
            Ok(Reply::own(StatusCode::OK, &signed))
        }
        Err(problem) if problem.code() == "gone" => Ok(expired()),
        Err(problem) if problem.code() == "not_called" => Ok(told(StatusCode::ACCEPTED, NOT_YET)),
        Err(problem) => Err(problem),
    }
}

/// How a place stands once its call is seen, if it is due.
async fn once_called(sale: &OpenSale, place: &NamedPlace, mut found: Stage) -> Stage {
    for _ in 0..LOOKS_MAX {
        let due = place.number.0 < sale.engine.published().tally.front();
        if found != Stage::Waits || !due {
            break;
        }
        sleep(LOOK).await;
        found = stage(sale, place).unwrap_or(Stage::Ended);
    }
    found
}

/// They end when the pass does if nothing more is heard of it.
fn tokens(
    counter: &Counter,
    sale: &OpenSale,
    asked: &GenerateBody,
    place: &NamedPlace,
) -> TokensBody {
    let expires_in = (sale.desk().definition.policy.idle_span.0 / 1_000).max(1);
    let now_s = sale.engine.published().now().wall.0 / 1_000;
    let sign = |token_use| {
        counter.signer.sign(&Claims {
            aud: &counter.sale,
            sub: &asked.request_id,
            queue_position: place.number.0,
            token_use,
            iat: now_s,
            nbf: now_s,
            exp: now_s.saturating_add_unsigned(expires_in),
            iss: &counter.issuer,
        })
    };
    TokensBody {
        access_token: sign("access"),
        refresh_token: sign("refresh"),
        id_token: sign("id"),
        token_type: "Bearer",
        expires_in,
    }
}

/// The key by which tokens are checked.
pub fn public_key(call: &Call) -> Result<Reply<Json<KeyBody>>, Problem> {
    let (counter, Some(_)) = open(call, call.query("event_id").as_deref())? else {
        return Ok(told(StatusCode::BAD_REQUEST, NO_SALE));
    };
    let public = counter.signer.public().clone();
    let (kid, n, e) = (public.kid, public.n, public.e);
    Ok(Reply::json(StatusCode::OK, &KeyBody { kty: "RSA", alg: "RS256", kid, n, e }))
}
