//! For shops with a connector of somebody else (Queue-it's, of version 3 and its successors), which
//! stays as it is but for the address of the queue, a prefix and a secret.
//!
//! The connector sends a visitor without a token here (`enter`), says why it refused one
//! (`enter_again`), gives up a turn that is done with (`cancel`) and fetches its configuration
//! (`integrations`). Whoever has a pass goes back at once with a token; whoever has none waits, and
//! comes here again when they go in. Nobody ever loses their place by coming here.
//! `docs/connectors.md` tells a shop's developer all of it.

pub mod address;
pub mod cancel;
pub mod integrations;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stanchion_domain::id::Number;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::clock;
use crate::files::gate::{Connector, Cookie, Gate};
use crate::page::target::{TARGET_BYTES_MAX, Target};
use crate::page::{away, down, to};
use crate::token::connector::{Admission, Keys, Secret};

/// For how long a token can be handed in: a slow redirect, and clocks that are a minute apart.
const TOKEN_S: i64 = 180;
/// Whose token is refused so soon after it was signed gets the same again, and again.
const SOON_S: i64 = 60;
/// Of the span after which a silent pass ends, a fixed cookie counts for one part in so many: who
/// goes from page to page is heard of in time, and a form may take as long as the other half.
const COOKIE_PARTS: u64 = 2;
const MINUTE_MS: u64 = 60_000;
/// A connector's cookie is forgotten by browsers after a day.
const COOKIE_MINUTES_MAX: u64 = 1_440;
/// What only an operator can mend is told so often.
const TOLD_MS: u64 = 60_000;
/// When to try again what only an operator can mend.
const RETRY_MS: u64 = 5_000;

/// What [`enter`] and [`enter_again`] are told. Connectors add more, which means nothing here.
pub const QUERY: &[(&str, &str)] = &[
    ("c", "the connector's customer id"),
    ("e", "a waiting room that the gate file names"),
    ("t", "a page of a shop in `targets.origins`; the sale's `shop_url` without one"),
];

/// Why connectors refuse a token.
const REASONS: &[&str] = &["hash", "timestamp", "eventid", "ip", "qidlimit", "sessionstate"];

/// On to the shop with a token, or to the waiting page.
pub fn enter(call: &Call) -> Result<Reply<Html>, Problem> {
    Asked::read(call)?.answer(call)
}

/// The same for whom the connector did not let in. A good token that was refused is not given
/// again: the shop is told, and the visitor sees a page that tries again later.
pub fn enter_again(call: &Call) -> Result<Reply<Html>, Problem> {
    let reason = call.segment("reason");
    if !REASONS.contains(&&*reason) {
        return Err(Problem::new("no_route"));
    }
    let asked = Asked::read(call)?;
    let token = call.query(address::TOKEN).unwrap_or_default();
    let until_s = asked.secret().signed_until_s(asked.room, &token);
    let soon = |until_s| until_s - TOKEN_S + SOON_S > asked.now_s();
    if !until_s.is_some_and(|until_s| reason == "hash" || soon(until_s)) {
        return asked.answer(call);
    }
    asked.sale.metrics.sale.connector_refused.increment(1);
    tell(&reason, asked.room);
    let problem = Problem::new("pass_refused").retry_after_ms(RETRY_MS);
    let again = asked.entry();
    Err(down::for_people(problem, asked.sale, call.headers(), Some(&again)))
}

/// Tells the operator, now and then, that a connector refuses what it should not.
fn tell(reason: &str, room: &str) {
    static TOLD_AT: AtomicU64 = AtomicU64::new(0);
    let (now, told_at) = (clock::monotonic_ms(), TOLD_AT.load(Ordering::Relaxed));
    if told_at != 0 && now < told_at.saturating_add(TOLD_MS) {
        return;
    }
    // Whoever else tells it at the same time does no harm.
    TOLD_AT.store(now.max(1), Ordering::Relaxed);
    tracing::warn!(
        reason,
        room,
        "a shop's connector refuses good tokens: compare its secret, its waiting room and its \
         clock with ours; docs/connectors.md says what each reason means"
    );
}

