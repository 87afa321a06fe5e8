//! What the template shows one visitor: a pure function of what is published and their place.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use stanchion_domain::board::status::Status;
use stanchion_domain::board::trigger::Notice;
use stanchion_domain::sale::operations::Phase;
use stanchion_domain::time::Span;

use super::language;
use super::moment::{Form, Moment};
use super::scene::{Scene, Seen};
use super::target::Target;
use super::words::{self, Words};
use crate::api::wire::place::PlaceBody;
use crate::engine::desk::Desk;
use crate::engine::shop::ShopState;

const MINUTE_MS: u64 = 60_000;
/// Who is in the shop is warned so long before their visit ends, or half of a shorter one.
const SOON_MS: u64 = MINUTE_MS;
/// A claim window is told in minutes from here on, in seconds below.
const CLAIM_MINUTES_MS: u64 = 2 * MINUTE_MS;

/// What the page of one visitor follows from.
pub struct Facts<'a> {
    /// The sale's id.
    pub sale: Arc<str>,
    /// The visitor's place, if they have one.
    pub place: Option<PlaceBody>,
    /// Whether their place is on another device now.
    pub moved: bool,
    /// A code by which it moves there, if they asked for one.
    pub code: Option<String>,
    /// By which a form with a code is known when it is sent twice: random.
    pub arrival_key: u128,
    /// The definition, and what operators set.
    pub desk: Arc<Desk>,
    /// Status of everything together.
    pub status: Status,
    /// When the first basket may come back, if anybody knows.
    pub first_return_at: Option<Timestamp>,
    /// Since when what is left is known, if it is not known to be so now.
    pub as_of: Option<Timestamp>,
    /// Where the venue is.
    pub time_zone: TimeZone,
    /// Whether sale time advances.
    pub time_running: bool,
    /// Whether nothing can be written, so that it does not.
    pub halted: bool,
    /// How the shop behind the gate does.
    pub shop: ShopState,
    /// Version of the board's head that this is of.
    pub version: u64,
    /// Where the shop is.
    pub shop_url: Option<String>,
    /// Which page of it the visitor wanted.
    pub to: Option<Target>,
    /// What the visitor reads: an `Accept-Language` header.
    pub accepted: &'a str,
    /// What the page was told to say: a problem's code, or [`LEFT`].
    pub said: Option<Cow<'a, str>>,
    /// Whether the page that asks said that it is the visitor's turn, or that they missed it.
    pub was_called: bool,
    /// Whether calling has come as far as their number.
    pub reached: bool,
}

/// Said by the page after giving up or leaving.
pub const LEFT: &str = "left";

/// Everything the template shows but for [`Figures`](super::figures::Figures): the same for all who
/// stand alike.
#[derive(PartialEq, Eq, Debug, Serialize)]
pub struct View {
    scene: &'static str,
    heading: &'static str,
    /// What follows for the visitor, if it is not what the scene says of itself.
    more: Option<&'static str>,
    sale: Arc<str>,
    /// What the tab is called.
    title: String,
    waits: bool,
    joins: bool,
    sold_out: bool,
    notice: Option<NoticeView>,
    failed: Option<&'static str>,
    opens_at: Option<Moment>,
    opens_later: bool,
    aside: Option<&'static str>,
    status: Option<StatusView>,
    nobody_ahead: bool,
    then: Option<(&'static str, u64)>,
    /// How long before the end of a visit the visitor is warned.
    soon_ms: u64,
    /// Whether it ends so soon.
    ends_soon: bool,
    redirect: Option<String>,
}

#[derive(PartialEq, Eq, Debug, Serialize)]
struct NoticeView {
    language: String,
    direction: &'static str,
    text: String,
}

/// What a status is called, and its figures.
#[derive(PartialEq, Eq, Debug, Serialize)]
struct StatusView {
    message: &'static str,
    units: u64,
    at: Option<Moment>,
}

impl View {
    /// The page of one visitor, in the words of their language.
    pub fn new(facts: &Facts<'_>, words: &Words) -> Self {
        let (operations, scene) = (&facts.desk.operations, facts.scene());
        let (opens_at, opens_later) = facts.opening(scene);
        Self {
            scene: scene.name(),
            heading: facts.heading(scene),
            more: facts.more(scene),
            sale: facts.sale.clone(),
            title: title(scene, &facts.desk.definition.name, words),
            waits: scene.waits(),
            joins: scene.joins() && operations.phase != Phase::Closed,
            sold_out: facts.sold_out(),
            notice: operations.notice.as_ref().and_then(|of| notice(of, facts.accepted)),
            failed: facts.said.as_deref().and_then(failure),
            opens_at,
            opens_later,
            aside: facts.aside(scene),
            status: facts.status_view(scene),
            nobody_ahead: scene.waits() && facts.position() == Some(0),
            then: facts.then(scene),
            soon_ms: facts.soon_ms(),
            ends_soon: facts.ends_soon(),
            redirect: facts
                .redirect()
                .filter(|_| scene != Scene::Inside && scene != Scene::Closed)
                .map(str::to_owned),
        }
    }

    /// What the tab is called.
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl Facts<'_> {
    /// What the page says to the visitor.
    pub fn scene(&self) -> Scene {
        Scene::of(Seen {
            place: self.place.as_ref(),
            phase: self.desk.operations.phase,
            redirected: self.redirect().is_some(),
            moved: self.moved,
            left: self.said.as_deref() == Some(LEFT),
            was_called: self.was_called,
            reached: self.reached,
        })
    }

