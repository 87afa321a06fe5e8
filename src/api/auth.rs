//! Who asks: a visitor with a place or a pass, a shop with its key, an operator.
//!
//! Tokens and keys are compared in constant time and never logged. Whoever presents too many that
//! are not genuine waits.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use stanchion_domain::id::Number;
use stanchion_domain::queue::passes::PassState;

use super::call::Call;
use super::problem::Problem;
use super::state::{OpenSale, State};
use crate::token::api_key::Holder;
use crate::token::role::{Duty, Role};
use crate::token::{Kind, Standing};

/// The header in which a shop names the pass it acts for.
pub const PASS_HEADER: &str = "stanchion-pass";

/// Who acts on baskets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Caller {
    /// The visitor who has the pass.
    Visitor(Number),
    /// A shop, for a pass that it names.
    Shop {
        /// The id of its API key.
        key: String,
        /// The pass it acts for, if it names one.
        pass: Option<Number>,
    },
}

impl Caller {
    /// The pass that is acted for.
    ///
    /// # Errors
    /// `malformed` if a shop names none.
    pub fn pass(&self) -> Result<Number, Problem> {
        match self {
            Self::Visitor(number) | Self::Shop { pass: Some(number), .. } => Ok(*number),
            Self::Shop { pass: None, .. } => {
                Err(Problem::new("malformed").says("name the pass you act for in Stanchion-Pass"))
            }
        }
    }

    /// What idempotency keys are scoped to.
    pub fn scope(&self) -> String {
        match self {
            Self::Visitor(number) => format!("pass {}", number.0),
            Self::Shop { key, .. } => format!("key {key}"),
        }
    }

    /// Whether this is a shop.
    pub fn shop(&self) -> bool {
        matches!(self, Self::Shop { .. })
    }
}

/// The place that a request proves.
///
/// # Errors
/// `token_missing`, `token_invalid`, `moved`, `rate_limited`
pub fn place(call: &Call, sale: &OpenSale) -> Result<Standing, Problem> {
    token(call, sale, Kind::Place)
}

/// The place that a request proves, if it proves one; anything else is as good as none.
pub fn place_if_any(call: &Call, sale: &OpenSale) -> Option<Standing> {
    genuine_place(call, sale).filter(|standing| here(sale, standing))
}

/// Whether a request proves a place that has moved to another device.
pub fn moved(call: &Call, sale: &OpenSale) -> bool {
    genuine_place(call, sale).is_some_and(|standing| !here(sale, &standing))
}

/// The active pass that a browser proves by its cookie. Counts as a sign of life of its visitor. A
/// cookie that proves nothing is as good as none: browsers keep those of passes that ended.
pub fn pass_of_browser(
    state: &State,
    sale: &OpenSale,
    headers: &HeaderMap,
    secure: bool,
) -> Option<Number> {
    let text = sale.cookies.find(headers, Kind::Pass, secure)?;
    let standing =
        state.signers().now().ring.verify(Kind::Pass, sale.mark, text.as_bytes()).ok()?;
    let published = sale.engine.published();
    let active = published.pass(standing.number)?.pass.state == PassState::Active;
    if !active || !here(sale, &standing) {
        return None;
    }
    published.places.see(standing.number, published.now().sale);
    Some(standing.number)
}

fn genuine_place(call: &Call, sale: &OpenSale) -> Option<Standing> {
    let text = text_of(call, sale, Kind::Place)?;
    call.state.signers().now().ring.verify(Kind::Place, sale.mark, text.as_bytes()).ok()
}

/// Whether the place is on this device still.
fn here(sale: &OpenSale, standing: &Standing) -> bool {
    sale.engine.published().moved.believes(standing.number, standing.mark())
}

/// Who acts: a visitor by their pass token, or a shop by its key.
///
/// # Errors
/// `token_missing`, `token_invalid`, `moved`, `rate_limited`; `malformed` for a pass that is no
/// number.
pub fn caller(call: &Call, sale: &OpenSale) -> Result<Caller, Problem> {
    if bearer(call).is_some_and(|text| text.starts_with("sk_")) {
        return shop(call);
    }
    token(call, sale, Kind::Pass).map(|standing| Caller::Visitor(standing.number))
}

