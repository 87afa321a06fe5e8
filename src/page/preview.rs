//! Every state of the page with sample data, for who sets it up. On the ops listener only.
//!
//! Shows the venue's own look, words and performances; the visitor is made up, and no script runs.

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;
use jiff::Timestamp;
use minijinja::context;
use stanchion_domain::board::status::Status;
use stanchion_domain::board::trigger::Notice;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::{Operations, Phase};
use stanchion_domain::time::{SaleTime, WallTime};

use super::figures::Figures;
use super::look::{self, Look, OUR_FRAMES};
use super::part::Part;
use super::ready::{Own, Ready, Source};
use super::render::render;
use super::view::{Facts, LEFT, View};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::place::{BandBody, PlaceBody, PlaceState, WaitBody, WordsBody};
use crate::api::wire::trigger::notice;
use crate::engine::desk::Desk;
use crate::engine::shop::ShopState;
use crate::net::reply::OutBody;

#[cfg(test)]
mod tests;

/// 2027-01-15T20:14:00Z, an evening.
const EVENING_MS: i64 = 1_800_044_040_000;

/// What a state changes about a made-up visitor who waits in a sale that goes well.
pub(super) type Change = fn(&mut Sample);

/// All states by name.
#[rustfmt::skip]
pub(super) const STATES: &[(&str, Change)] = &[
    ("welcome", |of| of.place = None),
    ("welcome-before", |of| { of.place = None; of.operations.phase = Phase::Before; }),
    ("early", |of| of.operations.phase = Phase::Before),
    ("waiting", |_| {}),
    ("waiting-band", |of| of.shown(|place| place.band = Some(BandBody { from: 1_000, to: 2_000 }))),
    ("waiting-progress", |of| of.shown(|place| place.progress_permille = Some(420))),
    ("waiting-nothing", |of| of.shown(|place| place.wait = None)),
    ("next", |of| of.ahead(0)),
    ("returning", |of| of.stands(PlaceState::Returning)),
    ("returning-next", |of| { of.stands(PlaceState::Returning); of.ahead(0); }),
    ("missed", |of| { of.stands(PlaceState::Returning); of.ahead(0); of.was_called = true; }),
    ("called", |of| of.called()),
    ("inside", |of| of.inside(227_000)),
    ("inside-ends-soon", |of| of.inside(27_000)),
    ("left", |of| { of.place = None; of.said = Some(LEFT); }),
    ("ended", |of| of.stands(PlaceState::Ended)),
    ("moving", |of| of.code = Some("K7Q4-9MXT".into())),
    ("moved", |of| { of.place = None; of.moved = true; }),
    ("code-wrong", |of| { of.place = None; of.said = Some("code_invalid"); }),
    ("redirected", |of| of.operations.redirect = Some("https://www.example.org/".into())),
    ("closed", |of| of.operations.phase = Phase::Closed),
    ("next-stopped", |of| { of.ahead(0); of.time_running = false; }),
    ("next-sold-out", |of| { of.ahead(0); of.status = Status::SoldOut; }),
    ("welcome-sold-out", |of| { of.place = None; of.status = Status::SoldOut; }),
    ("pace-zero", |of| of.operations.pace_per_minute = 0),
    ("paused", |of| of.operations.calling_paused = true),
    ("shop-away", |of| of.shop = ShopState::Down),
    ("stopped", |of| of.time_running = false),
    ("called-stopped", |of| { of.called(); of.time_running = false; }),
    ("inside-stopped", |of| { of.inside(227_000); of.time_running = false; }),
    ("halted", |of| of.halts()),
    ("called-halted", |of| { of.called(); of.halts(); }),
    ("low", |of| of.status = Status::Low { left: 12 }),
    ("in-baskets", |of| { of.status = BASKETS; of.first_return_ms = Some(EVENING_MS); }),
    ("in-baskets-undated", |of| of.status = BASKETS),
    ("sold-out", |of| of.status = Status::SoldOut),
    ("as-of", |of| { of.status = Status::Unknown; of.as_of_ms = Some(EVENING_MS); }),
    ("not-reported", |of| of.status = Status::Unknown),
    ("notice", |of| of.notice()),
    ("failed", |of| of.said = Some("busy")),
];

const BASKETS: Status = Status::InBaskets { units: 40, first_return_at: None };

/// A made-up visitor, and the sale around them.
pub(super) struct Sample {
    operations: Operations,
    pub(super) place: Option<PlaceBody>,
    status: Status,
    first_return_ms: Option<i64>,
    as_of_ms: Option<i64>,
    time_running: bool,
    halted: bool,
    shop: ShopState,
    said: Option<&'static str>,
    was_called: bool,
    moved: bool,
    code: Option<String>,
}

/// Lists the states, or shows one.
pub fn show(call: &Call) -> Result<Reply<Html>, Problem> {
    let sale = call.sale()?;
    let page = match call.query("state") {
        None => list(sale),
        Some(state) => {
            let found = STATES.iter().find(|(name, _)| *name == state);
            let (_, change) = found.ok_or_else(|| Problem::not_found("state"))?;
            let language = call.query("language").unwrap_or(Cow::Borrowed("en"));
            let scheme =
                if call.query("scheme").as_deref() == Some("dark") { "dark" } else { "light" };
            let words = call.query("words").map(|text| draft(&text)).transpose()?;
            return Ok(state_of(sale, *change, &Shown { language: &language, scheme, words }));
        }
    };
    Ok(Reply::new(StatusCode::OK, OutBody::whole(page)).personal())
}

