//! A basket, and the order it becomes.

use serde::{Serialize, Serializer};
use stanchion_domain::change::{Line, Taken};
use stanchion_domain::id::BasketId;
use stanchion_domain::inventory::baskets::{Basket, BasketState, Closing};
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Now;
use utoipa::ToSchema;

use super::time::Moment;
use crate::api::letters::Letters;

/// A basket's id: 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{32}$")]
pub struct Id(pub u128);

impl From<BasketId> for Id {
    fn from(id: BasketId) -> Self {
        Self(id.0)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a basket's id: 32 hex digits, in lower case.
pub fn read_id(text: &str) -> Option<BasketId> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let whole = text.len() == 32 && text.bytes().all(hex);
    whole.then(|| u128::from_str_radix(text, 16).ok().map(BasketId)).flatten()
}

/// What people say on the telephone for a basket, and for its order: the first 40 bits of its id.
/// Two baskets of a large sale may have the same.
pub fn code_of(id: BasketId) -> Letters {
    Letters::of(u64::try_from(id.0 >> 64).expect("half of 128 bits"))
}

/// All holds of one pass, with one deadline.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasketBody {
    /// Its id, and the order's.
    pub id: Id,
    /// Eight letters and digits to read out on the telephone. Show them beside the order.
    pub code: Letters,
    /// The sale's id.
    pub sale: String,
    /// Whose it is.
    pub pass: u32,
    /// How far it has come.
    pub state: StateBody,
    /// What it holds, or held.
    pub holds: Vec<HeldBody>,
    /// Units in all.
    pub units: u32,
    /// What it costs in all, in the currency's minor unit.
    pub total_minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// When it expires, while it is live and time runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Moment>,
    /// The same as a span from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// The payment, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// The payment came after the basket had closed, and its seats were still free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
}

/// How far a basket has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateBody {
    /// Holds may be added and given back.
    Open,
    /// On the card page.
    Paying,
    /// An order.
    Confirmed,
    /// Given back.
    Released,
    /// Its time ran out.
    Expired,
    /// It was an order, and an operator took it back.
    Cancelled,
    /// A payment came after its seats were gone: to be refunded.
    PaymentLost,
}

/// One hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldBody {
    /// Its number in the basket.
    pub id: u32,
    /// What it took.
    pub lines: Vec<LineBody>,
}

/// One seat, or some units of a pool, at a pinned price.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineBody {
    /// The performance's id.
    pub performance: String,
    /// The seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<LineSeatBody>,
    /// The pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<LinePoolBody>,
    /// The price zone's id.
    pub zone: String,
    /// The price's id.
    pub price: String,
    /// What one unit costs, in the currency's minor unit.
    pub amount_minor: u64,
    /// How many units.
    pub units: u32,
}

/// A seat that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineSeatBody {
    /// Its id in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// What is printed on its row.
    pub row: String,
    /// Its section.
    pub section: String,
}

/// A pool of which units were taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinePoolBody {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Units taken.
    pub units: u32,
}

/// Under which circumstances a basket is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The sale's definition.
    pub definition: &'a Definition,
    /// Whether sale time runs.
    pub time_running: bool,
    /// The time.
    pub now: Now,
    /// What confirming it said.
    pub late: Option<bool>,
}

impl BasketBody {
    /// A basket as it stands.
    pub fn new(basket: &Basket, shown: Shown<'_>) -> Self {
        let Shown { definition, time_running, now, late } = shown;
        let live = basket.live();
        let holds = basket.holds.iter().map(|hold| HeldBody {
            id: hold.id.0,
            lines: hold.lines.iter().map(|line| LineBody::new(line, definition)).collect(),
        });
        Self {
            id: basket.id.into(),
            code: code_of(basket.id),
            sale: definition.id.clone(),
            pass: basket.pass.0,
            state: StateBody::new(&basket.state),
            holds: holds.collect(),
            units: basket.units(),
            total_minor: basket.total_minor(),
            currency: definition.currency.clone(),
            expires_at: (live && time_running).then(|| Moment::of_sale(basket.deadline_at, now)),
            expires_in_ms: live.then(|| basket.deadline_at.since(now.sale).0),
            payment: match &basket.state {
                BasketState::Confirmed { payment, .. } | BasketState::Lost { payment } => {
                    Some(payment.clone())
                }
                _ => None,
            },
            late,
        }
    }
}

impl StateBody {
    /// The state of a basket.
    pub fn new(state: &BasketState) -> Self {
        match state {
            BasketState::Open => Self::Open,
            BasketState::Paying => Self::Paying,
            BasketState::Confirmed { .. } => Self::Confirmed,
            BasketState::Lost { .. } => Self::PaymentLost,
            BasketState::Closed { why: Closing::Released, .. } => Self::Released,
            BasketState::Closed { why: Closing::Expired, .. } => Self::Expired,
            BasketState::Closed { why: Closing::Cancelled, .. } => Self::Cancelled,
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paying => "paying",
            Self::Confirmed => "confirmed",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::PaymentLost => "payment_lost",
        }
    }
}

impl LineBody {
    fn new(line: &Line, definition: &Definition) -> Self {
        let performance = definition.performance(line.performance);
        let zone = &definition.zones[line.zone.at()];
        let plan = definition.plan_of(line.performance);
        let seat = match line.what {
            Taken::Seat(seat) => plan.map(|plan| LineSeatBody {
                id: plan.seat(seat).id.clone(),
                label: plan.seat(seat).label.clone(),
                row: plan.row_of(seat).label.clone(),
                section: plan.section_of(seat).name.clone(),
            }),
            Taken::Pool(..) => None,
        };
        let pool =
            match line.what {
                Taken::Pool(pool, units) => performance.pools.get(pool.at()).map(|pool| {
                    LinePoolBody { id: pool.id.clone(), name: pool.name.clone(), units }
                }),
                Taken::Seat(_) => None,
            };
        Self {
            performance: performance.id.clone(),
            seat,
            pool,
            zone: zone.id.clone(),
            price: zone.prices[line.price.at()].id.clone(),
            amount_minor: line.amount_minor,
            units: line.units(),
        }
    }
}
