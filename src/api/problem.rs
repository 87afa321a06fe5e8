//! Every error of the public interface: one table from code to status and words.
//!
//! Refusals of the rules, declined requests, bad tokens and bad HTTP all end here as RFC 9457
//! problem documents. Nothing is logged here: a refusal is expected in every sale.

use std::borrow::Cow;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, Response, StatusCode};
use stanchion_domain::refusal::{Code, Refusal};
use stanchion_domain::time::Now;

use super::wire::problem::ProblemBody;
use super::wire::time::Moment;
use crate::board::json;
use crate::engine::ask::Declined;
use crate::net::body::BodyFault;
use crate::net::reply::OutBody;

/// One kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The stable code that callers compare.
    pub code: &'static str,
    /// Its status.
    pub status: u16,
    /// What happened, for a heading.
    pub title: &'static str,
    /// What to do.
    pub advice: &'static str,
}

const fn kind(code: &'static str, status: u16, title: &'static str, advice: &'static str) -> Kind {
    Kind { code, status, title, advice }
}

/// All of them. `docs/api.md` says the same to developers; a test compares the two.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    kind("malformed", 400, "The request cannot be read",
        "Mend the request at the place named, then send it again."),
    kind("path_ambiguous", 400, "The path has no single meaning",
        "Ask for the path in its plain form, without tricks of encoding."),
    kind("key_missing", 400, "Idempotency-Key is missing",
        "Send an Idempotency-Key of your own making; keep it when you try again."),
    kind("body_broken", 400, "The body ended early", "Send the whole body."),
    kind("token_missing", 401, "A token is missing",
        "Join the queue, or claim your turn, and send the token you get."),
    kind("token_invalid", 401, "The token is not valid here",
        "Use the token of this sale; if it is lost, join again."),
    kind("no_pass", 403, "No active pass",
        "Wait until you are called, claim your turn, then come back."),
    kind("not_open", 403, "The sale is not open",
        "See the board for the phase and the opening time."),
    kind("forbidden", 403, "Not allowed from there",
        "Send forms from the page itself; use an API key where one is asked for."),
    kind("refused", 403, "Not reached through here", "Follow the links of the site."),
    kind("not_found", 404, "No such thing in this sale", "Check the id named."),
    kind("no_sale", 404, "No such sale", "Check the sale's id in the address."),
    kind("no_route", 404, "No such address", "See /openapi.json for all addresses."),
    kind("method_not_allowed", 405, "The method is not offered here",
        "Use one of the methods in the Allow header."),
    kind("body_too_slow", 408, "The body came too slowly", "Send the body faster."),
    kind("unavailable", 409, "No longer available", "Choose another seat."),
    kind("in_baskets", 409, "All that is left is in baskets",
        "Try again at first_return_at, or choose something else."),
    kind("sold_out", 409, "Sold out", "Choose another performance or price zone."),
    kind("no_block", 409, "Not so many seats side by side",
        "Ask for fewer seats, or drop the zone or the section."),
    kind("limit_reached", 409, "A limit is reached", "Ask for no more than the limit named."),
    kind("not_entitled", 409, "Kept for somebody else", "Choose another seat."),
    kind("basket_open", 409, "The pass has a basket already",
        "Add to that basket, or release it first."),
    kind("wrong_state", 409, "Not possible in this state",
        "Read it again and go on from the state it is in."),
    kind("stale_revision", 409, "The sale was changed meanwhile",
        "Look at the newest revision, then decide again."),
    kind("not_called", 409, "Not called yet", "Wait; the place says when to ask again."),
    kind("seat_lost", 409, "The payment came too late", "Refund the payment: nothing was sold."),
    kind("mirrored", 409, "The venue's own system keeps these seats", "Hold them there."),
    kind("expired", 410, "The time ran out", "Begin again."),
    kind("gone", 410, "This place has ended", "Join the queue again."),
    kind("moved", 410, "This place is on another device now", "Go on there."),
    kind("code_invalid", 410, "The code is not good, or no longer",
        "Ask for a new one on the device that has the place."),
    kind("body_too_large", 413, "The body is too large", "Send a smaller body."),
    kind("media_type", 415, "The body is of another type", "Send application/json."),
    kind("invalid", 422, "The request makes no sense", "Change the part named."),
    kind("key_reused", 422, "The Idempotency-Key was used for something else",
        "Use a new key for a new request."),
    kind("rate_limited", 429, "Too many requests", "Wait as long as Retry-After says."),
    kind("origin_down", 502, "The shop does not answer",
        "Your place is kept; ask again as Retry-After says."),
    kind("pass_refused", 502, "The shop refuses the pass",
        "Your place is kept; ask again as Retry-After says, when the shop was set right."),
    kind("origin_busy", 503, "The shop has too much to do",
        "Your place is kept; ask again as Retry-After says."),
    kind("origin_slow", 504, "The shop does not answer in time",
        "Your place is kept; ask again as Retry-After says."),
    kind("later", 503, "No queue number is ready", "Ask again in a moment."),
    kind("busy", 503, "Too busy", "Ask again with the same Idempotency-Key."),
    kind("down", 503, "Nothing can be stored now",
        "Your place and basket are kept; ask again with the same Idempotency-Key."),
    kind("stopping", 503, "The server is stopping", "Ask again with the same Idempotency-Key."),
    kind("standby", 503, "This server stands by for another one",
        "Ask again, with the same Idempotency-Key: the other server answers, or this one soon."),
];

