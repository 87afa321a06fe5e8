//! A visitor's basket, and the order that it becomes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A visitor's holds with their prices and their deadline, or an order.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Basket {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What a buyer says on the telephone.
    pub code: String,
    /// `open`, `paying`, `confirmed`, `released`, `expired`, `cancelled` or `payment_lost`.
    pub state: String,
    /// What is in it.
    pub holds: Vec<Hold>,
    /// Seats and pool units together.
    pub units: u32,
    /// What it costs.
    pub total_minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// When it expires, if time runs.
    pub expires_at: Option<jiff::Timestamp>,
    /// What is left until then.
    pub expires_in_ms: Option<u64>,
    /// The payment came after the time had run out, and all was still free.
    #[serde(default)]
    pub late: bool,
}

/// What one request took.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Hold {
    /// Its id within the basket.
    pub id: HoldId,
    /// Seats and pool units.
    pub lines: Vec<Line>,
}

/// A hold's id: a number or a word, nobody needs to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum HoldId {
    /// A number.
    Number(u64),
    /// A word.
    Word(String),
}

/// One seat, or some units of a pool.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Line {
    /// The performance's id.
    pub performance: String,
    /// The seat.
    pub seat: Option<HeldSeat>,
    /// The pool.
    pub pool: Option<HeldPool>,
    /// The price zone's id.
    pub zone: String,
    /// The price's id.
    pub price: String,
    /// Of one unit.
    pub amount_minor: u64,
    /// One, or units of the pool.
    #[serde(default)]
    pub units: u32,
}

/// A seat as a basket shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HeldSeat {
    /// Stable and unique in the plan.
    pub id: String,
    /// What is printed on it.
    pub label: String,
    /// What is printed on its row.
    pub row: Option<String>,
    /// What people call its section.
    pub section: Option<String>,
}

/// A pool as a basket shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HeldPool {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl Basket {
    /// Whether it can still become an order without luck.
    pub fn live(&self) -> bool {
        ["open", "paying"].contains(&self.state.as_str())
    }

    /// The ids of its seats.
    pub fn seats(&self) -> impl Iterator<Item = &str> {
        let lines = self.holds.iter().flat_map(|hold| &hold.lines);
        lines.filter_map(|line| line.seat.as_ref()).map(|seat| seat.id.as_str())
    }

    /// Whether its time runs. While the sale's time stands still there is a span left, but no
    /// instant at which it would end.
    pub fn time_runs(&self) -> bool {
        self.expires_at.is_some()
    }
}

impl fmt::Display for HoldId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Word(word) => word.fmt(out),
        }
    }
}
