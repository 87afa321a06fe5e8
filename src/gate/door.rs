//! The door: whether a request may pass, and what is said to who may not.
//!
//! Asks the rules and what the engine published; moves no byte of the request itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use stanchion_domain::id::Number;

use super::connector::address;
use super::go;
use super::rules::{self, Request};
use crate::api::auth;
use crate::api::dispatch::Api;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::state::{OpenSale, State};
use crate::files::gate::{Gate, Then};
use crate::net::Peer;
use crate::net::path::Ambiguous;
use crate::net::reply::OutBody;
use crate::page::target::Target;
use crate::page::{away, to};

/// What is said of card pages.
const CARDS: &str = "no card number comes through here: the card page belongs on the host of the \
                     payment service, or on another one of the shop's";

/// Who may pass.
#[derive(Clone)]
pub struct Door {
    api: Api,
    gate: Arc<Gate>,
    /// The sales of this server, whether it serves them already or stands by.
    sales: Arc<BTreeSet<String>>,
    /// Whose pass opens what names no sale.
    sale: Arc<str>,
}

/// What somebody wants.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The path in its normal form, without its query.
    pub path: &'a str,
    /// The query.
    pub query: Option<&'a str>,
    /// The method.
    pub method: &'a Method,
    /// The host, perhaps with a port.
    pub host: &'a str,
    /// All header fields.
    pub headers: &'a HeaderMap,
    /// Who asks.
    pub peer: &'a Peer,
}

/// What the door says.
#[derive(Debug)]
pub enum Verdict {
    /// They may, whoever they are.
    Open,
    /// They may, by this pass.
    Passes(Number),
    /// They have to wait for a turn.
    Waits {
        /// On the page of this address.
        page: String,
        /// In the queue of this sale.
        sale: String,
    },
    /// Not through here, but at this address.
    Elsewhere(String),
    /// They may not.
    Refused(Problem),
}

impl Door {
    /// A door of a server that serves these sales; each that the gate names is among them.
    ///
    /// # Panics
    /// If the gate names no sale, and not exactly one is served.
    pub fn new(api: Api, gate: Arc<Gate>, sales: BTreeSet<String>) -> Self {
        let sale = gate.sale.as_ref().or_else(|| sales.first());
        let sale = sale.expect("what the gate names was held against what is served");
        let sale = Arc::from(sale.as_str());
        Self { sale, api, gate, sales: Arc::new(sales) }
    }

    /// The sale by whose look strangers are told that something is wrong.
    pub fn sale(&self) -> Option<&Arc<OpenSale>> {
        self.state().sale(&self.sale)
    }

    /// What all handlers share.
    pub fn state(&self) -> &Arc<State> {
        self.api.state()
    }

    /// Whether a path, in its normal form, is ours and not the shop's.
    pub fn owns(&self, path: &str) -> bool {
        // Without passes of ours to check, the keys at this address are the shop's own.
        let keys = path != go::KEYS || self.gate.issuer.is_some();
        keys && self.api.owns(path, &self.sales) || self.inside(path).is_some()
    }

    /// Where the router has a path by which a connector comes.
    pub fn inside(&self, path: &str) -> Option<String> {
        address::inside(self.gate.connector.as_ref()?, path)
    }

    /// Whether somebody may have what they want. Who passes by a pass gives a sign of life.
    pub fn look(&self, wish: Wish<'_>) -> Verdict {
        let Wish { path, method, host, headers, peer, .. } = wish;
        let asked = Request { path, method, host, headers, address: peer.asker };
        let sale = match rules::decide(&self.gate, &self.sale, asked) {
            Err(ambiguous) => return Verdict::Refused(told(&ambiguous)),
            Ok(Then::Open) => return Verdict::Open,
            Ok(Then::Refused) => return Verdict::Refused(Problem::new("refused")),
            Ok(Then::Card) => return self.card_page(wish),
            Ok(Then::Protected { sale }) => sale.as_deref().unwrap_or(&self.sale),
        };
        self.look_for_pass(sale, wish)
    }

    /// The same for what only a pass opens.
    pub fn look_for_pass(&self, sale: &str, wish: Wish<'_>) -> Verdict {
        let state = self.state();
        if let Err(standby) = state.serves() {
            return Verdict::Refused(away::for_people(standby, wish.headers, &wish.address()));
        }
        let secure = state.secure(wish.peer);
        let found = state.sale(sale);
        let pass = found.and_then(|of| auth::pass_of_browser(state, of, wish.headers, secure));
        match pass {
            Some(number) => Verdict::Passes(number),
            None => Verdict::Waits {
                page: to::page(sale, None, self.back_to(wish).as_ref()),
                sale: sale.to_owned(),
            },
        }
    }

    /// A card page is on a host that does not lead through here.
    fn card_page(&self, wish: Wish<'_>) -> Verdict {
        match &self.gate.cards.at {
            Some(at) if wish.can_be_repeated() => {
                Verdict::Elsewhere(format!("{at}{}", wish.address()))
            }
            _ => Verdict::Refused(Problem::new("refused").says(CARDS)),
        }
    }

    /// Whose pass opens what names no sale.
    pub fn own_sale(&self) -> &str {
        &self.sale
    }

    /// The status with which apps are told that they wait.
    pub fn app_status(&self) -> StatusCode {
        self.gate.app_status
    }

    /// Where to go once it is their turn: a page that can be asked for again.
    fn back_to(&self, wish: Wish<'_>) -> Option<Target> {
        wish.can_be_repeated().then(|| Target::read(&wish.address(), &self.gate.origins))?
    }
}

impl Wish<'_> {
    /// Whether it can be asked for again.
    pub fn can_be_repeated(&self) -> bool {
        matches!(*self.method, Method::GET | Method::HEAD)
    }

    /// Path and query.
    pub fn address(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

/// What somebody is told who has to wait: people are shown where, programs are told.
pub fn turn_away(page: String, asked: &HeaderMap) -> Response<OutBody> {
    if away::reads_pages(asked) {
        return Reply::see_other(&page).response;
    }
    Problem::new("no_pass").with(|extra| extra.waiting_page = Some(page)).response()
}

/// A path without one meaning.
pub fn told(why: &Ambiguous) -> Problem {
    Problem::new("path_ambiguous").says(format!("{why}; ask for the path in its plain form"))
}

/// The host that a request is for.
pub fn host_of(head: &http::request::Parts) -> &str {
    let named = head.uri.authority().map(http::uri::Authority::as_str);
    let sent = head.headers.get(http::header::HOST).map(HeaderValue::to_str);
    named.or(sent.and_then(Result::ok)).unwrap_or_default()
}
