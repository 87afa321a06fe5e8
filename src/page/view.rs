//! What the template shows: the visitor's place, the notice, what is left. All of it in words.

use jiff::Timestamp;
use serde::Serialize;
use stanchion_domain::board::status::Status;
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::sale::definition::Definition;

use super::language;
use super::words::{self, Words};
use crate::api::call::Call;
use crate::api::state::OpenSale;
use crate::api::wire::place::{PlaceBody, PlaceState, WaitBody};
use crate::board::performances::Performances;

/// Performances in the table: two screens of a telephone. The rest are counted.
const ROWS_MAX: usize = 50;
const MINUTE_MS: u64 = 60_000;
/// A page that reloads itself leaves at least so long to read it, and to press a button.
const RELOAD_S_MIN: u64 = 10;
/// Said by the page after giving up or leaving.
pub const LEFT: &str = "left";
/// The names of this machine for itself: a cookie set under one is not sent to another.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Everything the template shows.
#[derive(Debug, Serialize)]
pub struct View {
    /// Marks the page's own style and script.
    pub nonce: String,
    words: &'static Words,
    sale: String,
    name: String,
    /// `none` for who has not joined.
    state: &'static str,
    phase: &'static str,
    calling: bool,
    notice: Option<Notice>,
    redirect: Option<String>,
    shop_url: Option<String>,
    opens_at: Option<Instant>,
    number: Option<u32>,
    position: Option<u32>,
    band: Option<(u32, u32)>,
    progress_percent: Option<u32>,
    wait_minutes: Option<(u64, u64)>,
    claim_s: Option<u64>,
    poll_after_ms: Option<u64>,
    /// For who has no script: when the page is loaded again.
    reload_after_s: Option<u64>,
    total: &'static str,
    rows: Vec<Row>,
    rows_more: usize,
    failed: bool,
    left: bool,
}

#[derive(Debug, Serialize)]
struct Notice {
    language: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Instant {
    /// For machines.
    iso: String,
    /// For people, in UTC.
    text: String,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    starts_at: Option<Instant>,
    status: &'static str,
    figure: Option<u64>,
}

impl View {
    /// The page for one visitor. `place`: if they have one.
    pub fn new(call: &Call, sale: &OpenSale, place: Option<PlaceBody>, nonce: String) -> Self {
        let accepted = call.header("accept-language").unwrap_or_default();
        let desk = sale.desk();
        let (definition, operations) = (&desk.definition, &desk.operations);
        let board = sale.engine.published().board.current();
        let (rows, rows_more) = rows(&board.performances, definition);
        let joined = place.is_some();
        let said = call.query("said");
        let said = said.as_deref();
        let place = place.unwrap_or_default();
        Self {
            nonce,
            words: speak(accepted),
            sale: sale.id.to_string(),
            name: definition.name.clone(),
            state: if joined { state_name(place.state) } else { "none" },
            phase: operations.phase.name(),
            calling: operations.calling(),
            notice: operations.notice.as_ref().and_then(|notice| {
                let tags = notice.texts.iter().map(|(tag, _)| tag.as_str());
                let (language, text) = notice.texts.get(language::best(accepted, tags))?;
                Some(Notice { language: language.clone(), text: text.clone() })
            }),
            redirect: operations.redirect.clone().filter(|url| web(url)),
            shop_url: definition
                .shop_url
                .as_deref()
                .filter(|url| web(url))
                .map(|url| under_name(url, call.header("host").unwrap_or_default())),
            opens_at: definition.opens_at.and_then(|at| Instant::new(at.0)),
            number: joined.then_some(place.number),
            position: place.position,
            band: place.band.map(|band| (band.from, band.to)),
            progress_percent: place.progress_permille.map(|permille| permille / 10),
            wait_minutes: place.wait.map(in_minutes),
            claim_s: place.claim_in_ms.map(|ms| ms / 1_000),
            poll_after_ms: place.poll_after_ms,
            reload_after_s: place.poll_after_ms.map(|ms| ms.div_ceil(1_000).max(RELOAD_S_MIN)),
            total: board.head.picture().status.kind().name(),
            rows,
            rows_more,
            failed: said.is_some_and(|said| said != LEFT),
            left: said == Some(LEFT),
        }
    }
}

/// The words for an `Accept-Language` header.
fn speak(accepted: &str) -> &'static Words {
    let tags = words::ALL.iter().map(|words| words.language);
    words::ALL.get(language::best(accepted, tags)).expect("there is a language")
}

fn state_name(state: PlaceState) -> &'static str {
    match state {
        PlaceState::Waiting => "waiting",
        PlaceState::Returning => "returning",
        PlaceState::Called => "called",
        PlaceState::Active => "active",
        PlaceState::Ended => "ended",
    }
}

/// From whole minutes down to whole minutes up, at least one.
fn in_minutes(wait: WaitBody) -> (u64, u64) {
    (wait.from_ms / MINUTE_MS, wait.to_ms.div_ceil(MINUTE_MS).max(1))
}

/// Only addresses of pages become links.
fn web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// A shop on this machine, under the name by which the visitor knows this machine: their cookie
/// goes with them. Any other address stays as it is.
fn under_name(url: &str, host: &str) -> String {
    let own = |authority: &str| {
        let name = OWN_NAMES.iter().find(|name| {
            let port = authority.strip_prefix(**name);
            port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
        })?;
        Some(*name)
    };
    let changed = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        let rest = rest.strip_prefix(own(authority)?)?;
        Some(format!("{scheme}://{}{rest}", own(host)?))
    };
    changed().unwrap_or_else(|| url.to_owned())
}

fn rows(performances: &Performances, definition: &Definition) -> (Vec<Row>, usize) {
    let all = definition.performances.iter().zip((0..).map(PerformanceIndex));
    let rows = all.take(ROWS_MAX).filter_map(|(performance, at)| {
        let (status, figure) = match performances.picture(at)?.total.status {
            Status::OnSale => ("on_sale", None),
            Status::Low { left } => ("low", Some(left)),
            Status::InBaskets { units, .. } => ("in_baskets", Some(units)),
            Status::SoldOut => ("sold_out", None),
        };
        let starts_at = performance.starts_at.and_then(|at| Instant::new(at.0));
        Some(Row { name: performance.name.clone(), starts_at, status, figure })
    });
    (rows.collect(), definition.performances.len().saturating_sub(ROWS_MAX))
}

impl Instant {
    fn new(ms: i64) -> Option<Self> {
        let at = Timestamp::from_millisecond(ms).ok()?;
        let text = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        Some(Self { iso: at.to_string(), text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_on_this_machine_is_reached_under_the_name_that_the_visitor_used() {
        for (url, host, wanted) in [
            ("http://127.0.0.1:8082/", "localhost:8080", "http://localhost:8082/"),
            ("http://localhost:8082/x", "127.0.0.1:8080", "http://127.0.0.1:8082/x"),
            ("http://127.0.0.1", "localhost", "http://localhost"),
            ("http://127.0.0.1:8082/", "queue.example", "http://127.0.0.1:8082/"),
            ("https://shop.example/", "localhost:8080", "https://shop.example/"),
            ("http://localhost.example/", "127.0.0.1", "http://localhost.example/"),
            ("http://127.0.0.1:8082/", "", "http://127.0.0.1:8082/"),
        ] {
            assert_eq!(under_name(url, host), wanted, "{url} seen from {host}");
        }
    }
}
