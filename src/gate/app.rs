//! Apps at the door: programs that know `cfWaitingRoom`, a JSON object that says how long to wait
//! and when to ask again, and nothing else of ours.
//!
//! Whoever asks for what only a pass opens with exactly `Accept: application/json` waits here. The
//! first such request joins the queue, each further one is its poll, and the one that comes when it
//! is their turn claims it and passes. A visitor is known by their cookies alone: what else such a
//! request says, it says to the shop.

mod told;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderValue, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use stanchion_domain::id::Number;

use super::door::Door;
use crate::api::auth;
use crate::api::call::Call;
use crate::api::place::standing_of;
use crate::api::problem::Problem;
use crate::api::queue;
use crate::api::reply::{Foreign, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::place::{PlaceBody, PlaceState};
use crate::board::json;
use crate::net::Peer;
use crate::net::reply::OutBody;
use crate::token::Kind;
use told::Told;

/// Who says this, and nothing else, knows the object.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One request of an app.
pub(super) struct App {
    /// What of it is for us.
    call: Call,
    sale: Arc<OpenSale>,
    /// The status of the object.
    status: StatusCode,
}

/// What follows for it.
pub(super) enum Turn {
    /// It waits, and is told so.
    Waits(Response<OutBody>),
    /// It was its turn, and it passes with this request; the answer sets this cookie.
    Passes(Number, HeaderValue),
}

/// How it stands.
enum Stands {
    /// In the queue or out of it; a new place has its cookie.
    Waits(Box<PlaceBody>, Option<HeaderValue>),
    /// In the shop, from now on.
    Passes(Number, HeaderValue),
}

impl App {
    /// A request without a pass for what the pass of this sale opens, if it is an app's.
    pub(super) fn new(door: &Door, head: &Parts, peer: &Peer, sale: &str) -> Option<Self> {
        if !knows_object(&head.headers) {
            return None;
        }
        let mut ours = Request::new(()).into_parts().0;
        for cookie in head.headers.get_all(COOKIE) {
            ours.headers.append(COOKIE, cookie.clone());
        }
        let call = Call {
            state: door.state().clone(),
            head: ours,
            body: Bytes::new(),
            peer: *peer,
            template: "",
            operation: "waitAsApp",
        };
        let sale = door.state().sale(sale)?.clone();
        Some(Self { call, sale, status: door.app_status() })
    }

    /// Joins, asks or claims, whichever it is time for.
    pub(super) async fn turn(self) -> Turn {
        match self.stands().await {
            Ok(Stands::Passes(number, cookie)) => Turn::Passes(number, cookie),
            Ok(Stands::Waits(place, cookie)) => Turn::Waits(self.tell(&place, cookie)),
            Err(problem) => Turn::Waits(problem.response()),
        }
    }

    /// The same where somebody else passes the request on: they take 2xx for a yes and keep our
    /// answer to themselves then. So an app whose turn it was is told to come again with its pass.
    pub(super) async fn turn_elsewhere(mut self) -> Response<OutBody> {
        self.status = StatusCode::TOO_MANY_REQUESTS;
        match self.stands().await {
            Ok(Stands::Passes(_, cookie)) => {
                let inside = PlaceBody { state: PlaceState::Active, ..self.nobodys_place() };
                self.tell(&inside, Some(cookie))
            }
            Ok(Stands::Waits(place, cookie)) => self.tell(&place, cookie),
            Err(problem) => problem.response(),
        }
    }

    async fn stands(&self) -> Result<Stands, Problem> {
        let (call, sale) = (&self.call, &*self.sale);
        let known = auth::place_if_any(call, sale);
        let known = known.map(|standing| (standing_of(sale, &standing), standing));
        let (place, standing) = match known {
            Some((place, standing)) if place.state != PlaceState::Ended => (place, standing),
            _ => return self.join(),
        };
        sale.metrics.sale.polls.increment(1);
        if !matches!(place.state, PlaceState::Called | PlaceState::Active) {
            return Ok(Stands::Waits(Box::new(place), None));
        }
        match queue::take_turn(call, sale, &standing).await {
            Ok(token) => {
                let cookie = sale.cookies.set(Kind::Pass, &token, call.secure());
                Ok(Stands::Passes(standing.number, cookie))
            }
            // Its time was over in this very moment.
            Err(problem) if matches!(problem.code(), "not_called" | "gone") => {
                Ok(Stands::Waits(Box::new(standing_of(sale, &standing)), None))
            }
            Err(problem) => Err(problem),
        }
    }

    fn join(&self) -> Result<Stands, Problem> {
        match queue::new_place(&self.call, &self.sale) {
            Ok((standing, token)) => {
                let cookie = self.sale.cookies.set(Kind::Place, &token, self.call.secure());
                let place = standing_of(&self.sale, &standing);
                Ok(Stands::Waits(Box::new(place), Some(cookie)))
            }
            Err(problem) if problem.code() == "not_open" => {
                Ok(Stands::Waits(Box::new(self.nobodys_place()), None))
            }
            Err(problem) => Err(problem),
        }
    }

    /// What is true of the sale for who has no place in it.
    fn nobodys_place(&self) -> PlaceBody {
        let phase = self.sale.desk().operations.phase.name();
        PlaceBody { phase, state: PlaceState::Ended, ..PlaceBody::default() }
    }

    fn tell(&self, place: &PlaceBody, cookie: Option<HeaderValue>) -> Response<OutBody> {
        let told = Told::new(place, self.sale.engine.published().now().wall);
        let body = OutBody::whole(json::write(&told));
        let mut reply = Reply::<Foreign>::new(self.status, body).personal();
        let headers = reply.response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RETRY_AFTER, HeaderValue::from(told.again_after_s()));
        }
        if let Some(cookie) = cookie {
            headers.append(SET_COOKIE, cookie);
        }
        reply.response
    }
}

/// Whether who asks knows the object: one field, and exactly this.
fn knows_object(asked: &HeaderMap) -> bool {
    let mut fields = asked.get_all(ACCEPT).iter();
    fields.next() == Some(&JSON) && fields.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asks_for_json_and_nothing_else_is_an_app() {
        for (accepted, app) in [
            (&["application/json"][..], true),
            (&["application/json, text/plain, */*"], false),
            (&["application/json;q=0.9"], false),
            (&["application/json", "text/html"], false),
            (&["*/*"], false),
            (&[], false),
        ] {
            let mut asked = HeaderMap::new();
            for text in accepted {
                asked.append(ACCEPT, HeaderValue::from_static(text));
            }
            assert_eq!(knows_object(&asked), app, "{accepted:?}");
        }
    }
}
