//! The page's way of moving a place to another device: forms that work without a script.
//!
//! The code stands on the page that asked for it and in no address; nor does the place.

use http::header::SET_COOKIE;

use super::sight::Sight;
use super::{away, back};
use crate::api::auth;
use crate::api::call::Call;
use crate::api::moving;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::clock;
use crate::token::Kind;

/// Shows a code for the place of this browser. Loading it again shows another one.
pub async fn offer(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let place = auth::place_if_any(&call, sale);
    let Some(standing) = place else { return Ok(back(&call, sale, None)) };
    match moving::code_for(&call, sale, standing) {
        Ok(offered) => Ok(Sight::of(&call, sale).with_code(offered.code).page(call.headers())),
        Err(problem) => Ok(back(&call, sale, Some(&problem))),
    }
}

/// Goes on in this browser with the place of a code.
pub async fn arrive(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let sale = away::sale(&call)?;
    let code = call.field("code");
    // Whoever sends the same form again is answered again.
    let key = u128::from_str_radix(&call.field("key"), 16);
    let key = key.unwrap_or_else(|_| clock::random_id());
    match moving::take(&call, sale, &code, key).await {
        Ok((_, token)) => {
            let cookie = sale.cookies.set(Kind::Place, &token, call.secure());
            Ok(back(&call, sale, None).header(SET_COOKIE, cookie))
        }
        Err(problem) => Ok(back(&call, sale, Some(&problem))),
    }
}