/// A shop by its key.
///
/// # Errors
/// `token_missing`, `token_invalid`, `rate_limited`; `malformed` for a pass that is no number.
pub fn shop(call: &Call) -> Result<Caller, Problem> {
    let missing = || Problem::new("token_missing").says("Send your API key as a bearer token.");
    let text = bearer(call).ok_or_else(missing)?;
    call.state.shops.check(text).ok_or_else(|| guessed(call))?;
    let key = text.split('_').nth(1).unwrap_or_default().to_owned();
    let pass = call.header(PASS_HEADER).map(|text| {
        let wrong = || Problem::new("malformed").says("Stanchion-Pass: the number of a pass");
        text.parse().map(Number).map_err(|_| wrong())
    });
    Ok(Caller::Shop { key, pass: pass.transpose()? })
}

/// The name of an operator who may do this, by their key.
///
/// # Errors
/// `token_missing`, `token_invalid`, `rate_limited`; `forbidden` if their role does not allow it.
pub fn operator(call: &Call, duty: Duty) -> Result<String, Problem> {
    let holder = holder(call)?;
    allow(holder.role, duty).map(|()| holder.name.clone())
}

/// Who has the staff key of a request, whatever they may do.
///
/// # Errors
/// `token_missing`, `token_invalid`, `rate_limited`
pub fn holder(call: &Call) -> Result<&Holder, Problem> {
    let missing = || Problem::new("token_missing").says("Send your staff key as a bearer token.");
    let text = bearer(call).ok_or_else(missing)?;
    call.state.staff.check(text).ok_or_else(|| guessed(call))
}

/// Refuses what a role does not allow, and says who may do it.
///
/// # Errors
/// `forbidden`
pub fn allow(role: Role, duty: Duty) -> Result<(), Problem> {
    if role.may(duty) {
        return Ok(());
    }
    let names: Vec<_> = duty.roles().iter().map(|role| role.name()).collect();
    let told = format!("{} may not do this; ask: {}", role.name(), names.join(", "));
    Err(Problem::new("forbidden").says(told))
}

fn token(call: &Call, sale: &OpenSale, kind: Kind) -> Result<Standing, Problem> {
    let text = text_of(call, sale, kind).ok_or_else(|| Problem::new("token_missing"))?;
    let standing = call.state.signers().now().ring.verify(kind, sale.mark, text.as_bytes());
    let standing = standing.map_err(|_| guessed(call))?;
    if here(sale, &standing) { Ok(standing) } else { Err(Problem::new("moved")) }
}

/// The token of a kind: the bearer's if there is one, else the cookie's.
fn text_of<'c>(call: &'c Call, sale: &OpenSale, kind: Kind) -> Option<&'c str> {
    bearer(call).or_else(|| sale.cookies.find(call.headers(), kind, call.secure()))
}

fn bearer(call: &Call) -> Option<&str> {
    let (scheme, text) = call.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text.trim_ascii())
}

/// What whoever presents something that is not genuine is told; after too many, to wait.
pub fn guessed(call: &Call) -> Problem {
    count_guess(call).err().unwrap_or_else(|| Problem::new("token_invalid"))
}

/// Counts what is not genuine; after too many, whoever presents it waits.
pub fn count_guess(call: &Call) -> Result<(), Problem> {
    let allowed = call.state.guesses.check(call.peer.source);
    allowed.map_err(|retry| Problem::new("rate_limited").retry_after_ms(retry.seconds * 1_000))
}

/// Refuses a form that another site sent. Cookies are SameSite=Lax already; this also holds where a
/// browser is old or a site shares our domain.
///
/// # Errors
/// `forbidden`
pub fn require_same_site(call: &Call) -> Result<(), Problem> {
    let forbidden = || Err(Problem::new("forbidden"));
    if let Some(site) = call.header("sec-fetch-site") {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { forbidden() };
    }
    let Some(origin) = call.header("origin") else { return Ok(()) };
    let host = call.head.uri.authority().map(http::uri::Authority::as_str);
    let host = host.or_else(|| call.header("host"));
    let named = origin.split_once("://").map(|(_, host)| host);
    if named.is_some() && named == host { Ok(()) } else { forbidden() }
}
