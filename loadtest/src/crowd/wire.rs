//! What the public interface says, as far as the crowd reads it.
//!
//! Unknown fields are passed over and unknown words kept, so that a newer server can say more.

use serde::Deserialize;

use crate::history::{Board, Counts, Source, Unit};

/// A visitor's standing in the queue.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) state: String,
    pub(crate) position: Option<u64>,
    pub(crate) wait: Option<Wait>,
    pub(crate) claim_in_ms: Option<u64>,
    pub(crate) poll_after_ms: Option<u64>,
    pub(crate) redirect: Option<String>,
    pub(crate) token: Option<String>,
}

/// The range of the estimated wait.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Wait {
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
}

/// The right to be in the shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pass {
    pub(crate) pass: u64,
    pub(crate) token: Option<String>,
    pub(crate) idle_span_ms: Option<u64>,
}

/// Why something was declined.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Problem {
    #[serde(default)]
    pub(crate) code: String,
    pub(crate) most: Option<u64>,
    pub(crate) basket: Option<String>,
}

/// What there is to know about the sale.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sale {
    pub(crate) limits: Limits,
}

/// How much one visitor may take.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Limits {
    pub(crate) basket_units_max: u32,
}

/// The board's head, and what of the ops overview is the same.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Head {
    /// Of the board; the ops overview has a sequence instead.
    version: Option<u64>,
    status: Option<String>,
    counts: Counts,
    queue: Queue,
    notice: Option<Vec<Words>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Queue {
    waiting: u64,
    called: u64,
    active: u64,
    cap: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Words {
    text: String,
}

impl Head {
    /// As the history has it: of the notice, the words in its first language.
    pub(crate) fn board(self) -> Board {
        let notice = self.notice.and_then(|words| Some(words.into_iter().next()?.text));
        Board {
            version: self.version.unwrap_or_default(),
            status: self.status.unwrap_or_default(),
            counts: self.counts,
            waiting: self.queue.waiting,
            called: self.queue.called,
            active: self.queue.active,
            cap: self.queue.cap,
            notice,
        }
    }
}

/// What is left, by performance.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Performances {
    pub(crate) version: u64,
    /// Only what changed after this version; absent: all there are.
    pub(crate) since: Option<u64>,
    pub(crate) performances: Vec<Performance>,
}

/// What is left of one performance.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Performance {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) version: u64,
    pub(crate) seating: Option<Seating>,
    #[serde(default)]
    pub(crate) pools: Vec<Named>,
    pub(crate) status: String,
    pub(crate) counts: Counts,
    #[serde(default)]
    pub(crate) zones: Vec<ZoneCounts>,
}

/// The layout of a performance.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seating {
    pub(crate) plan: String,
}

/// Something with an id.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

/// What is left of a price zone.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ZoneCounts {
    pub(crate) zone: String,
    pub(crate) counts: Counts,
}

/// The states of all seats, one letter each, in the order of the plan; `a` is available.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seats {
    pub(crate) seats: String,
}

/// The fixed layout.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Plan {
    pub(crate) rows: Vec<Row>,
    pub(crate) seats: Vec<Seat>,
}

/// A row: first and last seat of each stretch of neighbours.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) runs: Vec<(usize, usize)>,
}

/// One seat.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seat {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) accessible: bool,
}

/// A visitor's basket, or the order that it became.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Basket {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) holds: Vec<Hold>,
    pub(crate) expires_in_ms: Option<u64>,
    pub(crate) late: Option<bool>,
}

/// What one request took.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Hold {
    pub(crate) id: u64,
    pub(crate) lines: Vec<Line>,
}

/// A seat, or units of a pool.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    performance: String,
    seat: Option<Named>,
    pool: Option<Named>,
    zone: String,
    units: u32,
}

impl Basket {
    /// Everything in it.
    pub(crate) fn units(&self) -> Vec<Unit> {
        self.holds.iter().flat_map(Hold::units).collect()
    }
}

impl Hold {
    /// Everything in it.
    pub(crate) fn units(&self) -> Vec<Unit> {
        self.lines.iter().filter_map(Line::unit).collect()
    }
}

impl Line {
    /// `None` if it is neither a seat nor of a pool, which no interface promises.
    fn unit(&self) -> Option<Unit> {
        let of = match (&self.seat, &self.pool) {
            (Some(seat), _) => Source::Seat(seat.id.clone()),
            (None, Some(pool)) => Source::Pool { pool: pool.id.clone(), units: self.units },
            (None, None) => return None,
        };
        Some(Unit { performance: self.performance.clone(), zone: self.zone.clone(), of })
    }
}

impl Place {
    /// As the history has it.
    pub(crate) fn shown(&self) -> crate::history::Place {
        crate::history::Place {
            number: self.number,
            state: self.state.clone(),
            position: self.position,
            wait_ms: self.wait.map(|wait| (wait.from_ms, wait.to_ms)),
            claim_in_ms: self.claim_in_ms,
        }
    }
}