/// The connector, and what it and we know; `no_route` if there is none.
fn connector(call: &Call) -> Result<(&Arc<Gate>, &Connector, &Keys), Problem> {
    let gate = call.state.gate();
    let found = gate.and_then(|gate| Some((gate, gate.connector.as_ref()?)));
    let found = found.and_then(|(gate, of)| Some((gate, of, call.state.connector()?)));
    found.ok_or_else(|| Problem::new("no_route"))
}

/// Refuses what is for another venue.
fn require_customer(of: &Connector, customer: &str) -> Result<(), Problem> {
    let wrong = || Problem::new("no_route").says("the gate file names another customer id");
    (customer == of.customer).then_some(()).ok_or_else(wrong)
}

/// What a connector asks for a visitor.
struct Asked<'c> {
    of: &'c Connector,
    keys: &'c Keys,
    room: &'c str,
    sale: &'c Arc<OpenSale>,
    target: Target,
}

impl<'c> Asked<'c> {
    fn read(call: &'c Call) -> Result<Self, Problem> {
        let (gate, of, keys) = connector(call)?;
        require_customer(of, &call.query("c").unwrap_or_default())?;
        let (room, id) = call
            .query("e")
            .and_then(|room| of.rooms.get_key_value(&*room))
            .ok_or_else(|| Problem::not_found("waiting room"))?;
        let wanted = call.query("t").filter(|text| text.len() <= TARGET_BYTES_MAX);
        let target = wanted.map(|text| Target::read(&text, &gate.origins));
        let sale = call.sale_of(id).map_err(|problem| {
            let entry = target.as_ref().and_then(Option::as_ref);
            let entry = entry.map(|target| address::entry(of, room, target));
            let entry = entry.and_then(|entry| Target::read(&entry, &[]));
            away::while_standing_by(problem, call.headers(), &to::page(id, None, entry.as_ref()))
        })?;
        let target = target.unwrap_or_else(|| {
            let shop = sale.desk().definition.shop_url.clone();
            Target::read(&shop?, &gate.origins)
        });
        let shop = target.filter(|target| !target.here()).ok_or_else(|| {
            let (name, wanted) = QUERY[2];
            Problem::new("malformed").says(format!("{name}: {wanted}"))
        })?;
        Ok(Self { of, keys, room, sale, target: shop })
    }

    fn answer(&self, call: &Call) -> Result<Reply<Html>, Problem> {
        let pass = auth::pass_of_browser(&call.state, self.sale, call.headers(), call.secure());
        Ok(match pass {
            Some(number) => Reply::see_other(&self.shop(number)),
            None => {
                let entry = Target::read(&self.entry(), &[]);
                Reply::see_other(&to::page(&self.sale.id, None, entry.as_ref()))
            }
        })
    }

    /// The page of the shop, with a token of this pass.
    fn shop(&self, number: Number) -> String {
        self.sale.metrics.sale.connector_tokens.increment(1);
        let token = self.secret().token(&Admission {
            room: self.room,
            queue_id: &self.secret().queue_id(&self.sale.id, number),
            until_s: self.now_s() + TOKEN_S,
            cookie_minutes: self.cookie_minutes(),
        });
        address::with_token(&self.target, &token)
    }

    fn cookie_minutes(&self) -> Option<u64> {
        let idle_ms = self.sale.desk().definition.policy.idle_span.0;
        let minutes = idle_ms / COOKIE_PARTS / MINUTE_MS;
        (self.of.cookie == Cookie::Fixed).then(|| minutes.clamp(1, COOKIE_MINUTES_MAX))
    }

    /// The way back here.
    fn entry(&self) -> String {
        address::entry(self.of, self.room, &self.target)
    }

    fn secret(&self) -> &'c Secret {
        &self.keys.tokens
    }

    fn now_s(&self) -> i64 {
        self.sale.engine.published().now().wall.0.div_euclid(1_000)
    }
}
