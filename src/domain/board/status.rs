//! Counts, and the status that follows from them and from nothing else.

use crate::time::{SaleTime, WallTime};

/// Units of one price zone of one performance, or of any sum of those.
///
/// Conservation: the five states add up to the capacity, always.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// All units.
    pub capacity: u64,
    /// Anybody with a pass may hold them.
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

/// The status of a performance, a price zone, or a sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Enough are available.
    OnSale,
    /// So many are left.
    Low { left: u64 },
    /// None are free; so many may come back, the first at this sale time.
    InBaskets { units: u64, first_return_at: Option<SaleTime> },
    /// Everything that was for sale is sold.
    SoldOut,
    /// Nobody knows: the venue's own system said nothing yet, or nothing lately.
    Unknown,
}

/// How much of what is shown of a mirrored scope is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// When the oldest of its reports came, by wall time: for people. `None` before all of it was
    /// reported.
    pub as_of: Option<WallTime>,
    /// Whether all of it was reported, and lately enough to be a fact.
    pub fact: bool,
}

impl Known {
    /// Something was never reported.
    pub const NOTHING: Self = Self { as_of: None, fact: false };

    /// Whether all of it was reported, however long ago.
    pub fn reported(self) -> bool {
        self.fact || self.as_of.is_some()
    }

    /// Without what only operators see: how old a report is that still counts as a fact.
    #[must_use]
    pub fn to_everybody(self) -> Self {
        if self.fact { Self { as_of: None, ..self } } else { self }
    }

    /// The same once nobody knows whether it is still so.
    #[must_use]
    pub fn doubted(self) -> Self {
        Self { fact: false, ..self }
    }
}

/// A status without its figures, as triggers name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatusKind {
    /// [`Status::OnSale`]
    OnSale,
    /// [`Status::Low`]
    Low,
    /// [`Status::InBaskets`]
    InBaskets,
    /// [`Status::SoldOut`]
    SoldOut,
}

/// A status is `low` from this share of the capacity downwards, in hundredths.
pub const LOW_PERCENT: u64 = 5;

impl Counts {
    /// Whether every unit is in exactly one state.
    pub fn conserved(&self) -> bool {
        self.available + self.held + self.paying + self.sold + self.withheld == self.capacity
    }

    /// Adds another zone's or performance's counts.
    pub fn add(&mut self, other: &Self) {
        self.capacity += other.capacity;
        self.available += other.available;
        self.held += other.held;
        self.paying += other.paying;
        self.sold += other.sold;
        self.withheld += other.withheld;
    }

    /// Takes out counts that were added before.
    pub fn remove(&mut self, other: &Self) {
        self.capacity -= other.capacity;
        self.available -= other.available;
        self.held -= other.held;
        self.paying -= other.paying;
        self.sold -= other.sold;
        self.withheld -= other.withheld;
    }

    /// The status that these counts have. `first_return_at`: when the first basket may expire.
    ///
    /// Never [`Status::SoldOut`] while a basket is unresolved. A scope of which everything is
    /// withheld, or that is empty, has nothing to sell and counts as sold out.
    pub fn status(&self, first_return_at: Option<SaleTime>) -> Status {
        debug_assert!(self.conserved());
        let in_baskets = self.held + self.paying;
        if self.available == 0 && in_baskets == 0 {
            Status::SoldOut
        } else if self.available == 0 {
            Status::InBaskets { units: in_baskets, first_return_at }
        } else if self.available * 100 <= (self.capacity - self.withheld) * LOW_PERCENT {
            Status::Low { left: self.available }
        } else {
            Status::OnSale
        }
    }
}

impl Status {
    /// The status without its figures; `None` if nobody knows it.
    pub fn kind(&self) -> Option<StatusKind> {
        match self {
            Self::OnSale => Some(StatusKind::OnSale),
            Self::Low { .. } => Some(StatusKind::Low),
            Self::InBaskets { .. } => Some(StatusKind::InBaskets),
            Self::SoldOut => Some(StatusKind::SoldOut),
            Self::Unknown => None,
        }
    }

    /// The stable name.
    pub fn name(&self) -> &'static str {
        self.kind().map_or("unknown", StatusKind::name)
    }
}

impl StatusKind {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnSale => "on_sale",
            Self::Low => "low",
            Self::InBaskets => "in_baskets",
            Self::SoldOut => "sold_out",
        }
    }
}
