//! The names of things: dense indices inside, stable ids outside.
//!
//! An index is a position in a vector of the definition and never leaves the process except through
//! the journal, which also holds the definition. Random ids are made outside and passed in.

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub $inner);

        impl $name {
            /// The index as a subscript.
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// A queue number: given once when a visitor joins, never reused. Also names the pass that the
    /// visitor is called to, since one place has at most one pass at a time.
    Number(u32)
}
index! {
    /// A performance of the sale.
    PerformanceIndex(u16)
}
index! {
    /// A seat of a plan, in the order of the plan.
    SeatIndex(u32)
}
index! {
    /// A pool of its performance.
    PoolIndex(u16)
}
index! {
    /// A price zone of the sale.
    ZoneIndex(u16)
}
index! {
    /// A price of its zone.
    PriceIndex(u8)
}
index! {
    /// A seat plan of the sale.
    PlanIndex(u16)
}
index! {
    /// A section of its plan.
    SectionIndex(u16)
}
index! {
    /// A row of its plan.
    RowIndex(u32)
}
index! {
    /// A hold of its basket, numbered from 1 in the order they were made.
    HoldId(u32)
}

/// A basket, and the order it becomes: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BasketId(pub u128);

/// Which of a place's tokens is believed, once the place moved to another device: 64 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PlaceMark(pub u64);

/// An idempotency key as the rules see it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RequestKey {
    /// Hash of who asked, for which operation, under which key.
    pub key: u128,
    /// Hash of what was asked: the same key with another body is refused.
    pub body: u64,
}
