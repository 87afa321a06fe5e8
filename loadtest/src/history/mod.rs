//! The history of a run: what everybody asked and was told, in order of asking.
//!
//! Workers write it, the checks read it, people can read it too: one JSON object a line. It holds
//! what promises are about, not each poll: a poll is kept when it said something new.

pub mod clock;
pub mod file;

use serde::{Deserialize, Serialize};

/// One thing that was asked, and what came of it.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Told {
    /// Who asked.
    pub who: Who,
    /// When it was asked, in microseconds since the run began. Clocks of several machines differ:
    /// this is never later than it really was.
    pub asked_us: u64,
    /// When the whole answer was there, never earlier than it really was. Absent if none came:
    /// then what was asked may have happened, later too.
    pub told_us: Option<u64>,
    /// What it was about.
    pub what: What,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A virtual visitor, by their number in the crowd (not the queue number).
    Visitor(u32),
    /// The venue's staff, or the harness on its behalf.
    Staff,
    /// Who watches the board and the ops interface for the checks.
    Observer,
}

/// What was asked, and answered.
///
/// A variant with an answer in it is only written when the answer came; `Tried` is what is written
/// when none came.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Came into the queue.
    Joined {
        /// The queue number, as shown.
        number: u64,
    },
    /// Saw their place; kept when the state, the position or the wait differs from before, and
    /// when it was last the same as before.
    Saw(Place),
    /// Took their turn.
    Claimed {
        /// The queue number.
        number: u64,
    },
    /// Took seats or units.
    Held {
        /// The queue number of the pass.
        number: u64,
        /// The basket.
        basket: String,
        /// The hold within the basket.
        hold: String,
        /// What was taken by this request.
        units: Vec<Unit>,
        /// What is left of the basket's time, in milliseconds.
        expires_in_ms: Option<u64>,
    },
    /// Was refused seats or units.
    HoldRefused {
        /// The performance that was wanted.
        performance: String,
        /// Why: the stable code.
        code: String,
    },
    /// Gave back one hold, or the whole basket.
    Released {
        /// The basket.
        basket: String,
        /// The hold; absent: all of them.
        hold: Option<String>,
    },
    /// Went to the card page.
    CheckedOut {
        /// The basket.
        basket: String,
        /// What is left of the basket's time, in milliseconds.
        expires_in_ms: Option<u64>,
    },
    /// Paid: the basket is an order.
    Ordered(Order),
    /// Paid, and the order was refused.
    OrderRefused {
        /// The basket.
        basket: String,
        /// Why: the stable code.
        code: String,
    },
    /// Looked at a basket, or at what became of it at the end.
    BasketSeen {
        /// The basket.
        basket: String,
        /// Its state, in the server's words.
        state: String,
        /// What is in it.
        units: Vec<Unit>,
    },
    /// Left the shop, or gave up the place.
    Left {
        /// The queue number.
        number: u64,
    },
    /// Was told that the pass or the place is over.
    Ended {
        /// The queue number.
        number: u64,
    },
    /// Something was asked that changes something, and no answer came in time.
    Tried(Attempt),
    /// Read the board.
    Board(Board),
    /// Read the ops overview: the same figures, without version and status.
    Desk(Board),
    /// Read what is left, by performance; kept for those that changed.
    Performances {
        /// The version of the answer.
        version: u64,
        /// The counts and the status of each.
        performances: Vec<Performance>,
    },
    /// Changed something as staff: its effect is in force from some instant between asking and
    /// answer; if no answer came, perhaps never.
    Changed {
        /// The kind of change, in the server's words: `set_cap`, `freeze` …
        action: String,
        /// The cap that it set, if it set one.
        cap: Option<u32>,
        /// The notice that it posted, if it posted one.
        notice: Option<String>,
    },
    /// The harness itself did this to the server.
    Fault(Fault),
}

/// A visitor's standing as it was shown.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize)]
pub struct Place {
    /// The queue number.
    pub number: u64,
    /// `waiting`, `returning`, `called`, `active` or `ended`.
    pub state: String,
    /// How many are ahead, if shown.
    pub position: Option<u64>,
    /// The range of the estimated wait, in milliseconds, if shown.
    pub wait_ms: Option<(u64, u64)>,
    /// What is left of the claim window, in milliseconds, if called.
    pub claim_in_ms: Option<u64>,
}

/// A seat, or so many units of a pool, of a performance.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
pub struct Unit {
    /// The performance's id.
    pub performance: String,
    /// The price zone's id.
    pub zone: String,
    /// Which seat or pool.
    pub of: Source,
}

/// Where a unit comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A seat, by its id.
    Seat(String),
    /// Units of a pool, by its id.
    Pool {
        /// The pool's id.
        pool: String,
        /// How many.
        units: u32,
    },
}

/// A confirmed basket.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Order {
    /// The basket.
    pub basket: String,
    /// The reference of the payment.
    pub payment: String,
    /// The idempotency key of the request: asked again with it, the answer is the same.
    pub key: String,
    /// What was bought.
    pub units: Vec<Unit>,
    /// Whether the payment came after the basket's time.
    pub late: bool,
}

/// What may have happened, as no answer came.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// To hold something: of these seats, if they were named; else anything of the performance.
    Hold {
        /// The performance.
        performance: String,
        /// Named seats.
        seats: Vec<String>,
    },
    /// To give back a hold, or all of the basket.
    Release {
        /// The basket.
        basket: String,
        /// The hold; absent: all of them.
        hold: Option<String>,
    },
    /// To confirm a basket.
    Order {
        /// The basket.
        basket: String,
        /// The idempotency key.
        key: String,
    },
    /// To join, claim or leave.
    Other {
        /// The queue number, if known.
        number: Option<u64>,
    },
}

/// The board's head as it was read.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize)]
pub struct Board {
    /// Its version.
    pub version: u64,
    /// The status of the whole sale.
    pub status: String,
    /// All performances together.
    pub counts: Counts,
    /// Visitors waiting.
    pub waiting: u64,
    /// Called and not yet claimed.
    pub called: u64,
    /// With a live pass.
    pub active: u64,
    /// The cap.
    pub cap: u64,
    /// The first words of the notice, if any.
    pub notice: Option<String>,
}

/// Units by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Counts {
    /// All there are.
    pub capacity: u64,
    /// Free to be taken.
    pub available: u64,
    /// In open baskets.
    pub held: u64,
    /// In baskets on the card page.
    pub paying: u64,
    /// In orders.
    pub sold: u64,
    /// Kept off public sale.
    pub withheld: u64,
}

/// A performance as the board showed it.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Performance {
    /// Its id.
    pub id: String,
    /// `on_sale`, `low`, `in_baskets` or `sold_out`.
    pub status: String,
    /// All price zones together.
    pub counts: Counts,
    /// Each price zone.
    pub zones: Vec<(String, Counts)>,
}

/// What the harness did to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Stopped it in its tracks (SIGSTOP).
    Stopped,
    /// Let it go on (SIGCONT).
    Continued,
    /// Killed it (SIGKILL).
    Killed,
    /// Started it again.
    Started,
    /// Saw that another one took over: nobody served before.
    TakenOver,
    /// Started again what was killed; it stands by.
    StandsBy,
    /// Saw nobody take over, for a long time.
    NobodyTookOver,
}