/// What `standby` waits for: a hand-over takes less.
const STANDBY_RETRY_MS: u64 = 1_000;

/// What `down` waits for: a journal is tried again every half second.
const DOWN_RETRY_MS: u64 = 2_000;
/// What `busy` waits for: a full backlog is 0.6 s of work.
const BUSY_RETRY_MS: u64 = 1_000;

/// One error on its way out.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    extra: ProblemBody,
    allow: Option<HeaderValue>,
    /// The same in words for people, with what goes with it.
    page: Option<(String, HeaderMap)>,
}

impl Problem {
    /// A problem of this code.
    ///
    /// # Panics
    /// If the code is not in [`KINDS`]: a test names every code we use.
    pub fn new(code: &str) -> Self {
        let kind = KINDS.iter().find(|kind| kind.code == code);
        let kind = kind.unwrap_or_else(|| panic!("{code} is not in the table of problems"));
        let detail = Cow::Borrowed(kind.advice);
        Self(Box::new(Inner {
            kind,
            detail,
            extra: ProblemBody::default(),
            allow: None,
            page: None,
        }))
    }

    /// Says more precisely what to do.
    #[must_use]
    pub fn says(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Adds what the document of this code carries besides.
    #[must_use]
    pub fn with(mut self, add: impl FnOnce(&mut ProblemBody)) -> Self {
        add(&mut self.0.extra);
        self
    }

    /// When to ask again.
    #[must_use]
    pub fn retry_after_ms(self, ms: u64) -> Self {
        self.with(|extra| extra.retry_after_ms = Some(ms))
    }

    /// The methods that are offered instead.
    #[must_use]
    pub fn allow(mut self, methods: &str) -> Self {
        self.0.allow = HeaderValue::from_str(methods).ok();
        self
    }

    /// Says it with a page instead of a document.
    #[must_use]
    pub fn as_page(mut self, page: String, headers: HeaderMap) -> Self {
        self.0.page = Some((page, headers));
        self
    }

    /// This process serves nothing yet.
    pub fn standby() -> Self {
        Self::new("standby").retry_after_ms(STANDBY_RETRY_MS)
    }

    /// Which part is not to be found.
    pub fn not_found(what: &'static str) -> Self {
        Self::new("not_found").says(format!("no such {what} in this sale")).with(|extra| {
            extra.what = Some(what);
        })
    }

    /// Which part makes no sense.
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid").says(detail)
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.kind.code
    }

    /// What happened and what to do, for people.
    pub fn told(&self) -> (&'static str, &str) {
        (self.0.kind.title, &self.0.detail)
    }

    /// A refusal of the rules. `now` turns deadlines into instants for people.
    pub fn refused(refusal: &Refusal, now: Now) -> Self {
        let problem = Self::new(refusal.code.name()).with(|extra| extra.item = refusal.item);
        match refusal.code {
            Code::InBaskets { first_return_at } => problem.with(|extra| {
                extra.first_return_at = first_return_at.map(|at| Moment::of_sale(at, now));
            }),
            Code::LimitReached { limit, most } => {
                problem.says(format!("at most {most} ({limit})")).with(|extra| {
                    (extra.limit, extra.most) = (Some(limit), Some(most));
                })
            }
            Code::NotFound { what } => {
                Self::not_found(what).with(|extra| extra.item = refusal.item)
            }
            Code::BasketOpen(basket) => problem.with(|extra| extra.basket = Some(basket.into())),
            Code::WrongState { state } => {
                problem.says(format!("it is {state}")).with(|extra| extra.state = Some(state))
            }
            Code::Invalid { what } => problem.says(format!("change {what}")).with(|extra| {
                extra.what = Some(what);
            }),
            Code::StaleRevision { newest } => {
                problem.with(|extra| extra.newest_revision = Some(newest))
            }
            Code::Later(span) => problem.retry_after_ms(span.0),
            _ => problem,
        }
    }

    /// What the engine declined.
    pub fn declined(declined: Declined, now: Now) -> Self {
        match declined {
            Declined::Refused(refusal) => Self::refused(&refusal, now),
            Declined::Busy => Self::new("busy").retry_after_ms(BUSY_RETRY_MS),
            Declined::Down => Self::new("down").retry_after_ms(DOWN_RETRY_MS),
            Declined::Stopping => Self::new("stopping").retry_after_ms(DOWN_RETRY_MS),
        }
    }

    /// A body that could not be read.
    pub fn body(fault: &BodyFault) -> Self {
        Self::new(fault.code())
    }

    /// The answer.
    pub fn response(self) -> Response<OutBody> {
        let Inner { kind, detail, extra, allow, page } = *self.0;
        let retry_after_ms = extra.retry_after_ms;
        let body = ProblemBody {
            kind: format!("urn:stanchion:problem:{}", kind.code),
            title: kind.title,
            status: kind.status,
            detail: detail.into_owned(),
            code: kind.code,
            ..extra
        };
        let mut response = Response::new(OutBody::whole(json::write(&body)));
        let status = StatusCode::from_u16(kind.status);
        *response.status_mut() = status.expect("the table holds real statuses");
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(ms) = retry_after_ms {
            headers.insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000).max(1)));
        }
        if kind.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(allow) = allow {
            headers.insert(ALLOW, allow);
        }
        if let Some((page, more)) = page {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            headers.extend(more);
            *response.body_mut() = OutBody::whole(page);
        }
        response
    }
}

#[cfg(test)]
mod tests;
