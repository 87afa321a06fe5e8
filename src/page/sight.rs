//! What one visitor sees at one moment: the words about them, and what is left, of one board.
//!
//! Owns the answers that show it. Both parts say how much is left, so both are made of the same
//! board: two figures of two moments would each be true and together a lie.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, VARY};
use http::{HeaderMap, StatusCode};
use stanchion_domain::board::status::Status;

use super::figures::Figures;
use super::look::{self, NO_FRAMES};
use super::part::Part;
use super::ready::{Own, Ready, Source};
use super::scene::Scene;
use super::view::{Facts, View};
use super::words::Words;
use super::{shop, to};
use crate::api::auth;
use crate::api::call::Call;
use crate::api::place;
use crate::api::reply::{Html, Reply, takes_gzip};
use crate::api::state::OpenSale;
use crate::board::store::Board;
use crate::clock;
use crate::net::reply::OutBody;

/// A page that reloads itself leaves at least so long to read it, and to press a button.
const RELOAD_S_MIN: u64 = 10;
/// Nobody may keep what is about one visitor.
const KEPT_BY_NOBODY: &str = "no-store";

/// What the visitor who asks sees.
pub(super) struct Sight<'c> {
    sale: &'c OpenSale,
    words: &'c Arc<Words>,
    board: Arc<Board>,
    facts: Facts<'c>,
    /// Where a form of the page may lead in the end, besides this host.
    shops: &'c [String],
}

impl<'c> Sight<'c> {
    /// What the visitor who asks sees now.
    pub(super) fn of(call: &'c Call, sale: &'c OpenSale) -> Self {
        let words = sale.look.words(call.header("accept-language").unwrap_or_default());
        let board = sale.engine.published().board.current();
        let facts = facts(call, sale, &board);
        let shops = call.state.gate().map_or(&[][..], |gate| &gate.origins);
        Self { sale, words, board, facts, shops }
    }

    /// The same with a code by which the place moves to another device.
    pub(super) fn with_code(mut self, code: String) -> Self {
        self.facts.code = Some(code);
        self
    }

    /// The whole page, in what the asker reads.
    pub(super) fn page(&self, asked: &HeaderMap) -> Reply<Html> {
        let (part, figures) = self.part();
        let nonce = look::nonce();
        // A code is not reloaded away.
        let asks_again = self.facts.place.as_ref().and_then(|place| place.poll_after_ms);
        let reloads = asks_again.filter(|_| self.facts.code.is_none());
        let reload = reloads.map(|ms| {
            let was = self.facts.scene().name();
            let again = to::again(&self.sale.id, was, self.facts.to.as_ref());
            (ms.div_ceil(1_000).max(RELOAD_S_MIN), again)
        });
        let main = part.with(&figures);
        let own = Own { nonce: &nonce, title: part.title(), main: &main, reload };
        let (ready, whole) = (self.ready(), |body| Reply::new(StatusCode::OK, body));
        let page = if takes_gzip(asked) {
            whole(OutBody::whole(ready.packed(&own))).in_gzip()
        } else {
            whole(OutBody::whole(ready.with(&own)))
        };
        let policy = self.sale.look.policy(&nonce, NO_FRAMES, self.shops);
        self.told(page.personal()).header(CONTENT_SECURITY_POLICY, policy)
    }

    /// Both parts of the page, for its script. Of a version that the script has, there is nothing
    /// to tell but figures of the place, which come with every poll.
    pub(super) fn both(&self, asked: &HeaderMap) -> Reply<Html> {
        let both = || {
            let (part, figures) = self.part();
            Bytes::from(part.with(&figures) + &self.ready().left)
        };
        self.told(Reply::made(asked, both, &self.version(), KEPT_BY_NOBODY))
    }

    /// The version of all that is not the visitor's own: what is left, and what operators set.
    fn version(&self) -> Bytes {
        let (left, set) = (self.board.performances.version, self.facts.desk.operations.revision);
        format!("W/\"{left:x}-{set:x}\"").into()
    }

    /// The visitor's part, and what is theirs alone in it.
    fn part(&self) -> (Arc<Part>, Figures) {
        let figures = Figures::new(&self.facts, self.words);
        let view = View::new(&self.facts, self.words);
        (self.sale.shelf.part(self.words, view, &figures), figures)
    }

    /// The page but for the visitor's part.
    fn ready(&self) -> Arc<Ready> {
        let source = Source {
            look: &self.sale.look,
            words: self.words,
            definition: &self.facts.desk.definition,
            board: &self.board,
            preview: None,
        };
        self.sale.shelf.page(&source)
    }

    fn told(&self, reply: Reply<Html>) -> Reply<Html> {
        let language = HeaderValue::from_str(&self.words.language);
        let language = language.unwrap_or(HeaderValue::from_static("en"));
        reply
            .header(CONTENT_LANGUAGE, language)
            // Not `no-referrer`: browsers would hide where the page's own forms come from.
            .header(REFERRER_POLICY, HeaderValue::from_static("same-origin"))
            .header(VARY, HeaderValue::from_static("cookie, accept-language, accept-encoding"))
    }
}

/// What the page of the visitor who asks follows from.
fn facts<'c>(call: &'c Call, sale: &OpenSale, board: &Board) -> Facts<'c> {
    let place = auth::place_if_any(call, sale).map(|standing| place::standing_of(sale, &standing));
    let moved = place.is_none() && auth::moved(call, sale);
    let published = sale.engine.published();
    let desk = published.desk();
    let head = board.head.picture();
    let first_return_at = match head.status {
        Status::InBaskets { first_return_at: Some(at), .. } => board.wall(at),
        _ => None,
    };
    let as_of = head.known.and_then(|known| known.as_of);
    let host = call.header("host").unwrap_or_default();
    let to = to::of(call);
    let at_ms = clock::monotonic_ms();
    let reached = place.as_ref().is_some_and(|place| place.number < published.tally.front());
    Facts {
        sale: sale.id.clone(),
        place,
        moved,
        code: None,
        arrival_key: clock::random_id(),
        first_return_at,
        as_of: as_of.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok()),
        desk: desk.clone(),
        status: head.status,
        time_zone: sale.look.time_zone.clone(),
        time_running: published.time_runs(at_ms),
        halted: !published.health.serves(at_ms),
        shop: published.shop.state(),
        version: board.head.version,
        shop_url: desk.definition.shop_url.as_deref().map(|url| shop::under_name(url, host)),
        to,
        accepted: call.header("accept-language").unwrap_or_default(),
        said: call.query("said"),
        was_called: call.query("was").is_some_and(|was| {
            [Scene::Called, Scene::Missed].iter().any(|scene| scene.name() == was)
        }),
        reached,
    }
}
