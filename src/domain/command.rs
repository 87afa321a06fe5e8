//! What can be asked of a sale. A command is decided into a change or refused; it is never
//! recorded.

use crate::board::trigger::{Deed, Notice, Trigger};
use crate::id::{BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PoolIndex, PriceIndex};
use crate::id::{SeatIndex, SectionIndex, ZoneIndex};
use crate::sale::definition::Definition;
use crate::sale::definition::Withheld;
use crate::time::{Span, WallTime};
use std::sync::Arc;

/// One thing asked of the sale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Take the turn that a called visitor was offered.
    Claim { number: Number },
    /// Go on with a place, or its pass, on another device: from now on only tokens with this mark
    /// are believed.
    Move { number: Number, to: PlaceMark },
    /// Give up a place, or end a pass; a live basket of the pass is released.
    Leave { number: Number },
    /// Take seats and pool units, all or nothing, into a new or a live basket.
    Hold(Hold),
    /// Give back one hold, or the whole basket if `hold` is `None`.
    Release { pass: Number, basket: BasketId, hold: Option<HoldId> },
    /// Go to the card page: the deadline is set anew, once.
    CheckOut { pass: Number, basket: BasketId },
    /// The payment was made: the basket becomes an order. Asked by the shop only.
    Confirm { basket: BasketId, payment: String },
    /// The venue's own system says what is left. Asked by the shop only.
    Report(Arc<[Report]>),
    /// An operator changes something.
    Ops(Ops),
}

/// What the venue's own system says of one price zone of one performance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// Which performance.
    pub performance: PerformanceIndex,
    /// Which of its price zones.
    pub zone: ZoneIndex,
    /// The venue's own number: of two reports of a zone, the one with the higher number counts.
    pub version: u64,
    /// Units that anybody may buy.
    pub available: u32,
    /// Units in baskets.
    pub held: u32,
    /// Units that are sold.
    pub sold: u32,
    /// Units kept off public sale.
    pub withheld: u32,
}

/// A request to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Who asks.
    pub pass: Number,
    /// The basket to fill.
    pub basket: Target,
    /// What is wanted; all or nothing.
    pub items: Vec<Item>,
    /// May take house seats.
    pub entitled: bool,
}

/// Which basket a hold goes into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A new basket under this id; refused as `basket_open` if the pass has a live one.
    New(BasketId),
    /// The live basket of this id.
    Live(BasketId),
}

/// One line of a request to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// This very seat.
    Seat { performance: PerformanceIndex, seat: SeatIndex, price: PriceIndex },
    /// Units of a pool.
    Pool { performance: PerformanceIndex, pool: PoolIndex, price: PriceIndex, units: u32 },
    /// The best seats together.
    BestAvailable(BestAvailable),
}

/// A request for the best available seats of one performance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BestAvailable {
    /// Which performance.
    pub performance: PerformanceIndex,
    /// How many seats, side by side.
    pub seats: u32,
    /// How many of them must be accessible; companions are chosen beside these.
    pub accessible: u32,
    /// Only this zone, if named.
    pub zone: Option<ZoneIndex>,
    /// Only this section, if named.
    pub section: Option<SectionIndex>,
    /// The price, by its place in the zone's table.
    pub price: PriceIndex,
}

/// An ops change as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ops {
    /// The revision the operator looked at; refused as `stale_revision` if it is not the newest.
    pub revision: u64,
    /// Who asks, as the audit log shall name them.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What.
    pub action: OpsAction,
}

/// What an operator, or a trigger, can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpsAction {
    /// Open the sale now, whatever its opening time.
    Open,
    /// Stop calling and new holds for good; live baskets may still be paid.
    Close,
    /// Stop calling; shoppers go on.
    PauseCalling,
    /// Call again.
    ResumeCalling,
    /// Most passes at once. Lowering it evicts nobody.
    SetCap(u32),
    /// Most calls a minute.
    SetPace(u32),
    /// Call no more shoppers than what is left can serve, or call up to the cap whatever is left.
    CallForWhatIsLeft(bool),
    /// Put words at the top of every page.
    PostNotice(Notice),
    /// Put words at the top of every page until this wall time, if they are still shown then.
    PostNoticeUntil { notice: Notice, until: WallTime },
    /// Take them away.
    WithdrawNotice,
    /// Send everyone in the queue to this address.
    Redirect(String),
    /// Stop sending them.
    EndRedirect,
    /// Stop sale time.
    FreezeTime,
    /// Let it run again.
    ResumeTime,
    /// Give every live deadline this much more.
    AddTime(Span),
    /// Keep seats or pool units off public sale. Only what is available can be withheld.
    Withhold { what: Units, kind: Withheld },
    /// Put withheld seats or pool units back on sale.
    Restore { what: Units },
    /// Set a trigger, or replace the one of the same id.
    SetTrigger(Trigger),
    /// Remove a trigger.
    RemoveTrigger(String),
    /// End a pass; its live basket is released.
    EndPass(Number),
    /// Take an order back: its seats are on sale again.
    CancelOrder(BasketId),
    /// Give one live basket this much more.
    ExtendBasket { basket: BasketId, span: Span },
    /// Let a visitor whose place has ended back into the queue: next as soon as calling has come as
    /// far as their number.
    RestorePlace(Number),
    /// Apply a changed definition.
    Redefine(Arc<Definition>),
}

/// Seats or pool units of one performance, as an operator names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Units {
    /// These seats.
    Seats { performance: PerformanceIndex, seats: Vec<SeatIndex> },
    /// So many units of a pool.
    Pool { performance: PerformanceIndex, pool: PoolIndex, units: u32 },
}

impl From<Deed> for OpsAction {
    fn from(deed: Deed) -> Self {
        match deed {
            Deed::PostNotice(notice) => Self::PostNotice(notice),
            Deed::PostNoticeUntil { notice, until } => Self::PostNoticeUntil { notice, until },
            Deed::StopCalling => Self::PauseCalling,
            Deed::Redirect(url) => Self::Redirect(url),
        }
    }
}
