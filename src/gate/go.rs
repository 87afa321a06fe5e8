//! Pass mode: a shop on a host of its own sends its visitors here, and they come back with a pass
//! that it checks by itself.
//!
//! Whoever has a pass is sent on at once, with a token for this shop and this browser; whoever has
//! none waits, and comes here again when they go in. Each time is a sign of life of the pass.

use bytes::Bytes;
use stanchion_domain::time::Span;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Document, Html, Reply};
use crate::api::sale::etag_of;
use crate::api::state::OpenSale;
use crate::board::json;
use crate::page::target::Target;
use crate::page::{away, to};
use crate::token::jwt::Claims;

/// Where shops find the keys by which they check tokens.
pub const KEYS: &str = "/.well-known/jwks.json";
/// The query parameter in which the shop finds the token.
const TOKEN: &str = "stanchion";
/// Letters of a SHA-256 in base64url.
const HASH_LETTERS: usize = 43;
/// Of the time after which a silent pass ends, a token is renewed after one part in so many: a
/// visitor who goes from page to page is never silent for us.
const RENEWED_PARTS: u64 = 4;
/// Shops keep the keys for five minutes at most before they look again.
const KEYS_CACHE: &str = "public, max-age=300";

/// The query of [`go`].
pub const QUERY: &[(&str, &str)] = &[
    ("to", "a page of a shop that the gate file names in `targets.origins`"),
    ("bound", "SHA-256, in base64url, of what the shop has left in the browser"),
];

/// On to the shop with a token, or to the waiting page.
pub fn go(call: &Call) -> Result<Reply<Html>, Problem> {
    let sale = away::sale(call)?;
    let gate = call.state.gate();
    let issuer = gate.and_then(|gate| Some((gate, gate.issuer.as_ref()?)));
    let (gate, issuer) = issuer.ok_or_else(|| Problem::new("no_route"))?;
    let wrong = |name, wanted| Problem::new("malformed").says(format!("{name}: {wanted}"));
    let wanted = call.query("to").unwrap_or_default();
    let front = Target::front(&wanted, &gate.origins);
    let (front, origin) = front
        .as_ref()
        .and_then(|front| Some((front, front.origin()?)))
        .ok_or_else(|| wrong(QUERY[0].0, QUERY[0].1))?;
    // Whoever wants a page that cannot be gone back to gets as far as its shop, not stuck here.
    let shop = Target::read(&wanted, &gate.origins).unwrap_or_else(|| front.clone());
    let bound = call.query("bound").filter(|text| is_hash(text));
    let bound = bound.ok_or_else(|| wrong(QUERY[1].0, QUERY[1].1))?;
    let secure = call.secure();
    let Some(pass) = auth::pass_of_browser(&call.state, sale, call.headers(), secure) else {
        let again = |shop: &Target| {
            let address = format!("/{}/go?to={}&bound={bound}", sale.id, shop.in_query());
            Target::read(&address, &[])
        };
        let again = again(&shop).or_else(|| again(front));
        return Ok(Reply::see_other(&to::page(&sale.id, None, again.as_ref())));
    };
    let times = Times::of(sale);
    let token = call.state.signers().now().passes.sign(&Claims {
        iss: issuer.clone(),
        aud: origin.to_owned(),
        sale: sale.id.to_string(),
        pass: pass.0,
        bound: bound.into_owned(),
        iat: times.iat,
        renew: times.renew,
        exp: times.exp,
    });
    let mark = if shop.as_str().contains('?') { '&' } else { '?' };
    Ok(Reply::see_other(&format!("{}{mark}{TOKEN}={token}", shop.as_str())))
}

/// The keys by which shops check tokens.
pub fn keys(call: &Call) -> Result<Reply<Document>, Problem> {
    let keys = Bytes::from(json::write(call.state.signers().now().passes.key_set()));
    let etag = etag_of(&keys);
    Ok(Reply::ready(call.headers(), keys, &etag, KEYS_CACHE))
}

/// When a token is of what use, in seconds since 1970.
struct Times {
    iat: i64,
    renew: i64,
    exp: i64,
}

impl Times {
    fn of(sale: &OpenSale) -> Self {
        let iat = sale.engine.published().now().wall.0.div_euclid(1_000);
        let idle = sale.desk().definition.policy.idle_span;
        let after = |Span(ms): Span| iat.saturating_add_unsigned(ms.div_ceil(1_000));
        Self { iat, renew: after(Span(idle.0 / RENEWED_PARTS)), exp: after(idle) }
    }
}

fn is_hash(text: &str) -> bool {
    let of_hash = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == HASH_LETTERS && text.bytes().all(of_hash)
}