    fn redirect(&self) -> Option<&str> {
        self.desk.operations.redirect.as_deref().filter(|url| web(url))
    }

    fn position(&self) -> Option<u32> {
        self.place.as_ref()?.position
    }

    /// The opening, while it is ahead; whether nobody knows it yet.
    fn opening(&self, scene: Scene) -> (Option<Moment>, bool) {
        let ahead = self.desk.operations.phase == Phase::Before && scene != Scene::Redirected;
        let at = self.desk.definition.opens_at.filter(|_| ahead);
        let at = at.and_then(|at| Moment::of_ms(at.0, Form::Day, &self.time_zone));
        let unknown = ahead && at.is_none();
        (at, unknown)
    }

    /// Whether everything is sold.
    pub fn sold_out(&self) -> bool {
        self.status == Status::SoldOut
    }

    fn nothing_free(&self) -> bool {
        matches!(self.status, Status::SoldOut | Status::InBaskets { .. })
    }

    /// The scene, or one that promises less: to be the next one means nothing once all is sold.
    fn heading(&self, scene: Scene) -> &'static str {
        let says = match scene {
            Scene::Next if self.sold_out() => Scene::Waiting,
            Scene::ReturningNext if self.sold_out() => Scene::Returning,
            _ => scene,
        };
        says.name()
    }

    /// What follows where the scene's own words would promise too much.
    fn more(&self, scene: Scene) -> Option<&'static str> {
        match scene {
            Scene::Welcome if self.sold_out() => Some("welcome-sold-out"),
            Scene::Called if self.nothing_free() => Some("called-nothing-free"),
            _ if scene.waits() && self.sold_out() => Some("waits-sold-out"),
            Scene::Next if self.aside(scene).is_some() => Some("next-still"),
            _ => None,
        }
    }

    /// How long the visitor has once called: the message, and its figure.
    fn then(&self, scene: Scene) -> Option<(&'static str, u64)> {
        let told = scene.waits() && !self.sold_out();
        told.then(|| then(self.desk.definition.policy.claim_span))
    }

    fn soon_ms(&self) -> u64 {
        SOON_MS.min(self.desk.definition.policy.idle_span.0 / 2)
    }

    fn ends_soon(&self) -> bool {
        let ends_in_ms = self.place.as_ref().and_then(|place| place.idle_in_ms);
        self.time_running && ends_in_ms.is_some_and(|ms| ms < self.soon_ms())
    }

    /// Why nothing moves, for whom that matters.
    fn aside(&self, scene: Scene) -> Option<&'static str> {
        let open = self.desk.operations.phase == Phase::Open;
        let hurries = matches!(scene, Scene::Called | Scene::Inside);
        let comes = scene.waits() || scene == Scene::Welcome;
        let calls = self.desk.operations.calling();
        match () {
            () if !hurries && !comes => None,
            () if self.halted => Some("halted"),
            () if !hurries && !open => None,
            () if hurries && !self.time_running => Some("time-stopped"),
            () if hurries => None,
            () if calls && self.shop.serves() && self.time_running => None,
            () if self.sold_out() => Some("nobody-called"),
            () if !self.time_running => Some("stopped"),
            () if calls && self.shop == ShopState::Down => Some("shop-away"),
            () => Some("paused"),
        }
    }

    /// What is left, for who may still want it.
    fn status_view(&self, scene: Scene) -> Option<StatusView> {
        let done = matches!(scene, Scene::Closed | Scene::Redirected | Scene::Inside);
        let (message, units, at) = match self.status {
            _ if done => return None,
            Status::OnSale => return None,
            Status::Low { left } => ("status-low", left, None),
            Status::InBaskets { units, .. } => match self.first_return_at {
                Some(at) => ("status-in-baskets-at", units, Some(self.soon(at))),
                None => ("status-in-baskets", units, None),
            },
            Status::SoldOut => ("status-sold-out", 0, None),
            Status::Unknown => match self.as_of {
                Some(at) => ("status-as-of", 0, Some(self.soon(at))),
                None => ("status-not-reported", 0, None),
            },
        };
        Some(StatusView { message, units, at })
    }

    fn soon(&self, at: Timestamp) -> Moment {
        Moment::new(at, Form::Time, &self.time_zone)
    }
}

/// What the tab is called.
fn title(scene: Scene, name: &str, words: &Words) -> String {
    match scene {
        Scene::Called => format!("{} – {name}", words.say("called", &FluentArgs::new())),
        _ => name.to_owned(),
    }
}

/// The notice in the language that the visitor reads best.
fn notice(notice: &Notice, accepted: &str) -> Option<NoticeView> {
    let (language, text) = language::of_notice(notice, accepted)?;
    let direction = words::direction(language);
    Some(NoticeView { language: language.clone(), direction, text: text.clone() })
}

/// What a problem is called on the page.
fn failure(said: &str) -> Option<&'static str> {
    match said {
        LEFT => None,
        "code_invalid" => Some("code-wrong"),
        _ => Some("try-again"),
    }
}

/// How long a called visitor has: the message, and its figure.
fn then(claim_span: Span) -> (&'static str, u64) {
    match claim_span.0 {
        ms if ms < CLAIM_MINUTES_MS => ("then-seconds", ms / 1_000),
        ms => ("then-minutes", ms / MINUTE_MS),
    }
}

/// Only addresses of pages become links.
pub fn web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
