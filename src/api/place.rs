//! Where a visitor stands, as the sale's policy shows it. The hot path of a waiting crowd.

use std::sync::Arc;

use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing as Stands;
use stanchion_domain::sale::definition::Shown;
use stanchion_domain::sale::operations::Phase;
use stanchion_domain::time::Now;

use super::poll::{self, Stock};
use super::state::OpenSale;
use super::wire::place::{BandBody, PlaceBody, PlaceState, WaitBody, words};
use super::wire::time::Moment;
use crate::clock;
use crate::engine::PassView;
use crate::engine::desk::Desk;
use crate::token::Standing;

/// Before the opening, nobody hurries until it is this near.
const OPENING_NEAR_MS: i64 = 60_000;

/// Where the visitor stands. Who is in the queue counts as present from now on; a pass is kept
/// alive by its shop, or by a visitor who says so: a forgotten page would fill a slot for good.
pub fn standing_of(sale: &OpenSale, standing: &Standing) -> PlaceBody {
    let published = sale.engine.published();
    let now = published.now();
    let desk = published.desk();
    let (operations, policy) = (&desk.operations, &desk.definition.policy);
    let before = operations.phase == Phase::Before;
    let mut place = PlaceBody {
        sale: Arc::clone(&sale.id),
        number: standing.number.0,
        phase: operations.phase.name(),
        calling: published.calling(),
        time_running: published.time_runs(clock::monotonic_ms()),
        opens_at: desk.definition.opens_at.filter(|_| before).map(Moment),
        notice: operations.notice.as_ref().map(words),
        redirect: operations.redirect.clone(),
        ..PlaceBody::default()
    };
    match published.find(standing.number) {
        Found::Place(Stands::Waiting { position }) => {
            place.state = PlaceState::Waiting;
            show_wait(sale, &desk, Waits { position, standing, now }, &mut place);
        }
        Found::Place(Stands::Returning { position }) => {
            place.state = PlaceState::Returning;
            show_wait(sale, &desk, Waits { position, standing, now }, &mut place);
        }
        Found::Place(Stands::Called) => {
            place.state = PlaceState::Called;
            place.poll_after_ms = Some(poll::poll_after_ms(0, policy.presence_span, standing.id));
        }
        // The time anew: the pass may be of a moment later than the first look.
        Found::Pass(view) => show_pass(sale, &view, (standing, published.now()), &mut place),
        Found::Place(Stands::Spent | Stands::Unissued) => place.state = PlaceState::Ended,
    }
    place
}

/// Somebody who waits.
struct Waits<'a> {
    position: u32,
    standing: &'a Standing,
    now: Now,
}

fn show_wait(sale: &OpenSale, desk: &Desk, waits: Waits<'_>, place: &mut PlaceBody) {
    let Waits { position, standing, now } = waits;
    sale.engine.published().places.see(standing.number, now.sale);
    let policy = &desk.definition.policy;
    let known = policy.wait_shown && place.calling && place.time_running;
    let wait = known.then(|| wait_of(sale, desk, position)).flatten();
    let hurry = if hurries(desk, now) { position } else { u32::MAX };
    place.wait = wait.map(|wait| WaitBody { from_ms: wait.from_ms, to_ms: wait.to_ms });
    place.poll_after_ms = Some(poll::poll_after_ms(hurry, policy.presence_span, standing.id));
    match policy.shown {
        Shown::Number => place.position = Some(position),
        Shown::Band => {
            let band = poll::band(position);
            place.band = Some(BandBody { from: band.from, to: band.to });
        }
        Shown::Progress => {
            place.progress_permille = Some(poll::progress_permille(position, standing.issue));
        }
        Shown::Nothing => {}
    }
}

/// The wait of whoever has so many ahead, by one board.
fn wait_of(sale: &OpenSale, desk: &Desk, position: u32) -> Option<poll::Wait> {
    let board = sale.engine.published().board.glance();
    let head = board.head.picture();
    let stock = Stock {
        left: head.known.is_none_or(|known| known.fact).then_some(head.counts.available),
        wanting: head.queue.without_basket,
        coupled: desk.operations.call_for_what_is_left,
    };
    poll::wait(position, board.head.estimate()?, stock)
}

/// Whether the front should ask often: not long before the opening, and not after the end.
fn hurries(desk: &Desk, now: Now) -> bool {
    match desk.operations.phase {
        Phase::Open => true,
        Phase::Closed => false,
        Phase::Before => desk
            .definition
            .opens_at
            .is_none_or(|opens_at| opens_at.0.saturating_sub(now.wall.0) <= OPENING_NEAR_MS),
    }
}

fn show_pass(
    sale: &OpenSale,
    view: &PassView,
    (standing, now): (&Standing, Now),
    place: &mut PlaceBody,
) {
    let published = sale.engine.published();
    let presence_span = published.desk().definition.policy.presence_span;
    let after = |position| poll::poll_after_ms(position, presence_span, standing.id);
    let until_at = |at| place.time_running.then(|| Moment::of_sale(at, now));
    match view.pass.state {
        PassState::Called { claim_until } => {
            place.state = PlaceState::Called;
            place.claim_until_at = until_at(claim_until);
            place.claim_in_ms = Some(claim_until.since(now.sale).0);
            place.poll_after_ms = Some(after(0));
        }
        PassState::Active => {
            let idles_at = published.idles_at(standing.number, view);
            place.state = PlaceState::Active;
            place.idle_until_at = until_at(idles_at);
            place.idle_in_ms = Some(idles_at.since(now.sale).0);
            place.poll_after_ms = Some(after(u32::MAX));
        }
    }
}
