//! A connector gives up turns that are done with: their passes end, and their slots are free.
//!
//! It does so by sending the browser here with GET, which any page could do with a link or a
//! picture. So a pass ends only if the browser itself proves it by our cookie, and the shop is
//! known to have sent it: by the queue id of that very pass, which only the shop and the visitor
//! were told, or by where the browser says that it comes from. Whatever ended, the visitor goes on.

use http::header::{REFERER, SET_COOKIE};
use stanchion_domain::id::Number;

use super::{connector, require_customer};
use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::page::target::Target;
use crate::page::{away, to, view};
use crate::token::Kind;

/// What [`one`] is told.
pub const ONE: &[(&str, &str)] =
    &[("r", "where to go on to: a page of a shop in `targets.origins`; else the waiting page")];
/// What [`several`] is told.
pub const SEVERAL: &[(&str, &str)] =
    &[ONE[0], ("wrl", "waiting rooms divided by `_`, each with `~` and a queue id, if known")];

/// Gives up the turn of one waiting room.
pub async fn one(call: Call) -> Result<Reply<Html>, Problem> {
    let (room, queue_id) = (call.segment("room"), call.segment("queue_id"));
    give_up(&call, &[(&room, Some(&*queue_id).filter(|id| !id.is_empty()))]).await
}

/// Gives up the turns of several.
pub async fn several(call: Call) -> Result<Reply<Html>, Problem> {
    let list = call.query("wrl").unwrap_or_default();
    let turns: Vec<_> = list
        .split('_')
        .map(|turn| turn.split_once('~').map_or((turn, None), |(room, id)| (room, Some(id))))
        .collect();
    give_up(&call, &turns).await
}

async fn give_up(call: &Call, turns: &[(&str, Option<&str>)]) -> Result<Reply<Html>, Problem> {
    let (gate, of, keys) = connector(call)?;
    require_customer(of, &call.segment("customer"))?;
    let address = call.head.uri.path_and_query().map_or("/", |address| address.as_str());
    let standby = |problem| away::for_people(problem, call.headers(), address);
    call.state.serves().map_err(standby)?;
    let text = |name| call.query(name).unwrap_or_default();
    let back = Target::read(&text("r"), &gate.origins).filter(|target| !target.here());
    let from = Target::read(call.header(REFERER.as_str()).unwrap_or_default(), &gate.origins);
    let from_shop = from.is_some_and(|from| !from.here());
    let (mut left, mut cleared) = (None, Vec::new());
    for (room, queue_id) in turns {
        let Some(sale) = of.rooms.get(*room).and_then(|id| call.state.sale(id)) else { continue };
        left.get_or_insert(sale);
        let number = auth::pass_of_browser(&call.state, sale, call.headers(), call.secure());
        let named = |number: Number| match queue_id {
            Some(id) => keys.tokens.number(&sale.id, id) == Some(number),
            None => from_shop,
        };
        if let Some(number) = number.filter(|number| named(*number)) {
            queue::leave(call, sale, number).await?;
            cleared.extend(cookies(sale, call.secure()));
        }
    }
    let sale = left.ok_or_else(|| Problem::not_found("waiting room"))?;
    let back = back.map_or_else(
        || to::page(&sale.id, Some(view::LEFT).filter(|_| !cleared.is_empty()), None),
        |back| back.as_str().to_owned(),
    );
    let reply = Reply::see_other(&back);
    Ok(cleared.into_iter().fold(reply, |reply, cookie| reply.header(SET_COOKIE, cookie)))
}

/// Takes both cookies of a sale away.
fn cookies(sale: &OpenSale, secure: bool) -> [http::HeaderValue; 2] {
    [Kind::Place, Kind::Pass].map(|kind| sale.cookies.clear(kind, secure))
}
