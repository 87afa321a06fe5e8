//! What was decided: facts, recorded in the journal and applied without running a rule again.

use crate::command::{OpsAction, Report};
use crate::id::{BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PoolIndex, PriceIndex};
use crate::id::{RequestKey, SeatIndex, ZoneIndex};
use crate::sale::definition::Definition;
use crate::time::{Now, SaleTime};
use std::sync::Arc;

/// A change with the circumstances under which it was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// Sale time and wall time of the decision.
    pub now: Now,
    /// The idempotency key of the request that asked for it, if any.
    pub request: Option<RequestKey>,
    /// What was decided.
    pub change: Change,
}

/// One fact. The sequence of all changes of a sale is the sale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The sale exists. Always the first change, and only that.
    Created(Arc<Definition>),
    /// A process began to serve, and issues numbers beyond all reserved ones. Those reserved since
    /// the last mark are uncertain: nobody counts them, whoever shows one is honoured. An outage
    /// ended with it, as with [`Change::Resumed`].
    Started,
    /// An outage ended: the grace begins, live deadlines are at least the policy's span away.
    Resumed,
    /// Sale time has come this far, and this many numbers were issued.
    Marked { issued: u32 },
    /// Queue numbers below this one may be issued.
    Reserved { until: u32 },
    /// The opening time came.
    Opened,
    /// These visitors were called, in this order. Every waiting number below `front` that is not
    /// among them is passed over.
    Called { numbers: Vec<Number>, front: u32, claim_until: SaleTime },
    /// These called visitors did not claim in time.
    ClaimsMissed { numbers: Vec<Number> },
    /// A called visitor took their turn.
    Claimed { number: Number },
    /// A waiting place was given up, or a pass ended by its visitor; a live basket went with it.
    Left { number: Number },
    /// These passes were silent too long.
    IdledOut { numbers: Vec<Number> },
    /// Seats and pool units were taken.
    Held(Held),
    /// One hold was given back; with the last one, the basket is released.
    Released { basket: BasketId, hold: HoldId },
    /// A whole basket was given back.
    BasketReleased { basket: BasketId },
    /// A basket's deadline passed.
    BasketExpired { basket: BasketId },
    /// A basket went to the card page.
    CheckedOut { basket: BasketId, deadline_at: SaleTime },
    /// A basket was paid and is an order. `late`: it had been closed, and its seats were still
    /// free.
    Confirmed { basket: BasketId, payment: String, late: bool },
    /// A payment came for a closed basket whose seats are gone: nothing is sold, money goes back.
    PaymentLost { basket: BasketId, payment: String },
    /// A payment that had been decided came again under another idempotency key: what was decided
    /// then is the answer under this key, too. Nothing else changes.
    PaymentRepeated { basket: BasketId },
    /// An operator's deed. Boxed: it is rare, and larger than all that is decided all the time.
    Operated { actor: String, reason: String, action: Box<OpsAction> },
    /// A trigger's condition was met and its deeds were done.
    TriggerFired { trigger: String },
    /// The end of the notice that was shown came.
    NoticeEnded,
    /// A place, or its pass, went on on another device.
    Moved { number: Number, to: PlaceMark },
    /// The venue's own system said what is left: `newer` are reports that replace others, `same`
    /// are zones of which it said once more what it had said.
    Reported { newer: Arc<[Report]>, same: Arc<[ReportedZone]> },
    /// What was reported of these zones is stale: nobody knows whether it is still so.
    WentStale { zones: Vec<ReportedZone> },
}

/// A price zone of a performance of a mirrored sale.
pub type ReportedZone = (PerformanceIndex, ZoneIndex);

/// What one hold took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The basket; it begins with its first hold.
    pub basket: BasketId,
    /// Whose it is.
    pub pass: Number,
    /// This hold's id in the basket.
    pub hold: HoldId,
    /// What it took, with pinned prices. Shared by all that hold it: record, basket, answer.
    pub lines: Arc<[Line]>,
    /// When the whole basket expires.
    pub deadline_at: SaleTime,
}

/// One seat, or some units of one pool, at a pinned price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Of which performance.
    pub performance: PerformanceIndex,
    /// The seat or the pool units.
    pub what: Taken,
    /// The price zone at the time of the hold.
    pub zone: ZoneIndex,
    /// The price of that zone.
    pub price: PriceIndex,
    /// What one unit costs, in minor units, pinned.
    pub amount_minor: u64,
    /// Taken from the house's own: goes back there, not on public sale.
    pub house: bool,
}

/// What a line took.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Taken {
    /// One seat.
    Seat(SeatIndex),
    /// Units of a pool.
    Pool(PoolIndex, u32),
}

impl Line {
    /// Units that nobody buys: what an operator withholds or restores.
    pub fn bare(performance: PerformanceIndex, what: Taken, zone: ZoneIndex) -> Self {
        Self { performance, what, zone, price: PriceIndex(0), amount_minor: 0, house: false }
    }

    /// How many units the line holds.
    pub fn units(&self) -> u32 {
        match self.what {
            Taken::Seat(_) => 1,
            Taken::Pool(_, units) => units,
        }
    }
}

/// Adds a line to a list in which every pool stands at most once, so that the list can be
/// checked line by line against the stock.
pub fn add_line(lines: &mut Vec<Line>, line: Line) {
    let Taken::Pool(pool, units) = line.what else {
        return lines.push(line);
    };
    let same = |other: &&mut Line| {
        other.performance == line.performance
            && other.house == line.house
            && matches!(other.what, Taken::Pool(other, _) if other == pool)
    };
    match lines.iter_mut().find(same) {
        Some(other) => other.what = Taken::Pool(pool, other.units() + units),
        None => lines.push(line),
    }
}