/// How a state is shown, and what is added to it.
struct Shown<'a> {
    language: &'a str,
    scheme: &'a str,
    /// Words that nobody has posted yet.
    words: Option<Notice>,
}

fn draft(text: &str) -> Result<Notice, Problem> {
    let texts: Vec<WordsBody> = serde_json::from_str(text)
        .map_err(|_| Problem::new("malformed").says("words: languages and texts, as JSON"))?;
    Ok(notice(texts))
}

fn list(sale: &OpenSale) -> String {
    let states: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
    let languages: Vec<String> = sale.look.languages().map(str::to_owned).collect();
    let name = sale.desk().definition.name.clone();
    render("preview.html", context! { sale => sale.id.to_string(), name, states, languages })
}

fn state_of(sale: &OpenSale, change: Change, shown: &Shown<'_>) -> Reply<Html> {
    let Shown { language, scheme, .. } = *shown;
    let (desk, board) = (sale.desk(), sale.engine.published().board.current());
    let definition = &desk.definition;
    let mut sample = Sample::new(definition);
    change(&mut sample);
    if let Some(draft) = &shown.words {
        sample.operations.notice = Some(draft.clone());
    }
    let words = sale.look.words(language);
    let facts = sample.facts(definition, &sale.look, language);
    let figures = Figures::new(&facts, words);
    let part = Part::new(words, View::new(&facts, words), &figures);
    let source =
        Source { look: &sale.look, words, definition, board: &board, preview: Some(scheme) };
    let (nonce, main) = (look::nonce(), part.with(&figures));
    let own = Own { nonce: &nonce, title: part.title(), main: &main, reload: None };
    let page = Ready::new(&source).with(&own);
    let reply = Reply::new(StatusCode::OK, OutBody::whole(page)).personal();
    reply.header(CONTENT_SECURITY_POLICY, sale.look.policy(&nonce, OUR_FRAMES, &[]))
}

impl Sample {
    pub(super) fn new(definition: &Definition) -> Self {
        let place = PlaceBody {
            number: 4_711,
            position: Some(1_234),
            wait: Some(WaitBody { from_ms: 720_000, to_ms: 1_560_000 }),
            ..PlaceBody::default()
        };
        Self {
            operations: Operations { phase: Phase::Open, ..Operations::new(definition) },
            place: Some(place),
            status: Status::OnSale,
            first_return_ms: None,
            as_of_ms: None,
            time_running: true,
            halted: false,
            shop: ShopState::Unwatched,
            said: None,
            was_called: false,
            moved: false,
            code: None,
        }
    }

    pub(super) fn facts<'a>(
        self,
        definition: &Definition,
        look: &Look,
        language: &'a str,
    ) -> Facts<'a> {
        let mut definition = definition.clone();
        definition.opens_at.get_or_insert(WallTime(EVENING_MS));
        definition.shop_url.get_or_insert("https://shop.example.org/".into());
        let calls = self.operations.calling() && self.shop.serves();
        let moves = calls && self.time_running && !self.halted;
        // As the interface tells it: how long nobody is called for, nobody knows.
        let told = |place: PlaceBody| PlaceBody {
            calling: calls,
            time_running: self.time_running,
            wait: place.wait.filter(|_| moves),
            ..place
        };
        let place = self.place.map(told);
        Facts {
            sale: definition.id.as_str().into(),
            place,
            moved: self.moved,
            code: self.code,
            arrival_key: 0,
            shop_url: definition.shop_url.clone(),
            to: None,
            desk: Arc::new(Desk {
                definition: Arc::new(definition),
                operations: self.operations,
                silent_from: SaleTime(0),
            }),
            status: self.status,
            first_return_at: self
                .first_return_ms
                .and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            as_of: self.as_of_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            time_zone: look.time_zone.clone(),
            time_running: self.time_running,
            halted: self.halted,
            shop: self.shop,
            version: 0,
            accepted: language,
            said: self.said.map(Cow::Borrowed),
            was_called: self.was_called,
            reached: true,
        }
    }

    /// Shows something else than the position.
    fn shown(&mut self, change: fn(&mut PlaceBody)) {
        if let Some(place) = &mut self.place {
            place.position = None;
            change(place);
        }
    }

    fn ahead(&mut self, position: u32) {
        if let Some(place) = &mut self.place {
            place.position = Some(position);
        }
    }

    fn stands(&mut self, state: PlaceState) {
        if let Some(place) = &mut self.place {
            place.state = state;
        }
    }

    fn called(&mut self) {
        self.stands(PlaceState::Called);
        if let Some(place) = &mut self.place {
            place.claim_in_ms = Some(107_000);
        }
    }

    fn inside(&mut self, ends_in_ms: u64) {
        self.stands(PlaceState::Active);
        if let Some(place) = &mut self.place {
            place.idle_in_ms = Some(ends_in_ms);
        }
    }

    fn halts(&mut self) {
        (self.time_running, self.halted) = (false, true);
    }

    fn notice(&mut self) {
        let texts = [
            ("en", "The doors of the theatre stay open until midnight.\nThank you for waiting."),
            ("de", "Die Türen des Theaters bleiben bis Mitternacht offen.\nDanke fürs Warten."),
            ("fr", "Les portes du théâtre restent ouvertes jusqu’à minuit.\nMerci d’attendre."),
            (
                "es",
                "Las puertas del teatro siguen abiertas hasta medianoche.\nGracias por esperar.",
            ),
        ];
        let texts = texts.map(|(tag, text)| (tag.to_owned(), text.to_owned()));
        self.operations.notice = Some(Notice { texts: texts.into() });
    }
}
